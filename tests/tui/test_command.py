"""`twin tui`, the command."""

import json
from pathlib import Path

import pytest

from tests.tui.conftest import LAKE
from tests.tui.recorded import lines
from tui.app import Explorer
from twin import cli
from twin.cli.heard import Heard
from twin.engine.plan import Plan
from twin.resources.declaration import Desired

SPEC = "version: 1\norg: {name: acme, domain: acme.example, contact: ops@acme.example}\n"


def test_it_refuses_what_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe nothing is drawn: exit 2, and the headless equal is named."""
    assert cli.run(["tui"]) == 2
    assert "twin plan" in capsys.readouterr().err


def test_it_opens_the_explorer_on_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the spec is compiled and planned, and the explorer has every change."""
    opened: list[Explorer] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr(Explorer, "run", lambda app: opened.append(app))
    spec = tmp_path / "org.yaml"
    spec.write_text(
        SPEC + 'aws: {account: "111122223333", alias: acme, region: us-east-1}\ndata: {queues: {jobs: {}}}\n'
    )
    assert cli.run(["tui", str(spec)]) == 0
    planned = {str(change.address) for change in opened[0].org.plan.changes}
    assert "aws.sqs.queue.jobs" in planned
    assert planned <= set(opened[0].org.entries)


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Explorer]:
    """Have the command open explorers that are not shown, in an empty folder."""
    found: list[Explorer] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("TEXTUAL_DRIVER", "a browser's, which is asked for no terminal")
    monkeypatch.setattr(Explorer, "run", lambda app: found.append(app))
    return found


def test_a_recording_needs_no_spec_and_is_read_only(
    opened: list[Explorer], tmp_path: Path, plan: Plan, desired: Desired
) -> None:  # fmt: skip
    """The org is the recording's, with its references; nothing can be begun from it."""
    file = tmp_path / "run.rec"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines(plan, desired)))
    assert cli.run(["tui", "--run", str(file)]) == 0
    (app,) = opened
    assert app.place.read_only
    assert app.org.entries[LAKE].needs
    assert app.runs[0].recording is not None


@pytest.mark.parametrize("text", ["", "{}", '{"recording": 1}', "no json"])
def test_what_is_neither_report_nor_recording_is_refused(
    opened: list[Explorer], tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:  # fmt: skip
    """By name, before anything is opened."""
    file = tmp_path / "run.rec"
    file.write_text(text)
    assert cli.run(["tui", "--run", str(file)]) == 2
    assert "twin run --record" in capsys.readouterr().err
    assert opened == []


def test_a_keymap_that_is_wrong_is_refused_by_its_name(
    opened: list[Explorer], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    """The file and what is wrong with it."""
    file = tmp_path / "config" / "twin" / "keys.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("everywhere.qiut: x")
    assert cli.run(["tui"]) == 2
    told = capsys.readouterr().err
    assert "keys.yaml" in told
    assert "everywhere.qiut" in told
    assert opened == []


def test_what_happens_on_the_running_twin_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instants are counted from the first question, by the twin's own clock; what was heard is not heard again."""
    begun = {"time": "2026-01-05T09:00:30+00:00", "kind": "zone.lost", "facts": {"name": "us-east-1a"}}
    call = {"call": "iam:CreateUser", "account": "111122223333", "region": ""}
    made = {"time": "2026-01-05T09:00:20+00:00", "by": "user/ann", **call}
    replies = {
        "clock": [{"now": "2026-01-05T09:00:00+00:00"}, {"now": "2026-01-05T09:01:00+00:00"}] * 2,
        "happenings": [{"next": 4, "calls": 7, "vendor_calls": 1}],
        "happenings?after=4&calls=7&vendor_calls=1": [
            {"happenings": [begun], "changes": [made], "next": 5, "calls": 9, "vendor_calls": 1}
        ],
        "happenings?after=5&calls=9&vendor_calls=1": [
            {"happenings": [], "changes": [], "next": 5, "calls": 9, "vendor_calls": 1}
        ],
    }
    monkeypatch.setattr("twin.cli.heard.ask", lambda method, path: replies[path].pop(0))
    heard = Heard()
    fact = {"t": 30.0, "actor": "world", "event": "zone.lost", "facts": {"name": "us-east-1a"}}
    change = {
        "t": 20.0,
        "actor": "user/ann",
        "event": "call",
        "facts": {name: call[name] for name in call if call[name]},
    }
    assert heard() == (60.0, [change, fact])
    assert heard()[1] == []
