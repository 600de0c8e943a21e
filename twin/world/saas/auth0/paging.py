"""Auth0's two ways of listing: numbered pages, and checkpoints that go on after the last entry."""

from collections.abc import Callable
from typing import Any

from twin.wire import Response
from twin.world.saas.auth0.errors import invalid
from twin.world.saas.auth0.query import refused
from twin.world.saas.auth0.state import Record
from twin.world.saas.router import Hit, json_response

DEFAULT = 50
LIMITATION = "https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation"


def page(hit: Hit, rows: list[Record], render: Callable[[Record], Record], name: str, *, key: str = "id",
         counted: bool = False, checkpoints: bool = True, most: int = 0) -> Response:  # fmt: skip
    """Return one page under `name`; `counted` lists tell their length too, `key` is what a checkpoint holds.

    A list with `most` shows no entry beyond that place.
    """
    if checkpoints and ("take" in hit.query or "from" in hit.query):
        return _checkpoint(hit, rows, render, name, key=key)
    number, size = _integer(hit, "page", 0), _integer(hit, "per_page", DEFAULT)
    if most and (number + 1) * size > most:
        raise invalid(f"You can only page through the first {most} records. See {LIMITATION}", "invalid_paging")
    found = [fields(hit, render(row)) for row in rows[number * size : (number + 1) * size]]
    if hit.query.get("include_totals") != "true":
        return json_response(200, found)
    head: dict[str, Any] = {"start": number * size, "limit": size, "total": len(rows)}
    return json_response(200, head | ({"length": len(found)} if counted else {}) | {name: found})


def _checkpoint(hit: Hit, rows: list[Record], render: Callable[[Record], Record], name: str, *, key: str) -> Response:
    take, after = _integer(hit, "take", DEFAULT), hit.query.get("from", "")
    places = [place for place, row in enumerate(rows) if str(row[key]) == after]
    if after and not places:
        raise refused("the checkpoint is not known")
    start = places[0] + 1 if places else 0
    chosen = rows[start : start + take]
    found: dict[str, Any] = {name: [fields(hit, render(row)) for row in chosen]}
    if start + take < len(rows):
        found["next"] = str(chosen[-1][key])
    return json_response(200, found)


def _integer(hit: Hit, name: str, default: int) -> int:
    given = hit.query.get(name, "")
    return int(given) if given else default


def fields(hit: Hit, record: Record) -> Record:
    """Return the fields of a record that the query wants."""
    names = hit.query.get("fields", "").split(",") if hit.query.get("fields") else []
    if not names:
        return record
    included = hit.query.get("include_fields", "true") != "false"
    return {name: value for name, value in record.items() if (name in names) == included}
