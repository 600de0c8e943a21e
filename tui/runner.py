"""Runs scenarios in a process of its own, so that the screen never waits for a world."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tui.runs import Run, read_runs


class RunFailed(Exception):
    """The run came to no report; its text is what it told."""


class Runner:
    """Runs `twin run`; `command` is how this program is called."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[str] | None = None

    def run(self, file: Path, *, variants: bool) -> list[Run]:
        """Run a scenario, with its variants where they are asked for; RunFailed when there is no report."""
        with tempfile.TemporaryDirectory(prefix="twin-") as folder:
            report = Path(folder) / "report.json"
            words = [*self._command, "run", str(file), "--report", f"json={report}"]
            words += ["--variants"] if variants else []
            self._process = subprocess.Popen(  # noqa: S603 - this program itself
                words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            _, told = self._process.communicate()
            self._process = None
            if not report.exists():
                raise RunFailed(told.strip().splitlines()[-1] if told.strip() else "it ended without a word")
            return read_runs(json.loads(report.read_text(encoding="utf-8")))

    def stop(self) -> None:
        """End what runs."""
        process = self._process
        if process is not None:
            process.terminate()
