"""A figure as a scenario would write it."""

from typing import Any


def found(value: Any) -> str:
    """Return true, false, none where there is none, and everything else as it is."""
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)
