"""Which scope of the management API a call by an OAuth token needs, and which scopes there are.

https://developer.okta.com/docs/api/oauth2/
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.saas.okta.path_rules import covers, fits

READ, MANAGE = "read", "manage"


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "api_scopes.json").read_text())
    return found


@cache
def known_scopes() -> frozenset[str]:
    """Return the names of all scopes that can be granted."""
    areas = {area for _, area in _data()["paths"]} | set(_data()["further"])
    both = {f"okta.{area}.{verb}" for area in areas for verb in (READ, MANAGE)}
    # A log is only read.
    return frozenset(both | {scope for _, scope in _data()["calls"]}) - {"okta.logs.manage"}


@cache
def needed(method: str, path: str) -> str | None:
    """Return the scope that a call needs; empty for one that no scope allows, None where nothing is served."""
    if any(fits(rule, method, path) for rule in _data()["none"]):
        return ""
    for rule, scope in _data()["calls"]:
        if fits(rule, method, path):
            return str(scope)
    for form, area in _data()["paths"]:
        if covers(form, path):
            return f"okta.{area}.{READ if method == 'GET' else MANAGE}"
    return None


def granted(scope: str, held: frozenset[str]) -> bool:
    """Tell whether the scopes held are enough for the one needed: who may manage may read."""
    area, _, verb = scope.rpartition(".")
    return bool(scope) and (scope in held or (verb == READ and f"{area}.{MANAGE}" in held))
