"""Carries out a plan for a command: secrets, signals, progress, the summary, the exit code."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from twin.cli.console import err, say
from twin.engine.apply import Means, Outcome, apply
from twin.engine.plan import Plan
from twin.engine.state import Store
from twin.engine.target import Target
from twin.events import Event, Failed, Finished, Listener, Skipped, Started
from twin.spec.secrets import read_secret

VERBS = {"create": "made", "update": "changed", "delete": "removed"}


def carry_out(plan: Plan, target: Target, store: Store) -> int:
    """Apply a plan and tell about it; returns 0, or 3 when the target refused something."""
    base = Path(plan.spec_file).parent if plan.spec_file else Path.cwd()
    before = target.calls
    started = time.monotonic()
    with _stoppable() as stop, _progress(plan) as listen:
        read = partial(read_secret, environ=os.environ, base_dir=base)
        means = Means(time.sleep, read, listen, stop.is_set, time.monotonic)
        outcome = apply(plan, target, store, means)
    _tell(outcome, target.calls - before, time.monotonic() - started)
    return 0 if outcome.good else 3


def _tell(outcome: Outcome, calls: int, seconds: float) -> None:
    for key, message in outcome.failed.items():
        say(f"failed: {key}: {message}", style="red")
    for key, because in outcome.skipped.items():
        say(f"skipped: {key}, which needs {because}", style="yellow")
    counts = f"{len(outcome.done)} done"
    if not outcome.good:
        counts += f", {len(outcome.failed)} failed, {len(outcome.skipped)} skipped; the next run goes on from here"
    say(f"{counts} ({calls} calls, {seconds:.1f} s)", style="bold" if outcome.good else "bold red")


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
            else:
                bar.advance(task)

        yield listen


def _line(event: Event) -> None:
    if isinstance(event, Finished):
        say(f"{VERBS[event.action]} {event.address} {event.id}")
    elif isinstance(event, Failed):
        say(f"failed to {event.action} {event.address}: {event.code}")
    elif isinstance(event, Skipped):
        say(f"skipped {event.address}")
