"""One virtual clock for everything: SimPy's time for actors, the world's agenda beside it, in one order."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import simpy

from twin.world.world import World

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday morning
Process = Generator[Any, Any, Any]


class Timeline:
    """The clock of a run: it jumps from event to event, and leads the clock of the world that it was given."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.kernel = simpy.Environment()
        self._world: World | None = None
        self._read: tuple[float, datetime] = (0.0, start)  # the instant that was read last, which many ask for
        self.leaving: Callable[[], None] | None = None
        """Called before time moves on, when all that happens at an instant has happened."""

    def lead(self, world: World) -> None:
        """Carry out the world's agenda in its place among what actors do; at one instant the world comes first."""
        self._world = world

    def now(self) -> datetime:
        """Return the virtual instant."""
        seconds = self.kernel.now
        if seconds != self._read[0]:
            self._read = seconds, self.start + timedelta(seconds=float(seconds))
        return self._read[1]

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return float(self.kernel.now)

    def pass_(self, seconds: float) -> Any:
        """Return the event that comes after `seconds`."""
        return self.kernel.timeout(seconds)

    def spawn(self, process: Process) -> Any:
        """Start a process; its event carries what it returns."""
        return self.kernel.process(process)

    def signal(self) -> Any:
        """Return an event that somebody will make happen."""
        return self.kernel.event()

    def run(self, until: float) -> None:
        """Let everything happen before an instant, in seconds since the start, and what the world does at it."""
        while (due := self._due()) <= until or self.kernel.peek() < until:
            self._step(due)
        self._reach(until)

    def sleep(self, seconds: float) -> None:
        """Let so many seconds go by: for who waits and is none of the actors."""
        self.run(until=self.elapsed + seconds)

    def finish(self, process: Process) -> None:
        """Run a process to its end, and all that happens meanwhile."""
        self.reach(self.spawn(process))

    def reach(self, event: Any) -> None:
        """Let everything happen until an event has."""
        while not event.processed:
            self._step(self._due())

    def _step(self, due: float) -> None:
        if self._world is not None and due <= self.kernel.peek():
            self._reach(due)
            self._world.settle()
        else:
            self._leave(self.kernel.peek())
            self.kernel.step()

    def _due(self) -> float:
        time = self._world.agenda.next() if self._world is not None else None
        return (time - self.start).total_seconds() if time is not None else inf

    def _reach(self, elapsed: float) -> None:
        if elapsed > self.kernel.now:
            self._leave(elapsed)
            self.kernel.run(until=elapsed)

    def _leave(self, elapsed: float) -> None:
        if self.leaving is not None and elapsed > self.kernel.now:
            self.leaving()
