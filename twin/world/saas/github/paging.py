"""GitHub's lists: pages by number, and the way to the others in the Link header.

https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from twin.wire import Response
from twin.world.saas.github.figures import figure
from twin.world.saas.router import Hit, json_response

Row = TypeVar("Row")


def page(hit: Hit, rows: Sequence[Row], render: Callable[[Row], Any], name: str = "") -> Response:
    """Return the page that a query wants: a plain list, or with `name` an object that counts all of them too."""
    size = min(_count(hit, "per_page", figure("page_default")), figure("page_most"))
    number = _count(hit, "page", 1)
    last = max(1, -(-len(rows) // size))
    shown = [render(row) for row in rows[(number - 1) * size : number * size]]
    reply = json_response(200, {"total_count": len(rows), name: shown} if name else shown)
    steps = {"prev": number - 1 if number > 1 else 0, "next": number + 1 if number < last else 0}
    steps |= {"first": 1 if number > 1 else 0, "last": last if number < last else 0}
    links = [f'<{_address(hit, at)}>; rel="{rel}"' for rel, at in steps.items() if at]
    if links:
        reply.headers["Link"] = ", ".join(links)
    return reply


def _count(hit: Hit, name: str, default: int) -> int:
    given = hit.query.get(name, "")
    return int(given) if given.isdecimal() and int(given) > 0 else default


def _address(hit: Hit, number: int) -> str:
    parts = urlsplit(hit.request.url)
    query = [(name, value) for name, value in hit.query.items(multi=True) if name != "page"]
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode([*query, ('page', number)])}"
