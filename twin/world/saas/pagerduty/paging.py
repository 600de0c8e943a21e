"""PagerDuty's lists: a page by offset and limit, and whether there is more.

https://developer.pagerduty.com/docs/pagination
"""

from collections.abc import Callable, Sequence

from twin.semantics.oncall.rotation import instant
from twin.wire import Response
from twin.world.saas.pagerduty.errors import invalid
from twin.world.saas.pagerduty.figures import figure
from twin.world.saas.pagerduty.state import Record
from twin.world.saas.router import Hit, json_response


def page(hit: Hit, rows: Sequence[Record], render: Callable[[Record], Record], name: str) -> Response:
    """Return the page that a query wants under `name`; the total is counted only when it is asked for."""
    limit = min(_count(hit, "limit", figure("page_default")), figure("page_most"))
    offset = _count(hit, "offset", 0)
    if offset + limit > figure("page_reach"):
        raise invalid(f"Offset must be less than or equal to {figure('page_reach') - limit}")
    total = len(rows) if hit.query.get("total") == "true" else None
    shown = [render(row) for row in rows[offset : offset + limit]]
    more = offset + limit < len(rows)
    return json_response(200, {name: shown, "limit": limit, "offset": offset, "total": total, "more": more})


def _count(hit: Hit, name: str, default: int) -> int:
    given = hit.query.get(name, "")
    if not given:
        return default
    if not given.isdecimal():
        raise invalid(f"{name.capitalize()} must be a non-negative integer")
    return int(given)


def of_teams(hit: Hit, rows: Sequence[Record]) -> list[Record]:
    """Return the rows that belong to the teams of a query: none do, as what is made here belongs to no team."""
    return [] if "team_ids[]" in hit.query else list(rows)


def searched(hit: Hit, rows: Sequence[Record], *fields: str) -> list[Record]:
    """Return the rows one of whose fields holds the query's text."""
    text = hit.query.get("query", "").lower()
    return [row for row in rows if not text or any(text in str(row.get(field, "")).lower() for field in fields)]


def within(hit: Hit, rows: list[Record]) -> list[Record]:
    """Leave out what began before `since` or after `until`."""
    try:
        since, until = (instant(hit.query[name]) if name in hit.query else None for name in ("since", "until"))
    except (ValueError, OverflowError) as broken:
        raise invalid("since and until must be valid ISO8601 times") from broken
    return [
        one
        for one in rows
        if (since is None or instant(one["created_at"]) >= since)
        and (until is None or instant(one["created_at"]) <= until)
    ]
