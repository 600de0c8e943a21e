"""A plan's text says what a change adds and takes away."""

from twin.address import Address
from twin.engine.plan import Change, Difference, Plan
from twin.report.plan import lines
from twin.resources.scope import Scope


def shown(*differences):
    """Return the text of a plan with one update."""
    change = Change(Address.parse("aws.ec2.security_group.web"), "update", id="sg-1", differences=differences)
    return "\n".join(str(line) for line in lines(Plan(Scope("acme", "prod"), "", "", (change,))))


def test_list_shows_the_members_that_go_and_come():
    """A rogue rule stands alone, whatever stays; a field that is None says nothing."""
    good, rogue = {"from_port": 443}, {"from_port": 22}
    text = shown(Difference("ingress", [good, rogue], [{**good, "group": None}], "drift"))
    assert '- {"from_port":22}' in text
    assert "443" not in text
    assert "changed by hand" in text


def test_scalar_shows_both_values():
    """What was and what will be stand on one line."""
    assert "versioning: false → true" in shown(Difference("versioning", False, True, "spec"))


def test_mapping_shows_the_keys_that_differ():
    """Tags that stay are not repeated."""
    text = shown(Difference("tags", {"a": "1", "b": "2"}, {"a": "1", "b": "3"}, "spec"))
    assert '- {"b":"2"}' in text
    assert '+ {"b":"3"}' in text
    assert '"a"' not in text
