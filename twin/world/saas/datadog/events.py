"""Events: written by whoever has the API key, found again by their time and tags.

https://docs.datadoghq.com/api/latest/events/
"""

from twin.wire import Response
from twin.world.saas.datadog.errors import invalid, not_found
from twin.world.saas.datadog.state import ROUTER, Organization, Record, object_of
from twin.world.saas.router import Hit, json_response

TYPES = ("error", "warning", "info", "success", "user_update", "recommendation", "snapshot")
PAGE = 1000


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
    event |= {"date_happened": body.get("date_happened") or org.now(), "alert_type": kind}
    event |= {"id_str": str(event["id"]), "priority": body.get("priority") or "normal"}
    if body.get("host"):
        event["host"] = body["host"]
    org.events[event["id"]] = event
    return json_response(202, {"status": "ok", "event": event})


@ROUTER.route("GET", "/api/v1/events")
def list_events(org: Organization, hit: Hit) -> Response:
    """List the events between two instants, a thousand at a time."""
    try:
        begin, end, page = int(hit.query["start"]), int(hit.query["end"]), int(hit.query.get("page", "0"))
    except (KeyError, ValueError) as broken:
        raise invalid("The parameters 'start' and 'end' are required") from broken
    if "page" in hit.query and "true" not in (hit.query.get("unaggregated"), hit.query.get("exclude_aggregate")):
        raise invalid("The parameter 'page' needs 'unaggregated' or 'exclude_aggregate'")
    tags, priority = set(filter(None, hit.query.get("tags", "").split(","))), hit.query.get("priority")
    rows = [
        one
        for one in org.events.values()
        if begin <= one["date_happened"] <= end and tags <= set(one["tags"]) and priority in (None, one["priority"])
    ]
    return json_response(200, {"events": rows[page * PAGE : (page + 1) * PAGE]})


@ROUTER.route("GET", "/api/v1/events/<key>")
def get_event(org: Organization, hit: Hit) -> Response:
    """Return one event."""
    key = hit.path["key"]
    if not key.isdecimal() or int(key) not in org.events:
        raise not_found("Event")
    return json_response(200, {"event": org.events[int(key)]})
