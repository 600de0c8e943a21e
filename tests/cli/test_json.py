"""`--json` is everywhere, and tells of what did not go well too."""

import json
import re
from pathlib import Path

import click
import pytest

from twin.address import Address
from twin.cli.applying import _tell_rest
from twin.cli.program import cli
from twin.engine.apply import Outcome
from twin.engine.plan import Change
from twin.report.outcome import document

WITHOUT = {
    "demo": "a tour for people; `twin run --json` is what it does",
    "tui": "a screen",
    "serve": "goes on until it is interrupted; `twin up --json` tells where a twin is",
    "schema": "prints JSON anyhow",
    "policies applier": "prints JSON anyhow",
    "decide": "reads and writes JSON lines",
}


def leaves(group, ctx, before=()):
    """Yield each command by its words."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from leaves(command, ctx, (*before, name))
        else:
            yield " ".join((*before, name)), command


PAGE = dict(
    re.findall(r"^\| (`.+?`) \| (.+) \|$", (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8"), re.M)
)


def keys(name):
    """Return the keys that the page tells of a command, in their order."""
    return re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", PAGE[f"`{name}`"]))


def test_every_command_has_json_and_its_line_in_the_page():
    """Those that have none say why here."""
    having = {w: any("--json" in one.opts for one in c.params) for w, c in leaves(cli, click.Context(cli))}
    lacking = {words if words in WITHOUT else words.split()[0] for words, has in having.items() if not has}
    assert lacking == set(WITHOUT)
    told = {words for line in PAGE for words in re.findall(r"`(.+?)`", line)}
    assert {words for words, has in having.items() if has} == told


class Planned:
    """As much of a plan as its outcome tells of."""

    digest, target, summary = "d", "twin", {"create": 3}

    def __init__(self, *names, action="create"):
        self.pending = [Change(Address.parse(f"aws.sns.topic.{name}"), action) for name in names]


def test_what_was_not_done_says_why():
    """Done with its new id, failed with the vendor's words, skipped for what failed, not begun after a stop."""
    outcome = Outcome(
        done=["aws.sns.topic.a"], failed={"aws.sns.topic.b": "AccessDenied: no"},
        skipped={"aws.sns.topic.c": "aws.sns.topic.b"}, halted="wave 1 of 2, first: it was not well",
    )  # fmt: skip
    back = Outcome(failed={"aws.sns.topic.a": "gone"})
    told = document(Planned("a", "b", "c", "d"), outcome, ids={"aws.sns.topic.a": "arn:a"}, calls=5, back=back)
    assert json.loads(json.dumps(told)) == told
    assert list(told) == ["schema", *keys("apply")]
    assert (told["good"], told["calls"], told["halted"]) == (False, 5, "wave 1 of 2, first: it was not well")
    assert [(one["id"], one["result"], one["because"]) for one in told["changes"]] == [
        ("arn:a", "done", None),
        (None, "failed", "AccessDenied: no"),
        (None, "skipped", "aws.sns.topic.b"),
        (None, "not begun", None),
    ]
    assert told["taken_back"] == {"good": False, "done": 0, "failed": {"aws.sns.topic.a": "gone"}}


def test_a_replacement_is_done_with_both_its_steps(capsys):
    """One of which a wave boundary leaves a half is neither applied nor not begun; of what there is none, no line."""
    plan = Planned("a", "b", "c", action="replace")
    outcome = Outcome(done=["aws.sns.topic.a", "aws.sns.topic.b", "aws.sns.topic.a"], paused="before wave 2 of 3")
    told = document(plan, outcome, ids={}, calls=3)
    assert [one["result"] for one in told["changes"]] == ["done", "half done", "not begun"]
    _tell_rest(plan, outcome)
    assert capsys.readouterr().err.splitlines() == [
        "applied, and stays: aws.sns.topic.a", "half replaced, and stays so: aws.sns.topic.b",
        "not begun: aws.sns.topic.c",
    ]  # fmt: skip
    _tell_rest(plan, Outcome(paused="before wave 1 of 3"))
    assert capsys.readouterr().err == "not begun: aws.sns.topic.a, aws.sns.topic.b, aws.sns.topic.c\n"


@pytest.mark.parametrize("words", [("down", "--json"), ("unlock", "spec.yaml", "--json")], ids=lambda words: words[0])
def test_what_there_is_nothing_of_is_null(twin, home, words):
    """No twin runs, and no lock is held: that is an answer."""
    (home / "spec.yaml").write_text(
        "version: 1\norg: {name: acme, domain: acme.example, contact: ops@acme.example}\n"
        'aws: {account: "123456789012", alias: acme-test, region: us-east-1}\n'
    )
    code, out, _ = twin(*words)
    assert (code, list(json.loads(out))) == (0, ["schema", *keys(words[0])])
    assert None in json.loads(out).values()
