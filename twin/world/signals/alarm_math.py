"""The metric math of an alarm: its expressions, one after the other, and which of them is watched.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from twin.world.aws_errors import AwsError
from twin.world.signals.metric_math import Line, UnknownMath, work_out


class Math(NamedTuple):
    """Expressions by their ids, in an order in which each names only what stands before; `returned` is watched."""

    steps: tuple[tuple[str, str], ...]
    returned: str

    def line(self, lines: Mapping[str, Line]) -> Line:
        """Return what is watched, made of the lines of the metrics."""
        made: dict[str, Line] = {}
        for id_, expression in self.steps:
            made[id_] = work_out(expression, lines, made)
        return made[self.returned] if self.returned in made else lines[self.returned]


def check_math(metrics: Sequence[Mapping[str, Any]]) -> None:
    """Refuse the metrics of an alarm that CloudWatch refuses, or by name what the twin does not work out."""
    if not metrics:
        return
    returned = [metric["Id"] for metric in metrics if metric.get("ReturnData", True)]
    if len(returned) != 1:
        raise AwsError("ValidationError", "Exactly one element of the metrics list should return data.")
    measured = [metric for metric in metrics if "MetricStat" in metric]
    if not measured:
        raise AwsError("ValidationError", "Metrics list must contain at least one metric.")
    if len({int(metric["MetricStat"]["Period"]) for metric in measured}) > 1:
        raise _lacking("metrics of different periods in one alarm")
    steps = tuple((metric["Id"], metric["Expression"]) for metric in metrics if "MetricStat" not in metric)
    try:
        Math(steps, returned[0]).line({metric["Id"]: {0.0: 1.0} for metric in measured})
    except UnknownMath as wrong:
        raise _lacking(f"this metric math: {wrong}") from wrong


def _lacking(what: str) -> AwsError:
    return AwsError("TwinUnsupportedOperation", f"The twin does not evaluate {what} (cloudwatch:PutMetricAlarm).")
