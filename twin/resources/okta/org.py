"""What all Okta types share: list reads, facts, and comparison by what is desired."""

from collections.abc import Mapping
from typing import Any

from twin.resources.call import Call, Steps, okta
from twin.resources.facts import facts

GONE = ("404",)


def fact(name: str) -> Any:
    """Return a documented fact of Okta's."""
    return facts("okta", "okta")[name]


def listing(path: str, **query: Any) -> Steps[list[dict[str, Any]]]:
    """Read all pages of a list."""
    items = yield okta("GET", path, query={"limit": 200, **query}, pages=True)
    return list(items or ())


def lifecycle(path: str, step: str, **query: Any) -> Call:
    """Make the call that takes an object through a step of its life, such as `activate`."""
    return okta("POST", f"{path}/lifecycle/{step}", query=query or None, absent=GONE)


def without_empty(value: Any) -> Any:
    """Leave out what says nothing: None, empty lists and mappings; sort lists of texts, whose order says nothing."""
    if isinstance(value, Mapping):
        kept = {key: without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item not in ([], {})}
    if isinstance(value, list | tuple):
        items = [without_empty(item) for item in value]
        return sorted(items) if all(isinstance(item, str) for item in items) else items
    return value
