"""Incidents as people see and change them.

https://developer.pagerduty.com/api-reference (incidents; priorities). Who changes one says in `From` who they are.
"""

from functools import partial
from typing import Any

from twin.wire import Response
from twin.world.saas.pagerduty.body import named, object_of, shaped, typed, wrapped
from twin.world.saas.pagerduty.errors import arguments, invalid, no_requester
from twin.world.saas.pagerduty.incident_life import (
    acknowledge,
    assign,
    delegate,
    escalate,
    opened,
    resolve,
    snooze,
    trigger,
)
from twin.world.saas.pagerduty.log_entries import record
from twin.world.saas.pagerduty.paging import of_teams, page, within
from twin.world.saas.pagerduty.state import ROUTER, Account, Record, find, pointed, reference, whole
from twin.world.saas.pagerduty.webhooks import fire, fire_incident
from twin.world.saas.router import Hit, json_response

API_CHANNEL = {"type": "api"}
STATUSES = ("triggered", "acknowledged", "resolved")
DAY = 86400
SORTED = ("incident_number", "created_at", "resolved_at", "urgency")
# What PagerDuty documents of a change and nothing here acts on.
UNSERVED = ("conference_bridge", "incident_type", "resolution")


def requester(account: Account, hit: Hit) -> str:
    """Return the id of the user whom the `From` header names."""
    email = hit.request.headers.get("From", "").strip().lower()
    for key, user in account.users.items():
        if email and user["email"].lower() == email:
            return key
    raise no_requester()


def shown(account: Account, incident: Record) -> Record:
    """Return an incident with who has it."""
    told = whole(account, "incident", incident)
    told["summary"] = f"[#{incident['incident_number']}] {incident['title']}"
    people = {"assignments": ("#assignees", "assignee"), "acknowledgements": ("#acknowledgers", "acknowledger")}
    for name, (held, one) in people.items():
        told[name] = [{"at": at, one: reference(account, "user", key)} for key, at in incident[held].items()]
    priority = incident["#priority"]
    return told | {
        "service": reference(account, "service", incident["#service"]),
        "escalation_policy": reference(account, "escalation_policy", incident["#policy"]),
        "priority": whole(account, "priority", account.priorities[priority]) if priority else None,
        "assigned_via": "escalation_policy",
        "alert_counts": {"all": incident["#events"], "triggered": incident["#events"], "resolved": 0},
        "pending_actions": [],
        "teams": [],
    }


@ROUTER.route("POST", "/incidents")
def create_incident(account: Account, hit: Hit) -> Response:
    """Open an incident by hand."""
    requester(account, hit)
    body = wrapped(hit, "incident")
    title = named(body, "title", "Title")
    service = account.services.get(str((body.get("service") or {}).get("id")))
    if service is None:
        raise arguments("Service not found")
    key = body.get("incident_key") or account.ids.hex(32)
    if opened(account, service["id"], key) is not None:
        raise arguments("Open incident with matching dedup key already exists on this service")
    told: Record = {"title": title, "incident_key": key, "body": body.get("body"), "urgency": _urgency(body, service)}
    if body.get("escalation_policy"):
        told["policy"] = pointed(account, "escalation_policy", body["escalation_policy"], "Escalation policy")
    if body.get("assignments"):
        told["assignees"] = [pointed(account, "user", one.get("assignee"), "Assignee") for one in body["assignments"]]
    if body.get("priority"):
        told["priority"] = pointed(account, "priority", body["priority"], "Priority")
    made = trigger(account, service, told, via=API_CHANNEL)
    if made is None:
        raise arguments("Incident cannot be created: the service takes none, or nobody is on call")
    return json_response(201, {"incident": shown(account, made)})


def _urgency(body: Record, service: Record) -> str:
    given = body.get("urgency") or service["incident_urgency_rule"]["urgency"]
    if given == "severity_based":
        return "high"
    if given not in ("high", "low"):
        raise invalid("Urgency must be one of high, low")
    return str(given)


@ROUTER.route("GET", "/incidents")
def list_incidents(account: Account, hit: Hit) -> Response:
    """List incidents by status, service, urgency, assignee or key; those that are open without a status."""
    wanted = hit.query.getlist("statuses[]") or ["triggered", "acknowledged"]
    if unknown := [one for one in wanted if one not in STATUSES]:
        raise invalid(f"Status must be one of {', '.join(STATUSES)}, not {unknown[0]}")
    services, people = hit.query.getlist("service_ids[]"), set(hit.query.getlist("user_ids[]"))
    urgencies, key = hit.query.getlist("urgencies[]"), hit.query.get("incident_key")
    rows = [
        one
        for one in of_teams(hit, _sorted(hit, _dated(hit, list(account.incidents.values()))))
        if one["status"] in wanted
        and (not services or one["#service"] in services)
        and (not people or people & one["#assignees"].keys())
        and (not urgencies or one["urgency"] in urgencies)
        and (key is None or one["incident_key"] == key)
    ]
    return page(hit, rows, lambda row: shown(account, row), "incidents")


def _dated(hit: Hit, rows: list[Record]) -> list[Record]:
    """Leave out what began before `since` or after `until`; `date_range=all` asks for everything."""
    if hit.query.get("date_range", "all") != "all":
        raise invalid("Date range must be all")
    if "date_range" in hit.query:
        return rows
    return within(hit, rows)


def _sorted(hit: Hit, rows: list[Record]) -> list[Record]:
    for given in reversed(hit.query.get("sort_by", "").split(",")):
        field, _, way = given.partition(":")
        if not field:
            continue
        if field not in SORTED or way not in ("", "asc", "desc"):
            raise invalid(f"Sort by must be one of {', '.join(SORTED)}, each with asc or desc")
        rows = sorted(rows, key=partial(_key, field), reverse=way == "desc")
    return rows


def _key(field: str, one: Record) -> tuple[bool, Any]:
    return one[field] is not None, one[field] if one[field] is not None else 0


@ROUTER.route("GET", "/incidents/<key>")
def get_incident(account: Account, hit: Hit) -> Response:
    """Return one incident, by its id or its number."""
    number = hit.path["key"]
    for one in account.incidents.values():
        if str(one["incident_number"]) == number:
            return json_response(200, {"incident": shown(account, one)})
    return json_response(200, {"incident": shown(account, find(account, "incident", number))})


@ROUTER.route("PUT", "/incidents/<key>")
def update_incident(account: Account, hit: Hit) -> Response:
    """Acknowledge, resolve, reassign, escalate or rename an incident."""
    user, incident = requester(account, hit), find(account, "incident", hit.path["key"])
    _update(account, incident, wrapped(hit, "incident"), user)
    return json_response(200, {"incident": shown(account, incident)})


@ROUTER.route("PUT", "/incidents")
def update_incidents(account: Account, hit: Hit) -> Response:
    """Change several incidents in one request."""
    user, body = requester(account, hit), object_of(hit)
    if not isinstance(body.get("incidents"), list):
        raise invalid("Incidents must be an array")
    listed = [shaped(one, "incident") for one in body["incidents"]]
    found = [(find(account, "incident", str(one.get("id"))), one) for one in listed]
    for incident, change in found:
        _update(account, incident, change, user)
    return json_response(200, {"incidents": [shown(account, incident) for incident, _ in found]})


def _update(account: Account, incident: Record, body: Record, user: str) -> None:
    typed(body, title=str, status=str, assignments=list, escalation_level=int, urgency=str)
    for name in UNSERVED:
        if body.get(name) is not None:
            raise invalid(f"{name} of an incident is documented by PagerDuty and not simulated here")
    if incident["status"] == "resolved":
        raise invalid("Incident Already Resolved")
    state = body.get("status")
    if state is not None and state not in ("acknowledged", "resolved"):
        raise invalid("Status must be one of acknowledged, resolved")
    if body.get("title"):
        incident["title"] = body["title"]
    if body.get("urgency") is not None:
        if body["urgency"] not in ("high", "low"):
            raise invalid("Urgency must be one of high, low")
        incident["urgency"] = body["urgency"]
    if body.get("escalation_policy"):
        policy = pointed(account, "escalation_policy", body["escalation_policy"], "Escalation policy")
        delegate(account, incident, policy, user)
    if body.get("priority"):
        incident["#priority"] = pointed(account, "priority", body["priority"], "Priority")
        fire_incident(account, "priority_updated", incident, agent=user)
    if body.get("assignments"):
        assign(
            account,
            incident,
            [pointed(account, "user", one.get("assignee"), "Assignee") for one in body["assignments"]],
        )
        fire_incident(account, "reassigned", incident, agent=user)
    if body.get("escalation_level"):
        incident["#level"] = body["escalation_level"] - 2
        escalate(account, incident)
    if state == "acknowledged":
        acknowledge(account, incident, user, via=API_CHANNEL)
    elif state == "resolved":
        resolve(account, incident, user, via=API_CHANNEL)


@ROUTER.route("POST", "/incidents/<key>/snooze")
def snooze_incident(account: Account, hit: Hit) -> Response:
    """Leave an incident alone for some seconds, at most a week."""
    user, incident = requester(account, hit), find(account, "incident", hit.path["key"])
    seconds = object_of(hit).get("duration")
    if not isinstance(seconds, int) or not 0 < seconds <= 7 * DAY:
        raise invalid("Duration must be between 1 and 604800 seconds")
    if incident["status"] == "resolved":
        raise invalid("Incident Already Resolved")
    snooze(account, incident, user, seconds)
    return json_response(201, {"incident": shown(account, incident)})


@ROUTER.route("POST", "/incidents/<key>/notes")
def create_note(account: Account, hit: Hit) -> Response:
    """Write a note on an incident."""
    user, incident = requester(account, hit), find(account, "incident", hit.path["key"])
    content = named(wrapped(hit, "note"), "content", "Content")
    note: Record = {"id": account.new_id(), "content": content, "created_at": account.now(), "#user": user}
    incident["#notes"].append(note)
    record(account, incident, "annotate_log_entry", agent=user, channel={"type": "note", "summary": content})
    told = {"incident": reference(account, "incident", incident["id"]), "id": note["id"], "content": content}
    data = told | {"trimmed": False, "type": "incident_note"}
    fire(account, "incident.annotated", data, service=incident["#service"], agent=user)
    return json_response(200, {"note": _note(account, note)})


def _note(account: Account, note: Record) -> Record:
    told = {name: value for name, value in note.items() if not name.startswith("#")}
    return told | {"user": reference(account, "user", note["#user"]), "channel": {"summary": "The PagerDuty API"}}


@ROUTER.route("GET", "/incidents/<key>/notes")
def list_notes(account: Account, hit: Hit) -> Response:
    """List the notes on an incident."""
    incident = find(account, "incident", hit.path["key"])
    return json_response(200, {"notes": [_note(account, one) for one in incident["#notes"]]})


@ROUTER.route("GET", "/priorities")
def list_priorities(account: Account, hit: Hit) -> Response:
    """List the priorities of the account."""
    rows = list(account.priorities.values())
    return page(hit, rows, lambda row: whole(account, "priority", row), "priorities")
