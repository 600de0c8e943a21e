"""Cost Anomaly Detection: monitors by service that look three times a day, once a service has ten days of history.

AWS does not publish its model. Here the last whole day of a service is anomalous when it cost more than the mean of
the days before by three deviations and by a dollar.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from statistics import fmean, pstdev
from typing import Any

from twin.semantics.pricing.months import day_start
from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens
from twin.world.behaviors.cost_anomaly_thresholds import check_thresholds, threshold_of
from twin.world.behaviors.sns_access import publish_as
from twin.world.delays import delay
from twin.world.metering.bills import bill_of, known_until
from twin.world.scene import Scene

PROVIDES = {"cost-anomalies": "Cost Anomaly Detection finds services that cost more than they did, and tells."}
SERVICE = "costalerts.amazonaws.com"
KEPT = "cost.anomalies"
DEVIATIONS, LEAST = 3, 1.0
LOOKED_BACK = timedelta(days=60)
DAY = timedelta(days=1)


def kept_of(scene: Scene, account: str) -> dict[str, Any]:
    """Return what an account has: monitors, subscriptions, their tags, and what was found."""
    empty: dict[str, Any] = {"monitors": {}, "subscriptions": {}, "tags": {}, "anomalies": {}, "planned": False}
    held: dict[str, Any] = scene.memory.setdefault(KEPT, {}).setdefault(account, empty)
    return held


def unknown_monitor(arn: str) -> AwsError:
    """Return what is said of a monitor that is not there."""
    return AwsError("UnknownMonitorException", f"No anomaly monitor found for ARN {arn}")


def unknown_subscription(arn: str) -> AwsError:
    """Return what is said of a subscription that is not there."""
    return AwsError("UnknownSubscriptionException", f"No anomaly subscription found for ARN {arn}")


@answers("ce", "CreateAnomalyMonitor")
def create_monitor(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make a monitor of all services; other kinds are refused by name."""
    told, account = asked.parameters["AnomalyMonitor"], asked.call.account
    if told["MonitorType"] != "DIMENSIONAL" or told.get("MonitorDimension") != "SERVICE":
        lacking = "The twin has anomaly monitors of the dimension SERVICE only (ce:CreateAnomalyMonitor)."
        raise AwsError("TwinUnsupportedOperation", lacking)
    kept = kept_of(scene, account)
    if any(monitor["MonitorDimension"] == "SERVICE" for monitor in kept["monitors"].values()):
        raise AwsError("LimitExceededException", "Limit exceeded on dimensional spend monitor creation")
    arn = f"arn:aws:ce::{account}:anomalymonitor/{scene.ids('cost.anomalies').uuid()}"
    today = f"{scene.now():%Y-%m-%d}"
    kept["monitors"][arn] = {
        "MonitorArn": arn, "MonitorName": told["MonitorName"], "MonitorType": "DIMENSIONAL",
        "MonitorDimension": "SERVICE", "CreationDate": today, "LastUpdatedDate": today,
    }  # fmt: skip
    kept["tags"][arn] = {one["Key"]: one["Value"] for one in asked.parameters.get("ResourceTags") or ()}
    _plan(scene, account)
    return {"MonitorArn": arn}


@answers("ce", "CreateAnomalySubscription")
def create_subscription(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make a subscription: a topic hears at once, addresses once a day."""
    told, account = asked.parameters["AnomalySubscription"], asked.call.account
    kept = kept_of(scene, account)
    check_subscription(kept, told)
    arn = f"arn:aws:ce::{account}:anomalysubscription/{scene.ids('cost.anomalies').uuid()}"
    kept["subscriptions"][arn] = {**told, "SubscriptionArn": arn, "AccountId": account, "least": threshold_of(told)}
    kept["tags"][arn] = {one["Key"]: one["Value"] for one in asked.parameters.get("ResourceTags") or ()}
    return {"SubscriptionArn": arn}


def check_subscription(kept: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    """Refuse monitors that are not there, a frequency that its subscribers cannot have, and no threshold or two."""
    check_thresholds(told)
    for arn in told["MonitorArnList"]:
        if arn not in kept["monitors"]:
            raise unknown_monitor(arn)
    kinds = {subscriber["Type"] for subscriber in told["Subscribers"]}
    if told["Frequency"] == "IMMEDIATE" and kinds != {"SNS"}:
        raise AwsError("ValidationException", "IMMEDIATE subscriptions can only have SNS subscribers")
    if told["Frequency"] != "IMMEDIATE" and kinds != {"EMAIL"}:
        raise AwsError("ValidationException", f"{told['Frequency']} subscriptions can only have EMAIL subscribers")


@answers("ce", "GetAnomalyMonitors")
def monitors(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the monitors."""
    wanted = asked.parameters.get("MonitorArnList")
    kept = kept_of(scene, asked.call.account)["monitors"]
    return {"AnomalyMonitors": [monitor for arn, monitor in kept.items() if not wanted or arn in wanted]}


@answers("ce", "GetAnomalySubscriptions")
def subscriptions(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the subscriptions."""
    told = asked.parameters
    found = [
        {name: value for name, value in kept.items() if name != "least"}
        for arn, kept in kept_of(scene, asked.call.account)["subscriptions"].items()
        if (not told.get("SubscriptionArnList") or arn in told["SubscriptionArnList"])
        and (not told.get("MonitorArn") or told["MonitorArn"] in kept["MonitorArnList"])
    ]
    return {"AnomalySubscriptions": found}


@answers("ce", "DeleteAnomalyMonitor")
def delete_monitor(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Delete a monitor."""
    arn = asked.parameters["MonitorArn"]
    if kept_of(scene, asked.call.account)["monitors"].pop(arn, None) is None:
        raise unknown_monitor(arn)
    kept_of(scene, asked.call.account)["tags"].pop(arn, None)
    return {}


@answers("ce", "DeleteAnomalySubscription")
def delete_subscription(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Delete a subscription."""
    arn = asked.parameters["SubscriptionArn"]
    if kept_of(scene, asked.call.account)["subscriptions"].pop(arn, None) is None:
        raise unknown_subscription(arn)
    kept_of(scene, asked.call.account)["tags"].pop(arn, None)
    return {}


@answers("ce", "GetAnomalies")
def anomalies(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the anomalies of a period, the newest first."""
    told = asked.parameters
    start, end = told["DateInterval"]["StartDate"], told["DateInterval"].get("EndDate") or "9999-12-31"
    found = [
        anomaly
        for anomaly in kept_of(scene, asked.call.account)["anomalies"].values()
        if start <= anomaly["AnomalyStartDate"][:10] <= end and told.get("MonitorArn") in (None, anomaly["MonitorArn"])
    ]
    return {"Anomalies": sorted(found, key=lambda anomaly: anomaly["AnomalyStartDate"], reverse=True)}


def _plan(scene: Scene, account: str) -> None:
    kept = kept_of(scene, account)
    if kept["monitors"] and not kept["planned"]:
        kept["planned"] = True
        period, now = delay("billing.anomaly_run").least, scene.now().timestamp()
        next_ = datetime.fromtimestamp((now // period + 1) * period, UTC)
        scene.agenda.at(next_, "cost.anomalies", account=account)


@happens("cost.anomalies")
def look(scene: Scene, *, account: str) -> None:
    """Look at the last day that is known of each service, and tell what is new."""
    kept = kept_of(scene, account)
    kept["planned"] = False
    known = day_start(known_until(scene.now()))
    for arn in list(kept["monitors"]):
        for service, day, cost, expected in _found(scene, account, known):
            key = (arn, service)
            before = kept["anomalies"].get(key)
            if before and before["AnomalyEndDate"][:10] >= f"{day - DAY:%Y-%m-%d}":
                if before["AnomalyEndDate"][:10] < f"{day:%Y-%m-%d}":
                    _prolong(before, day, cost, expected)
                continue
            made = _anomaly(scene, arn, service, day=day, cost=cost, expected=expected)
            kept["anomalies"][key] = made
            _tell(scene, account, kept, made)
    _plan(scene, account)


def _found(scene: Scene, account: str, known: datetime) -> Iterator[tuple[str, datetime, float, float]]:
    """Yield services whose last whole day was anomalous, with its cost and what was expected."""
    history = delay("billing.anomaly_history").least / DAY.total_seconds()
    last, start = known - DAY, known - LOOKED_BACK
    costs: dict[str, dict[datetime, float]] = defaultdict(dict)
    for charge in bill_of(scene, account, start, end=known).charges:
        days = costs[scene.prices.services[charge.where.service].name]
        day = day_start(charge.start)
        days[day] = days.get(day, 0.0) + float(charge.net)
    for service, days in sorted(costs.items()):
        before = [cost for day, cost in days.items() if day < last]
        if len(before) >= history and last in days:
            expected = fmean(before)
            if days[last] > expected + max(DEVIATIONS * pstdev(before), LEAST):
                yield service, last, days[last], expected


def _prolong(anomaly: dict[str, Any], day: datetime, cost: float, expected: float) -> None:
    impact = anomaly["Impact"]
    anomaly["AnomalyEndDate"] = f"{day:%Y-%m-%dT00:00:00Z}"
    impact["MaxImpact"] = round(max(impact["MaxImpact"], cost - expected), 2)
    impact["TotalImpact"] = round(impact["TotalImpact"] + cost - expected, 2)
    impact["TotalActualSpend"] = round(impact["TotalActualSpend"] + cost, 2)
    impact["TotalExpectedSpend"] = round(impact["TotalExpectedSpend"] + expected, 2)


def _anomaly(scene: Scene, arn: str, service: str, *, day: datetime, cost: float, expected: float) -> dict[str, Any]:
    date, impact = f"{day:%Y-%m-%dT00:00:00Z}", round(cost - expected, 2)
    share = {} if not expected else {"TotalImpactPercentage": round(100 * impact / expected, 2)}
    return {
        "AnomalyId": scene.ids("cost.anomalies").uuid(),
        "AnomalyStartDate": date,
        "AnomalyEndDate": date,
        "DimensionValue": service,
        "RootCauses": [{"Service": service}],
        "AnomalyScore": {"MaxScore": 1.0, "CurrentScore": 1.0},
        "Impact": {
            "MaxImpact": impact,
            "TotalImpact": impact,
            "TotalActualSpend": round(cost, 2),
            "TotalExpectedSpend": round(expected, 2),
            **share,
        },
        "MonitorArn": arn,
    }


def _tell(scene: Scene, account: str, kept: dict[str, Any], anomaly: dict[str, Any]) -> None:
    impact = anomaly["Impact"]["TotalImpact"]
    facts = {"account": account, "service": anomaly["DimensionValue"], "impact": impact}
    scene.emit("cost.anomaly.found", **facts)
    for subscription in kept["subscriptions"].values():
        if anomaly["MonitorArn"] not in subscription["MonitorArnList"] or impact < subscription["least"]:
            continue
        for subscriber in subscription["Subscribers"]:
            if subscriber["Type"] == "SNS":
                text = json.dumps({"accountId": account, **anomaly}, separators=(",", ":"))
                params = {"TopicArn": subscriber["Address"], "Subject": "AWS Cost Management: anomaly", "Message": text}
                try:
                    publish_as(scene, SERVICE, params, source_arn=anomaly["MonitorArn"])
                except AwsError as refusal:
                    scene.emit("cost.anomaly.untold", **facts, address=subscriber["Address"], code=refusal.code)
                    continue
            scene.emit("cost.anomaly.told", **facts, address=subscriber["Address"])
