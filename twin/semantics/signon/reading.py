"""Reading one member of a question: what has the wrong form is a ValueError that names its place."""

from collections.abc import Iterable, Mapping
from typing import Any

MOST = 2**53  # beyond it JSON's numbers are no longer exact


def wrong(at: str, wanted: str) -> ValueError:
    """Return the error of a member that is not what it must be."""
    return ValueError(f"`{at}` must be {wanted}")


def mapping(value: Any, at: str) -> Mapping[str, Any]:
    """Return an object; null counts as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise wrong(at, "an object")
    return value


def only(value: Mapping[str, Any], at: str, allowed: Iterable[str]) -> Mapping[str, Any]:
    """Return an object that says nothing beyond the members that are read: a misspelt limit is none."""
    known = tuple(allowed)
    unknown = sorted(name for name, said in value.items() if name not in known and said not in (None, [], {}, ""))
    if unknown:
        raise ValueError(f"`{at}` has {', '.join(unknown)}, which is not read; it has {', '.join(known)}")
    return value


def rows(value: Any, at: str) -> list[Any]:
    """Return a list; null counts as an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(at, "a list")
    return value


def texts(value: Any, at: str) -> tuple[str, ...]:
    """Return a list of strings."""
    found = rows(value, at)
    if not all(isinstance(one, str) for one in found):
        raise wrong(at, "a list of strings")
    return tuple(found)


def text(value: Any, at: str) -> str:
    """Return a string, empty for null."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(at, "a string")
    return value


def number(value: Any, at: str) -> float:
    """Return a number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST:
        raise wrong(at, "a number that is not negative")
    return float(value)


def flag(value: Any, at: str) -> bool | None:
    """Return true, false, or None where nothing is said."""
    if value is not None and not isinstance(value, bool):
        raise wrong(at, "true or false")
    return value


def choice(value: Any, at: str, allowed: Iterable[str]) -> str:
    """Return one of the words that are allowed."""
    known = tuple(allowed)
    if value not in known:
        raise wrong(at, f"one of {', '.join(known)}, not {value!r}")
    return str(value)
