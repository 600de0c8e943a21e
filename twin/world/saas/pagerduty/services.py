"""Services, the integrations by which events come to them, and windows in which they are maintained.

https://developer.pagerduty.com/api-reference (services; maintenance windows);
https://support.pagerduty.com/docs/maintenance-windows: within one no incident is triggered.
"""

from typing import Any

from twin.semantics.oncall.addresses import CLOUDWATCH, inbound_address
from twin.semantics.oncall.rotation import instant
from twin.wire import Response
from twin.world.saas.pagerduty.body import named, typed, wrapped
from twin.world.saas.pagerduty.errors import invalid, not_found
from twin.world.saas.pagerduty.figures import figure
from twin.world.saas.pagerduty.paging import of_teams, page, searched
from twin.world.saas.pagerduty.state import API, ROUTER, Account, Record, find, pointed, reference, whole
from twin.world.saas.pagerduty.webhooks import fire_service
from twin.world.saas.router import Hit, json_response

TIMEOUTS = ("auto_resolve_timeout", "acknowledgement_timeout")
ALERTS = ("create_incidents", "create_alerts_and_incidents")
# What PagerDuty documents of a service and nothing here acts on; what says "none of it" is taken.
UNSERVED = (
    "alert_grouping", "alert_grouping_parameters", "alert_grouping_timeout", "auto_pause_notifications_parameters",
    "response_play", "scheduled_actions", "support_hours", "teams",
)  # fmt: skip
URGENCIES = ("high", "low", "severity_based")
KINDS = {
    "events_api_v2_inbound_integration": "Events API V2",
    CLOUDWATCH: "Amazon CloudWatch",
    "generic_events_api_inbound_integration": "Events API V1",
}
INBOUND = "_reference"


def status(account: Account, service: Record) -> str:
    """Return a service's status as its open incidents and its windows make it."""
    if service["#disabled"]:
        return "disabled"
    if any(_holds(account, window, service["id"]) for window in account.windows.values()):
        return "maintenance"
    open_ = {one["status"] for one in account.incidents.values() if one["#service"] == service["id"]}
    if "triggered" in open_:
        return "critical"
    return "warning" if "acknowledged" in open_ else "active"


def _holds(account: Account, window: Record, service: str) -> bool:
    begun = instant(window["start_time"]) <= account.instant() < instant(window["end_time"])
    return begun and service in window["#services"]


def _means(given: Any) -> bool:
    """Tell whether a field asks for anything: null, nothing in it, or `enabled` false does not."""
    if isinstance(given, dict):
        return any(_means(value) for name, value in given.items() if name != "timeout")
    return bool(given)


def _fields(account: Account, body: Record, service: Record | None = None) -> Record:
    typed(body, description=str, auto_resolve_timeout=int, acknowledgement_timeout=int, incident_urgency_rule=dict)
    name = named(body)
    if any(one["name"].lower() == name.lower() for one in account.services.values() if one is not service):
        raise invalid("Name has already been taken")
    for name_ in UNSERVED:
        if _means(body.get(name_)):
            raise invalid(f"{name_} of a service is documented by PagerDuty and not simulated here")
    if body.get("alert_creation") not in (None, *ALERTS):
        raise invalid(f"Alert creation must be one of {', '.join(ALERTS)}")
    rule = body.get("incident_urgency_rule") or {"type": "constant", "urgency": "high"}
    if rule.get("type") != "constant":
        raise invalid(f"The twin has no incident urgency rule of type {rule.get('type')}")
    if rule.get("urgency") not in URGENCIES:
        raise invalid(f"Urgency must be one of {', '.join(URGENCIES)}")
    told: Record = {"name": name, "description": body.get("description"), "incident_urgency_rule": rule}
    for timeout in TIMEOUTS:
        told[timeout] = body.get(timeout) if timeout in body else figure(timeout)
    return told | {"alert_creation": body.get("alert_creation") or "create_alerts_and_incidents"}


def shown(account: Account, service: Record) -> Record:
    """Return a service with its policy and its integrations."""
    told = whole(account, "service", service) | {"status": status(account, service), "teams": []}
    told["escalation_policy"] = reference(account, "escalation_policy", service["#policy"])
    return told | {"integrations": [_brief(service, one) for one in service["#integrations"]]}


@ROUTER.route("POST", "/services")
def create_service(account: Account, hit: Hit) -> Response:
    """Create a service."""
    body = wrapped(hit, "service")
    policy = pointed(account, "escalation_policy", body.get("escalation_policy"), "Escalation policy")
    service: Record = {"id": account.new_id(), **_fields(account, body), "created_at": account.now()}
    service |= {"last_incident_timestamp": None, "#policy": policy, "#disabled": body.get("status") == "disabled"}
    account.services[service["id"]] = service | {"#integrations": []}
    fire_service(account, "created", service)
    return json_response(201, {"service": shown(account, account.services[service["id"]])})


@ROUTER.route("GET", "/services")
def list_services(account: Account, hit: Hit) -> Response:
    """List services by name."""
    rows = searched(hit, of_teams(hit, list(account.services.values())), "name")
    return page(hit, rows, lambda row: shown(account, row), "services")


@ROUTER.route("GET", "/services/<key>")
def get_service(account: Account, hit: Hit) -> Response:
    """Return one service."""
    return json_response(200, {"service": shown(account, find(account, "service", hit.path["key"]))})


@ROUTER.route("PUT", "/services/<key>")
def update_service(account: Account, hit: Hit) -> Response:
    """Change a service; `status` disables it and enables it again."""
    service, body = find(account, "service", hit.path["key"]), wrapped(hit, "service")
    if "escalation_policy" in body:
        service["#policy"] = pointed(account, "escalation_policy", body["escalation_policy"], "Escalation policy")
    service |= _fields(account, {**service, **body}, service)
    if "status" in body:
        service["#disabled"] = body["status"] == "disabled"
    fire_service(account, "updated", service)
    return json_response(200, {"service": shown(account, service)})


@ROUTER.route("DELETE", "/services/<key>")
def delete_service(account: Account, hit: Hit) -> Response:
    """Delete a service; events for its integrations go nowhere from now on."""
    service = find(account, "service", hit.path["key"])
    if any(one["#service"] == service["id"] and one["status"] != "resolved" for one in account.incidents.values()):
        raise invalid("Service cannot be deleted while it has open incidents")
    fire_service(account, "deleted", service)
    del account.services[service["id"]]
    return Response(204)


def _brief(service: Record, one: Record) -> Record:
    address = f"{API}/services/{service['id']}/integrations/{one['id']}"
    return {"id": one["id"], "type": one["type"] + INBOUND, "summary": one["name"], "self": address, "html_url": None}


def _integration(account: Account, service: Record, one: Record) -> Record:
    told = _brief(service, one) | one
    if one["type"] == CLOUDWATCH:
        told["integration_url"] = inbound_address(one["type"], one["integration_key"])
    return told | {"service": reference(account, "service", service["id"]), "vendor": None}


@ROUTER.route("POST", "/services/<key>/integrations")
def create_integration(account: Account, hit: Hit) -> Response:
    """Give a service a way in, with a key of its own."""
    service, body = find(account, "service", hit.path["key"]), wrapped(hit, "integration")
    kind = str(body.get("type") or "").removesuffix(INBOUND)
    if kind not in KINDS:
        raise invalid(f"The twin has no integration of type {kind or '(none)'}; it has {', '.join(KINDS)}")
    made: Record = {"id": account.new_id(), "type": kind, "name": body.get("name") or KINDS[kind]}
    made |= {"integration_key": account.ids.hex(32), "created_at": account.now()}
    service["#integrations"].append(made)
    return json_response(201, {"integration": _integration(account, service, made)})


@ROUTER.route("GET", "/services/<key>/integrations/<integration>")
def get_integration(account: Account, hit: Hit) -> Response:
    """Return one integration with its key."""
    service = find(account, "service", hit.path["key"])
    found = next((one for one in service["#integrations"] if one["id"] == hit.path["integration"]), None)
    if found is None:
        raise not_found()
    return json_response(200, {"integration": _integration(account, service, found)})


def _window(account: Account, window: Record) -> Record:
    services = [reference(account, "service", key) for key in window["#services"]]
    return whole(account, "maintenance_window", window) | {"services": services, "teams": []}


@ROUTER.route("POST", "/maintenance_windows")
def create_window(account: Account, hit: Hit) -> Response:
    """Open a window in which services trigger nothing."""
    body = wrapped(hit, "maintenance_window")
    services = [pointed(account, "service", one, "Service") for one in body.get("services") or ()]
    try:
        begins, ends = instant(str(body.get("start_time"))), instant(str(body.get("end_time")))
    except (ValueError, OverflowError) as broken:
        raise invalid("Start time and end time must be valid ISO8601 times") from broken
    if not services or begins >= ends:
        raise invalid("Services can't be empty" if not services else "End time must be after start time")
    window: Record = {"id": account.new_id(), "start_time": body["start_time"], "end_time": body["end_time"]}
    window |= {"description": body.get("description"), "sequence_number": len(account.windows) + 1}
    account.windows[window["id"]] = window | {"#services": services}
    return json_response(201, {"maintenance_window": _window(account, account.windows[window["id"]])})


@ROUTER.route("GET", "/maintenance_windows")
def list_windows(account: Account, hit: Hit) -> Response:
    """List maintenance windows; `filter` wants the past, the ongoing or the coming ones."""
    wanted, at = hit.query.get("filter", "all"), account.instant()

    def when(one: Record) -> str:
        if instant(one["end_time"]) <= at:
            return "past"
        return "ongoing" if instant(one["start_time"]) <= at else "future"

    rows = [one for one in account.windows.values() if wanted in ("all", when(one))]
    return page(hit, rows, lambda row: _window(account, row), "maintenance_windows")


@ROUTER.route("DELETE", "/maintenance_windows/<key>")
def delete_window(account: Account, hit: Hit) -> Response:
    """Close a window."""
    del account.windows[find(account, "maintenance_window", hit.path["key"])["id"]]
    return Response(204)


@ROUTER.route("DELETE", "/services/<key>/integrations/<integration>")
def delete_integration(account: Account, hit: Hit) -> Response:
    """Take an integration away; events with its key go nowhere from now on."""
    service = find(account, "service", hit.path["key"])
    left = [one for one in service["#integrations"] if one["id"] != hit.path["integration"]]
    if len(left) == len(service["#integrations"]):
        raise not_found()
    service["#integrations"] = left
    return Response(204)
