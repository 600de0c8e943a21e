"""Comparison with what Cloudflare echoes: it fills in what was not sent, and that is no difference."""

from typing import Any

EMPTY: tuple[Any, ...] = (None, "", False, 0, [], {})


def covers(observed: Any, desired: Any, *, partial: bool = False) -> bool:
    """Tell whether an echo holds all that is desired and, beyond it, only empty values.

    With `partial` the echo may hold more of anything at the top level: the settings of a zone that we do not manage.
    """
    if isinstance(desired, dict) and isinstance(observed, dict):
        managed = {key: value for key, value in desired.items() if value is not None}
        extra = [value for key, value in observed.items() if key not in managed]
        return (partial or all(_empty(value) for value in extra)) and all(
            covers(observed.get(key), value) for key, value in managed.items()
        )
    if isinstance(desired, list) and isinstance(observed, list):
        return len(desired) == len(observed) and all(
            covers(seen, wanted) for seen, wanted in zip(observed, desired, strict=True)
        )
    return (type(observed) is type(desired) and bool(observed == desired)) or _number(observed, desired)


def _empty(value: Any) -> bool:
    return value in EMPTY or (isinstance(value, dict) and all(_empty(item) for item in value.values()))


def _number(observed: Any, desired: Any) -> bool:
    """A count may come back as a float; a boolean is no number here."""
    numbers = (int, float)
    if isinstance(observed, bool) or isinstance(desired, bool):
        return False
    return isinstance(observed, numbers) and isinstance(desired, numbers) and observed == desired
