"""How many instances a scaling policy asks for, as pure arithmetic.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html and as-scaling-target-tracking.html
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

EXACT, PERCENT = "ExactCapacity", "PercentChangeInCapacity"


def chosen_step(steps: Sequence[Mapping[str, Any]], *, value: float, threshold: float) -> int | None:
    """Return the adjustment of the step in whose range a metric's breach lies; None when there is none.

    Above the threshold a lower bound belongs to its range, below it an upper bound does.
    """
    breach = value - threshold
    for step in steps:
        low, high = step.get("MetricIntervalLowerBound"), step.get("MetricIntervalUpperBound")
        low = -math.inf if low is None else float(low)
        high = math.inf if high is None else float(high)
        if (low <= breach < high) if breach >= 0 else (low < breach <= high):
            return int(step["ScalingAdjustment"])
    return None


def adjusted(current: int, adjustment: int, kind: str, *, least: int = 0) -> int:
    """Return the capacity after an adjustment; `least` is by how many a percentage changes it at least."""
    if kind == EXACT:
        return adjustment
    if kind != PERCENT:
        return current + adjustment
    change = current * adjustment / 100
    whole = math.trunc(change) if abs(change) >= 1 else int(math.copysign(1, change)) if change else 0
    if change and abs(whole) < least:
        whole = int(math.copysign(least, change))
    return current + whole


def tracked(current: int, *, value: float, target: float) -> int:
    """Return the capacity at which a metric that falls in proportion to it is at its target or below."""
    return math.ceil(round(current * value / target, 9))
