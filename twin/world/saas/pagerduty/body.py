"""Reading what a client sent: the object that a request wraps under its own name."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from twin.world.saas.pagerduty.errors import RestError, invalid
from twin.world.saas.pagerduty.shapes import SHAPES
from twin.world.saas.pagerduty.state import Record
from twin.world.saas.router import Hit
from twin.world.saas.shape import misshapen

POSITIVE = ("auto_resolve_timeout", "acknowledgement_timeout", "escalation_level")
KINDS: dict[type, str] = {str: "string", int: "integer", list: "array", dict: "object", bool: "boolean"}


def object_of(hit: Hit) -> Record:
    """Return the body as an object."""
    try:
        body = hit.json()
    except ValueError as broken:
        raise RestError(400, "Invalid JSON", 2001, [str(broken)]) from broken
    if not isinstance(body, dict):
        raise invalid("Request body must be a JSON object")
    return body


def wrapped(hit: Hit, name: str) -> Record:
    """Return the object under `name`; PagerDuty misses what comes without it."""
    body = object_of(hit).get(name)
    if not isinstance(body, dict):
        raise RestError(400, "Missing Arguments", 2003, [f"{name} is required"])
    return shaped(body, name)


def shaped(body: Any, name: str) -> Record:
    """Return an object as it is if it has the types that PagerDuty reads."""
    if problems := list(misshapen(body, SHAPES[name])):
        raise invalid(*problems)
    if not isinstance(body, dict):
        raise invalid(f"{name} must be of type object")
    for figure, value in body.items():
        if figure in POSITIVE and value is not None and value <= 0:
            raise invalid(f"{figure} must be greater than 0")
    return body


def check_zone(name: str) -> None:
    """Refuse a time zone that is none."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise invalid("Time zone is invalid") from unknown


def typed(body: Record, **kinds: type) -> None:
    """Refuse fields of another type; null is taken for what is not given."""
    wrong = []
    for name, kind in kinds.items():
        value: Any = body.get(name)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            wrong.append(f"{name} must be of type {KINDS[kind]}")
    if wrong:
        raise invalid(*wrong)


def named(body: Record, field: str = "name", said: str = "Name") -> str:
    """Return the name; PagerDuty refuses a blank one."""
    name = body.get(field)
    if not isinstance(name, str) or not name.strip():
        raise invalid(f"{said} cannot be blank.")
    return name
