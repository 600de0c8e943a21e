"""What an alarm does: it publishes to a topic, or carries out a scaling policy; who is in the way is told.

The message: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html
"""

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

from twin.aws_data import LOADER
from twin.world.aws_errors import AwsError
from twin.world.behaviors.auto_scaling_execution import Breach, carry_out
from twin.world.behaviors.sns_access import publish_as
from twin.world.scene import Scene

SERVICE = "cloudwatch.amazonaws.com"
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
KNOWN = (":sns:", ":autoscaling:")
MOST = 5


def check_actions(told: dict[str, Any], operation: str) -> None:
    """Refuse actions that are not ARNs or too many, and by name those that the twin does not carry out."""
    for kind in ACTIONS:
        actions = told.get(kind) or ()
        if len(actions) > MOST:
            raise AwsError("LimitExceeded", f"{kind} must have at most {MOST} members.")
        for action in actions:
            if not action.startswith("arn:"):
                raise AwsError("ValidationError", f"Invalid arn syntax: {action}")
            if not any(service in action for service in KNOWN):
                raise AwsError("TwinUnsupportedOperation", f"The twin does not carry out {action} ({operation}).")


def perform(scene: Scene, alarm: Any, action: str, *, place: tuple[str, str], old: str) -> tuple[str, dict[str, Any]]:
    """Carry out an action; return what the history says of it: a summary and data."""
    told: dict[str, Any] = {"actionState": "Succeeded", "notificationResource": action}
    try:
        if ":sns:" in action:
            message = message_of(alarm, place=place, old=old)
            _publish(scene, alarm, action, place=place, message=message)
            told["publishedMessage"] = json.dumps({"default": json.dumps(message)})
        else:
            carry_out(scene, action, measured(alarm), place=place)
    except AwsError as refusal:
        told |= {"actionState": "Failed", "error": refusal.message}
        return f'Failed to execute action {action}. Received error: "{refusal.message}"', told
    return f"Successfully executed action {action}", told


def _publish(scene: Scene, alarm: Any, topic_arn: str, *, place: tuple[str, str], message: dict[str, Any]) -> None:
    subject = f'{alarm.state_value}: "{alarm.name}" in {_region_name(place[1])}'[:100]
    text = json.dumps(message, separators=(",", ":"))
    params = {"TopicArn": topic_arn, "Message": text, "Subject": subject}
    publish_as(scene, SERVICE, params, source_arn=alarm.alarm_arn)


def scaling(alarm: Any) -> list[str]:
    """Return the scaling policies for which an alarm asks in its present state."""
    return [action for action in _actions(alarm) if ":autoscaling:" in action]


def scales_only(alarm: Any) -> bool:
    """Tell whether an alarm tells nobody of its present state, as all that it does is to scale."""
    return bool(asked := scaling(alarm)) and len(asked) == len(_actions(alarm))


def _actions(alarm: Any) -> list[str]:
    lists = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}
    found = lists.get(alarm.state_value, alarm.insufficient_data_actions) if alarm.actions_enabled else ()
    return list(found or ())


def scale_on(scene: Scene, alarm: Any, *, place: tuple[str, str]) -> bool:
    """Ask for its scaling policies again, as an alarm does every minute; tell whether that may yet change something.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html (read: assumed)
    """
    on = False
    for action in scaling(alarm):
        with suppress(AwsError):
            on |= carry_out(scene, action, measured(alarm), place=place)
    return on


def measured(alarm: Any) -> Breach:
    """Return what a metric alarm has to tell a scaling policy."""
    threshold = 0.0 if alarm.threshold is None else float(alarm.threshold)
    return Breach(alarm.name, getattr(alarm, "twin_measured", None), threshold)


def message_of(alarm: Any, *, place: tuple[str, str], old: str) -> dict[str, Any]:
    """Return what is published about an alarm."""
    told = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": place[0],
        "AlarmConfigurationUpdatedTimestamp": _instant(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _instant(alarm.state_updated_timestamp),
        "Region": _region_name(place[1]),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old,
        "OKActions": alarm.ok_actions or [],
        "AlarmActions": alarm.alarm_actions or [],
        "InsufficientDataActions": alarm.insufficient_data_actions or [],
    }
    if alarm.rule is not None:
        return told | {"AlarmRule": alarm.rule, "TriggeringChildren": alarm.twin_triggering}
    return told | {"Trigger": _trigger(alarm)}


def _trigger(alarm: Any) -> dict[str, Any]:
    common = {
        "Period": int(alarm.period or 0) or None,
        "EvaluationPeriods": int(alarm.evaluation_periods),
        "DatapointsToAlarm": int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": float(alarm.threshold),
        "TreatMissingData": alarm.treat_missing_data or "missing",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if not alarm.metric_name:
        return common | {"Metrics": configuration(alarm)["metrics"]}
    kind = "Statistic" if alarm.statistic else "ExtendedStatistic"
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "StatisticType": kind,
        kind: alarm.statistic.upper() if alarm.statistic else alarm.extended_statistic,
        "Unit": alarm.unit,
        "Dimensions": [{"value": d.value, "name": d.name} for d in alarm.dimensions],
        **common,
    }


def configuration(alarm: Any) -> dict[str, Any]:
    """Return an alarm's configuration as its event shows it."""
    described = {"description": alarm.description} if alarm.description else {}
    if alarm.rule is not None:
        return described | {"alarmRule": alarm.rule}
    if alarm.metric_name:
        metric = (alarm.namespace, alarm.metric_name, alarm.dimensions)
        stat = {"period": int(alarm.period), "stat": alarm.statistic or alarm.extended_statistic}
    else:
        return described | {"metrics": [_shown(query) for query in alarm.metric_data_queries]}
    namespace, name, dimensions = metric
    shown = {"namespace": namespace, "name": name, "dimensions": {d.name: d.value for d in dimensions}}
    return described | {"metrics": [{"id": "m1", "metricStat": {"metric": shown, **stat}, "returnData": True}]}


def _shown(query: Any) -> dict[str, Any]:
    common = {"id": query.id, "returnData": query.return_data is not False}
    if query.metric_stat is None:
        return common | {"expression": query.expression, "label": query.label or query.id}
    told, metric = query.metric_stat, query.metric_stat.metric
    dimensions = {d.name: d.value for d in metric.dimensions}
    shown = {"namespace": metric.namespace, "name": metric.metric_name, "dimensions": dimensions}
    return common | {"metricStat": {"metric": shown, "period": int(told.period), "stat": told.stat}}


def _instant(time: datetime) -> str:
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.strftime("%Y-%m-%dT%H:%M:%S.") + f"{aware.microsecond // 1000:03d}+0000"


@cache
def _region_name(region: str) -> str:
    partitions = LOADER.load_data("endpoints")["partitions"]
    return next((p["regions"][region]["description"] for p in partitions if region in p["regions"]), region)
