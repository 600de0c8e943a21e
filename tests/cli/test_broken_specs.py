"""Whatever is wrong with a spec is told at its line, with exit 2, before anything is contacted."""

import json

import pytest
from broken_specs import BROKEN
from served import HEAD

import twin.cli.session
from twin.codes import codes


@pytest.fixture
def alone(home, monkeypatch):
    """A folder in which no command may make a connection."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("a target was contacted")

    monkeypatch.setattr(twin.cli.session, "connect", refuse)
    return home


def touched(folder):
    """Return what a command left behind."""
    return sorted(p.name for p in folder.iterdir() if p.name != "spec.yaml")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_spec_is_told_at_its_line(alone, twin, name):
    """`check`, `check --json` and `plan` agree: exit 2, the code, the line; nothing is touched."""
    code, text = BROKEN[name]
    (alone / "spec.yaml").write_text(text)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "# HERE" in row)
    status, out, err = twin("check", "spec.yaml")
    assert (status, out) == (2, "")
    assert "--> spec.yaml:" in err
    status, out, _ = twin("check", "spec.yaml", "--json")
    told = json.loads(out)
    found = [(d["line"], d["code"]) for d in told["diagnostics"] if d["severity"] == "error"]
    assert (status, told["schema"]) == (2, 1)
    assert any(at == line and what.startswith(code) for at, what in found), (line, code, told["diagnostics"])
    assert all(what in codes() for _, what in found), "every code is explained"
    assert twin("plan", "spec.yaml")[:2] == (2, "")
    assert touched(alone) == []


def test_the_specs_are_broken_in_different_ways():
    """The table is as long as it should be, and its head alone is a good spec."""
    assert len(BROKEN) >= 20


def test_a_good_spec_is_good(alone, twin):
    """The variant: the head of every broken spec has nothing wrong with it."""
    (alone / "spec.yaml").write_text(HEAD)
    assert twin("check", "spec.yaml")[0] == 0
    status, out, _ = twin("check", "spec.yaml", "--json")
    assert (status, json.loads(out)["diagnostics"]) == (0, [])


@pytest.mark.parametrize("content", [b"\x00\x01\x02\xff", b"\xff\xfe\x00v", b"", b"\n", b"just text\n", b"[1, 2]\n"])
def test_a_file_that_is_no_spec_is_refused(alone, twin, content):
    """Binary, empty, or something else: exit 2, no traceback."""
    (alone / "spec.yaml").write_bytes(content)
    status, out, err = twin("check", "spec.yaml")
    assert (status, out) == (2, "")
    assert "error" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "none.yaml"), "no such file"),
        (("check", "."), "."),
        (("plan", "spec.yaml", "-e", "staging"), "staging"),
        (("plan", "spec.yaml", "-o", "no/such/folder/plan.json"), "no/such/folder"),
        (("plan",), "SPEC"),
        (("plan", "spec.yaml", "--target", "mars"), "mars"),
        (("nonsense",), "nonsense"),
        (("explain", "TW9999"), "TW9999"),
        (("types", "aws.sns.topik"), "aws.sns.topic"),
        (("run", "K999"), "K999"),
        (("run", "K1", "--variant", "nope"), "nope"),
        (("run", "K1", "--report", "pdf=x"), "pdf"),
        (("run", "K1", "--report", "json=no/such/folder/x.json"), "no/such/folder"),
        (("apply", "none.json"), "none.json"),
        (("apply", "spec.yaml"), "no twin is running"),
        (("destroy",), "no twin"),
        (("env",), "no twin is running"),
    ],
)
def test_a_wrong_command_line_is_exit_2(home, twin, arguments, says):
    """The message names what is wrong; stdout stays empty."""
    (home / "spec.yaml").write_text(HEAD)
    status, out, err = twin(*arguments)
    assert (status, out) == (2, "")
    assert says in err
    assert "Traceback" not in err
