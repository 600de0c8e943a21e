"""The operations that Okta documents, by its own names: what a call is called, and which are refused by name."""

import json
import re
from functools import cache
from pathlib import Path

from twin.world.saas.okta.state import ROUTER


@cache
def operation_name(rule: str) -> str:
    """Return Okta's name of a bound operation (`GET /api/v1/groups/{groupId}`); ours where it documents none."""
    return _names().get(_shape(rule), rule)


def documented(method: str, path: str) -> str:
    """Return the documented operation of a path, empty when there is none."""
    for name, pattern in _patterns():
        verb, _, _rule = name.partition(" ")
        if verb == method and pattern.fullmatch(path.rstrip("/")):
            return name
    return ""


def _shape(operation: str) -> str:
    return re.sub(r"<\w+>|\{\w+\}", "{}", operation)


@cache
def _listed() -> tuple[str, ...]:
    path = Path(__file__).parent / "data" / "operations.json"
    return tuple(json.loads(path.read_text())["operations"])


@cache
def _names() -> dict[str, str]:
    known = {_shape(name): name for name in _listed()}
    return {_shape(rule): known.get(_shape(rule), rule) for rule in ROUTER.endpoints}


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Fixed paths before those with variables, which match them too.
    ordered = sorted(_listed(), key=lambda name: name.count("{"))
    return tuple((name, re.compile(re.sub(r"\{\w+\}", "[^/]+", name.split(" ")[1]))) for name in ordered)
