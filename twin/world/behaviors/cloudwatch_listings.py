"""DescribeAlarms as CloudWatch answers it: by type, filter and page, and by who depends on whom."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.scene import Scene
from twin.world.signals.alarm_rule import parse_rule

PAGE = 100
KINDS = ("MetricAlarm", "CompositeAlarm")
SUPPRESSED = {
    "Alarm": "Actions suppressed by the suppressor alarm being in ALARM",
    "WaitPeriod": "Actions suppressed by WaitPeriod",
    "ExtensionPeriod": "Actions suppressed by ExtensionPeriod",
}


@answers("cloudwatch", "DescribeAlarms")
def alarms(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell one page of alarms; composite ones when they are asked for."""
    told = asked.parameters
    kept = sorted(asked.state().alarms.values(), key=lambda alarm: alarm.name)
    if told.get("ChildrenOfAlarmName") or told.get("ParentsOfAlarmName"):
        return _related(told, kept)
    if told.get("AlarmNames") and told.get("AlarmNamePrefix"):
        raise AwsError("ValidationError", "AlarmNamePrefix and AlarmNames are mutually exclusive.")
    wanted = _wanted(told)
    types = told.get("AlarmTypes") or ["MetricAlarm"]
    found = [alarm for alarm in kept if _kind(alarm) in types and wanted(alarm)]
    start, size = int(told.get("NextToken") or 0), int(told.get("MaxRecords") or PAGE)
    page = found[start : start + size]
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {
        "MetricAlarms": [_metric(alarm) for alarm in page if alarm.rule is None],
        "CompositeAlarms": [_composite(alarm) for alarm in page if alarm.rule is not None],
        **more,
    }


def _wanted(told: dict[str, Any]) -> Callable[[Any], bool]:
    names, prefix = told.get("AlarmNames"), told.get("AlarmNamePrefix") or ""
    state, action = told.get("StateValue"), told.get("ActionPrefix")

    def test(alarm: Any) -> bool:
        actions = (*(alarm.alarm_actions or ()), *(alarm.ok_actions or ()), *(alarm.insufficient_data_actions or ()))
        return bool(
            (not names or alarm.name in names)
            and alarm.name.startswith(prefix)
            and state in (None, alarm.state_value)
            and (not action or any(one.startswith(action) for one in actions))
        )

    return test


def _related(told: dict[str, Any], kept: list[Any]) -> dict[str, Any]:
    """Tell the children of a composite alarm, or the composite alarms that depend on an alarm: names and states."""
    child_of, parent_of = told.get("ChildrenOfAlarmName"), told.get("ParentsOfAlarmName")
    if parent_of:
        found = [alarm for alarm in kept if parent_of in _children(alarm)]
    else:
        parents = [alarm for alarm in kept if alarm.name == child_of]
        found = [alarm for alarm in kept if parents and alarm.name in _children(parents[0])]
    short = ("AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp")
    return {
        "MetricAlarms": [{k: _metric(a)[k] for k in short} for a in found if a.rule is None],
        "CompositeAlarms": [{k: _composite(a)[k] for k in short} for a in found if a.rule is not None],
    }


def _children(alarm: Any) -> set[str]:
    if alarm.rule is None:
        return set()
    return {name.partition(":alarm:")[2] or name for name in parse_rule(alarm.rule).names()}


def _kind(alarm: Any) -> str:
    return KINDS[alarm.rule is not None]


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _common(alarm: Any) -> dict[str, Any]:
    transitioned = getattr(alarm, "state_transitioned_timestamp", alarm.state_updated_timestamp)
    told = {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.alarm_arn,
        "AlarmDescription": alarm.description,
        "AlarmConfigurationUpdatedTimestamp": _aware(alarm.configuration_updated_timestamp),
        "ActionsEnabled": bool(alarm.actions_enabled),
        "OKActions": alarm.ok_actions or [],
        "AlarmActions": alarm.alarm_actions or [],
        "InsufficientDataActions": alarm.insufficient_data_actions or [],
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "StateReasonData": alarm.state_reason_data or None,
        "StateUpdatedTimestamp": _aware(alarm.state_updated_timestamp),
        "StateTransitionedTimestamp": _aware(transitioned),
    }
    return {name: value for name, value in told.items() if value is not None}


def _metric(alarm: Any) -> dict[str, Any]:
    told = {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
        "ExtendedStatistic": alarm.extended_statistic,
        "Period": int(alarm.period) if alarm.period else None,
        "Unit": alarm.unit,
        "EvaluationPeriods": int(alarm.evaluation_periods),
        "DatapointsToAlarm": int(alarm.datapoints_to_alarm) if alarm.datapoints_to_alarm else None,
        "Threshold": float(alarm.threshold) if alarm.threshold is not None else None,
        "ComparisonOperator": alarm.comparison_operator,
        "TreatMissingData": alarm.treat_missing_data,
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile,
        "Dimensions": [{"Name": d.name, "Value": d.value} for d in alarm.dimensions],
    }
    if alarm.metric_data_queries:
        told["Metrics"] = [_query(query) for query in alarm.metric_data_queries]
    return _common(alarm) | {name: value for name, value in told.items() if value is not None}


def _query(query: Any) -> dict[str, Any]:
    if query.metric_stat is None:
        told = {"Id": query.id, "Expression": query.expression, "ReturnData": query.return_data is not False}
        return told | ({"Label": query.label} if query.label else {})
    stat = query.metric_stat
    dimensions = [{"Name": d.name, "Value": d.value} for d in stat.metric.dimensions]
    metric = {"Namespace": stat.metric.namespace, "MetricName": stat.metric.metric_name, "Dimensions": dimensions}
    measured: dict[str, Any] = {"Metric": metric, "Period": int(stat.period), "Stat": stat.stat}
    if stat.unit:
        measured["Unit"] = stat.unit
    return {"Id": query.id, "MetricStat": measured, "ReturnData": query.return_data is not False} | (
        {"Label": query.label} if query.label else {}
    )


def _composite(alarm: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"AlarmRule": alarm.rule}
    if alarm.twin_suppressor:
        told["ActionsSuppressor"] = alarm.twin_suppressor
        told["ActionsSuppressorWaitPeriod"], told["ActionsSuppressorExtensionPeriod"] = alarm.twin_waits
    if alarm.twin_suppressed:
        by = alarm.twin_suppressed["by"]
        told |= {"ActionsSuppressedBy": by, "ActionsSuppressedReason": SUPPRESSED[by]}
    return _common(alarm) | told
