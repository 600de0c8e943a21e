"""Bills of the world: what its meter says, priced by its book."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from twin.semantics.pricing.bill import Bill, Used, bill, forecast
from twin.semantics.pricing.months import month_start
from twin.world.delays import delay

if TYPE_CHECKING:
    from twin.world.scene import Scene


def used_by(scene: "Scene", account: str | None = None) -> Used:
    """Return what an account used, or everybody."""
    used = scene.meter.used(scene)
    if account is None:
        return used
    return Used(
        [held for held in used.holdings if held.where.account == account],
        [use for use in used.uses if use.where.account == account],
    )


def bill_of(scene: "Scene", account: str | None, start: datetime, *, end: datetime, daily: bool = True) -> Bill:
    """Return the charges of an account (None: of all, every vendor's) in [start, end)."""
    return bill(used_by(scene, account), scene.prices, start, end=end, daily=daily)


def forecast_of(scene: "Scene", account: str | None, now: datetime) -> Bill:
    """Return the charges of the whole month of `now`, if all goes on as it is."""
    return forecast(used_by(scene, account), scene.prices, now)


def to_date(scene: "Scene", account: str, until: datetime) -> Bill:
    """Return the charges of an account from its month's first instant until a whole hour, a line per usage."""
    start = month_start(until)
    used = scene.meter.summed(scene, start, until)
    own = Used(
        [held for held in used.holdings if held.where.account == account],
        [use for use in used.uses if use.where.account == account],
    )
    return bill(own, scene.prices, start, end=until, daily=False)


def known_until(now: datetime) -> datetime:
    """Return up to which hour usage has reached billing."""
    lag = timedelta(seconds=delay("billing.usage_lag").least)
    return (now - lag).replace(minute=0, second=0, microsecond=0)


def first_used(scene: "Scene", account: str) -> datetime | None:
    """Return when an account first used anything, which stays what it is; None before that."""
    known: dict[str, datetime] = scene.memory.setdefault("billing.first", {})
    if account not in known:
        used = used_by(scene, account)
        times = [*(held.start for held in used.holdings), *(use.time for use in used.uses)]
        if not times:
            return None
        known[account] = min(times)
    return known[account]
