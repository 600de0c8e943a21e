"""Reading what a client sent: the JSON object of a request, held against the fields that the vendor documents."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.saas.auth0.errors import invalid
from twin.world.saas.router import Hit

EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float), "array": (list,),
    "object": (dict,), "null": (type(None),),
}  # fmt: skip


@cache
def _operations() -> dict[str, Any]:
    return dict(json.loads((Path(__file__).parent / "data" / "fields.json").read_text())["operations"])


def object_of(hit: Hit) -> dict[str, Any]:
    """Return the body as an object."""
    try:
        body = hit.json()
    except ValueError as broken:
        raise invalid(f"Invalid request payload JSON format: {broken}") from broken
    if not isinstance(body, dict):
        raise invalid("Payload validation error: 'Expected type object but found type other'.")
    return body


def checked(hit: Hit, operation: str) -> dict[str, Any]:
    """Return the body if it is what an operation takes; 400 with the first thing that is wrong otherwise."""
    body, known = object_of(hit), _operations()[operation]
    missing = [name for name in known["required"] if name not in body]
    if missing:
        raise invalid(f"Payload validation error: 'Missing required property: {missing[0]}'.")
    for name, value in body.items():
        if name not in known["fields"]:
            raise invalid(f"Payload validation error: 'Additional properties not allowed: {name}'.")
        problem = _problem(value, known["fields"][name])
        if problem:
            raise invalid(f"Payload validation error: '{problem}' on property {name}.")
    return body


def _problem(value: Any, rule: dict[str, Any]) -> str:
    allowed = tuple(kind for name in rule["type"] for kind in TYPES[name])
    if (isinstance(value, bool) and bool not in allowed) or not isinstance(value, allowed):
        found = next((name for name, kinds in TYPES.items() if type(value) in kinds), "null")
        return f"Expected type {' or '.join(rule['type'])} but found type {found}"
    if "enum" in rule and value not in rule["enum"]:
        return f"No enum match for: {value}"
    if isinstance(value, str):
        return _text_problem(value, rule)
    if isinstance(value, list):
        return _list_problem(value, rule)
    if isinstance(value, dict) and "fields" in rule:
        return _part_problem(value, rule)
    if isinstance(value, int) and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        return f"Value {value} is out of bounds"
    return ""


def _list_problem(value: list[Any], rule: dict[str, Any]) -> str:
    if not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", 10**6):
        return f"Array has {len(value)} items, allowed are {rule.get('minItems', 0)} to {rule.get('maxItems', '')}"
    problems = (_problem(one, rule["items"]) for one in value if "items" in rule)
    return next(filter(None, problems), "")


def _part_problem(value: dict[str, Any], rule: dict[str, Any]) -> str:
    """Return what is wrong with an object in a list: what lacks, what is unknown, what is of another type."""
    missing = [name for name in rule.get("required", ()) if name not in value]
    if missing:
        return f"Missing required property: {missing[0]}"
    if other := [name for name in value if name not in rule["fields"] and rule.get("closed")]:
        return f"Additional properties not allowed: {other[0]}"
    problems = (_problem(one, rule["fields"][name]) for name, one in value.items() if name in rule["fields"])
    return next(filter(None, problems), "")


def _text_problem(value: str, rule: dict[str, Any]) -> str:
    if len(value) < rule.get("minLength", 0):
        return f"String is too short ({len(value)} chars), minimum {rule['minLength']}"
    if len(value) > rule.get("maxLength", len(value)):
        return f"String is too long ({len(value)} chars), maximum {rule['maxLength']}"
    if "pattern" in rule and not re.search(rule["pattern"], value):
        return f"String does not match pattern {rule['pattern']}"
    if rule.get("format") == "email" and not re.fullmatch(EMAIL, value):
        return f"Object didn't pass validation for format email: {value}"
    return ""
