"""The System Log: every change of state is an event of Okta's own types, read back through /logs."""

from datetime import datetime, timedelta

from twin.wire import Response
from twin.world.saas.okta.criteria import Test, compile_criteria
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.paging import Size, add_link, limit_of, next_url, self_url
from twin.world.saas.okta.state import ROUTER, Org, Record, stamp
from twin.world.saas.router import Hit, json_response

ATTRIBUTES = r"(eventType|severity|published|uuid|(actor|target|client|outcome|transaction|debugContext)(\.\w+)+)"
SIZE = Size(100, 1000)
KEPT = timedelta(days=90)  # https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/


def record(org: Org, event_type: str, *targets: Record) -> None:
    """Append an event by the current actor; `targets` come from `target`."""
    owner = org.users.get(org.actor.get("userId", ""), {})
    login = owner.get("profile", {}).get("login", "system@okta.com")
    org.events.append(
        {
            "actor": {
                "id": owner.get("id", "okta"),
                "type": "User" if owner else "SystemPrincipal",
                "alternateId": login,
                "displayName": _display(owner) if owner else "Okta System",
                "detailEntry": None,
            },
            "client": {"ipAddress": "127.0.0.1", "zone": "null", "device": "Unknown", "id": None},
            "displayMessage": event_type.replace(".", " ").replace("_", " ").capitalize(),
            "eventType": event_type,
            "outcome": {"result": "SUCCESS", "reason": None},
            "published": org.now(),
            "severity": "INFO",
            "debugContext": {"debugData": {"requestId": org.request_id}},
            "legacyEventType": None,
            "transaction": {"type": "WEB", "id": org.request_id, "detail": _token(org)},
            "uuid": org.ids.uuid(),
            "version": "0",
            "request": {"ipChain": []},
            "target": list(targets),
        }
    )


def _token(org: Org) -> Record:
    return {"requestApiTokenId": org.actor["id"]} if org.actor else {}


def _display(user: Record) -> str:
    profile = user["profile"]
    return f"{profile.get('firstName') or ''} {profile.get('lastName') or ''}".strip() or str(profile["login"])


def target(kind: str, subject: Record) -> Record:
    """Return an event's target: its id, its class in the log's words, its names."""
    if kind == "User":
        names = (subject["profile"]["login"], _display(subject))
    elif kind == "UserGroup":
        names = ("unknown", subject["profile"]["name"])
    else:
        label = str(subject.get("label") or subject.get("name") or subject["id"])
        names = (label if kind == "AppInstance" else "unknown", label)
    return {"id": subject["id"], "type": kind, "alternateId": names[0], "displayName": names[1], "detailEntry": None}


@ROUTER.route("GET", "/api/v1/logs")
def list_events(org: Org, hit: Hit) -> Response:
    """List events between `since` and `until`; without `until` there is always a next page, to poll."""
    now = org.clock.now()
    since = _instant(hit, "since", now - timedelta(days=7))
    until = _instant(hit, "until", now + timedelta(milliseconds=1))
    since = max(since, now - KEPT)
    order = hit.query.get("sortOrder", "ASCENDING")
    if since > until or order not in ("ASCENDING", "DESCENDING"):
        raise OktaError("E0000001", "until" if since > until else "sortOrder")
    first, last, asked = stamp(since), stamp(until), _asked(hit)
    rows = [event for event in org.events if first <= event["published"] <= last and asked(event)]
    if order == "DESCENDING":
        rows.reverse()
    return _page(hit, rows, polling="until" not in hit.query)


def _asked(hit: Hit) -> Test:
    criteria = hit.query.get("filter", "")
    matches = compile_criteria(criteria, ATTRIBUTES) if criteria else lambda event: True
    words = hit.query.get("q", "").casefold().split()
    return lambda event: matches(event) and all(word in str(event).casefold() for word in words)


def _instant(hit: Hit, name: str, default: datetime) -> datetime:
    given = hit.query.get(name)
    if not given:
        return default
    try:
        instant = datetime.fromisoformat(given)
    except ValueError as broken:
        raise OktaError("E0000001", name, causes=[f"{name}: The date format is invalid"]) from broken
    return instant if instant.tzinfo else instant.replace(tzinfo=default.tzinfo)


def _page(hit: Hit, rows: list[Record], *, polling: bool) -> Response:
    limit, after = limit_of(hit, SIZE), hit.query.get("after", "")
    start = next((at + 1 for at, row in enumerate(rows) if row["uuid"] == after), 0)
    chosen = rows[start : start + limit]
    reply = json_response(200, chosen)
    add_link(reply, "self", self_url(hit))
    cursor = chosen[-1]["uuid"] if chosen else after
    if start + limit < len(rows) or (polling and cursor):
        add_link(reply, "next", next_url(hit, cursor, limit))
    return reply
