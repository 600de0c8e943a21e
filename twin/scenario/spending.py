"""What a run cost, as its bill has it: in all, until somebody was told, away from home, and what goes on."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from twin.scenario.responder import Steps
from twin.scenario.stage import Stage
from twin.semantics.pricing.bill import Used, bill
from twin.semantics.pricing.usage import Holding
from twin.world.metering.bills import used_by

METERING = "metering"
GLOBAL = "global"
DAY = timedelta(days=1)


class Spending:
    """The bill of the org's account from when the actors start; amounts are in USD, to the cent."""

    def __init__(self, runbook: Steps, stage: Stage) -> None:
        self.runbook, self.stage = runbook, stage
        self._start: datetime | None = None

    def begin(self) -> None:
        """Begin to count."""
        self._start = self.stage.timeline.now()

    def figures(self) -> Iterator[tuple[str, Any]]:
        """Yield what was spent, and since when nothing more is; a figure of what never came is None."""
        assert self._start is not None
        world, start, now = self.stage.world, self._start, self.stage.timeline.now()
        used = used_by(world.scene, world.accounts[0])
        alerted = self.runbook.pager.delivered if self.runbook.pager is not None else None
        told = None if alerted is None else self.stage.timeline.start + timedelta(seconds=alerted)
        away = Used(
            [held for held in used.holdings if self._away(held.where.region)],
            [use for use in used.uses if self._away(use.where.region)],
        )
        yield "spent", self._cost(used, start, now)
        yield "at_alert", None if told is None else self._cost(used, start, told)
        yield "elsewhere", self._cost(away, start, now)
        yield "elsewhere_at_alert", None if told is None else self._cost(away, start, told)
        yield "elsewhere_seconds", _lasted(away.holdings)
        yield "per_day_at_end", self._cost(Used([h for h in used.holdings if h.end is None], ()), now, now + DAY)
        ends = [held.end for held in used.holdings if held.end is not None and held.end > start]
        yield "last_end", (max(ends) - start).total_seconds() if ends else None

    def _away(self, region: str) -> bool:
        return region not in (self.stage.world.region, GLOBAL)

    def _cost(self, used: Used, start: datetime, end: datetime) -> float:
        if start >= end:
            return 0.0
        total: Decimal = bill(used, self.stage.world.scene.prices, start, end=end).total
        return float(round(total, 2))


def _lasted(holdings: Sequence[Holding]) -> float | None:
    """Return from the first to the last instant at which anything was held; None while something is, or nothing was."""
    if not holdings or any(held.end is None for held in holdings):
        return None
    first, last = min(held.start for held in holdings), max(held.end for held in holdings if held.end is not None)
    return float((last - first).total_seconds())
