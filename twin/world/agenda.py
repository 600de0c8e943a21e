"""What the world does by itself, and when: tasks as plain data, in order of time, on the world's one clock."""

import heapq
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from twin.clock import Clock


class Entry(NamedTuple):
    """A task that is due: its name and what it is told are plain data, so that a world can be kept in a file.

    By its number no entry is the same as another, so that what they are told is never compared.
    """

    time: datetime
    number: int
    task: str
    told: Mapping[str, Any]


class Agenda:
    """The world's clock and its list of things to come.

    The clock is led by another (the machine's, a test's, a scenario's); while a task is carried out it reads that
    task's own instant, so what happened between two calls happened in its order and at its time.
    """

    def __init__(self, leader: Clock) -> None:
        self.leader = leader
        self.perform: Callable[[Entry], None] = _nobody
        self._entries: list[Entry] = []
        self._cancelled: set[int] = set()
        self._number = 0
        self._instant: datetime | None = None

    def now(self) -> datetime:
        """Return the world's instant, in UTC."""
        return self._instant or self.leader.now()

    def at(self, time: datetime, task: str, **told: Any) -> int:
        """Put a task on the agenda and return its number; an instant that is past means now."""
        self._number += 1
        heapq.heappush(self._entries, Entry(max(time, self.now()), self._number, task, told))
        return self._number

    def after(self, seconds: float, task: str, **told: Any) -> int:
        """Put a task on the agenda in `seconds` from now, and return its number."""
        return self.at(self.now() + timedelta(seconds=seconds), task, **told)

    def cancel(self, number: int) -> None:
        """Take a task off the agenda; one that was carried out already is left in peace."""
        if any(entry.number == number for entry in self._entries):
            self._cancelled.add(number)

    def next(self) -> datetime | None:
        """Return when the next task is due; None when nothing is to come."""
        while self._entries and self._entries[0].number in self._cancelled:
            self._cancelled.discard(heapq.heappop(self._entries).number)
        return self._entries[0].time if self._entries else None

    def entries(self) -> list[Entry]:
        """Return what is to come, soonest first."""
        return sorted(entry for entry in self._entries if entry.number not in self._cancelled)

    def run(self) -> None:
        """Carry out what is due by the leader's now, each task at its own instant."""
        if self._instant is not None or not self._entries:
            return
        end = self.leader.now()
        try:
            while (time := self.next()) is not None and time <= end:
                self._instant = time
                self.perform(heapq.heappop(self._entries))
        finally:
            self._instant = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "leader": None, "perform": None}


def _nobody(entry: Entry) -> None:
    raise RuntimeError(f"nobody carries out {entry.task}")
