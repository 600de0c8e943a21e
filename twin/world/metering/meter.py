"""The meter: open and closed holdings, and counts by the hour.

A place (a service in an account and Region) is touched by what may change it, and read at the first call or task that
comes at least a second later, before anything else changes: so its state is then that of the touch. Nothing runs while
nothing happens, and a bill only closes what is open in thought.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from twin.semantics.pricing.bill import Used
from twin.semantics.pricing.usage import Holding, Tags, Use, Where
from twin.world.metering.held import READERS, Held, Place, touched

if TYPE_CHECKING:
    from twin.world.scene import Scene

SECOND = timedelta(seconds=1)
HOUR = 3600


class Open(NamedTuple):
    """A holding since when, and how much of it."""

    amount: float
    since: datetime


class Touch(NamedTuple):
    """When a place was touched first and last, since it was read."""

    first: datetime
    last: datetime


Key = tuple[str, str, str, str]


@dataclass(slots=True)
class Meter:
    """Plain data, so that a world can be kept; `changes` grows with everything that moves a bill."""

    open: dict[Place, dict[Key, Open]] = field(default_factory=dict)
    closed: list[Holding] = field(default_factory=list)
    counts: dict[int, dict[Where, float]] = field(default_factory=dict)
    months: dict[tuple[int, int], dict[Where, float]] = field(default_factory=dict)
    tags: dict[tuple[str, str], Tags] = field(default_factory=dict)
    seen: set[tuple[str, ...]] = field(default_factory=set)
    dirty: dict[Place, Touch] = field(default_factory=dict)
    changes: int = 0
    past: list[Use] = field(default_factory=list)
    over: int = 0

    def touch(self, service: str, account: str, *, region: str, now: datetime) -> None:
        """Note that a call or task may have changed what a service holds."""
        for name in touched(service):
            self.touch_place(Place(name, account, region), now)

    def touch_place(self, place: Place, now: datetime) -> None:
        """Note that a place may have changed."""
        before = self.dirty.get(place)
        self.dirty[place] = Touch(before.first if before else now, now)

    def touch_all(self, service: str, now: datetime) -> None:
        """Note that a task of a service may have changed what it holds, wherever it holds something."""
        names = set(touched(service))
        for place in [place for place in self.open if place.service in names]:
            self.touch_place(place, now)

    def settle(self, scene: "Scene", now: datetime) -> None:
        """Read the places that were touched a second ago or earlier."""
        if self.dirty:
            for place, touch in sorted(self.dirty.items()):
                if now - touch.first >= SECOND:
                    self.read(scene, place, touch.last)

    def count(self, where: Where, quantity: float, now: datetime) -> None:
        """Count something that was done."""
        hour = self.counts.setdefault(int(now.timestamp()) // HOUR, {})
        hour[where] = hour.get(where, 0) + quantity
        month = self.months.setdefault((now.year, now.month), {})
        month[where] = month.get(where, 0) + quantity
        self.changes += 1

    def once(self, *name: str) -> bool:
        """Tell whether something is seen for the first time: a user in a month, a metric in an hour."""
        if name in self.seen:
            return False
        self.seen.add(name)
        return True

    def used(self, scene: "Scene") -> Used:
        """Return all that was used so far; what is open stays open."""
        for place, touch in sorted(self.dirty.items()):
            self.read(scene, place, touch.last)
        return Used([*self.closed, *self._open()], self._uses())

    def read(self, scene: "Scene", place: Place, at: datetime) -> None:
        """Read what a place holds, as of `at`, and close what is there no more."""
        self.dirty.pop(place, None)
        before = self.open.get(place, {})
        after: dict[Key, Open] = {}
        for held in READERS[place.service](scene, place):
            key = (held.resource, held.service, held.usage, held.region or place.region)
            known = before.get(key)
            after[key] = known if known and known.amount == held.amount else Open(held.amount, at)
            self._tag(place, held)
        for key, known in before.items():
            if after.get(key) is not known:
                self.closed.append(_holding(place, key, known, end=at))
                self.changes += 1
        self.changes += len(after.keys() - before.keys())
        self.open[place] = after

    def summed(self, scene: "Scene", start: datetime, until: datetime) -> Used:
        """Return what was used from a month's first instant until a whole hour, each usage as one sum."""
        for place, touch in sorted(self.dirty.items()):
            self.read(scene, place, touch.last)
        sums = dict(self.months.get((start.year, start.month), {}))
        last = max(self.counts, default=0)
        for hour in range(int(until.timestamp()) // HOUR, last + 1):
            if datetime.fromtimestamp(hour * HOUR, UTC).month == start.month:
                for where, quantity in self.counts.get(hour, {}).items():
                    sums[where] -= quantity
        left = ((where, Decimal(str(round(quantity, 12)))) for where, quantity in sums.items())
        uses = [Use(where, quantity, start) for where, quantity in left if quantity > 0]
        return Used([*self.closed, *self._open()], uses)

    def _tag(self, place: Place, held: Held) -> None:
        if held.tags or (place.account, held.resource) in self.tags:
            self.tags[place.account, held.resource] = held.tags

    def _open(self) -> Iterator[Holding]:
        for place, held in sorted(self.open.items()):
            for key, known in sorted(held.items()):
                yield _holding(place, key, known, end=None)

    def _uses(self) -> list[Use]:
        """Return what was counted; hours that are over never change, and are turned into uses once."""
        last = max(self.counts, default=0)
        for hour in [hour for hour in self.counts if self.over < hour < last]:
            self.past += _counted(hour, self.counts[hour])
        self.over = max(self.over, last - 1)
        return [*self.past, *_counted(last, self.counts.get(last, {}))]


def _counted(hour: int, counts: dict[Where, float]) -> list[Use]:
    time = datetime.fromtimestamp(hour * HOUR, UTC)
    return [Use(where, Decimal(str(quantity)), time) for where, quantity in counts.items()]


def _holding(place: Place, key: Key, known: Open, *, end: datetime | None) -> Holding:
    resource, service, usage, region = key
    return Holding(Where(place.account, region, service, usage, resource), Decimal(str(known.amount)), known.since, end)
