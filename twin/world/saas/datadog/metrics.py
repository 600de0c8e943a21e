"""Metrics come in and are asked for.

https://docs.datadoghq.com/api/latest/metrics/: a point is at most an hour old and ten minutes ahead.
"""

from typing import Any

from twin.wire import Response
from twin.world.saas.datadog.errors import invalid
from twin.world.saas.datadog.evaluation import arrived
from twin.world.saas.datadog.queries import by_group, metric_query
from twin.world.saas.datadog.state import ROUTER, Organization, Record, object_of
from twin.world.saas.router import Hit, json_response

OLDEST, NEWEST = 3600, 600
HOST = "host"


@ROUTER.route("GET", "/api/v1/validate")
def validate(org: Organization, hit: Hit) -> Response:
    """Say that the API key is one."""
    return json_response(200, {"valid": True})


@ROUTER.route("POST", "/api/v2/series")
def intake(org: Organization, hit: Hit) -> Response:
    """Take points."""
    for one in _series(hit):
        points = [(point.get("timestamp"), point.get("value")) for point in one["points"] if isinstance(point, dict)]
        hosts = [f"host:{held['name']}" for held in one.get("resources") or () if held.get("type") == HOST]
        _keep(org, one, points, hosts)
    return json_response(202, {"errors": []})


@ROUTER.route("POST", "/api/v1/series")
def intake_of_old(org: Organization, hit: Hit) -> Response:
    """Take points in the first version's shape: pairs, and the host by itself."""
    for one in _series(hit):
        points = [(point[0], point[1]) for point in one["points"] if isinstance(point, list) and len(point) == 2]
        _keep(org, one, points, [f"host:{one['host']}"] if one.get("host") else [])
    return json_response(202, {"status": "ok"}, {"Content-Type": "text/json"})


def _series(hit: Hit) -> list[Record]:
    series = object_of(hit).get("series")
    if not isinstance(series, list) or not series:
        raise invalid("Payload is not in the expected format: series is required")
    for one in series:
        if not isinstance(one, dict) or not isinstance(one.get("metric"), str) or not one["metric"]:
            raise invalid("Payload is not in the expected format: metric is required")
        if not isinstance(one.get("points"), list):
            raise invalid("Payload is not in the expected format: points is required")
    return series


def _keep(org: Organization, one: Record, points: list[tuple[Any, Any]], hosts: list[str]) -> None:
    tags = frozenset([*(one.get("tags") or ()), *hosts])
    kept = org.series.setdefault((one["metric"], tags), {})
    for second, value in points:
        if not isinstance(value, int | float) or not isinstance(second, int | float):
            raise invalid("Payload is not in the expected format: points are timestamps and values")
        if -OLDEST <= int(second) - org.now() <= NEWEST:
            kept[int(second)] = float(value)
            arrived(org, one["metric"], int(second))


@ROUTER.route("GET", "/api/v1/query")
def query(org: Organization, hit: Hit) -> Response:
    """Return the points of a query between two instants, by group."""
    try:
        begin, end = int(hit.query["from"]), int(hit.query["to"])
    except (KeyError, ValueError) as broken:
        raise invalid("The parameters 'from' and 'to' are required") from broken
    asked = metric_query(hit.query.get("query", ""))
    told = [
        {
            "metric": asked.metric,
            "display_name": asked.metric,
            "expression": hit.query["query"],
            "scope": group,
            "tag_set": [] if group == "*" else group.split(","),
            "aggr": asked.space,
            "start": begin * 1000,
            "end": end * 1000,
            "length": len(points),
            "pointlist": [[second * 1000.0, value] for second, value in points.items()],
        }
        for group, points in by_group(asked, org.series, range(begin, end + 1)).items()
        if points
    ]
    head = {"status": "ok", "res_type": "time_series", "query": hit.query["query"], "group_by": list(asked.by)}
    return json_response(200, head | {"from_date": begin * 1000, "to_date": end * 1000, "series": told, "message": ""})
