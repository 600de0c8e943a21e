"""Fields that the spec leaves as they are: their observed values stand in for the wanted ones."""

from collections.abc import Iterable, Mapping
from typing import Any


def left_alone(wanted: Mapping[str, Any], observed: Mapping[str, Any], ignore: Iterable[str]) -> dict[str, Any]:
    """Return the wanted fields with what is observed where the spec ignores; `tags.cost` is one entry of a mapping."""
    found = dict(wanted)
    for name in ignore:
        field, _, below = name.partition(".")
        if not below:
            _take(found, observed, field)
        elif isinstance(inner := found.get(field), Mapping):
            seen = observed.get(field)
            found[field] = left_alone(inner, seen if isinstance(seen, Mapping) else {}, [below])
    return found


def _take(found: dict[str, Any], observed: Mapping[str, Any], name: str) -> None:
    if observed.get(name) is not None:
        found[name] = observed[name]
    else:
        found.pop(name, None)
