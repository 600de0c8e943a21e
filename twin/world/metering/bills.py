"""Bills of the world: what its meter says, priced by its book."""

from datetime import datetime
from typing import TYPE_CHECKING

from twin.semantics.pricing.bill import Bill, Used, bill, forecast

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
