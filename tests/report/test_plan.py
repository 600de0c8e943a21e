"""A plan's text says what a change adds and takes away."""

from rich.console import Console

from twin.address import Address
from twin.cli import console
from twin.engine.plan import Change, Difference, Plan, Unmanaged
from twin.report.line import Line
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


def test_a_name_steers_no_terminal(capsys):
    """What somebody called an object could hide the lines above it; its signs are written out, here and on stderr."""
    stranger = Unmanaged("okta.group", "g-1", "x\x1b[2A\x1b[2K\r\u202egnp\x9b1m")
    plan = Plan(Scope("acme", "prod"), "", "", (), unmanaged=(stranger,), unreadable={"okta.user": "no\x1b[8m"})
    text = "\n".join(map(str, lines(plan, unmanaged=True)))
    assert r"x\x1b[2A\x1b[2K\r\u202egnp\x9b1m" in text
    assert r"no\x1b[8m" in text
    console.say("refused: \x1b[2Kfine\ttabbed\nnext")
    assert capsys.readouterr().err == "refused: \\x1b[2Kfine\ttabbed\nnext\n"


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


def test_line_is_plain_text_and_coloured_where_it_is_drawn():
    """What is put behind has a style of its own; without colours the very same text is left."""
    line = Line("~ vpc", style="yellow")
    line.append("  org.yaml:3", style="dim")
    drawn = line.__rich__()
    assert str(line) == drawn.plain == "~ vpc  org.yaml:3"
    assert (drawn.style, [(span.start, span.style) for span in drawn.spans]) == ("yellow", [(5, "dim")])


def test_report_goes_to_a_pipe_as_text_and_to_a_terminal_in_colours(monkeypatch, capsys):
    """Rich is asked only where somebody sees what it draws."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    console.show(Line("+ [a] vpc", style="green"))
    assert capsys.readouterr().out == "+ [a] vpc\n"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setitem(vars(console), "out", Console(highlight=False, markup=False))
    console.show(Line("+ [a] vpc", style="green"))
    assert capsys.readouterr().out == "\x1b[32m+ [a] vpc\x1b[0m\n"
