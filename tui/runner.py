"""Runs scenarios in a process of its own, so that the screen never waits for a world."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.runs import Run, read_runs

LOOK = 0.2
"""How many seconds pass between two looks at what a run has recorded."""
Tell = Callable[[Sequence[Mapping[str, Any]]], None]


class RunFailed(Exception):
    """The run came to no report; its text is what it told."""


class Runner:
    """Runs `twin run`; `command` is how this program is called."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[str] | None = None

    def run(self, file: Path, *, variants: bool, tell: Tell = lambda _: None) -> list[Run]:
        """Run a scenario, with its variants where they are asked for; RunFailed when there is no report.

        `tell` hears the lines of the recording as they come.
        """
        with tempfile.TemporaryDirectory(prefix="twin-") as folder:
            report, film = Path(folder) / "report.json", Path(folder) / "run.rec"
            words = [*self._command, "run", str(file), "--report", f"json={report}", "--record", str(film)]
            words += ["--variants"] if variants else []
            with (Path(folder) / "told").open("w+", encoding="utf-8") as told:
                self._process = subprocess.Popen(  # noqa: S603 - this program itself
                    words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=told, text=True
                )
                _follow(self._process, film, tell)
                self._process = None
                told.seek(0)
                said = told.read().strip().splitlines()
            if not report.exists():
                raise RunFailed(said[-1] if said else "it ended without a word")
            return read_runs(json.loads(report.read_text(encoding="utf-8")))

    def command(self, words: Sequence[str]) -> str:
        """Carry out a short command and return what it printed; RunFailed with its reason where it failed."""
        done = subprocess.run(  # noqa: S603 - this program itself
            [*self._command, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        told = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip()
        if done.returncode != 0:
            raise RunFailed(told.splitlines()[-1] if told else f"it ended with {done.returncode}")
        return told

    def stop(self) -> None:
        """End what runs."""
        process = self._process
        if process is not None:
            process.terminate()


def _follow(process: subprocess.Popen[str], film: Path, tell: Tell) -> None:
    """Tell a film's lines as they come, until the process is over and the last one is told."""
    begun, place, over = "", 0, False
    while not over:
        try:
            process.wait(LOOK)
            over = True
        except subprocess.TimeoutExpired:
            over = False
        if not film.exists():
            continue
        with film.open(encoding="utf-8") as lines:
            lines.seek(place)
            begun += lines.read()
            place = lines.tell()
        *whole, begun = begun.split("\n")
        if whole:
            tell([json.loads(line) for line in whole])
