"""How trouble is told: alarms, rules, budgets and monitors, topics and subscriptions, and PagerDuty, as read back."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from twin.observe.locks import Aws, Lock, read_locks
from twin.observe.monitors import Datadog, read_monitors
from twin.observe.source import Source

Record = Mapping[str, Any]
PagerDuty = Callable[[str], Mapping[str, Any]]
"""Reads a path of PagerDuty's REST API."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """An endpoint of a topic; `filter` is None without a filter policy."""

    topic: str
    protocol: str
    endpoint: str
    confirmed: bool
    raw: bool = False
    filter: Record | None = None
    scope: str = "MessageAttributes"


@dataclass(frozen=True)
class Channels:
    """All of an org's ways of telling; PagerDuty's records are as its API shows them, layers newest first."""

    sources: tuple[Source, ...] = ()
    topics: frozenset[str] = frozenset()
    locks: Mapping[str, Lock] = field(default_factory=dict)
    """What stands before topics and queues, by ARN, where that is known."""
    subscriptions: tuple[Subscription, ...] = ()
    services: tuple[Record, ...] = ()
    policies: Mapping[str, Record] = field(default_factory=dict)
    schedules: Mapping[str, Record] = field(default_factory=dict)
    users: Mapping[str, Record] = field(default_factory=dict)
    windows: tuple[Record, ...] = ()


def read_channels(
    aws: Aws, regions: Iterable[str], account: str, pagerduty: PagerDuty | None = None, *,
    datadog: tuple[Datadog, datetime] | None = None,
) -> Channels:  # fmt: skip
    """Read the channels of an account, and those of PagerDuty and, as of an instant, Datadog, where there is a way."""
    sources: list[Source] = []
    topics: set[str] = set()
    locks: dict[str, Lock] = {}
    subscriptions: list[Subscription] = []
    for region in regions:
        sources += [*_alarms(aws, region), *_rules(aws, region)]
        here = [one["TopicArn"] for one in _all(aws, "sns:ListTopics", region, "Topics")]
        topics |= set(here)
        locks |= read_locks(aws, region, here)
        subscriptions += _subscriptions(aws, region)
    sources += _budgets(aws, account)
    sources += _anomalies(aws)
    sources += [] if datadog is None else read_monitors(*datadog)
    told = {} if pagerduty is None else _pagerduty(pagerduty)
    return Channels(tuple(sources), frozenset(topics), locks, tuple(subscriptions), **told)


def _all(aws: Aws, operation: str, region: str, name: str, *, next_: str = "NextToken", **params: Any) -> list[Any]:
    found: list[Any] = []
    page: Mapping[str, Any] = {}
    while True:
        reply = aws(operation, {**params, **page}, region)
        found += reply.get(name) or ()
        if not reply.get(next_):
            return found
        page = {next_: reply[next_]}


def _alarms(aws: Aws, region: str) -> list[Source]:
    found = []
    for kind in ("MetricAlarms", "CompositeAlarms"):
        for one in _all(aws, "cloudwatch:DescribeAlarms", region, kind, AlarmTypes=[kind.removesuffix("s")]):
            muted = "" if one.get("ActionsEnabled", True) else "its actions are disabled"
            actions = tuple(one.get("AlarmActions") or ())
            found.append(Source("alarm", one["AlarmArn"], region, actions, muted, str(one.get("Namespace") or "")))
    return found


def _rules(aws: Aws, region: str) -> list[Source]:
    found = []
    for one in _all(aws, "events:ListRules", region, "Rules"):
        if not one.get("EventPattern") or one.get("ManagedBy"):
            continue  # what goes by a schedule starts work, and tells of nothing
        targets = _all(aws, "events:ListTargetsByRule", region, "Targets", Rule=one["Name"])
        muted = "" if one.get("State") == "ENABLED" else "it is disabled"
        found.append(Source("rule", one["Arn"], region, tuple(target["Arn"] for target in targets), muted))
    return found


def _budgets(aws: Aws, account: str) -> list[Source]:
    found, home = [], "us-east-1"
    for one in _all(aws, "budgets:DescribeBudgets", home, "Budgets", AccountId=account):
        asked = {"AccountId": account, "BudgetName": one["BudgetName"]}
        tells: list[str] = []
        for notification in _all(aws, "budgets:DescribeNotificationsForBudget", home, "Notifications", **asked):
            whom = _all(
                aws,
                "budgets:DescribeSubscribersForNotification",
                home,
                "Subscribers",
                Notification=notification,
                **asked,
            )
            tells += [("mailto:" if who["SubscriptionType"] == "EMAIL" else "") + who["Address"] for who in whom]
        found.append(Source("budget", f"arn:aws:budgets::{account}:budget/{one['BudgetName']}", home, tuple(tells)))
    return found


def _anomalies(aws: Aws) -> list[Source]:
    """Return the monitors of anomalies, with all whom their subscriptions tell."""
    told: dict[str, list[str]] = {}
    for one in _all(aws, "ce:GetAnomalySubscriptions", "us-east-1", "AnomalySubscriptions", next_="NextPageToken"):
        for arn in one["MonitorArnList"]:
            whom = (("mailto:" if who["Type"] == "EMAIL" else "") + who["Address"] for who in one["Subscribers"])
            told.setdefault(arn, []).extend(whom)
    made = _all(aws, "ce:GetAnomalyMonitors", "us-east-1", "AnomalyMonitors", next_="NextPageToken")
    arns = (one["MonitorArn"] for one in made)
    return [Source("anomaly", arn, "us-east-1", tuple(dict.fromkeys(told.get(arn, ())))) for arn in arns]


def _subscriptions(aws: Aws, region: str) -> list[Subscription]:
    found = []
    for one in _all(aws, "sns:ListSubscriptions", region, "Subscriptions"):
        told = (one["TopicArn"], one["Protocol"], one["Endpoint"])
        if not one["SubscriptionArn"].startswith("arn:"):
            found.append(Subscription(*told, confirmed=False))
            continue
        asked = {"SubscriptionArn": one["SubscriptionArn"]}
        attributes = aws("sns:GetSubscriptionAttributes", asked, region)["Attributes"]
        policy = attributes.get("FilterPolicy")
        found.append(
            Subscription(
                *told,
                confirmed=attributes.get("PendingConfirmation", "false") != "true",
                raw=attributes.get("RawMessageDelivery") == "true",
                filter=json.loads(policy) if policy else None,
                scope=attributes.get("FilterPolicyScope") or "MessageAttributes",
            )
        )
    return found


def _pagerduty(read: PagerDuty) -> dict[str, Any]:
    def every(name: str) -> list[Record]:
        found: list[Record] = []
        while True:
            page = read(f"/{name}?limit=100&offset={len(found)}")
            found += page[name]
            if not page["more"]:
                return found

    services = [_service(read, one) for one in every("services")]
    schedules = [read(f"/schedules/{one['id']}")["schedule"] for one in every("schedules")]
    return {
        "services": tuple(services),
        "policies": {one["id"]: one for one in every("escalation_policies")},
        "schedules": {one["id"]: one for one in schedules},
        "users": {one["id"]: one for one in every("users")},
        "windows": tuple(every("maintenance_windows")),
    }


def _service(read: PagerDuty, service: Record) -> Record:
    paths = [f"/services/{service['id']}/integrations/{one['id']}" for one in service["integrations"]]
    return {**service, "integrations": [read(path)["integration"] for path in paths]}
