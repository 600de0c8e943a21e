"""Reading what a client asks: the query of a request, held against the parameters that the vendor documents."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.saas.auth0.errors import ManagementError, invalid
from twin.world.saas.router import Hit


@cache
def _operations() -> dict[str, Any]:
    return dict(json.loads((Path(__file__).parent / "data" / "query.json").read_text())["operations"])


def check_query(hit: Hit, operation: str) -> None:
    """Refuse a query with what an operation does not take, or what the twin does not read; 400 tells which."""
    if operation not in _operations():
        return
    known = _operations()[operation]
    for name, rule in known.items():
        if rule.get("required") and name not in hit.query:
            raise refused(f"'Missing required property: {name}'.")
    for name, value in hit.query.items(multi=True):
        if name not in known:
            raise refused(f"'Additional properties not allowed: {name}'.")
        if known[name].get("unread"):
            raise invalid(f"The twin does not read the query parameter {name} of {operation}", "not_simulated")
        problem = _problem(value, known[name])
        if problem:
            raise refused(f"'{problem}' on property {name}.")


def refused(problem: str) -> ManagementError:
    """Build the 400 that says what is wrong with a query."""
    return invalid(f"Query validation error: {problem}", "invalid_query_string")


def _problem(value: str, rule: dict[str, Any]) -> str:
    if rule.get("type") == "boolean" and value not in ("true", "false"):
        return "Expected type boolean but found type string"
    if rule.get("type") != "integer":
        return ""
    if not value.removeprefix("-").isascii() or not value.removeprefix("-").isdecimal():
        return "Expected type integer but found type string"
    if int(value) < rule.get("minimum", int(value)):
        return f"Value {value} is less than minimum {rule['minimum']}"
    if int(value) > rule.get("maximum", int(value)):
        return f"Value {value} is greater than maximum {rule['maximum']}"
    return ""
