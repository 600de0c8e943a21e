"""The operations that Auth0 documents: their names, what the log calls them, and the scopes that open them."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

PREFIX = "/api/v2"


@cache
def operations() -> dict[str, Any]:
    """Return the documented operations of the management API by `METHOD /path/{id}`."""
    return dict(json.loads((Path(__file__).parent / "data" / "operations.json").read_text())["operations"])


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
    for name in sorted(operations(), key=lambda one: one.count("{")):
        verb, _, rule = name.partition(" ")
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", rule), path.removeprefix(PREFIX)):
            return name
    return ""
