"""Metrics of requests through Application Load Balancers: answers are kept by the minute, and summed up when looked at.

Only what is counted is told: there is no model of how long a target takes, so TargetResponseTime is absent.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from twin.world.behaviors import happens
from twin.world.behaviors.cloudwatch_alarms import look_at_alarms, watched_series
from twin.world.behaviors.cloudwatch_metrics import COUNTED, MINUTE, Series
from twin.world.behaviors.route53_endpoints import target_alive
from twin.world.delays import delay
from twin.world.scene import Scene
from twin.world.signals.samples import Sample, single
from twin.world.stores.moto_store import backends

NAMESPACE = "AWS/ApplicationELB"
FACTS = Path(__file__).parent / "data" / "load_balancer_metrics.json"
DELAY = "load_balancer_metrics.published"
KEPT, SUMS = "load_balancer.answers", "load_balancer.sums"
PER_TARGET = "RequestCountPerTarget"


class Answered(NamedTuple):
    """What a load balancer's node in a zone answered: `by` is the `target`, the `balancer` itself or a `rule` of it.

    `group` is the target group of which a target was chosen, "" where none was; `connected` tells whether that took
    the connection.
    """

    balancer: str
    zone: str
    group: str
    by: str
    status: str
    connected: bool


class Minute(NamedTuple):
    """The answers of a minute in a Region, by its beginning, and how many targets each group had then."""

    began: float
    counts: dict[Answered, int]
    targets: dict[str, int]


def answered(scene: Scene, account: str, began: float, counts: Mapping[Answered, int]) -> None:
    """Keep the answers of a minute that is over, by its beginning in seconds since 1970; alarms look at them later."""
    regions: dict[str, dict[Answered, int]] = {}
    for one, count in counts.items():
        if count:
            regions.setdefault(one.balancer.split(":")[3], {})[one] = count
    for region, part in regions.items():
        place = (account, region)
        groups = dict.fromkeys(one.group for one in part if one.group)
        minute = Minute(began, part, {arn: _targets(scene, place, arn) for arn in groups})
        scene.memory.setdefault(KEPT, {}).setdefault(place, []).append(minute)
        told = {series for one in part for series in counting(place, one)}
        if touched := sorted(watched_series(scene, place, NAMESPACE) & told):
            scene.after(scene.delay(DELAY), "load_balancer.metrics", told=touched)


@happens("load_balancer.metrics")
def published(scene: Scene, *, told: Iterable[Series]) -> None:
    """Have alarms look at the minutes of which is told now."""
    look_at_alarms(scene, {Series(*one) for one in told}, end=int(scene.now().timestamp() // MINUTE) * MINUTE)


def _summed(scene: Scene, series: Series) -> list[Sample]:
    """Return what a series has of the minutes of which has been told; each minute is summed up once."""
    kept: list[Minute] = scene.memory.get(KEPT, {}).get((series.account, series.region), [])
    sums: dict[Series, tuple[int, list[Sample]]] = scene.memory.setdefault(SUMS, {})
    read, found = sums.get(series, (0, []))
    last = scene.now().timestamp() - MINUTE - delay(DELAY).least
    seen = read
    while seen < len(kept) and kept[seen].began <= last:
        found.extend(_sample(series, kept[seen]))
        seen += 1
    if seen > read:
        found.sort()  # who counts in longer ticks tells earlier minutes later
        sums[series] = (seen, found)
    return found


COUNTED[NAMESPACE] = _summed


def counts_there(scene: Scene, series: Series) -> bool:
    """Tell whether anything was counted by the dimensions of a metric, which it can have."""
    kept: list[Minute] = scene.memory.get(KEPT, {}).get((series.account, series.region), [])
    names = [name for name, _ in series.dimensions]
    kinds = _facts()["dimensions"]
    if series.namespace != NAMESPACE or names not in kinds.get(_facts()["metrics"].get(series.metric), ()):
        return False
    place, asked = (series.account, series.region), series._replace(metric="RequestCount")
    return any(asked in counting(place, one) for minute in kept for one in minute.counts)


def _sample(series: Series, minute: Minute) -> Iterator[Sample]:
    place, count = (series.account, series.region), 0.0
    for one, number in minute.counts.items():
        if series in counting(place, one):
            count += number / minute.targets[one.group] if series.metric == PER_TARGET else number
    if count and series.metric == PER_TARGET:
        yield single(minute.began, count, "Count")
    elif count:
        yield Sample(minute.began, count, count, 1.0, 1.0, "Count")


@lru_cache(maxsize=4096)
def counting(place: tuple[str, str], one: Answered) -> frozenset[Series]:
    """Return the series in which an answer counts."""
    who, known = ("Target" if one.by == "target" else "ELB"), _facts()["metrics"]
    names = [f"HTTPCode_{who}_{one.status[0]}XX_Count"]
    if one.by != "target":
        names.append(f"HTTPCode_ELB_{one.status}_Count")
    if one.by == "rule":
        names.append("HTTP_Redirect_Count" if one.status.startswith("3") else "HTTP_Fixed_Response_Count")
    if one.group:
        names += ["RequestCount", PER_TARGET, *(() if one.connected else ("TargetConnectionErrorCount",))]
    return frozenset(series for name in names if name in known for series in _by_dimensions(place, name, one))


def _by_dimensions(place: tuple[str, str], metric: str, one: Answered) -> Iterator[Series]:
    values = {
        "AvailabilityZone": one.zone,
        "LoadBalancer": one.balancer.partition(":loadbalancer/")[2],
        "TargetGroup": one.group.rpartition(":")[2],
    }
    for names in _facts()["dimensions"][_facts()["metrics"][metric]]:
        if all(values[name] for name in names):
            yield Series(*place, NAMESPACE, metric, tuple((name, values[name]) for name in names))


def _targets(scene: Scene, place: tuple[str, str], arn: str) -> int:
    """Return the number of targets that requests to a group are sent to."""
    backend = backends("elbv2")[place[0]][place[1]]
    group = backend.target_groups.get(arn)
    if group is None:
        return 1
    return sum(target_alive(scene, backend, group, target=one) for one in group.targets) or len(group.targets) or 1


@cache
def _facts() -> Any:
    return json.loads(FACTS.read_text(encoding="utf-8"))
