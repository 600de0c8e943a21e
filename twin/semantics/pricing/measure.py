"""How much of a holding is billed in a span of time: seconds, begun hours or whole months."""

from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from twin.semantics.pricing.months import HOUR, hours_in_month, month_start
from twin.semantics.pricing.price import Price
from twin.semantics.pricing.usage import Holding

SECONDS_OF_HOUR = Decimal(3600)


def measured(holding: Holding, price: Price, start: datetime, *, end: datetime) -> Decimal:
    """Return the quantity that a holding adds in [start, end), within one month, in the price's unit.

    A holding that is still open is taken to last until `end`.
    """
    if price.per == "month":
        return _whole_months(holding, price, start, end)
    if price.per == "hour":
        hours = Decimal(_begun_hours(holding, start, end))
    else:
        hours = Decimal(_seconds(holding, price.least, start, end)) / SECONDS_OF_HOUR
    if not hours:
        return hours
    return holding.amount * hours / (hours_in_month(start) if price.monthly else 1)


def _seconds(holding: Holding, least: int, start: datetime, end: datetime) -> int:
    until = end if holding.end is None else max(holding.end, holding.start + timedelta(seconds=least))
    first, last = max(holding.start, start), min(until, end)
    return max(0, ceil((last - first).total_seconds()))


def _begun_hours(holding: Holding, start: datetime, end: datetime) -> int:
    """Count the hours, from the holding's own start, that begin in the span."""
    until = end if holding.end is None else holding.end
    first, last = max(holding.start, start), min(until, end)
    if first >= last:
        return 0
    return ceil((last - holding.start) / HOUR) - ceil((first - holding.start) / HOUR)


def _whole_months(holding: Holding, price: Price, start: datetime, end: datetime) -> Decimal:
    """Charge a month when it begins, or when the holding does; one that was given up at once is free."""
    if holding.end is not None and (holding.end - holding.start).total_seconds() < price.grace:
        return Decimal(0)
    begins = max(holding.start, month_start(start))
    return holding.amount if start <= begins < end and (holding.end is None or holding.end > begins) else Decimal(0)
