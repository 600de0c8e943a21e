"""Reading what a client sent: the JSON object of a request, checked, and flags of its query."""

from typing import Any

from twin.world.saas.okta.errors import OktaError, refuse
from twin.world.saas.okta.shapes import Check
from twin.world.saas.router import Hit


def object_of(hit: Hit) -> dict[str, Any]:
    """Return the body as an object; E0000003 when it is none, E0000021 when it is not declared as JSON."""
    try:
        body = hit.json()
    except ValueError as broken:
        code = "E0000021" if "content type" in str(broken) else "E0000003"
        raise OktaError(code) from broken
    if not isinstance(body, dict):
        raise OktaError("E0000003")
    return {name: _without_nulls(name, value) for name, value in body.items() if value is not None}


def _without_nulls(name: str, value: Any) -> Any:
    """Drop null fields, which say the same as absent ones; in a profile null clears an attribute."""
    if name == "profile" or not isinstance(value, dict):
        return value
    return {inner: _without_nulls(inner, member) for inner, member in value.items() if member is not None}


def checked(hit: Hit, shape: Check, about: str) -> dict[str, Any]:
    """Return the body if `shape` accepts it; E0000001 with every cause otherwise."""
    body = object_of(hit)
    verify(body, shape, about)
    return body


def verify(body: Any, shape: Check, about: str) -> None:
    """Raise E0000001 about `about` with every cause that `shape` finds."""
    causes = list(shape("", body))
    if causes:
        refuse(causes[0].partition(":")[0] if len(causes) == 1 else about, *causes)


def flag(hit: Hit, name: str, default: bool) -> bool:
    """Return a true/false parameter of the query; E0000001 when it is neither."""
    given = hit.query.get(name, "")
    if not given:
        return default
    if given.lower() not in ("true", "false"):
        refuse(name, f"{name}: must be true or false")
    return given.lower() == "true"


def one_of(hit: Hit, name: str, *allowed: str) -> str:
    """Return a parameter that may take the listed values or be absent (empty); E0000001 otherwise."""
    given = hit.query.get(name, "")
    if given and given not in allowed:
        refuse(name, f"{name}: '{given}' is not one of {', '.join(allowed)}")
    return given
