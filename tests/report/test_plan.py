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


def granting(*actions):
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


def test_policy_that_allows_more_says_by_which_request():
    """A wider policy is shown with an action that it newly allows; a narrower one is said to allow nothing new."""
    wider = shown(Difference("policy", granting("sqs:Get*"), granting("sqs:*"), "spec"))
    assert "policy allows more than before: statement 0 allows sqs:AddPermission on *" in wider
    narrower = shown(Difference("policy", granting("sqs:*"), granting("sqs:Get*"), "spec"))
    assert "policy allows nothing that it did not allow before" in narrower


def test_inline_policies_are_compared_by_name():
    """A new inline policy is measured against nothing; one that stays is not told."""
    same = granting("sqs:ListQueues")
    text = shown(Difference("inline", {"a": same}, {"a": same, "b": granting("sqs:SendMessage")}, "spec"))
    assert "inline b allows more than before" in text
    assert "inline a" not in text
