"""Lists as Cloudflare gives them: filters with operators, an order, and pages that end with an empty one."""

from collections.abc import Callable, Sequence
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.envelope import refusal, success
from twin.world.saas.router import Hit

Row = dict[str, Any]

TESTS: dict[str, Callable[[str, str], bool]] = {
    "exact": lambda text, wanted: text == wanted,
    "equal": lambda text, wanted: text == wanted,
    "not_equal": lambda text, wanted: text != wanted,
    "contains": lambda text, wanted: wanted in text,
    "startswith": lambda text, wanted: text.startswith(wanted),
    "starts_with": lambda text, wanted: text.startswith(wanted),
    "endswith": lambda text, wanted: text.endswith(wanted),
    "ends_with": lambda text, wanted: text.endswith(wanted),
}


def whole_number(hit: Hit, name: str, default: int, limits: tuple[int, int | None]) -> int:
    """Return a whole number of the query within its documented limits; refuse any other (1003)."""
    low, high = limits
    text = hit.query.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdecimal() else -1
    if number < low or (high is not None and number > high):
        reason = f"at least {low}" if high is None else f"between {low} and {high}"
        raise refusal("bad-page", name=name, reason=f"a whole number, {reason}")
    return number


def choice(hit: Hit, name: str, choices: Sequence[str], default: str) -> str:
    """Return a word of the query out of the documented ones; refuse any other."""
    value = hit.query.get(name, default)
    if value not in choices:
        raise refusal("bad-field", field=name, reason=f"must be one of {', '.join(choices)}")
    return value


def operator_test(text: str, wanted: str) -> bool:
    """Match as the zone list does: `contains:example`, `starts_with:dev`, or the exact text.

    Case counts only for the operators that say so.
    """
    operator, colon, operand = wanted.partition(":")
    if colon and operator.endswith("_case_sensitive") and operator.removesuffix("_case_sensitive") in TESTS:
        return TESTS[operator.removesuffix("_case_sensitive")](text, operand)
    if colon and operator in TESTS:
        return TESTS[operator](text.lower(), operand.lower())
    return text.lower() == wanted.lower()


def combine(hit: Hit, verdicts: Sequence[bool]) -> bool:
    """Join the verdicts of all filters given: all of them, or any with `match=any`."""
    mode = choice(hit, "match", ("all", "any"), "all")
    return not verdicts or (all(verdicts) if mode == "all" else any(verdicts))


def ordered(hit: Hit, rows: list[Row], orders: Sequence[str], default: str) -> list[Row]:
    """Sort by `order` and `direction`; rows that tie keep the order in which they were made."""
    key = choice(hit, "order", orders, default)
    falling = choice(hit, "direction", ("asc", "desc"), "asc") == "desc"
    return sorted(rows, key=lambda row: _sortable(row, key), reverse=falling)


def _sortable(row: Row, path: str) -> Any:
    value: Any = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return ("", value) if isinstance(value, bool | int | float) else (str(value or ""), 0)


def paged(hit: Hit, rows: Sequence[Any], *, per_page: int, limits: tuple[int, int | None]) -> Response:
    """Answer one page of `rows` with its `result_info`; past the end the page is empty."""
    page = whole_number(hit, "page", 1, (1, None))
    size = whole_number(hit, "per_page", per_page, limits)
    part = list(rows[(page - 1) * size : page * size])
    info = {
        "page": page,
        "per_page": size,
        "count": len(part),
        "total_count": len(rows),
        "total_pages": -(-len(rows) // size),
    }
    return success(part, info=info)
