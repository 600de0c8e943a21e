"""Checks of request bodies, composed from small ones; each returns what is wrong as sentences of causes."""

import re
from collections.abc import Callable, Iterator
from typing import Any

Check = Callable[[str, Any], Iterator[str]]


def text(*, least: int = 0, most: int = 100_000, pattern: str = "") -> Check:
    """Accept a string of a length and a form."""

    def check(at: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at}: The field must be a string"
        elif not least <= len(value) <= most:
            bound = "cannot be left blank" if not value else f"must be between {least} and {most} characters"
            yield f"{at}: The field {bound}"
        elif pattern and not re.fullmatch(pattern, value):
            yield f"{at}: '{value}' is not valid"

    return check


def choice(*allowed: Any) -> Check:
    """Accept one of the listed values."""

    def check(at: str, value: Any) -> Iterator[str]:
        if value not in allowed:
            yield f"{at}: '{value}' is not one of {', '.join(map(str, allowed))}"

    return check


def integer(least: int = 0, most: int = 2**31) -> Check:
    """Accept a whole number within bounds."""

    def check(at: str, value: Any) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{at}: The field must be an integer"
        elif not least <= value <= most:
            yield f"{at}: The value must be between {least} and {most}"

    return check


def boolean(at: str, value: Any) -> Iterator[str]:
    """Accept true or false."""
    if not isinstance(value, bool):
        yield f"{at}: The field must be a boolean"


def anything(at: str, value: Any) -> Iterator[str]:
    """Accept every JSON value."""
    yield from ()


def nullable(inner: Check) -> Check:
    """Accept null besides what `inner` accepts."""

    def check(at: str, value: Any) -> Iterator[str]:
        if value is not None:
            yield from inner(at, value)

    return check


def listing(item: Check, *, most: int = 10_000) -> Check:
    """Accept a list whose members `item` accepts."""

    def check(at: str, value: Any) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at}: The field must be an array"
            return
        if len(value) > most:
            yield f"{at}: The array holds more than {most} items"
        for index, member in enumerate(value):
            yield from item(f"{at}[{index}]", member)

    return check


def record(required: str = "", /, **fields: Check) -> Check:
    """Accept an object of the named fields only; `required` names those that must be there, by words.

    A name that Python keeps for itself is written with a trailing underscore.
    """
    return _record(required, fields, closed=True)


def open_record(required: str = "", /, **fields: Check) -> Check:
    """Accept an object that may hold more than the named fields."""
    return _record(required, fields, closed=False)


def _record(required: str, fields: dict[str, Check], *, closed: bool) -> Check:
    known = {name.rstrip("_"): check for name, check in fields.items()}
    needed = required.split()

    def check(at: str, value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at or 'body'}: The field must be an object"
            return
        prefix = f"{at}." if at else ""
        for name in needed:
            if value.get(name) in (None, ""):
                yield f"{prefix}{name}: The field cannot be left blank"
        for name, member in value.items():
            if name not in known and closed:
                yield f"{prefix}{name}: The field is not known"
            elif name in known and member is not None:
                yield from known[name](f"{prefix}{name}", member)

    return check


IDS = listing(text(least=1))
STATUS = choice("ACTIVE", "INACTIVE")
# What Okta itself sends and ignores when it is sent back.
READ_ONLY: dict[str, Check] = dict.fromkeys(
    ("id", "created", "lastUpdated", "_links", "_embedded", "status", "system"), anything
)
