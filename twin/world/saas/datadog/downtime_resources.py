"""Downtimes in the second version of the API: resources with UUIDs, a scope in words, instants in ISO 8601.

https://docs.datadoghq.com/api/latest/downtimes/#schedule-a-downtime; what a cancelled one says for some days is not
forgotten here.
"""

from datetime import UTC, datetime
from typing import Any

from twin.semantics.oncall.silence import scope_tags
from twin.wire import Response
from twin.world.saas.datadog.downtimes import cancel, checked, new_downtime, running
from twin.world.saas.datadog.errors import DatadogError, invalid
from twin.world.saas.datadog.state import ROUTER, Organization, Record, object_of
from twin.world.saas.router import Hit, json_response

DOWNTIME = "/api/v2/downtime"
KEPT = ("mute_first_recovery_notification", "notify_end_states", "notify_end_types", "display_timezone")
DEFAULTS: Record = {
    "mute_first_recovery_notification": False,
    "notify_end_states": ["alert", "no data", "warn"],
    "notify_end_types": ["expired"],
    "display_timezone": "UTC",
}
DEFAULT_PAGE = 30


def _attributes(hit: Hit) -> Record:
    data = object_of(hit).get("data")
    if not isinstance(data, dict) or data.get("type") != "downtime" or not isinstance(data.get("attributes"), dict):
        raise invalid("The body needs data of type downtime with attributes")
    told: Record = data["attributes"]
    return told


def _scope(text: Any) -> list[str]:
    """Return the tags of a scope that names tags only."""
    if not isinstance(text, str) or not text.strip():
        raise invalid("The value provided for parameter 'scope' is invalid")
    tags = scope_tags(text)
    if tags is None:
        raise invalid(f"The twin has no scope with OR, negation, parentheses or wildcards: {text}")
    return tags


def _second(value: Any, name: str) -> int | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as broken:
        raise invalid(f"The value provided for parameter '{name}' is invalid") from broken
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _told(org: Organization, body: Record, before: Record | None = None) -> Record:
    held = before or {}
    told: Record = {name: body.get(name, held.get(name, DEFAULTS[name])) for name in KEPT}
    told["scope"] = _scope(body.get("scope")) if "scope" in body or before is None else held["scope"]
    told["message"] = body.get("message", held.get("message")) or ""
    told |= {name: held.get(name) for name in ("start", "end", "monitor_id", "monitor_tags")}
    if "monitor_identifier" in body or before is None:
        told |= _identified(body.get("monitor_identifier"))
    schedule = body.get("schedule") or {}
    if "recurrences" in schedule:
        raise invalid("The twin has no downtimes that recur")
    if schedule or before is None:
        told["start"] = _second(schedule.get("start"), "start") or held.get("start") or org.now()
        told["end"] = _second(schedule.get("end"), "end")
    return told


def _identified(identifier: Any) -> Record:
    given = identifier if isinstance(identifier, dict) else {}
    if isinstance(given.get("monitor_id"), int):
        return {"monitor_id": given["monitor_id"], "monitor_tags": ["*"]}
    tags = given.get("monitor_tags")
    if not isinstance(tags, list) or not tags or not all(isinstance(one, str) for one in tags):
        raise invalid("The value provided for parameter 'monitor_identifier' is invalid")
    return {"monitor_id": None, "monitor_tags": tags}


def _instant(second: int | None) -> str | None:
    return None if second is None else datetime.fromtimestamp(second, UTC).isoformat()


def _status(org: Organization, one: Record) -> str:
    if one["canceled"] is not None:
        return "canceled"
    if running(org, one):
        return "active"
    return "scheduled" if org.now() < one["start"] else "ended"


def _shown(org: Organization, one: Record) -> Record:
    key = one["monitor_id"]
    identifier = {"monitor_tags": one["monitor_tags"]} if key is None else {"monitor_id": key}
    told = {name: one.get(name, DEFAULTS[name]) for name in KEPT}
    told |= {"scope": " AND ".join(one["scope"]), "message": one["message"], "monitor_identifier": identifier}
    told |= {"status": _status(org, one), "canceled": _instant(one["canceled"])}
    told |= {name: _instant(one[name]) for name in ("created", "modified")}
    told["schedule"] = {"start": _instant(one["start"]), "end": _instant(one["end"])}
    monitor = None if key is None else {"id": str(key), "type": "monitors"}
    return {"id": one["uuid"], "type": "downtime", "attributes": told, "relationships": {"monitor": {"data": monitor}}}


def _downtime(org: Organization, hit: Hit) -> Record:
    found = next((one for one in org.downtimes.values() if one["uuid"] == hit.path["key"]), None)
    if found is None:
        raise DatadogError(404, f"Downtime with id {hit.path['key']} not found")
    return found


@ROUTER.route("POST", DOWNTIME)
def schedule_downtime(org: Organization, hit: Hit) -> Response:
    """Silence monitors for a while."""
    return json_response(200, {"data": _shown(org, new_downtime(org, _told(org, _attributes(hit))))})


@ROUTER.route("GET", DOWNTIME)
def list_scheduled_downtimes(org: Organization, hit: Hit) -> Response:
    """List downtimes, page by page."""
    rows = [one for one in org.downtimes.values() if running(org, one) or hit.query.get("current_only") != "true"]
    try:
        offset, limit = int(hit.query.get("page[offset]", 0)), int(hit.query.get("page[limit]", DEFAULT_PAGE))
    except ValueError as broken:
        raise invalid("The parameters 'page[offset]' and 'page[limit]' are numbers") from broken
    page = [_shown(org, one) for one in rows[offset : offset + limit]]
    return json_response(200, {"data": page, "meta": {"page": {"total_filtered_count": len(rows)}}})


@ROUTER.route("GET", f"{DOWNTIME}/<key>")
def get_scheduled_downtime(org: Organization, hit: Hit) -> Response:
    """Return one downtime."""
    return json_response(200, {"data": _shown(org, _downtime(org, hit))})


@ROUTER.route("PATCH", f"{DOWNTIME}/<key>")
def update_scheduled_downtime(org: Organization, hit: Hit) -> Response:
    """Change a downtime; what is not sent stays."""
    one = _downtime(org, hit)
    told = _told(org, _attributes(hit), one)
    checked(org, told)
    one |= told | {"modified": org.now()}
    return json_response(200, {"data": _shown(org, one)})


@ROUTER.route("DELETE", f"{DOWNTIME}/<key>")
def cancel_scheduled_downtime(org: Organization, hit: Hit) -> Response:
    """Cancel a downtime."""
    cancel(org, _downtime(org, hit))
    return Response(204)
