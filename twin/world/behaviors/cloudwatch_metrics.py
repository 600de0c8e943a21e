"""CloudWatch metrics: what was told, what services hold level, and the statistics that are asked about them.

Data of customers stay in the store; a service's steady metric (`hold_metric`) is a level that stands until it changes,
of which there is one sample a minute, so that nothing runs while nothing changes. What a service counts by the minute
it sums up when somebody looks (`COUNTED`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any, NamedTuple

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.scene import Scene
from twin.world.signals.metric_math import Line, UnknownMath, work_out
from twin.world.signals.samples import SIMPLE, Sample, known_statistic, single, statistic

PROVIDES = {"metrics": "CloudWatch keeps data by the clock and answers statistics, percentiles included."}
LEVELS = "cloudwatch.levels"
COMPUTED: dict[str, Callable[[Scene, "Series"], Iterable[Sample]]] = {}
"""Namespaces whose data a behavior works out when somebody looks."""
COUNTED: dict[str, Callable[[Scene, "Series"], list[Sample]]] = {}
"""Namespaces of which a behavior keeps what was counted in each minute, in order of time."""
LONGEST_ANSWER = 1440
MINUTE = 60


class Series(NamedTuple):
    """One metric: its namespace, its name and all of its dimensions, in one Region of an account."""

    account: str
    region: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]


def series_of(account: str, region: str, told: Mapping[str, Any]) -> Series:
    """Return the series that `Namespace`, `MetricName` and `Dimensions` name."""
    dimensions = tuple(sorted((d["Name"], d["Value"]) for d in told.get("Dimensions") or ()))
    return Series(account, region, told.get("Namespace") or "", told.get("MetricName") or "", dimensions)


def publish_metric(scene: Scene, series: Series, value: float, *, unit: str = "None") -> None:
    """Tell one value of a service's own metric, now."""
    backend = scene.state("cloudwatch", series.account, series.region)
    dimensions = [{"Name": name, "Value": kept} for name, kept in series.dimensions]
    datum = {"MetricName": series.metric, "Dimensions": dimensions, "Value": value, "Unit": unit}
    backend.put_metric_data(series.namespace, [{**datum, "Timestamp": scene.now()}])
    scene.emit("cloudwatch.metric.changed", **series._asdict())


def hold_metric(scene: Scene, series: Series, value: float | None, *, unit: str = "None") -> None:
    """Hold a service's steady metric at a value from now on, told once a minute; None ends it."""
    held = scene.memory.setdefault(LEVELS, {}).setdefault(series, [])
    if held and held[-1][1] == value:
        return
    held.append((scene.now().timestamp(), value, unit))
    scene.emit("cloudwatch.metric.changed", **series._asdict())


def samples(scene: Scene, series: Series, start: float, *, end: float) -> list[Sample]:
    """Return the samples of a series in [start, end), in order of time; a level is taken to stand until `end`."""
    parts = [_within(kept, start, end) for kept in (_indexed(scene, series), _counted(scene, series))]
    levels = scene.memory.get(LEVELS, {}).get(series)
    parts = [part for part in (*parts, list(_level_samples(levels, start, end)) if levels else []) if part]
    return parts[0] if len(parts) == 1 else sorted((one for part in parts for one in part), key=_time)


def _within(kept: list[Sample], start: float, end: float) -> list[Sample]:
    return kept[bisect_left(kept, start, key=_time) : bisect_left(kept, end, key=_time)]


def _counted(scene: Scene, series: Series) -> list[Sample]:
    counted = COUNTED.get(series.namespace)
    return counted(scene, series) if counted is not None else []


def _time(sample: Sample) -> float:
    return sample.time


def changes(scene: Scene, series: Series, after: float) -> list[float]:
    """Return the instants after `after` at which the series got data, or its level changed."""
    both = (_indexed(scene, series), _counted(scene, series))
    found = [sample.time for kept in both for sample in kept[bisect_left(kept, after, key=_time) :]]
    levels = scene.memory.get(LEVELS, {}).get(series, [])
    return found + [time for time, _, _ in levels[bisect_right(levels, after, key=lambda level: level[0]) :]]


def _level_samples(levels: list[tuple[float, float | None, str]], start: float, end: float) -> Iterable[Sample]:
    before = bisect_right(levels, start, key=lambda level: level[0]) - 1
    levels = levels[max(before, 0) : bisect_left(levels, end, key=lambda level: level[0])]
    ends = [time for time, _, _ in levels[1:]] + [end] * bool(levels)
    for (since, value, unit), until in zip(levels, ends, strict=True):
        if value is None:
            continue
        first, last = max(since, start), min(until, end)
        if since >= start and since < last:
            yield single(since, value, unit)
        minute = ceil(first / MINUTE) * MINUTE
        while minute < last:
            if minute != since:
                yield single(float(minute), value, unit)
            minute += MINUTE


def _indexed(scene: Scene, series: Series) -> list[Sample]:
    """Return the samples that the store has of a series, sorted; the store has one list of all data, read once."""
    backend = scene.state("cloudwatch", series.account, series.region)
    seen, index = vars(backend).setdefault("twin_index", (0, {}))
    if seen != len(backend.metric_data):
        touched = set()
        for datum in backend.metric_data[seen:]:
            key = (datum.namespace, datum.name, tuple(sorted((d.name, d.value) for d in datum.dimensions)))
            index.setdefault(key, []).append(_sample(datum))
            touched.add(key)
        for key in touched:
            index[key].sort(key=_time)
        backend.twin_index = (len(backend.metric_data), index)
    found: list[Sample] = index.get((series.namespace, series.metric, series.dimensions), [])
    if series.namespace == "AWS/S3":
        found = sorted([*found, *_store_metrics(backend, series)], key=_time)
    if series.namespace in COMPUTED:
        found = sorted([*found, *COMPUTED[series.namespace](scene, series)], key=_time)
    return found


def _store_metrics(backend: Any, series: Series) -> Iterable[Sample]:
    # The store works out a few services' metrics (the size of buckets) when asked.
    for datum in backend.aws_metric_data:
        if datum.filter(series.namespace, series.metric, [{"Name": n, "Value": v} for n, v in series.dimensions]):
            yield _sample(datum)


def _sample(datum: Any) -> Sample:
    time = datum.timestamp
    if isinstance(time, str):
        time = datetime.fromisoformat(time)
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    if hasattr(datum, "value"):
        return single(seconds, datum.value, datum.unit)
    return Sample(seconds, datum.sample_count, datum.sum, datum.min, datum.max, datum.unit)


def with_unit(found: list[Sample], unit: str | None) -> list[Sample]:
    """Return the samples of a unit; all when none is wanted. A sample without unit has the unit None."""
    return found if not unit else [sample for sample in found if (sample.unit or "None") == unit]


@answers("cloudwatch", "GetMetricStatistics")
def statistics_of(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the statistics of one metric, per period that has data."""
    told, call = asked.parameters, asked.call
    names = [*told.get("Statistics", ()), *told.get("ExtendedStatistics", ())]
    if not names:
        raise AwsError("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
    start, end, period = _window(told["StartTime"], told["EndTime"], int(told["Period"]))
    if start >= end:
        raise AwsError("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.")
    if (end - start) / period > LONGEST_ANSWER:
        raise AwsError(
            "InvalidParameterCombination",
            f"You have requested up to {ceil((end - start) / period)} datapoints, which exceeds the limit of "
            f"{LONGEST_ANSWER}. You may reduce the datapoints requested by increasing Period, or decreasing the time "
            "range.",
        )
    until = min(end, scene.now().timestamp() + 1)
    found = with_unit(samples(scene, series_of(call.account, call.region, told), start, end=until), told.get("Unit"))
    points = []
    for at, group in _grouped(found, start, period):
        values = {name: statistic(group, _known(name)) for name in names}
        point: dict[str, Any] = {"Timestamp": datetime.fromtimestamp(at, UTC), "Unit": group[0].unit or "None"}
        point |= {name: value for name, value in values.items() if name in SIMPLE and value is not None}
        extended = {name: value for name, value in values.items() if name not in SIMPLE and value is not None}
        points.append(point | ({"ExtendedStatistics": extended} if extended else {}))
    return {"Label": told["MetricName"], "Datapoints": points}


@answers("cloudwatch", "GetMetricData")
def data_of(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Tell the data of metrics, and what metric math makes of them; queries of Metrics Insights are refused by name."""
    told = asked.parameters
    queries = told["MetricDataQueries"]
    if any(str(query.get("Expression", "")).lstrip().upper().startswith(("SELECT", "SEARCH")) for query in queries):
        raise _lacking("Metrics Insights and SEARCH")
    if told["StartTime"] >= told["EndTime"]:
        raise AwsError("ValidationError", "The parameter EndTime must be greater than StartTime.")
    measured: dict[str, Line] = {}
    made: dict[str, Line] = {}
    labels: dict[str, str] = {}
    for query in sorted(queries, key=lambda query: "MetricStat" not in query):
        if "MetricStat" in query:
            labels[query["Id"]], measured[query["Id"]] = _queried(asked, scene, query["MetricStat"])
        else:
            labels[query["Id"]], made[query["Id"]] = query["Id"], _worked_out(query["Expression"], measured, made)
    lines = measured | made
    latest_first = (told.get("ScanBy") or "TimestampDescending") == "TimestampDescending"
    results = []
    for query in queries:
        if query.get("ReturnData", True):
            points = sorted(lines[query["Id"]].items(), reverse=latest_first)
            result = {"Id": query["Id"], "Label": query.get("Label") or labels[query["Id"]], "StatusCode": "Complete"}
            result["Timestamps"] = [datetime.fromtimestamp(at, UTC) for at, _ in points]
            results.append(result | {"Values": [value for _, value in points]})
    return {"MetricDataResults": results, "Messages": []}


def _worked_out(expression: str, measured: Mapping[str, Line], made: Mapping[str, Line]) -> Line:
    try:
        return work_out(expression, measured, made)
    except UnknownMath as wrong:
        raise _lacking(f"this metric math: {wrong}") from wrong


def _lacking(what: str) -> AwsError:
    return AwsError("TwinUnsupportedOperation", f"The twin does not work out {what} (cloudwatch:GetMetricData).")


def _queried(asked: Asked, scene: Scene, stat: Mapping[str, Any]) -> tuple[str, Line]:
    """Return a metric's label and its values by the beginning of their periods."""
    told = asked.parameters
    name, period = _known(stat["Stat"]), int(stat["Period"])
    start, end, period = _window(told["StartTime"], told["EndTime"], period)
    series = series_of(asked.call.account, asked.call.region, stat["Metric"])
    until = min(end, scene.now().timestamp() + 1)
    found = with_unit(samples(scene, series, start, end=until), stat.get("Unit"))
    points = ((at, statistic(group, name)) for at, group in _grouped(found, start, period))
    return series.metric, {at: value for at, value in points if value is not None}


def _known(name: str) -> str:
    if not known_statistic(name):
        raise AwsError("TwinUnsupportedOperation", f"The twin does not work out the statistic {name}.")
    return name


def _window(start: datetime, end: datetime, period: int) -> tuple[float, float, int]:
    """Return the range with its start rounded down to the period, as CloudWatch does."""
    if period < 1 or (period >= MINUTE and period % MINUTE):
        raise AwsError("InvalidParameterValue", "The parameter Period must be a multiple of 60.")
    first = (start if start.tzinfo else start.replace(tzinfo=UTC)).timestamp()
    last = (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp()
    return first - first % period, last, period


def _grouped(found: list[Sample], start: float, period: int) -> list[tuple[float, list[Sample]]]:
    groups: dict[float, list[Sample]] = {}
    for sample in found:
        groups.setdefault(start + (sample.time - start) // period * period, []).append(sample)
    return sorted(groups.items())
