"""AWS/Billing EstimatedCharges in us-east-1: the month's charges so far, told a few times a day, some hours late."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from twin.semantics.pricing.months import month_start
from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens
from twin.world.behaviors.cloudwatch_metrics import COMPUTED, Series
from twin.world.delays import delay
from twin.world.metering.bills import first_used, known_until, to_date
from twin.world.scene import Scene
from twin.world.signals.samples import Sample, single

PROVIDES = {"billing-metric": "CloudWatch is told the estimated charges, in us-east-1, a few times a day."}
NAMESPACE, METRIC, REGION = "AWS/Billing", "EstimatedCharges", "us-east-1"
PUBLISHED = "billing.published"
PLANNED = "billing.planned"
ALL = ""


class Told(NamedTuple):
    """What was told at an instant: charges by service's code, and of all."""

    time: float
    charges: dict[str, float]


def _period() -> int:
    return int(delay("billing.metric_period").least)


def _published(scene: Scene, account: str) -> list[Told]:
    """Return all that was told of an account so far; what was told once never changes."""
    told: list[Told] = scene.memory.setdefault(PUBLISHED, {}).setdefault(account, [])
    period, now = _period(), scene.now().timestamp()
    began = first_used(scene, account)
    if began is None:
        return told
    first = began.timestamp()
    time = told[-1].time + period if told else (first // period + 1) * period
    while time <= now:
        told.append(Told(time, _charges(scene, account, datetime.fromtimestamp(time, UTC))))
        time += period
    return told


def _charges(scene: Scene, account: str, at: datetime) -> dict[str, float]:
    until = known_until(at)
    if until <= month_start(at):
        return {ALL: 0.0}
    found: dict[str, float] = {ALL: 0.0}
    for charge in to_date(scene, account, until).charges:
        code = scene.prices.services[charge.where.service].code
        found[code] = found.get(code, 0.0) + float(charge.net)
        found[ALL] += float(charge.net)
    return {name: round(amount, 2) for name, amount in found.items()}


def _samples(scene: Scene, series: Series) -> Iterator[Sample]:
    dimensions = dict(series.dimensions)
    if series.region != REGION or series.metric != METRIC or dimensions.get("Currency") != "USD":
        return
    if dimensions.keys() - {"Currency", "ServiceName"}:
        return
    name = dimensions.get("ServiceName", ALL)
    for told in _published(scene, series.account):
        if name in told.charges:
            yield single(told.time, told.charges[name], "None")


COMPUTED[NAMESPACE] = _samples


@follows("cloudwatch", "PutMetricAlarm")
def watched(done: Done, scene: Scene) -> None:
    """Have the charges told when somebody watches them; elsewhere than in us-east-1 nobody tells."""
    told = done.parameters
    stats = [metric["MetricStat"] for metric in told.get("Metrics") or () if "MetricStat" in metric]
    namespaces = {told.get("Namespace"), *(stat["Metric"].get("Namespace") for stat in stats)}
    if NAMESPACE in namespaces and done.call.region == REGION:
        _plan(scene, done.call.account)


def _plan(scene: Scene, account: str) -> None:
    planned = scene.memory.setdefault(PLANNED, set())
    if account not in planned:
        planned.add(account)
        period, now = _period(), scene.now()
        next_ = datetime.fromtimestamp((now.timestamp() // period + 1) * period, UTC)
        scene.after((next_ - now) / timedelta(seconds=1), "billing.publish", account=account)


@happens("billing.publish")
def publish(scene: Scene, *, account: str) -> None:
    """Tell the charges to those alarms that watch them, as long as any does."""
    scene.memory[PLANNED].discard(account)
    alarms = scene.state("cloudwatch", account, REGION).alarms.values()
    watching = set()
    for alarm in alarms:
        if alarm.rule is None and alarm.namespace == NAMESPACE:
            watching.add(tuple(sorted((d.name, d.value) for d in alarm.dimensions)))
        for query in alarm.metric_data_queries or ():
            if query.metric_stat is not None and query.metric_stat.metric.namespace == NAMESPACE:
                watching.add(tuple(sorted((d.name, d.value) for d in query.metric_stat.metric.dimensions)))
    for dimensions in sorted(watching):
        series = Series(account, REGION, NAMESPACE, METRIC, dimensions)
        scene.emit("cloudwatch.metric.changed", **series._asdict())
    if watching:
        _plan(scene, account)
