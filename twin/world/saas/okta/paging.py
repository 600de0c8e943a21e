"""Pages of a list: `limit` and `after` in, `Link` headers out (self first, next last)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from twin.wire import Response
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.links import base
from twin.world.saas.router import Hit, json_response

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """The default and the greatest page of an operation."""

    default: int
    most: int


def page(hit: Hit, rows: Sequence[Record], render: Callable[[Record], Any], size: Size) -> Response:
    """Answer with one page; the cursor is the id of the last row of the page before."""
    limit = limit_of(hit, size)
    start = _start(hit, rows)
    chosen = rows[start : start + limit]
    reply = json_response(200, [render(row) for row in chosen])
    add_link(reply, "self", self_url(hit))
    if chosen and start + limit < len(rows):
        add_link(reply, "next", next_url(hit, str(chosen[-1]["id"]), limit))
    return reply


def limit_of(hit: Hit, size: Size) -> int:
    """Return the page size asked for, capped; -1 asks for the most; E0000029 when it is no number above zero."""
    given = hit.query.get("limit", "")
    if not given:
        return size.default
    if given == "-1":
        return size.most
    if not given.isdecimal() or int(given) < 1:
        raise OktaError("E0000029")
    return min(int(given), size.most)


def _start(hit: Hit, rows: Sequence[Record]) -> int:
    after = hit.query.get("after", "")
    if not after:
        return 0
    for index, row in enumerate(rows):
        if row["id"] == after:
            return index + 1
    raise OktaError("E0000029")


def add_link(reply: Response, relation: str, url: str) -> None:
    """Add one `Link` header line."""
    reply.headers.add("Link", f'<{url}>; rel="{relation}"')


def self_url(hit: Hit) -> str:
    """Return the URL that was asked, on the host that was asked."""
    query = urlencode(list(hit.query.items(multi=True)))
    path = f"{base(hit)}{urlsplit(hit.request.url).path}"
    return f"{path}?{query}" if query else path


def next_url(hit: Hit, after: str, limit: int) -> str:
    """Return the URL of the page that follows `after`, every other parameter kept."""
    kept = [(name, value) for name, value in hit.query.items(multi=True) if name not in ("after", "limit")]
    path = f"{base(hit)}{urlsplit(hit.request.url).path}"
    return f"{path}?{urlencode([('after', after), ('limit', str(limit)), *kept])}"
