"""Monitor queries: `avg(last_5m):sum:shop.errors{env:prod} by {host} > 5`, parsed and evaluated over points.

https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor (query types): an aggregation over a window, an
aggregation over series, a scope of tags that must all be there, groups, a comparison.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne

from twin.world.saas.datadog.errors import invalid

Points = Mapping[int, float]
UNITS = {"m": 60, "h": 3600, "d": 86400}
COMPARE: dict[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le, "==": eq, "!=": ne}
METRIC = re.compile(
    r"(?P<space>avg|sum|min|max):(?P<metric>[A-Za-z][\w.]*)\{(?P<scope>[^}]*)\}(?:\s*by\s*\{(?P<by>[^}]+)\})?"
)
MONITOR = re.compile(
    r"(?P<time>avg|sum|min|max|last)\(last_(?P<count>\d+)(?P<unit>[mhd])\):\s*(?P<rest>.+?)\s*"
    r"(?P<op>>=|<=|==|!=|>|<)\s*(?P<threshold>-?\d+(?:\.\d+)?)\s*$"
)


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """Which series, and how they are put together."""

    space: str
    metric: str
    scope: frozenset[str]
    by: tuple[str, ...] = ()

    def group(self, tags: Iterable[str]) -> str | None:
        """Return the group of a series (`*` without `by`); None for one that is out of scope or lacks a tag."""
        held = set(tags)
        if not self.scope <= held:
            return None
        if not self.by:
            return "*"
        found = [next((tag for tag in sorted(held) if tag.startswith(f"{name}:")), None) for name in self.by]
        return None if None in found else ",".join(str(tag) for tag in found)


@dataclass(frozen=True, slots=True)
class MonitorQuery:
    """A metric query over a window, and what its value is compared with."""

    time: str
    window: int
    metric: MetricQuery
    op: str
    threshold: float


def metric_query(text: str) -> MetricQuery:
    """Parse a query of series; what the twin does not evaluate is refused by name."""
    found = METRIC.fullmatch(text.strip())
    if found is None:
        raise invalid(f"The twin evaluates queries like sum:metric{{tag:value}} by {{tag}}, not {text.strip()}")
    scope = frozenset(one.strip() for one in found["scope"].split(",") if one.strip() not in ("", "*"))
    if any(one.startswith(("!", "$")) or "*" in one or " " in one for one in scope):
        raise invalid(f"The twin has no scope with negation, wildcards or operators: {{{found['scope']}}}")
    by = tuple(one.strip() for one in (found["by"] or "").split(",") if one.strip())
    return MetricQuery(found["space"], found["metric"], scope, by)


def monitor_query(text: str) -> MonitorQuery:
    """Parse a monitor's query."""
    found = MONITOR.fullmatch(text.strip())
    if found is None:
        raise invalid("The value provided for parameter 'query' is invalid")
    window = int(found["count"]) * UNITS[found["unit"]]
    return MonitorQuery(found["time"], window, metric_query(found["rest"]), found["op"], float(found["threshold"]))


def combined(kind: str, values: list[float]) -> float:
    """Put values together; ValueError for none."""
    if kind == "last":
        return values[-1]
    if kind == "avg":
        return sum(values) / len(values)
    return {"sum": sum, "min": min, "max": max}[kind](values)  # type: ignore[operator, no-any-return]


def by_group(query: MetricQuery, series: Mapping[tuple[str, frozenset[str]], Points], span: range) -> dict[str, Points]:
    """Return the points of each group within a span of seconds, series put together second by second."""
    found: dict[str, dict[int, list[float]]] = {}
    for (metric, tags), points in series.items():
        group = query.group(tags) if metric == query.metric else None
        if group is not None:
            held = found.setdefault(group, {})
            for second, value in points.items():
                if second in span:
                    held.setdefault(second, []).append(value)
    return {
        group: {second: combined(query.space, values) for second, values in sorted(points.items())}
        for group, points in sorted(found.items())
    }
