"""Writes that were acknowledged, and which of them the store in use at the end still has."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from twin.scenario.traffic.outcome import Counts

Notes = Callable[[str], Mapping[str, Any]]
Written = tuple[float, int]
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """Acknowledged writes to one store: their number at each tick from an elapsed second on."""

    store: str
    first: float
    counts: Counts


@dataclass(slots=True)
class Ledger:
    """All acknowledged writes, by what they were meant for.

    `notes` tells of a store's content what the world remembers: `of` which other store it was made, `until` when it
    has that one's writes, less a `lag`; and since when it is `damaged`.
    """

    start: datetime
    tick: float
    notes: Notes
    written: dict[str, list[Stretch]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, store: str, first: float, counts: Counts) -> None:
        """Note acknowledged writes: `store` is what answered for the name."""
        self.written[name].append(Stretch(store, first, counts))

    def figures(self) -> dict[str, Any]:
        """Return the writes, those that are gone, and the RPO in seconds.

        A write is gone when the store to which the last ones went does not have it. The RPO reaches from the newest
        write that is kept, of those before the first that is gone, to the newest that is gone.
        """
        found = [self._of(stretches) for stretches in self.written.values()]
        return {
            "writes": sum(one[0] for one in found),
            "writes_lost": sum(one[1] for one in found),
            "rpo": max((one[2] for one in found), default=0.0),
        }

    def _of(self, stretches: list[Stretch]) -> tuple[int, int, float]:
        last = next((one.store for one in reversed(stretches) if one.counts.any()), None)
        if last is None:
            return 0, 0, 0.0
        kept, lost = self._divided(stretches, self.content(last))
        gone = [time for time, _ in lost]
        whole = sum(count for _, count in kept) + sum(count for _, count in lost)
        if not gone:
            return whole, 0, 0.0
        before = max((time for time, _ in kept if time < min(gone)), default=min(gone) - self.tick)
        return whole, sum(count for _, count in lost), round(max(gone) - before, 3)

    def _divided(self, stretches: list[Stretch], content: Mapping[str, float]) -> tuple[list[Written], list[Written]]:
        kept: list[Written] = []
        lost: list[Written] = []
        for one in stretches:
            until = content.get(one.store, -np.inf)
            for place in np.flatnonzero(one.counts):
                time = one.first + float(place) * self.tick
                (kept if time <= until else lost).append((time, int(one.counts[place])))
        return kept, lost

    def content(self, store: str) -> dict[str, float]:
        """Return until which elapsed second a store has each store's writes; nothing when damage took them."""
        if self.damage(store):
            return {}
        found: dict[str, float] = {store: np.inf}
        until = np.inf
        for made in self._made(store):
            store = str(made["of"])
            until = found[store] = min(until, self._reaches(store, made))
        return found

    def damage(self, store: str) -> str:
        """Tell that a store's content is of no use, its own or what it was made of; "" when it is of use."""
        state = np.inf
        for origin, until in ((store, np.inf), *((str(m["of"]), self.seconds(m["until"])) for m in self._made(store))):
            state = min(state, until)
            damaged = self.notes(origin).get("damaged")
            if damaged is not None and state >= self.seconds(damaged):
                return "its tables are gone"
        return ""

    def _made(self, store: str) -> Iterator[Mapping[str, Any]]:
        """Yield of what a store was made, of what that was made, and so on."""
        for _ in range(DEEPEST):
            made = self.notes(store).get("content")
            if made is None:
                return
            yield made
            store = str(made["of"])

    def _reaches(self, origin: str, made: Mapping[str, Any]) -> float:
        """Return the newest second of an origin that a copy has: replication lags behind what was last written."""
        last = max((self._last(one) for one in self._to(origin)), default=np.inf)
        return min(self.seconds(made["until"]), last) - float(made.get("lag", 0.0))

    def _to(self, store: str) -> list[Stretch]:
        return [one for stretches in self.written.values() for one in stretches if one.store == store]

    def _last(self, stretch: Stretch) -> float:
        places = np.flatnonzero(stretch.counts)
        return stretch.first + float(places[-1]) * self.tick if len(places) else -np.inf

    def seconds(self, time: datetime) -> float:
        """Return an instant as elapsed seconds."""
        return (time - self.start).total_seconds()
