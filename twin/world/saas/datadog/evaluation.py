"""Monitors look at their metrics each minute in which that can change anything, and tell of what changed.

https://docs.datadoghq.com/monitors/configuration/: metric monitors are evaluated once a minute; without
`require_full_window` a window needs one point; a recovery threshold holds an alert until it is passed. Nobody polls: an
evaluation is due in the minute after a point came, when a point leaves a window, and when its absence becomes no data.
"""

from twin.world.saas.datadog.queries import COMPARE, MonitorQuery, by_group, combined, monitor_query
from twin.world.saas.datadog.silence import silenced
from twin.world.saas.datadog.state import Organization, Record

TASK = "datadog.evaluation"
MINUTE = 60
NO_DATA = "No Data"
GRAVITY = ("OK", "Warn", NO_DATA, "Alert")


def arrived(org: Organization, metric: str, second: int) -> None:
    """Have the monitors of a metric evaluated when a point of it can matter."""
    for monitor in org.monitors.values():
        query = monitor_query(monitor["query"])
        if query.metric.metric == metric:
            _due(org, max(second, org.now()))
            _due(org, second + query.window + int(monitor["options"].get("evaluation_delay") or 0))
            if monitor["options"].get("notify_no_data"):
                _due(org, second + _no_data_after(monitor))


def created(org: Organization, monitor: Record) -> None:
    """Have a new monitor evaluated, with what there is already."""
    _due(org, org.now())
    query = monitor_query(monitor["query"])
    for (metric, _), points in org.series.items():
        if metric == query.metric.metric:
            for second in points:
                _due(org, max(second + query.window, org.now()))


def _no_data_after(monitor: Record) -> int:
    return int(monitor["options"].get("no_data_timeframe") or 10) * MINUTE


def _due(org: Organization, second: int) -> None:
    at = (second // MINUTE + 1) * MINUTE
    if at > org.now() and at not in org.due:
        org.due.add(at)
        org.agenda.after(at - org.agenda.now().timestamp(), TASK, at=at)


def evaluate(org: Organization, at: int) -> None:
    """Evaluate all monitors at a minute."""
    org.due.discard(at)
    for monitor in list(org.monitors.values()):
        look(org, monitor)


def look(org: Organization, monitor: Record) -> None:
    """Evaluate a monitor's groups now, and tell of those whose state changed."""
    query, now = monitor_query(monitor["query"]), org.now() - int(monitor["options"].get("evaluation_delay") or 0)
    points = by_group(query.metric, org.series, range(0, now + 1))
    groups: dict[str, Record] = monitor["state"]["groups"]
    for group in sorted({group for group, held in points.items() if held} | groups.keys()):
        held = groups.setdefault(group, {"name": group, "status": "OK"})
        within = [value for second, value in points.get(group, {}).items() if second > now - query.window]
        newest = max(points.get(group, {}), default=0)
        if within:
            state = _state(monitor, query, combined(query.time, within), before=held["status"])
        elif monitor["options"].get("notify_no_data") and now - newest >= _no_data_after(monitor):
            state = NO_DATA
        else:
            continue
        if state != held["status"]:
            _changed(org, monitor, held, state)
    states = [held["status"] for held in groups.values()] or [NO_DATA]
    monitor["overall_state"] = max(states, key=GRAVITY.index)


def _state(monitor: Record, query: MonitorQuery, value: float, *, before: str) -> str:
    compare, thresholds = COMPARE[query.op], monitor["options"].get("thresholds") or {}
    if compare(value, query.threshold):
        return "Alert"
    recovery = thresholds.get("critical_recovery")
    if before == "Alert" and recovery is not None and compare(value, recovery):
        return "Alert"
    warning = thresholds.get("warning")
    return "Warn" if warning is not None and compare(value, warning) else "OK"


def _changed(org: Organization, monitor: Record, held: Record, state: str) -> None:
    before, held["status"] = held["status"], state
    stamp = {"OK": "last_resolved_ts", NO_DATA: "last_nodata_ts"}.get(state, "last_triggered_ts")
    held[stamp] = org.now()
    muted = silenced(org, monitor, held["name"])
    facts = {"monitor": monitor["id"], "name": monitor["name"], "group": held["name"], "old": before, "new": state}
    org.tell("datadog.monitor.changed", **facts, muted=muted)
    if not muted:
        held["last_notified_ts"] = org.now()
        org.tell("datadog.monitor.notified", **facts, message=monitor["message"])
