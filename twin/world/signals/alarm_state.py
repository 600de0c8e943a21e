"""Which state an alarm's data points put it in, missing ones treated as documented.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Callable, Sequence
from operator import ge, gt, le, lt
from typing import Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (ge, "greater than or equal to"),
    "GreaterThanThreshold": (gt, "greater than"),
    "LessThanThreshold": (lt, "less than"),
    "LessThanOrEqualToThreshold": (le, "less than or equal to"),
}


def alarm_state(points: Sequence[bool | None], *, last: int, needed: int, missing: str, now: State) -> State:
    """Return the state after the points of the evaluation range, oldest first: breaching, within or missing.

    Of the range the alarm wants the `last` points, of which `needed` breaching make it ring; `missing` is
    TreatMissingData.
    """
    real = [point for point in points if point is not None]
    if not real:
        empty: dict[str, State] = {"breaching": "ALARM", "notBreaching": "OK", "ignore": now}
        return empty.get(missing, "INSUFFICIENT_DATA")
    if len(real) >= last:
        return "ALARM" if sum(real[-last:]) >= needed else "OK"
    filled = last - len(real) if missing == "breaching" else 0
    if sum(real) + filled >= needed:
        return "ALARM"
    if missing in ("breaching", "notBreaching") or not all(real):
        return "OK"
    return "ALARM" if missing != "ignore" and _old_enough(points, needed) else now


def _old_enough(points: Sequence[bool | None], needed: int) -> bool:
    """Tell whether the oldest breaching point is as old as would be needed, had none been missing since."""
    return len(points) - points.index(True) >= needed
