"""Downtimes, events, and the services of PagerDuty that monitors may call.

https://docs.datadoghq.com/api/latest/downtimes/, .../events/, .../pagerduty-integration/
"""

from typing import Any

from twin.wire import Response
from twin.world.saas.datadog.errors import invalid, not_found
from twin.world.saas.datadog.state import ROUTER, Organization, Record, object_of
from twin.world.saas.router import Hit, json_response

DOWNTIME = "/api/v1/downtime"
PAGERDUTY = "/api/v1/integration/pagerduty/configuration/services"
TYPES = ("error", "warning", "info", "success", "user_update", "recommendation", "snapshot")


def _fields(org: Organization, body: Record) -> Record:
    if body.get("recurrence"):
        raise invalid("The twin has no downtimes that recur")
    scope = body.get("scope")
    scope = [scope] if isinstance(scope, str) else scope
    if not scope:
        raise invalid("The value provided for parameter 'scope' is invalid")
    start, end = body.get("start") or org.now(), body.get("end")
    if end is not None and end <= start:
        raise invalid("End date must be after start date")
    known: dict[str, Any] = {"monitor_id": body.get("monitor_id"), "monitor_tags": body.get("monitor_tags") or ["*"]}
    if known["monitor_id"] is not None and known["monitor_id"] not in org.monitors:
        raise invalid(f"Monitor {known['monitor_id']} not found")
    return known | {"scope": scope, "start": start, "end": end, "message": body.get("message") or ""}


def _shown(org: Organization, one: Record) -> Record:
    within = one["start"] <= org.now() and (one["end"] is None or org.now() < one["end"])
    return {**one, "active": within and not one["disabled"]}


def _downtime(org: Organization, hit: Hit) -> Record:
    key = hit.path["key"]
    if not key.isdigit() or int(key) not in org.downtimes:
        raise not_found("Downtime")
    return org.downtimes[int(key)]


@ROUTER.route("POST", DOWNTIME)
def create_downtime(org: Organization, hit: Hit) -> Response:
    """Silence monitors for a while."""
    made: Record = {"id": org.new_id(), **_fields(org, object_of(hit)), "disabled": False, "canceled": None}
    org.downtimes[made["id"]] = made | {"timezone": "UTC", "recurrence": None}
    return json_response(200, _shown(org, org.downtimes[made["id"]]))


@ROUTER.route("GET", DOWNTIME)
def list_downtimes(org: Organization, hit: Hit) -> Response:
    """List downtimes, those of now only if wanted."""
    rows = [_shown(org, one) for one in org.downtimes.values()]
    return json_response(200, [one for one in rows if one["active"] or hit.query.get("current_only") != "true"])


@ROUTER.route("GET", f"{DOWNTIME}/<key>")
def get_downtime(org: Organization, hit: Hit) -> Response:
    """Return one downtime."""
    return json_response(200, _shown(org, _downtime(org, hit)))


@ROUTER.route("DELETE", f"{DOWNTIME}/<key>")
def cancel_downtime(org: Organization, hit: Hit) -> Response:
    """Let the monitors of a downtime speak again."""
    _downtime(org, hit).update(disabled=True, canceled=org.now())
    return Response(204)


@ROUTER.route("POST", "/api/v1/events")
def create_event(org: Organization, hit: Hit) -> Response:
    """Write an event."""
    body = object_of(hit)
    for name in ("title", "text"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise invalid(f"The value provided for parameter '{name}' is invalid")
    kind = body.get("alert_type") or "info"
    if kind not in TYPES:
        raise invalid("The value provided for parameter 'alert_type' is invalid")
    event: Record = {"id": org.new_id(), "title": body["title"], "text": body["text"], "tags": body.get("tags") or []}
    event |= {"date_happened": body.get("date_happened") or org.now(), "alert_type": kind, "host": body.get("host")}
    event |= {"id_str": str(event["id"]), "priority": body.get("priority") or "normal"}
    org.events[event["id"]] = event
    return json_response(202, {"status": "ok", "event": event})


@ROUTER.route("GET", "/api/v1/events")
def list_events(org: Organization, hit: Hit) -> Response:
    """List the events between two instants."""
    try:
        begin, end = int(hit.query["start"]), int(hit.query["end"])
    except (KeyError, ValueError) as broken:
        raise invalid("The parameters 'start' and 'end' are required") from broken
    tags = set(filter(None, hit.query.get("tags", "").split(",")))
    rows = [one for one in org.events.values() if begin <= one["date_happened"] <= end and tags <= set(one["tags"])]
    return json_response(200, {"events": rows})


@ROUTER.route("GET", "/api/v1/events/<key>")
def get_event(org: Organization, hit: Hit) -> Response:
    """Return one event."""
    key = hit.path["key"]
    if not key.isdigit() or int(key) not in org.events:
        raise not_found("Event")
    return json_response(200, {"event": org.events[int(key)]})


@ROUTER.route("POST", PAGERDUTY)
def create_pager_service(org: Organization, hit: Hit) -> Response:
    """Make a service of PagerDuty known under the name by which messages call it."""
    body = object_of(hit)
    name, key = body.get("service_name"), body.get("service_key")
    if not isinstance(name, str) or not name or not isinstance(key, str) or not key:
        raise invalid("service_name and service_key are required")
    if name in org.pager_services:
        raise invalid(f"Service {name} exists already")
    org.pager_services[name] = key
    return json_response(201, {"service_name": name})


@ROUTER.route("DELETE", f"{PAGERDUTY}/<name>")
def delete_pager_service(org: Organization, hit: Hit) -> Response:
    """Forget a service of PagerDuty."""
    if org.pager_services.pop(hit.path["name"], None) is None:
        raise not_found("Service")
    return Response(204)
