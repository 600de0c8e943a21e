"""`twin tui`, the command."""

from pathlib import Path

import pytest

from tui.app import Explorer
from twin import cli

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
    monkeypatch.setattr(Explorer, "run", lambda app: opened.append(app))
    spec = tmp_path / "org.yaml"
    spec.write_text(
        SPEC + 'aws: {account: "111122223333", alias: acme, region: us-east-1}\ndata: {queues: {jobs: {}}}\n'
    )
    assert cli.run(["tui", str(spec)]) == 0
    planned = {str(change.address) for change in opened[0].org.plan.changes}
    assert "aws.sqs.queue.jobs" in planned
    assert planned <= set(opened[0].org.entries)
