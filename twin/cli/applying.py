"""Carries out a plan for a command: secrets, signals, progress, the summary, the exit code."""

import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from twin.cli.console import data, err, say
from twin.engine.apply import Means, Outcome, apply
from twin.engine.plan import Plan
from twin.engine.state import Store
from twin.engine.target import Target
from twin.errors import GuardError
from twin.events import Event, Failed, Finished, Listener, Skipped, Started, Waiting
from twin.report.counted import counted
from twin.report.outcome import document, result
from twin.spec.secrets import read_secret

VERBS = {"create": "made", "update": "changed", "delete": "removed"}


@dataclass(frozen=True)
class Carried:
    """What came of carrying out a plan; `ids` are the vendors', of what was done."""

    plan: Plan
    outcome: Outcome = field(default_factory=Outcome)
    back: Outcome | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    calls: int = 0

    def document(self) -> dict[str, Any]:
        """Return the same as JSON."""
        return document(self.plan, self.outcome, ids=self.ids, calls=self.calls, back=self.back)

    def told(self, *, as_json: bool) -> int:
        """Print the same on stdout where that is wanted, besides what was narrated.

        Returns the exit code: 0, or 3 when the target refused something or a wave was not well and the plan was taken
        back, or 4 when a guard let no further wave begin.
        """
        if as_json:
            data(self.document())
        if self.outcome.paused:
            return GuardError.exit_code
        return 0 if self.outcome.good else 3


def carry_out(
    plan: Plan, target: Target, store: Store, closed: Callable[[], str | None] = lambda: None
) -> Carried:  # fmt: skip
    """Apply a plan, in its waves if it has some, and narrate; `closed` says why the next wave must wait."""
    base = _base(plan)
    before = target.calls
    started = time.monotonic()
    ids: dict[str, str] = {}
    with _stoppable() as stop, _progress(plan) as show:

        def listen(event: Event) -> None:
            if isinstance(event, Finished) and event.action != "delete":
                ids[event.address] = event.id
            show(event)

        read = partial(read_secret, environ=os.environ, base_dir=base)
        means = Means(time.sleep, read, listen, stop.is_set, time.monotonic, closed=closed)
        if plan.waves:
            outcome, back = _in_waves(plan, target, store, means)
        else:
            outcome, back = apply(plan, target, store, means), None
    calls = target.calls - before
    _tell(outcome, calls, time.monotonic() - started)
    if outcome.paused:
        _tell_rest(plan, outcome)
    if back is not None:
        _tell_back(back)
    return Carried(plan, outcome, back, ids, calls)


def _base(plan: Plan) -> Path:
    return Path(plan.spec_file).parent if plan.spec_file else Path.cwd()


def _in_waves(plan: Plan, target: Target, store: Store, means: Means) -> tuple[Outcome, Outcome | None]:
    """Roll a plan out, looked after by the checks of its spec."""
    from twin.promote.rollout import Course, roll_out, watch_of
    from twin.report.plan import lines

    def run(command: str) -> int:
        """Run a check of the spec's in its folder; what it says goes where we narrate."""
        try:
            done = subprocess.run(  # noqa: S603 - whoever may write the spec may name its checks
                shlex.split(command), cwd=_base(plan), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        except OSError as error:
            say(f"{command}: {error.strerror}", style="red")
            return 127
        for line in (done.stdout + done.stderr).splitlines():
            say(f"  {line}", style="dim")
        return done.returncode

    def show(back: Plan) -> None:
        for line in lines(back):
            say(str(line))

    watch = watch_of(plan, target, means.sleep, run)
    done = roll_out(plan, Course(target, store, means, watch, lambda text: say(text, style="bold"), show))
    return done.outcome, done.back


def _tell_rest(plan: Plan, outcome: Outcome) -> None:
    """Say what of a plan is applied, and what is not."""
    told = {"done": "applied, and stays", "half done": "half replaced, and stays so", "not begun": "not begun"}
    for word, what in told.items():
        if keys := [change.key for change in plan.pending if result(change, outcome) == word]:
            say(f"{what}: {', '.join(keys)}")


def _tell_back(back: Outcome) -> None:
    for key, message in back.failed.items():
        say(f"not taken back: {key}: {message}", style="red")
    if back.good:
        say(f"taken back: the accounts are as they were before the plan ({len(back.done)} changes)", style="bold")


def _tell(outcome: Outcome, calls: int, seconds: float) -> None:
    for key, message in outcome.failed.items():
        say(f"failed: {key}: {message}", style="red")
    for key, because in outcome.skipped.items():
        say(f"skipped: {key}, which needs {because}", style="yellow")
    counts = f"{len(outcome.done)} done"
    if outcome.halted:
        counts += f"; {outcome.halted}"
    elif outcome.paused:
        counts += f"; stopped {outcome.paused}"
    elif not outcome.good:
        counts += f", {len(outcome.failed)} failed, {len(outcome.skipped)} skipped; the next run goes on from here"
    say(f"{counts} ({counted(calls, 'call')}, {seconds:.1f} s)", style="bold" if outcome.good else "bold red")


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """Turn the first interrupt into a request to stop after what is under way; a second one kills."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, previous)
        stop.set()
        say("stopping: waiting for the calls under way (once more to kill)")

    previous = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)


@contextmanager
def _progress(plan: Plan) -> Iterator[Listener]:
    """Show a bar on a terminal, plain lines elsewhere."""
    if not err.is_terminal:
        yield _line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("applying", total=len(plan.pending))

        def listen(event: Event) -> None:
            if isinstance(event, Started):
                bar.update(task, description=f"{event.action} {event.address}"[:60].ljust(60))
            elif isinstance(event, Waiting):
                bar.update(task, description=_wait(event)[:60].ljust(60))
            else:
                bar.advance(task)

        yield listen


def _wait(event: Waiting) -> str:
    return f"waiting for {event.address} to be ready, {event.seconds:.0f} s"


def _line(event: Event) -> None:
    if isinstance(event, Waiting):
        say(_wait(event))
    elif isinstance(event, Finished):
        say(f"{VERBS[event.action]} {event.address} {event.id}")
    elif isinstance(event, Failed):
        say(f"failed to {event.action} {event.address}: {event.code}")
    elif isinstance(event, Skipped):
        say(f"skipped {event.address}")
