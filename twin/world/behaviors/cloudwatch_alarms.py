"""CloudWatch alarms evaluate on the clock: at the next full minute after data came, and then when it would show.

What a metric alarm will be without new data is known in advance, so the next look is put on the agenda for the first
minute at which the state would change; when it would not, nothing is.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens, watches
from twin.world.behaviors.cloudwatch_actions import check_actions, scale_on, scaling
from twin.world.behaviors.cloudwatch_metrics import LEVELS, Series, changes, samples, series_of, with_unit
from twin.world.behaviors.cloudwatch_states import Name, change_state, find_alarm, note_written
from twin.world.delays import delay
from twin.world.scene import Happening, Scene
from twin.world.signals.alarm_math import Math, check_math
from twin.world.signals.alarm_reason import Point, reason_data, reason_of
from twin.world.signals.alarm_state import COMPARISONS, State, alarm_state
from twin.world.signals.metric_math import Line
from twin.world.signals.samples import known_statistic, statistic

PROVIDES = {"alarms": "CloudWatch alarms evaluate on the clock and act: SNS, Auto Scaling policies, EventBridge."}
DUE = "cloudwatch.due"
LAG = "cloudwatch.evaluation_lag"
MINUTE = 60
# Assumed: the documentation says only that the range is longer than the evaluation periods, and shows 5 for 3.
FURTHER = 2
LOOKED_AHEAD = 64


class Watched(NamedTuple):
    """What a metric alarm looks at; of several, `id` is by what name the math of the first calls it."""

    series: Series
    statistic: str
    period: int
    unit: str | None
    id: str = ""
    others: tuple["Watched", ...] = ()
    math: Math | None = None

    @property
    def every(self) -> "tuple[Watched, ...]":
        """All that is looked at, the first included."""
        return (self, *self.others)

    @property
    def tick(self) -> int:
        """Seconds from one evaluation to the next."""
        return min(self.period, MINUTE)


def watched(alarm: Any, name: Name) -> Watched:
    """Return what an alarm looks at, told directly or as its one metric of `Metrics`."""
    if alarm.metric_name:
        told = {"Namespace": alarm.namespace, "MetricName": alarm.metric_name}
        told["Dimensions"] = [{"Name": d.name, "Value": d.value} for d in alarm.dimensions]
        kept = alarm.statistic or alarm.extended_statistic
        return Watched(series_of(name.account, name.region, told), kept, int(alarm.period), alarm.unit)
    queries = alarm.metric_data_queries
    first, *others = (_watched_by(query, name) for query in queries if query.metric_stat is not None)
    steps = tuple((query.id, query.expression) for query in queries if query.metric_stat is None)
    returned = next((query.id for query in queries if query.return_data is not False), queries[0].id)
    return first._replace(others=tuple(others), math=Math(steps, returned) if steps else None)


def _watched_by(query: Any, name: Name) -> Watched:
    stat = query.metric_stat
    told = {"Namespace": stat.metric.namespace, "MetricName": stat.metric.metric_name}
    told["Dimensions"] = [{"Name": d.name, "Value": d.value} for d in stat.metric.dimensions]
    return Watched(series_of(name.account, name.region, told), stat.stat, int(stat.period), stat.unit, query.id)


@answers("cloudwatch", "PutMetricAlarm")
def refuse_alarm(asked: Asked, scene: Scene) -> None:
    """Refuse what CloudWatch refuses, and by name what the twin cannot evaluate."""
    told = asked.parameters
    metrics = told.get("Metrics") or ()
    if told.get("ThresholdMetricId"):
        raise _lacking("anomaly detection bands")
    check_math(metrics)
    if told.get("EvaluateLowSampleCountPercentile") == "ignore":
        raise _lacking("EvaluateLowSampleCountPercentile=ignore")
    measured = [metric["MetricStat"]["Stat"] for metric in metrics if "MetricStat" in metric]
    for kept in measured or [told.get("Statistic") or told.get("ExtendedStatistic")]:
        if kept and not known_statistic(kept):
            raise _lacking(f"the statistic {kept}")
    if told["ComparisonOperator"] not in COMPARISONS:
        raise _lacking(f"the comparison {told['ComparisonOperator']}")
    _check_periods(told)
    check_actions(told, "cloudwatch:PutMetricAlarm")


def _check_periods(told: dict[str, Any]) -> None:
    last, needed = int(told.get("EvaluationPeriods") or 0), told.get("DatapointsToAlarm")
    if last < 1:
        raise AwsError("ValidationError", "EvaluationPeriods must be at least 1.")
    if needed is not None and not 1 <= int(needed) <= last:
        raise AwsError(
            "ValidationError", f"DatapointsToAlarm must be between 1 and EvaluationPeriods ({last}), inclusive."
        )
    period = told.get("Period")
    if period is not None and int(period) not in (10, 20, 30) and (int(period) < 1 or int(period) % MINUTE):
        raise AwsError("ValidationError", "Period must be 10, 20, 30 or a multiple of 60.")


def _lacking(what: str) -> AwsError:
    return AwsError("TwinUnsupportedOperation", f"The twin does not evaluate {what} (cloudwatch:PutMetricAlarm).")


@follows("cloudwatch", "PutMetricAlarm")
def written(done: Done, scene: Scene) -> None:
    """Note the new configuration, and evaluate it at the next full minute."""
    name = Name(done.call.account, done.call.region, done.parameters["AlarmName"])
    fresh = name not in scene.memory.setdefault("cloudwatch.known", set())
    scene.memory["cloudwatch.known"].add(name)
    note_written(scene, name, "Create" if fresh else "Update")
    evaluate_soon(scene, name)


@follows("cloudwatch", "DeleteAlarms")
def deleted(done: Done, scene: Scene) -> None:
    """Note that alarms are gone; what was to be looked at finds none."""
    for alarm in done.parameters.get("AlarmNames", ()):
        name = Name(done.call.account, done.call.region, alarm)
        if name in scene.memory.get("cloudwatch.known", ()):
            scene.memory["cloudwatch.known"].discard(name)
            note_written(scene, name, "Delete")


@follows("cloudwatch", "SetAlarmState")
def set_state(done: Done, scene: Scene) -> None:
    """Put an alarm in a state, which acts; a metric alarm is evaluated again at the next full minute."""
    told = done.parameters
    name = Name(done.call.account, done.call.region, told["AlarmName"])
    change_state(scene, name, told["StateValue"], reason=told["StateReason"], data=told.get("StateReasonData") or "")
    if find_alarm(scene, name).rule is None:
        evaluate_soon(scene, name)


@follows("cloudwatch", "PutMetricData")
def data_came(done: Done, scene: Scene) -> None:
    """Evaluate the alarms on the metrics that got data."""
    told, call = done.parameters, done.call
    metrics = told.get("MetricData") or ()
    entities = (datum for group in told.get("EntityMetricData") or () for datum in group.get("MetricData") or ())
    look_at_alarms(
        scene,
        {
            series_of(call.account, call.region, {**datum, "Namespace": told["Namespace"]})
            for datum in (*metrics, *entities)
        },
    )


@watches("cloudwatch.metric.changed")
def metric_changed(scene: Scene, happening: Happening) -> None:
    """Evaluate the alarms on a metric that a service tells."""
    told = happening.facts
    series = Series(told["account"], told["region"], told["namespace"], told["metric"], told["dimensions"])
    look_at_alarms(scene, {series})


def look_at_alarms(scene: Scene, metrics: set[Series], *, end: int | None = None) -> None:
    """Evaluate the alarms on some metrics after the end of the present minute, or of one that is over already."""
    places = {(series.account, series.region) for series in metrics}
    for account, region in sorted(places):
        for alarm in list(scene.state("cloudwatch", account, region).alarms.values()):
            name = Name(account, region, alarm.name)
            if alarm.rule is not None or metrics.isdisjoint(one.series for one in watched(alarm, name).every):
                continue
            if end is None:
                evaluate_soon(scene, name)
            else:
                _look_at(scene, name, end)


def watched_series(scene: Scene, place: tuple[str, str], namespace: str) -> set[Series]:
    """Return the series of a namespace that alarms of an account look at in a Region."""
    found: set[Series] = set()
    for alarm in scene.state("cloudwatch", *place).alarms.values():
        if alarm.namespace == namespace or alarm.metric_data_queries:
            looked = watched(alarm, Name(*place, alarm.name)).every
            found.update(one.series for one in looked if one.series.namespace == namespace)
    return found


def evaluate_soon(scene: Scene, name: Name) -> None:
    """Evaluate a metric alarm after the end of the present minute."""
    tick = watched(find_alarm(scene, name), name).tick
    _look_at(scene, name, int(scene.now().timestamp() // tick + 1) * tick)


def _look_at(scene: Scene, name: Name, end: int) -> None:
    due = scene.memory.setdefault(DUE, {})
    if name in due:
        number, before = due[name]
        if before <= end:
            return
        scene.agenda.cancel(number)
    time = datetime.fromtimestamp(end + delay(LAG).least, UTC)
    due[name] = (scene.agenda.at(time, "cloudwatch.evaluate", name=name, end=end), end)


@happens("cloudwatch.evaluate")
def evaluate(scene: Scene, *, name: Name, end: int) -> None:
    """Evaluate an alarm over the periods before `end`, and find out when to look next."""
    name = Name(*name)
    scene.memory[DUE].pop(name, None)
    alarm = find_alarm(scene, name)
    if alarm is None or alarm.rule is not None:
        return
    looked = watched(alarm, name)
    points = _points(scene, alarm, looked, end=end)
    state = _judge(alarm, points)
    alarm.twin_measured = next((point.value for point in reversed(points) if point.value is not None), None)
    if state == alarm.state_value:
        again = scale_on(scene, alarm, place=(name.account, name.region))
    else:
        reason = reason_of(alarm, points, state)
        told = reason_data(alarm, points, now=scene.now(), period=looked.period, statistic=looked.statistic)
        change_state(scene, name, state, reason=reason, data=told)
        again = bool(scaling(alarm))
    if again:
        _look_at(scene, name, end + MINUTE)
    for number, tick in enumerate(islice(_candidates(scene, alarm, looked, end=end), LOOKED_AHEAD), 1):
        ahead = _judge(alarm, _points(scene, alarm, looked, end=tick))
        if ahead != alarm.state_value or number == LOOKED_AHEAD:
            _look_at(scene, name, tick)
            return


def _points(scene: Scene, alarm: Any, looked: Watched, *, end: int) -> list[Point]:
    """Return the points of the evaluation range that ends at `end`, oldest first."""
    span = int(alarm.evaluation_periods) + FURTHER
    start = end - span * looked.period
    lines: dict[str, Line] = {}
    sizes: dict[float, float] = {}
    for one in looked.every:
        groups: list[list[Any]] = [[] for _ in range(span)]
        for sample in with_unit(samples(scene, one.series, start, end=end), one.unit):
            groups[int((sample.time - start) // looked.period)].append(sample)
        starts = [float(start + number * looked.period) for number in range(span)]
        measured = {at: statistic(group, one.statistic) for at, group in zip(starts, groups, strict=True)}
        lines[one.id] = {at: value for at, value in measured.items() if value is not None}
        for at, group in zip(starts, groups, strict=True):
            sizes[at] = sizes.get(at, 0) + sum(s.size for s in group)
    line = looked.math.line(lines) if looked.math is not None else lines[looked.id]
    test, _ = COMPARISONS[alarm.comparison_operator]
    told = ((at, line.get(at)) for at in sizes)
    return [Point(at, v, sizes[at], None if v is None else test(v, float(alarm.threshold))) for at, v in told]


def _judge(alarm: Any, points: list[Point]) -> State:
    last = int(alarm.evaluation_periods)
    missing = alarm.treat_missing_data or "missing"
    if alarm.namespace == "AWS/DynamoDB":
        missing = "ignore"
    return alarm_state(
        [point.breaching for point in points],
        last=last,
        needed=int(alarm.datapoints_to_alarm or last),
        missing=missing,
        now=alarm.state_value,
    )


def _candidates(scene: Scene, alarm: Any, looked: Watched, *, end: int) -> Iterator[int]:
    """Yield the evaluations after `end` at which a point can differ from the evaluation before, in order."""
    span = int(alarm.evaluation_periods) + FURTHER
    tick, period = looked.tick, looked.period
    moments = {time for one in looked.every for time in changes(scene, one.series, end - span * period)}
    entered = {int(time // tick + 1) * tick for time in moments}
    held = any(one.series in scene.memory.get(LEVELS, {}) for one in looked.every)
    steps = range(0, (span + 1) * period, tick if held else period)
    before = end
    for candidate in merge(*((base + step for step in steps) for base in sorted(entered))):
        if candidate > before:
            before = candidate
            yield candidate
