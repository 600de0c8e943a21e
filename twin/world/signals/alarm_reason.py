"""What CloudWatch says about why an alarm is in a state: a sentence, and the same as data."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from twin.world.signals.alarm_state import COMPARISONS, State

TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


class Point(NamedTuple):
    """A data point of the evaluation range: its start, its value, how many samples, whether it breaches."""

    start: float
    value: float | None
    size: float
    breaching: bool | None


def reason_of(alarm: Any, points: Sequence[Point], state: State) -> str:
    """Say why an alarm goes into a state."""
    last = int(alarm.evaluation_periods)
    real = [point for point in points if point.breaching is not None][-last:]
    if not real:
        return _unknown(alarm, last, state)
    shown = [point for point in real if point.breaching is (state == "ALARM")] or real
    told = ", ".join(f"{point.value} ({_day(point.start)})" for point in reversed(shown))
    were = "datapoints" if last > 1 else "datapoint"
    verb = "were" if len(shown) > 1 else "was"
    negated = "" if state == "ALARM" else "not "
    words = COMPARISONS[alarm.comparison_operator][1]
    needed = int(alarm.datapoints_to_alarm or last)
    least = needed if state == "ALARM" else last - needed + 1
    points_wanted = f"{least} datapoint{'s' if least > 1 else ''}"
    return (
        f"Threshold Crossed: {len(shown)} out of the last {last} {were} [{told}] {verb} {negated}{words} the threshold "
        f"({float(alarm.threshold)}) (minimum {points_wanted} for "
        f"{'OK -> ALARM' if state == 'ALARM' else 'ALARM -> OK'} transition)."
    )


def _unknown(alarm: Any, last: int, state: State) -> str:
    some = f"{last} datapoint{'s' if last > 1 else ''}"
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {some} {'were' if last > 1 else 'was'} unknown."
    treated = TREATED[alarm.treat_missing_data]
    periods = f"{last} period{'s' if last > 1 else ''}"
    verb = "were" if last > 1 else "was"
    missing = f"{last} missing datapoint{'s' if last > 1 else ''} {verb} treated as [{treated}]"
    return f"Threshold Crossed: no datapoints were received for {periods} and {missing}."


def reason_data(alarm: Any, points: Sequence[Point], *, now: datetime, period: int, statistic: str) -> str:
    """Return the reason as CloudWatch's JSON."""
    last = int(alarm.evaluation_periods)
    recent = points[-last:]
    told: dict[str, Any] = {
        "version": "1.0",
        "queryDate": _instant(now),
        "startDate": _instant(datetime.fromtimestamp(recent[0].start, UTC)),
        "statistic": statistic,
        "period": period,
        "recentDatapoints": [point.value for point in recent if point.value is not None],
        "threshold": float(alarm.threshold),
        "evaluatedDatapoints": [
            {"timestamp": _instant(datetime.fromtimestamp(point.start, UTC))}
            | ({} if point.value is None else {"sampleCount": point.size, "value": point.value})
            for point in reversed(recent)
        ],
    }
    return json.dumps(told, separators=(",", ":"))


def _day(start: float) -> str:
    return datetime.fromtimestamp(start, UTC).strftime("%d/%m/%y %H:%M:%S")


def _instant(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}+0000"
