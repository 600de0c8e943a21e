"""The documented bounds of values, as checks over the fact files; what is not known yet is not judged."""

import re
from collections.abc import Iterator
from typing import Any

from twin.resources.aws.facts import facts
from twin.resources.reference import unknown
from twin.resources.resource import Problem


def within(family: str, fact: str, value: float | None, field: str) -> Iterator[Problem]:
    """Check that a number lies between the two bounds of a fact."""
    if value is None:
        return
    low, high = facts(family)[fact]
    if not low <= value <= high:
        yield Problem("TW0475", f"{field} is {value:g}; the service takes {low:g} to {high:g}", field)


def one_of(family: str, fact: str, value: Any, field: str) -> Iterator[Problem]:
    """Check that a value is one of those that a fact lists."""
    allowed = facts(family)[fact]
    if value is not None and not unknown(value) and value not in allowed:
        yield Problem(
            "TW0481", f"{field} is {value!r}; the service knows only some values", field, f"one of {_some(allowed)}"
        )


def matches(family: str, fact: str, value: str | None, field: str) -> Iterator[Problem]:
    """Check that a text fits the pattern of a fact, which also says in words what is allowed."""
    rule = facts(family)[fact]
    if value is not None and not unknown(value) and not re.fullmatch(rule["pattern"], value):
        yield Problem("TW0485", f"{value!r} is not a valid {field}: {rule['says']}", field)


def at_most(family: str, fact: str, count: int, field: str) -> Iterator[Problem]:
    """Check that a set has no more members than a fact allows."""
    limit = facts(family)[fact]
    if count > limit:
        yield Problem("TW0489", f"{field} has {count} members; the service takes at most {limit}", field)


def _some(values: list[Any], limit: int = 30) -> str:
    shown = ", ".join(str(value) for value in values[:limit])
    return shown if len(values) <= limit else f"{shown}, …"
