"""Monitors: made, changed, muted, deleted.

https://docs.datadoghq.com/api/latest/monitors/
"""

from collections import Counter
from collections.abc import Iterable

from twin.wire import Response
from twin.world.saas.datadog.downtimes import shown_downtime
from twin.world.saas.datadog.errors import invalid, not_found
from twin.world.saas.datadog.evaluation import created
from twin.world.saas.datadog.monitor_options import check_monitor, check_options
from twin.world.saas.datadog.queries import COMPARE, monitor_query
from twin.world.saas.datadog.state import ROUTER, Organization, Record, object_of
from twin.world.saas.router import Hit, json_response

EVALUATED = ("metric alert", "query alert")
ORDERED = (">", ">=", "<", "<=")
FIELDS = ("name", "message", "tags", "query", "priority")
MONITOR = "/api/v1/monitor"
# https://docs.datadoghq.com/api/latest/monitors/: the sizes of a page where none is asked for.
PAGE, FOUND = 100, 30


def _checked(body: Record) -> None:
    for name in ("type", "query"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise invalid(f"The value provided for parameter '{name}' is invalid")
    if body["type"] not in EVALUATED:
        raise invalid(f"The twin evaluates monitors of the types {', '.join(EVALUATED)}, not {body['type']}")
    query, options = monitor_query(body["query"]), body.get("options") or {}
    check_monitor(body)
    check_options(options)
    critical = (options.get("thresholds") or {}).get("critical")
    if critical is not None and float(critical) != query.threshold:
        raise invalid(f"Alert threshold ({critical}) does not match that used in the query ({query.threshold:g})")
    warning = (options.get("thresholds") or {}).get("warning")
    if warning is not None and query.op in ORDERED and COMPARE[query.op](float(warning), query.threshold):
        raise invalid(f"Warning threshold ({warning}) must be reached before the alert threshold ({query.threshold:g})")
    priority = body.get("priority")
    if priority is not None and (not isinstance(priority, int) or priority not in range(1, 6)):
        raise invalid("The value provided for parameter 'priority' is invalid")


def _monitor(org: Organization, hit: Hit) -> Record:
    key = hit.path["key"]
    if not key.isdecimal() or int(key) not in org.monitors:
        raise not_found("Monitor")
    return org.monitors[int(key)]


@ROUTER.route("POST", MONITOR)
def create_monitor(org: Organization, hit: Hit) -> Response:
    """Create a monitor."""
    body = object_of(hit)
    _checked(body)
    query = monitor_query(body["query"])
    monitor: Record = {"id": org.new_id(), "name": body.get("name") or body["query"], "type": "query alert"}
    monitor |= {"message": body.get("message") or "", "tags": body.get("tags") or [], "query": body["query"]}
    options = {"notify_no_data": False, "silenced": {}, "notify_audit": False, **(body.get("options") or {})}
    options["thresholds"] = {"critical": query.threshold, **(options.get("thresholds") or {})}
    monitor |= {"options": options, "multi": bool(query.metric.by), "priority": body.get("priority")}
    monitor |= {"created": org.instant(), "modified": org.instant(), "deleted": None}
    org.monitors[monitor["id"]] = monitor | {"overall_state": "No Data", "state": {"groups": {}}}
    created(org, org.monitors[monitor["id"]])
    return json_response(200, org.monitors[monitor["id"]])


@ROUTER.route("POST", f"{MONITOR}/validate")
def validate_monitor(org: Organization, hit: Hit) -> Response:
    """Say whether a monitor could be created."""
    _checked(object_of(hit))
    return json_response(200, {})


@ROUTER.route("GET", MONITOR)
def list_monitors(org: Organization, hit: Hit) -> Response:
    """List monitors by name, tags and scope, by pages or from an id on."""
    name, tags = hit.query.get("name", "").lower(), set(filter(None, hit.query.get("monitor_tags", "").split(",")))
    rows = [one for one in org.monitors.values() if name in one["name"].lower() and tags <= set(one["tags"])]
    scope = set(filter(None, hit.query.get("tags", "").split(",")))
    rows = [one for one in rows if not scope or scope <= monitor_query(one["query"]).metric.scope]
    if "id_offset" in hit.query:
        rows = sorted((one for one in rows if one["id"] > _number(hit, "id_offset", 0)), key=lambda one: int(one["id"]))
    if "page_size" in hit.query or "page" in hit.query:
        start, size = _number(hit, "page", 0), _number(hit, "page_size", PAGE)
        rows = rows[start * size : start * size + size]
    return json_response(200, rows)


def _number(hit: Hit, name: str, default: int) -> int:
    given = hit.query.get(name, "") or str(default)
    if not given.isdecimal():
        raise invalid(f"The value provided for parameter '{name}' is invalid")
    return int(given)


@ROUTER.route("GET", f"{MONITOR}/<key>")
def get_monitor(org: Organization, hit: Hit) -> Response:
    """Return one monitor; its groups' states when they are asked for."""
    found = _monitor(org, hit)
    asked = "group_states" in hit.query
    return json_response(200, {name: value for name, value in found.items() if name != "state" or asked})


@ROUTER.route("PUT", f"{MONITOR}/<key>")
def update_monitor(org: Organization, hit: Hit) -> Response:
    """Change a monitor; options that are not sent stay."""
    monitor, body = _monitor(org, hit), object_of(hit)
    options = {**monitor["options"], **(body.get("options") or {})}
    if "query" in body and "thresholds" not in (body.get("options") or {}):
        options["thresholds"] = {"critical": monitor_query(body["query"]).threshold}
    _checked({**monitor, **body, "options": options})
    monitor |= {name: body[name] for name in FIELDS if name in body}
    monitor |= {"options": options, "modified": org.instant()}
    created(org, monitor)
    return json_response(200, monitor)


@ROUTER.route("DELETE", f"{MONITOR}/<key>")
def delete_monitor(org: Organization, hit: Hit) -> Response:
    """Delete a monitor."""
    key = _monitor(org, hit)["id"]
    del org.monitors[key]
    return json_response(200, {"deleted_monitor_id": key})


@ROUTER.route("POST", f"{MONITOR}/<key>/mute")
def mute(org: Organization, hit: Hit) -> Response:
    """Mute a monitor or one of its scopes, until an instant or for good."""
    monitor, body = _monitor(org, hit), object_of(hit) if hit.request.body else {}
    scope = body.get("scope") or hit.query.get("scope") or "*"
    end = body.get("end") or hit.query.get("end")
    monitor["options"]["silenced"] = {**monitor["options"]["silenced"], scope: int(end) if end else None}
    return json_response(200, monitor)


@ROUTER.route("POST", f"{MONITOR}/<key>/unmute")
def unmute(org: Organization, hit: Hit) -> Response:
    """Let a monitor or one of its scopes speak again."""
    monitor, body = _monitor(org, hit), object_of(hit) if hit.request.body else {}
    scope = body.get("scope") or hit.query.get("scope") or "*"
    silent = monitor["options"]["silenced"]
    monitor["options"]["silenced"] = {name: until for name, until in silent.items() if name != scope}
    return json_response(200, monitor)


@ROUTER.route("GET", f"{MONITOR}/can_delete")
def can_delete(org: Organization, hit: Hit) -> Response:
    """Say which monitors could be deleted: all that are there, since nothing here refers to one."""
    asked = [int(one) for one in hit.query.get("monitor_ids", "").split(",") if one.isdecimal()]
    if not asked:
        raise invalid("The parameter 'monitor_ids' is required")
    if missing := [key for key in asked if key not in org.monitors]:
        raise invalid(f"Monitor {missing[0]} not found")
    return json_response(200, {"data": {"ok": asked}, "errors": None})


@ROUTER.route("GET", f"{MONITOR}/search")
def search_monitors(org: Organization, hit: Hit) -> Response:
    """Search monitors by `tag:`, `status:` and words of their names, with counts."""
    page, size = _number(hit, "page", 0), _number(hit, "per_page", FOUND)
    terms = hit.query.get("query", "").split()
    rows = [one for one in org.monitors.values() if all(_found(one, term) for term in terms)]
    rows.sort(key=lambda one: (one["name"], one["id"]))
    counts = {
        "status": _counted(one["overall_state"] for one in rows),
        "type": _counted(one["type"] for one in rows),
        "tag": _counted(tag for one in rows for tag in one["tags"]),
        "muted": _counted(bool(one["options"]["silenced"]) for one in rows),
    }
    shown = [_brief(one) for one in rows[page * size : (page + 1) * size]]
    meta = {"page": page, "per_page": size, "page_count": len(shown), "total_count": len(rows)}
    return json_response(200, {"monitors": shown, "metadata": meta, "counts": counts})


def _found(monitor: Record, term: str) -> bool:
    kind, _, value = term.partition(":")
    if kind == "tag":
        return value.strip('"') in monitor["tags"]
    if kind == "status":
        return value.strip('"').lower() == str(monitor["overall_state"]).lower()
    if value:
        raise invalid(f"The twin searches monitors by tag:, status: and words, not by {kind}:")
    return term.lower() in str(monitor["name"]).lower()


def _counted(values: Iterable[str | bool]) -> list[Record]:
    return [{"name": name, "count": count} for name, count in Counter(values).most_common()]


def _brief(monitor: Record) -> Record:
    told = {name: monitor[name] for name in ("id", "name", "type", "query", "tags")}
    last = max((one.get("last_triggered_ts", 0) for one in monitor["state"]["groups"].values()), default=0)
    told |= {"status": monitor["overall_state"], "last_triggered_ts": last or None}
    query = monitor_query(monitor["query"])
    return told | {"metrics": [query.metric.metric], "scopes": sorted(query.metric.scope)}


@ROUTER.route("POST", f"{MONITOR}/<key>/validate")
def validate_existing_monitor(org: Organization, hit: Hit) -> Response:
    """Say whether a monitor could be changed so."""
    _checked({**_monitor(org, hit), **object_of(hit)})
    return json_response(200, {})


@ROUTER.route("GET", f"{MONITOR}/<key>/downtimes")
def downtimes_of(org: Organization, hit: Hit) -> Response:
    """List the downtimes that silence a monitor or will."""
    monitor = _monitor(org, hit)
    rows = [
        one
        for one in org.downtimes.values()
        if not one["disabled"]
        and one["monitor_id"] in (None, monitor["id"])
        and set(one["monitor_tags"]) - {"*"} <= set(monitor["tags"])
    ]
    return json_response(200, [shown_downtime(org, one) for one in rows])
