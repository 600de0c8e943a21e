"""Bars of text: amounts beside one another, and amounts over days."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from twin.analysis.cost import Costs
from twin.semantics.pricing.months import month_start

EIGHTHS = " ▏▎▍▌▋▊▉█"
HEIGHTS = " ▁▂▃▄▅▆▇█"
REST = "░"


def bar(part: Decimal, whole: Decimal, most: Decimal, width: int) -> str:
    """Return a bar as long as `whole` is of `most`, solid as far as `part` goes."""
    if most <= 0 or whole <= 0:
        return ""
    eighths = int(max(part, Decimal(0)) / most * width * 8)
    solid = "█" * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")
    return solid + REST * (max(round(whole / most * width), 1) - len(solid))


def spark(values: Sequence[Decimal]) -> str:
    """Return one block for each value, the highest as high as a line."""
    most = max(values, default=Decimal(0))
    if most <= 0:
        return ""
    return "".join(HEIGHTS[max(1, round(value / most * 8))] if value > 0 else " " for value in values)


def days(costs: Costs) -> list[Decimal]:
    """Return what each day of the month has cost so far."""
    first = month_start(costs.now)
    found = [Decimal(0)] * ((costs.now - first).days + 1)
    for charge in costs.so_far.charges:
        day = min(max((charge.start - first) // timedelta(days=1), 0), len(found) - 1)
        found[day] += charge.net
    return found
