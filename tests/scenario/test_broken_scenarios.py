"""Whatever is wrong with a scenario file is told at its line, with exit 2, before an org is built."""

import json

import pytest

from twin.cli.commands import run
from twin.errors import SpecError
from twin.scenario.document import load
from twin.scenario.lets import in_order


def put(*path, value):
    """Return a change that sets a value."""

    def change(values):
        *way, last = path
        for step in way:
            values = values[step]
        values[last] = value

    return change


NOBODY = {"call": "postgres query", "with": {"statement": "SELECT 1"}}
BROKEN = {
    "unknown key": (put("expekt", value={}), "expekt:"),
    "no expectations": (lambda v: v.pop("expect") and None, ""),
    "a step that does nothing": (put("setup", "read-the-key", value={"why": "no"}), "read-the-key:"),
    "a step that calls and waits": (put("setup", "read-the-key", "wait", value="1m"), "read-the-key:"),
    "a database called as nobody": (put("setup", "read-the-key", value=NOBODY), "read-the-key:"),
    "a bad duration": (put("duration", value="soon"), "duration:"),
    "a call of no service": (put("setup", "read-the-key", "call", value="GetSecretValue"), "read-the-key:"),
    "an unknown service": (put("setup", "read-the-key", "call", value="s4:GetObject"), "call:"),
    "an unknown operation": (put("setup", "read-the-key", "call", value="s3:GetObjekt"), "call:"),
    "an unknown parameter": (put("setup", "find-the-old-key", "with", value={"UserNam": "x"}), "find-the-old-key:"),
    "a parameter that is lacking": (put("setup", "read-the-key", "with", value={}), "read-the-key:"),
    "an expectation without a bound": (put("expect", "no-call-fails", value={"figure": "x.y"}), "no-call-fails:"),
    "an unknown kind of actor": (put("actors", "consumers", "kind", value="key-consumer"), "kind:"),
    "an unknown name": (put("setup", "read-the-key", "with", value={"SecretId": "${stoer}"}), "SecretId:"),
    "an unknown figure's actor": (put("expect", "no-call-fails", "figure", value="consumer.failed"), "figure:"),
    "an expression that is none": (put("setup", "read-the-key", "save", value={"key-text": "[["}), "key-text:"),
    "a variant that breaks it": (put("variants", "nothing-done", "patch", value={"begin": "soon"}), "begin: soon"),
    "a runbook that is not there": (put("runbook", value="none.md"), None),
    "an unknown option of an actor": (put("actors", "consumers", "with", "evry", value="1m"), "evry:"),
    "an option of an actor that is no number": (put("actors", "consumers", "with", "every", value="soon"), "every:"),
    "a time that runs backwards": (put("begin", value=-5), "begin:"),
    "something done again and again in no time": (put("actors", "consumers", "with", "every", value=0), "every:"),
    "a value that stands on itself": (put("let", value={"a": "${b}", "b": "${a}"}), "a:"),
    "a value of what is saved later": (put("let", "later", value="${key-text}"), "later:"),
    "an account of no twelve digits": (put("accounts", value={"head": "12"}), "head:"),
    "a misspelt capability": (put("requires", value=["virtual-tiem"]), "requires:"),
    "a misspelt way to begin": (put("begin", value={"alertd": "url"}), "begin:"),
    "nobody on earth": (put("begin", value={"alerted": "u", "who": {"time_zone": "Europe/Berln"}}), "time_zone:"),
    "a bill that nobody writes": (put("expect", "no-call-fails", "figure", value="bill.spent"), "figure:"),
    "an alert that nobody hears": (put("expect", "no-call-fails", "figure", value="alert.ttd"), "figure:"),
    "a restored type that is none": (put("runbook", value={"again": {"restore": ["aws.iam.rol"]}}), "restore:"),
    "no YAML": (lambda v: "id: K1\nexpect: [\n", "expect:"),
    "not a mapping": (lambda v: "- 1\n", "- 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_scenario_is_told_at_its_line(twin, changed, monkeypatch, name):
    """Exit 2, stdout empty, the place of what is wrong; nothing was built."""
    monkeypatch.setattr(run, "stand", lambda *_a, **_k: pytest.fail("an org was built"))
    change, marker = BROKEN[name]
    file = changed(change)
    code, out, err = twin("run", file)
    assert (code, out) == (2, ""), err
    if marker:
        lines = {n for n, row in enumerate(file.read_text().splitlines(), 1) if marker in row}
        near = lines | {n + 1 for n in lines}
        assert any(f"mine.yaml:{n}:" in err for n in near), (near, err)


HELPED = {
    "unknown key `evry`; did you mean `every`?": BROKEN["an unknown option of an actor"],
    "did you mean `virtual-time`?": BROKEN["a misspelt capability"],
    "did you mean `alerted`?": BROKEN["a misspelt way to begin"],
    "did you mean `Europe/Berlin`?": BROKEN["nobody on earth"],
    "it stands on itself: a → b → a": BROKEN["a value that stands on itself"],
    "did you mean `aws.iam.role`?": BROKEN["a restored type that is none"],
    "did you mean `at_most`?": (put("expect", "no-call-fails", value={"figure": "x.y", "atmost": 1}), None),
}


@pytest.mark.parametrize("words", HELPED)
def test_a_slip_of_the_pen_is_told_with_what_was_meant(changed, words):
    """The nearest word that would have been right stands beside what is wrong."""
    with pytest.raises(SpecError) as wrong:
        load(changed(HELPED[words][0]))
    assert any(words in f"{one.message} {one.help}" for one in wrong.value.diagnostics)


def test_nothing_is_said_of_forms_among_which_one_is_chosen(changed):
    """Whoever misspells a key of an alert is not told that it is no duration and no page either."""
    with pytest.raises(SpecError) as wrong:
        load(changed(put("begin", value={"alerted": "url", "evry": "1m"})))
    assert [one.message for one in wrong.value.diagnostics] == ["begin.evry: unknown key `evry`"]


def test_values_stand_on_one_another_in_any_order(changed):
    """A value may name one that comes after it."""
    let = {"whole": "${part}-${other}", "part": "a", "other": ["${part}"]}
    scenario, _ = load(changed(lambda values: values["let"].update(let)))
    assert in_order(scenario.let)[-3:] == ["part", "other", "whole"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"value": "length(Arn)", "equals": "x"}, None),
        ({"value": "abs(User.UserName)", "equals": 1}, "'abs(User.UserName)' cannot be worked out: In function abs()"),
        ({"value": "User.UserName", "at_least": 1}, "is no number, to be at most or at least something"),
    ],
    ids=["a text of nothing", "of another type", "compared as a number"],
)
def test_an_expression_that_fails_on_the_reply_is_an_error_at_its_line(twin, changed, more, says):
    """It is well formed, and what it asks of the reply cannot be: no verdict on the org, and no bug of twin's."""
    call = {"call": "iam:GetUser", "with": {"UserName": "${user}"}}
    file = changed(put("expect", "no-call-fails", value={**call, **more}))
    code, out, err = twin("run", file, "--json")
    (result,) = json.loads(out)["results"]
    (line,) = [n for n, row in enumerate(file.read_text().splitlines(), 1) if more["value"] in row]
    assert (code, result["verdict"]) == (3, "ERROR"), err
    assert (f"mine.yaml:{line}: " in result["reason"], (says or "length()") in result["reason"]) == (True, True), result


def test_a_name_that_the_org_lacks_is_an_error(twin, changed):
    """The org is known only when it stands; then the name is told, and no verdict is given on the org."""
    file = changed(put("let", "user", value="${aws.iam.user.nobody.name}"))
    code, out, _ = twin("run", file, "--json")
    (result,) = json.loads(out)["results"]
    assert (code, result["verdict"], result["lacks"]) == (3, "ERROR", "aws.iam.user.nobody.name")
    line = next(n for n, row in enumerate(file.read_text().splitlines(), 1) if "${aws.iam.user.nobody.name}" in row)
    assert result["reason"].startswith(f"{file}:{line}:")
    assert "did you mean `aws.iam.user." in result["reason"]
