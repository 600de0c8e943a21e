"""One virtual clock for everything: SimPy's time, seen by the world as an instant."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import simpy

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday morning
Process = Generator[Any, Any, Any]


class Timeline:
    """The clock of a run: it jumps from event to event, and its `now` is the world's."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.kernel = simpy.Environment()

    def now(self) -> datetime:
        """Return the virtual instant."""
        return self.start + timedelta(seconds=float(self.kernel.now))

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

    def run(self, until: float) -> None:
        """Let everything happen up to an instant, in seconds since the start."""
        self.kernel.run(until=until)
