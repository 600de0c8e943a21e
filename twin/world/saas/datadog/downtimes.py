"""Downtimes in the first version of the API: seconds since 1970, ids that are numbers.

https://docs.datadoghq.com/api/latest/downtimes/. Both versions see the same downtimes.
"""

from typing import Any

from twin.wire import Response
from twin.world.saas.datadog.errors import invalid, not_found
from twin.world.saas.datadog.state import ROUTER, Organization, Record, object_of
from twin.world.saas.router import Hit, json_response

DOWNTIME = "/api/v1/downtime"
SHOWN = (
    "id", "scope", "start", "end", "monitor_id", "monitor_tags", "message", "disabled", "canceled", "timezone",
    "recurrence",
)  # fmt: skip


def new_downtime(org: Organization, told: Record) -> Record:
    """Keep a downtime of `scope`, `start`, `end`, `monitor_id`, `monitor_tags` and `message`."""
    made: Record = {"id": org.new_id(), "uuid": org.ids.uuid(), "disabled": False, "canceled": None}
    made |= {"timezone": "UTC", "recurrence": None, "created": org.now(), "modified": org.now()} | told
    checked(org, made)
    org.downtimes[made["id"]] = made
    return made


def checked(org: Organization, told: Record) -> None:
    """Refuse a downtime that ends before it starts, or of a monitor that is not there."""
    if told["end"] is not None and told["end"] <= told["start"]:
        raise invalid("End date must be after start date")
    if told["monitor_id"] is not None and told["monitor_id"] not in org.monitors:
        raise invalid(f"Monitor {told['monitor_id']} not found")


def running(org: Organization, one: Record) -> bool:
    """Tell whether a downtime silences anything now."""
    within = one["start"] <= org.now() and (one["end"] is None or org.now() < one["end"])
    return within and not one["disabled"]


def cancel(org: Organization, one: Record) -> None:
    """Let the monitors of a downtime speak again."""
    one.update(disabled=True, canceled=org.now(), modified=org.now())


def _fields(org: Organization, body: Record) -> Record:
    if body.get("recurrence"):
        raise invalid("The twin has no downtimes that recur")
    scope = body.get("scope")
    scope = [scope] if isinstance(scope, str) else scope
    if not scope:
        raise invalid("The value provided for parameter 'scope' is invalid")
    known: dict[str, Any] = {"monitor_id": body.get("monitor_id"), "monitor_tags": body.get("monitor_tags") or ["*"]}
    known |= {
        "start": body.get("start") or org.now(),
        "end": body.get("end"),
        "timezone": body.get("timezone") or "UTC",
    }
    return known | {"scope": scope, "message": body.get("message") or ""}


def shown_downtime(org: Organization, one: Record) -> Record:
    """Return a downtime as the first version shows it."""
    return {name: one[name] for name in SHOWN} | {"active": running(org, one)}


def _downtime(org: Organization, hit: Hit) -> Record:
    key = hit.path["key"]
    if not key.isdecimal() or int(key) not in org.downtimes:
        raise not_found("Downtime")
    return org.downtimes[int(key)]


@ROUTER.route("POST", DOWNTIME)
def create_downtime(org: Organization, hit: Hit) -> Response:
    """Silence monitors for a while."""
    return json_response(200, shown_downtime(org, new_downtime(org, _fields(org, object_of(hit)))))


@ROUTER.route("GET", DOWNTIME)
def list_downtimes(org: Organization, hit: Hit) -> Response:
    """List downtimes, those of now only if wanted."""
    rows = [shown_downtime(org, one) for one in org.downtimes.values()]
    return json_response(200, [one for one in rows if one["active"] or hit.query.get("current_only") != "true"])


@ROUTER.route("GET", f"{DOWNTIME}/<key>")
def get_downtime(org: Organization, hit: Hit) -> Response:
    """Return one downtime."""
    return json_response(200, shown_downtime(org, _downtime(org, hit)))


@ROUTER.route("PUT", f"{DOWNTIME}/<key>")
def update_downtime(org: Organization, hit: Hit) -> Response:
    """Change a downtime; what is not sent stays."""
    one = _downtime(org, hit)
    told = _fields(org, {**one, **object_of(hit)})
    checked(org, told)
    one |= told | {"modified": org.now()}
    return json_response(200, shown_downtime(org, one))


@ROUTER.route("DELETE", f"{DOWNTIME}/<key>")
def cancel_downtime(org: Organization, hit: Hit) -> Response:
    """Cancel a downtime."""
    cancel(org, _downtime(org, hit))
    return Response(204)


@ROUTER.route("POST", f"{DOWNTIME}/cancel/by_scope")
def cancel_by_scope(org: Organization, hit: Hit) -> Response:
    """Cancel all downtimes of exactly one scope."""
    wanted = object_of(hit).get("scope")
    found = [one for one in org.downtimes.values() if not one["disabled"] and ",".join(one["scope"]) == wanted]
    if not found:
        raise not_found("Downtimes")
    for one in found:
        cancel(org, one)
    return json_response(200, {"cancelled_ids": [one["id"] for one in found]})
