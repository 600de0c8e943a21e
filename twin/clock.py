"""Where time comes from: a clock is passed in, nothing below the command line asks the machine."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of the current instant, in UTC."""

    def now(self) -> datetime:
        """Return the current instant; always timezone-aware, UTC."""
        ...


class WallClock:
    """The machine's own clock; made by the command line and the server only."""

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.instant = start

    def now(self) -> datetime:
        """Return the virtual instant."""
        return self.instant

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        self.instant += timedelta(seconds=seconds)


class ShiftedClock:
    """A clock that goes as another does, and can be put forward."""

    def __init__(self, leader: Clock) -> None:
        self.leader = leader
        self.shift = timedelta()
        self.put_forward: list[tuple[datetime, timedelta]] = []

    def now(self) -> datetime:
        """Return the leader's instant and what this clock was put forward."""
        return self.leader.now() + self.shift

    def advance(self, seconds: float) -> None:
        """Put the clock forward by `seconds`; ValueError for less than none, OverflowError beyond the calendar."""
        if not seconds >= 0:
            raise ValueError(f"time goes forward only: {seconds:g} s")
        shift = self.shift + timedelta(seconds=seconds)
        self.leader.now() + shift  # raises before the clock is moved
        self.put_forward.append((self.leader.now(), shift - self.shift))
        self.shift = shift

    def since(self, told: datetime) -> timedelta:
        """Return how much time passed here since the leader told an instant, which is known to the second."""
        later = (by for at, by in self.put_forward if at - told >= timedelta(seconds=1))
        return self.leader.now() - told + sum(later, timedelta())
