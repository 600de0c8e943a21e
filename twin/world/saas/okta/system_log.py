"""The System Log as its API shows it: filtered, in time order, polled page by page, for 90 days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.wire import Response
from twin.world.saas.okta.criteria import Test, compile_criteria
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.paging import Size, add_link, limit_of, next_url, self_url
from twin.world.saas.okta.state import ROUTER, Org, Record, stamp
from twin.world.saas.router import Hit, json_response

ATTRIBUTES = r"(eventType|severity|published|uuid|(actor|target|client|outcome|transaction|debugContext)(\.\w+)+)"
SIZE = Size(100, 1000)
KEYWORDS, KEYWORD_LENGTH = 10, 40  # the contract of GET /api/v1/logs
KEPT = timedelta(days=90)  # https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/


@ROUTER.route("GET", "/api/v1/logs")
def list_events(org: Org, hit: Hit) -> Response:
    """List events between `since` and `until`; without `until` there is always a next page, to poll."""
    now = org.clock.now()
    _forget(org, now)
    until = _instant(hit, "until", now + timedelta(milliseconds=1))
    since = _instant(hit, "since", until - timedelta(days=7))
    order = hit.query.get("sortOrder", "ASCENDING")
    if since > until or order not in ("ASCENDING", "DESCENDING"):
        raise OktaError("E0000001", "until" if since > until else "sortOrder")
    first, last, asked = stamp(since), stamp(until), _asked(hit)
    left = _after(org.events if order == "ASCENDING" else org.events[::-1], hit.query.get("after", ""))
    # A cursor says more than `since`, whose default moves with the clock while somebody polls.
    bounded = "since" in hit.query or "after" not in hit.query
    rows = [event for event in left if (not bounded or first <= event["published"]) and event["published"] <= last]
    return _page(hit, [event for event in rows if asked(event)], polling="until" not in hit.query)


def _forget(org: Org, now: datetime) -> None:
    """Drop what is older than the log keeps; the events stand in time order."""
    oldest = stamp(now - KEPT)
    if org.events and org.events[0]["published"] < oldest:
        org.events = [event for event in org.events if event["published"] >= oldest]


def _after(events: list[Record], cursor: str) -> list[Record]:
    for place, event in enumerate(events):
        if cursor and event["uuid"] == cursor:
            return events[place + 1 :]
    return events


def _asked(hit: Hit) -> Test:
    criteria = hit.query.get("filter", "")
    matches = compile_criteria(criteria, ATTRIBUTES) if criteria else lambda event: True
    words = hit.query.get("q", "").casefold().split()
    if len(words) > KEYWORDS or any(len(word) > KEYWORD_LENGTH for word in words):
        raise OktaError("E0000001", "q", causes=[f"q: At most {KEYWORDS} keywords of {KEYWORD_LENGTH} characters"])

    def asked(event: Record) -> bool:
        return matches(event) and (not words or _has(" ".join(_values(event)).casefold(), words))

    return asked


def _has(text: str, words: list[str]) -> bool:
    return all(word in text for word in words)


def _values(member: Any) -> Iterator[str]:
    if isinstance(member, dict | list):
        for inner in member.values() if isinstance(member, dict) else member:
            yield from _values(inner)
    elif member is not None:
        yield str(member)


def _instant(hit: Hit, name: str, default: datetime) -> datetime:
    given = hit.query.get(name)
    if not given:
        return default
    try:
        instant = datetime.fromisoformat(given)
    except ValueError as broken:
        raise OktaError("E0000001", name, causes=[f"{name}: The date format is invalid"]) from broken
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _page(hit: Hit, rows: list[Record], *, polling: bool) -> Response:
    limit = limit_of(hit, SIZE)
    chosen = rows[:limit]
    reply = json_response(200, chosen)
    add_link(reply, "self", self_url(hit))
    cursor = chosen[-1]["uuid"] if chosen else hit.query.get("after", "")
    if limit < len(rows) or (polling and cursor):
        add_link(reply, "next", next_url(hit, cursor, limit))
    return reply
