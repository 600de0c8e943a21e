"""Headers that rules set, add and remove, on the way to the origin or back to the visitor."""

from collections.abc import Mapping
from typing import Any

from twin.semantics.edge.expressions import Lists, value
from twin.semantics.edge.outcome import Lines
from twin.semantics.rules.values import Fields


def changed(headers: Lines, changes: Mapping[str, Any], fields: Fields, lists: Lists) -> dict[str, tuple[str, ...]]:
    """Return headers after the changes of one rule; a value that is missing or empty changes nothing.

    https://developers.cloudflare.com/rules/transform/request-header-modification/
    """
    result = dict(headers)
    for given, change in changes.items():
        name = given.lower()
        if change["operation"] == "remove":
            result.pop(name, None)
            continue
        new = change["value"] if "value" in change else value(change["expression"], fields, lists)
        if new in (None, ""):
            continue
        before = result.get(name, ()) if change["operation"] == "add" else ()
        result[name] = (*before, _text(new))
    return result


def _text(new: Any) -> str:
    return str(new).lower() if isinstance(new, bool) else str(new)
