"""Metric filters: log events that match a pattern become data of a metric as they arrive."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows
from twin.world.behaviors.cloudwatch_metrics import Series
from twin.world.scene import Scene
from twin.world.signals.log_conditions import PatternError, as_number
from twin.world.signals.log_patterns import LogPattern, compile_pattern, value_of

PROVIDES = {"metric-filters": "Metric filters of CloudWatch Logs make metrics of the events that match them."}
# Quotas: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html (assumed).
MOST = 100
MOST_DIMENSIONS = 3


@answers("logs", "PutMetricFilter")
def check_filter(asked: Asked, scene: Scene) -> None:
    """Refuse a filter that cannot work; one of the same name is replaced."""
    told, state = asked.parameters, asked.state()
    group = told["logGroupName"]
    if group not in state.groups:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    _compiled(told["filterPattern"])
    for transformation in told["metricTransformations"]:
        if transformation.get("dimensions") and transformation.get("defaultValue") is not None:
            raise AwsError("InvalidParameterException", "Invalid metric transformation: dimensions and defaultValue.")
        if len(transformation.get("dimensions") or ()) > MOST_DIMENSIONS:
            raise AwsError("InvalidParameterException", f"At most {MOST_DIMENSIONS} dimensions are allowed.")
    kept = state.filters.metric_filters
    same = [one for one in kept if (one["filterName"], one["logGroupName"]) == (told["filterName"], group)]
    if not same and sum(one["logGroupName"] == group for one in kept) >= MOST:
        raise AwsError("LimitExceededException", "Resource limit exceeded.")
    for one in same:
        kept.remove(one)


@answers("logs", "TestMetricFilter")
def test_filter(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell which messages a pattern matches, and what it takes from them."""
    told = asked.parameters
    pattern = _compiled(told["filterPattern"])
    matches = []
    for number, message in enumerate(told["logEventMessages"], 1):
        found = pattern.match(message)
        if found is not None:
            extracted = {name: str(value) for name, value in found.items()}
            matches.append({"eventNumber": number, "eventMessage": message, "extractedValues": extracted})
    return {"matches": matches}


def _compiled(text: str) -> LogPattern:
    try:
        return compile_pattern(text)
    except PatternError as wrong:
        raise AwsError("InvalidParameterException", "Invalid metric filter pattern") from wrong


@follows("logs", "PutLogEvents")
def events_came(done: Done, scene: Scene) -> None:
    """Make data of what was put into a log group."""
    told, call = done.parameters, done.call
    kept = [(event["timestamp"], event["message"]) for event in told["logEvents"]]
    filter_events(scene, (call.account, call.region, told["logGroupName"]), kept)


def filter_events(scene: Scene, place: tuple[str, str, str], events: list[tuple[int, str]]) -> None:
    """Run a log group's metric filters over events: instants in milliseconds, and messages."""
    account, region, group = place
    touched: dict[Series, None] = {}
    for one in scene.state("logs", account, region).filters.metric_filters:
        if one["logGroupName"] == group:
            touched |= dict.fromkeys(_filtered(scene, (account, region), one, events=events))
    for series in touched:
        scene.emit("cloudwatch.metric.changed", **series._asdict())


def _filtered(
    scene: Scene, place: tuple[str, str], one: Mapping[str, Any], *, events: list[tuple[int, str]]
) -> Iterable[Series]:
    pattern = compile_pattern(one["filterPattern"])
    backend = scene.state("cloudwatch", *place)
    for transformation in one["metricTransformations"]:
        data = [datum for time, message in events if (datum := _datum(pattern, transformation, time, message=message))]
        default = transformation.get("defaultValue")
        if not data and default is not None and events:
            data = [_told(transformation, events[-1][0], float(default), dimensions=())]
        if data:
            backend.put_metric_data(transformation["metricNamespace"], data)
        for datum in data:
            dimensions = tuple(sorted((d["Name"], d["Value"]) for d in datum["Dimensions"]))
            yield Series(*place, transformation["metricNamespace"], datum["MetricName"], dimensions)


def _datum(pattern: LogPattern, transformation: Mapping[str, Any], time: int, *, message: str) -> dict[str, Any] | None:
    """Return the datum of an event; None when it differs, or what it should be made of is not there."""
    found = pattern.match(message)
    if found is None:
        return None
    value = as_number(value_of(transformation["metricValue"], message, found))
    told = transformation.get("dimensions") or {}
    dimensions = [(name, value_of(written, message, found)) for name, written in told.items()]
    if value is None or any(kept is None for _, kept in dimensions):
        return None
    return _told(transformation, time, value, dimensions=dimensions)


def _told(
    transformation: Mapping[str, Any], time: int, value: float, *, dimensions: Iterable[tuple[str, str | None]]
) -> dict[str, Any]:
    return {
        "MetricName": transformation["metricName"],
        "Value": value,
        "Unit": transformation.get("unit") or "None",
        "Timestamp": datetime.fromtimestamp(time / 1000, UTC),
        "Dimensions": [{"Name": name, "Value": kept} for name, kept in dimensions],
    }
