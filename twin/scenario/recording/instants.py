"""What the ledgers of a recording come to at an instant: who may do what, which packets get where, what it costs.

Each state is worked out once, however often the cursor comes back to it.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from twin.analysis.cost import Costs, environments, read_costs
from twin.analysis.passage.passages import View
from twin.analysis.reach import Reach
from twin.errors import UsageError
from twin.observe.iam.written import GAPS, read_written
from twin.observe.reading import Reading
from twin.scenario.recording.ledger import Ledger
from twin.scenario.recording.looks import METER, NETWORK, RIGHTS
from twin.scenario.recording.recording import Recording
from twin.semantics.pricing.bill import Used, bill, cents
from twin.semantics.pricing.book import PriceBook

Worked = TypeVar("Worked")
KEPT = 16
DAY = timedelta(days=1)
LACKS = {RIGHTS: "the policies in force", NETWORK: "the network", METER: "a meter"}
"""By its ledger, what a recording of an older program does not have."""


class Instants:
    """Works out instants of one recording, and keeps the last states of each kind by their digests."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._kept: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def has(self, name: str) -> bool:
        """Tell whether the recording has a ledger."""
        return name in self.recording.ledgers

    def lacks(self, name: str) -> str:
        """Say why there is no answer; empty where there is one."""
        if name == METER and self.has(name) and self.recording.began is None:
            return "this recording does not say when it began"
        return "" if self.has(name) else f"this recording has not {LACKS[name]}: record the run again"

    def digest(self, name: str, t: float) -> str:
        """Return the digest of a ledger's state; UsageError where there is none."""
        return self._ledger(name).digest(t)

    def rights(self, t: float) -> Reach:
        """Return who could do what at an instant."""
        return self._worked(RIGHTS, t, lambda texts: Reach(read_written(texts)))

    def network(self, t: float) -> View:
        """Return the network of an instant."""
        return self._worked(NETWORK, t, _view)

    def costs(self, t: float, book: PriceBook) -> Costs:
        """Return the costs by an instant: what the meter had said by then, as of then."""
        told = self._worked(METER, t, _told)
        now = self.recording.time(t)
        assert now is not None
        return read_costs({**told, "now": now.isoformat()}, book, environments(self.recording.scope))

    def spike(self, t: float, book: PriceBook) -> "Spike":
        """Return what the run has cost by an instant, and what the time would have cost as it began."""
        self._ledger(METER)
        began = self.recording.began
        assert began is not None
        return Spike(self.costs(0.0, book), self.costs(t, book), began)

    def _ledger(self, name: str) -> Ledger:
        if lacks := self.lacks(name):
            raise UsageError(lacks)
        return self.recording.ledgers[name]

    def _worked(self, name: str, t: float, work: Callable[[Mapping[str, str]], Worked]) -> Worked:
        ledger = self._ledger(name)
        key = (name, ledger.digest(t))
        if key not in self._kept:
            self._kept[key] = work(ledger.texts(t))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        worked: Worked = self._kept[key]
        return worked


@dataclass(frozen=True)
class Spike:
    """What a run cost from `began` until an instant, beside what would have gone on without it."""

    first: Costs
    then: Costs
    began: datetime

    @cached_property
    def spent(self) -> Decimal:
        """What was spent since the run began, in USD."""
        return self._between(self.then)

    @cached_property
    def usual(self) -> Decimal:
        """What would have been spent if everything had gone on as it was."""
        return self._between(replace(self.first, now=self.then.now))

    @cached_property
    def per_day(self) -> Decimal:
        """What is held by the instant costs so much a day."""
        return sum(self.day(self.then).values(), Decimal(0))

    @cached_property
    def moved(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return, by service, what a day cost as the run began and costs by the instant, where that is another."""
        before, after = self.day(self.first), self.day(self.then)
        found = {name: (before.get(name, Decimal(0)), after.get(name, Decimal(0))) for name in (*before, *after)}
        moved = [(name, one) for name, one in found.items() if cents(one[0]) != cents(one[1])]
        return dict(sorted(moved, key=lambda item: (-abs(item[1][1] - item[1][0]), item[0])))

    def day(self, costs: Costs) -> dict[str, Decimal]:
        """Return what a day of what is held costs, by service, without what is paid by the piece."""
        held = [one for one in costs.used.holdings if one.end is None]
        now = self.then.now
        return costs.grouped(bill(Used(held, ()), costs.book, now, end=now + DAY), "service")

    def _between(self, costs: Costs) -> Decimal:
        if costs.now <= self.began:
            return Decimal(0)
        return bill(costs.used, costs.book, self.began, end=costs.now).total


def _view(texts: Mapping[str, str]) -> View:
    files = {name: json.loads(text) for name, text in texts.items() if name != GAPS}
    return View(Reading(files, tuple(json.loads(texts.get(GAPS, "[]")))).topology())


def _told(texts: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"holdings": [], "uses": [], "tags": []}
    parts = {"held": "holdings", "used": "uses", "tags": "tags"}
    for key, text in texts.items():
        found[parts[key.partition(" ")[0]]].append(json.loads(text))
    return found
