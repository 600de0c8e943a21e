"""Reading request bodies: the JSON object, its fields and their types, refused in the vendor's words."""

from typing import Any

from werkzeug.http import parse_options_header

from twin.world.saas.cloudflare.envelope import refusal
from twin.world.saas.router import Hit

KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
    "list": (list,),
    "object": (dict,),
}


def json_body(hit: Hit) -> Any:
    """Return the decoded body, None when there is none; refuse what is not JSON (6007) or says so (6105)."""
    kind, _ = parse_options_header(hit.request.headers.get("Content-Type", "application/json"))
    if hit.request.body and kind != "application/json":
        raise refusal("content-type", chain=refusal("bad-content-type"))
    try:
        return hit.json()
    except ValueError as broken:
        raise refusal("malformed-json") from broken


def object_body(hit: Hit) -> dict[str, Any]:
    """Return the body, which must be an object."""
    body = json_body(hit)
    if not isinstance(body, dict):
        raise refusal("malformed-json")
    return body


def matches(value: object, kind: str) -> bool:
    """Tell whether a JSON value is of a kind of `KINDS`; a boolean is no number."""
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def typed(body: dict[str, Any], name: str, kind: str, default: Any = None) -> Any:
    """Return a field, or `default` when it is absent or null; refuse another kind."""
    value = body.get(name)
    if value is None:
        return default
    if not matches(value, kind):
        raise refusal("bad-field", field=name, reason=f"must be of type {kind}")
    return value


def required(body: dict[str, Any], name: str, kind: str) -> Any:
    """Return a field that must be there."""
    value = typed(body, name, kind)
    if value is None:
        raise refusal("missing-field", field=name)
    return value
