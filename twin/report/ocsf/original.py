"""The event as its vendor wrote it, from which a form takes what it has a place for."""

from collections.abc import Mapping
from typing import Any


class Original:
    """A copy of an event that knows what of it was taken."""

    def __init__(self, detail: Mapping[str, Any]) -> None:
        self._left: dict[str, Any] = {name: _copied(value) for name, value in detail.items()}

    def take(self, *path: str) -> Any:
        """Return what stands at a path and take it away; None when nothing does."""
        found: Any = self._left
        for name in path[:-1]:
            found = found.get(name) if isinstance(found, dict) else None
        return found.pop(path[-1], None) if isinstance(found, dict) else None

    def keep(self, name: str, value: Any) -> None:
        """Put back what a form has no place for."""
        self._left[name] = value

    def rest(self) -> dict[str, Any]:
        """Return what nobody took."""
        left: dict[str, Any] = without_nothing(self._left)
        return left


def without_nothing(value: Any) -> Any:
    """Return plain data without what is null or empty, at every depth; false and 0 are something."""
    if isinstance(value, Mapping):
        kept = {name: without_nothing(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if not _nothing(inner)}
    if isinstance(value, list | tuple):
        return [inner for inner in map(without_nothing, value) if not _nothing(inner)]
    return value


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str | dict | list) and not value)


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list | tuple) else value
