"""How the org of a plan would tell of trouble: its alarms, rules and budgets, topics, subscriptions, PagerDuty."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from twin.analysis.plan.locks import planned_locks
from twin.analysis.plan.paging import INBOUND, hour_of, planned_paging
from twin.analysis.plan.planned import Planned
from twin.observe.channels import Channels, Subscription
from twin.observe.source import Source
from twin.resources.declaration import Declaration
from twin.resources.reference import whole
from twin.semantics.oncall.addresses import HOST, inbound_address, without_key

TELLING = (":sns:", ":sqs:")
ELSEWHERE = "somebody-elsewhere"


@dataclass(frozen=True)
class PlannedChannels:
    """The channels with the declaration behind each of their parts, by the id that findings give."""

    channels: Channels
    declared: Mapping[str, Declaration]
    queues: frozenset[str]
    """Queues of the plan that a topic or a rule tells: somebody reads them."""
    hour: Callable[[Mapping[str, Any]], datetime]
    """The instant at which a service of PagerDuty is judged."""


def channels_of(planned: Planned) -> PlannedChannels:
    """Return the channels; a topic of an ARN that the plan does not make is taken to have its hearers."""
    declared: dict[str, Declaration] = {}
    sources: list[Source] = []
    for one, source in (*_alarms(planned), *_rules(planned), *_budgets(planned), *_anomalies(planned)):
        sources.append(source)
        declared[source.id] = one
    topics = {planned.arn(one): one for one, _ in planned.of("aws.sns.topic")}
    paging, services = planned_paging(planned)
    subscriptions = []
    for one, told in _subscriptions(planned, paging):
        subscriptions.append(told)
        declared[f"{told.topic} {told.protocol} {without_key(told.endpoint)}"] = one
    strangers = {arn for source in sources for arn in source.tells if ":sns:" in arn} - topics.keys()
    subscriptions += [Subscription(arn, "email", ELSEWHERE, confirmed=True) for arn in sorted(strangers)]
    ends = {arn for source in sources for arn in source.tells} | {one.endpoint for one in subscriptions}
    channels = replace(
        paging,
        sources=tuple(sources),
        topics=frozenset(topics) | strangers,
        locks=planned_locks(planned),
        subscriptions=tuple(subscriptions),
        # A low urgency that is planned is meant: somebody reads of it later.
        services=tuple({**one, "incident_urgency_rule": {"urgency": "high"}} for one in paging.services),
    )
    queues = frozenset(arn for arn in ends if ":sqs:" in arn)
    of_queues = {planned.arn(one): one for one, _ in planned.of("aws.sqs.queue")}
    return PlannedChannels(channels, {**topics, **of_queues, **declared, **services}, queues, hour_of(paging))


def _subscriptions(planned: Planned, paging: Channels) -> Iterator[tuple[Declaration, Subscription]]:
    """Yield the subscriptions; PagerDuty is taken to call somebody where the plan makes nothing there."""
    for one, values in planned.of("aws.sns.subscription"):
        endpoint, protocol = _endpoint(planned, one, values["endpoint"]), values["protocol"]
        if f"//{HOST}/" in endpoint and not paging.services:
            protocol = "email"
        yield one, Subscription(
            values["topic"], protocol, endpoint, confirmed=True, raw=bool(values.get("raw")),
            filter=values.get("filter_policy"),
        )  # fmt: skip


def _endpoint(planned: Planned, one: Declaration, endpoint: str) -> str:
    """Return an endpoint; an integration of the plan gives an address with its name in place of its key."""
    target = whole(one.values["endpoint"])
    if target is None or target.address.type != "pagerduty.integration" or target.address not in planned.desired:
        return endpoint
    kind = planned.values(planned.desired[target.address]).get("kind", "events_api_v2")
    return inbound_address(kind + INBOUND, target.address.name)


def _alarms(planned: Planned) -> Iterator[tuple[Declaration, Source]]:
    """Yield the alarms that tell; one that scales or restarts something does not."""
    for one, values in planned.of("aws.cloudwatch.alarm"):
        tells = tuple(values.get("alarm_actions") or ())
        if all(":sns:" in arn for arn in tells):
            muted = "" if values.get("actions_enabled", True) else "its actions are disabled"
            yield one, Source("alarm", planned.arn(one), planned.region(one), tells, muted, values["namespace"])


def _rules(planned: Planned) -> Iterator[tuple[Declaration, Source]]:
    """Yield the rules on events that tell; one that starts work or writes a log does not."""
    for one, values in planned.of("aws.events.rule"):
        targets: list[Mapping[str, Any]] = list(values.get("targets") or ())
        tells = tuple(target["arn"] for target in targets if any(part in target["arn"] for part in TELLING))
        if values.get("pattern") and (tells or not targets):
            muted = "" if values.get("enabled", True) else "it is disabled"
            yield one, Source("rule", planned.arn(one), planned.region(one), tells, muted)


def _budgets(planned: Planned) -> Iterator[tuple[Declaration, Source]]:
    for one, values in planned.of("aws.budgets.budget"):
        told = [
            arn
            for notification in values.get("notifications") or ()
            for arn in (*(f"mailto:{email}" for email in notification["emails"]), *notification["topics"])
        ]
        name = planned.scope.arn("budgets", f"budget/{values['name']}", region="")
        yield one, Source("budget", name, planned.scope.region, tuple(dict.fromkeys(told)))


def _anomalies(planned: Planned) -> Iterator[tuple[Declaration, Source]]:
    """Yield the monitors of anomalies with all whom their subscriptions tell."""
    told: dict[str, list[str]] = {}
    made = {planned.arn(one): one for one, _ in planned.of("aws.ce.anomaly_monitor")}
    for one, values in planned.of("aws.ce.anomaly_subscription"):
        for arn in values["monitors"]:
            made.setdefault(arn, one)
            told.setdefault(arn, []).extend(f"mailto:{email}" for email in values.get("emails") or ())
            told[arn] += values.get("topics") or ()
    for arn, one in made.items():
        yield one, Source("anomaly", arn, planned.scope.region, tuple(dict.fromkeys(told.get(arn, ()))))
