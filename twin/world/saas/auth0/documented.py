"""The operations that Auth0 documents: their names, what the log calls them, and the scopes that open them."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

PREFIX = "/api/v2"


@cache
def _data() -> dict[str, Any]:
    return dict(json.loads((Path(__file__).parent / "data" / "operations.json").read_text()))


@cache
def operations() -> dict[str, Any]:
    """Return the documented operations of the management API by `METHOD /path/{id}`."""
    return dict(_data()["operations"])


@cache
def _by_shape() -> dict[str, str]:
    return {_shape(name): name for name in operations()}


def _shape(operation: str) -> str:
    return re.sub(r"<(?:\w+:)?\w+>|\{\w+\}", "{}", operation)


def operation_name(rule: str) -> str:
    """Return Auth0's name of a bound operation; ours where it documents none."""
    method, _, path = rule.partition(" ")
    return _by_shape().get(f"{method} {_shape(path.removeprefix(PREFIX))}", rule)


def documented(method: str, path: str) -> str:
    """Return the documented operation of a path, empty when there is none."""
    if not path.startswith(PREFIX):
        return ""
    for name, pattern in _patterns():
        if name.startswith(f"{method} ") and pattern.fullmatch(path.removeprefix(PREFIX)):
            return name
    return ""


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return all that is documented, fixed paths before those with variables, which match them too."""
    ordered = sorted([*operations(), *_data()["further"]], key=lambda one: one.count("{"))
    return tuple((name, re.compile(re.sub(r"\{\w+\}", "[^/]+", name.split(" ")[1]))) for name in ordered)
