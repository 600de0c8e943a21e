"""Durations as people write them: `90s`, `45m`, `8h`, `30d`."""

import re
from math import inf
from typing import Any

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
FORM = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")


def seconds(value: Any) -> float:
    """Return a duration in seconds; ValueError when it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf:
        return float(value)
    match = FORM.fullmatch(str(value).strip())
    if match is None:
        raise ValueError(f"{value!r} is no duration; write 90s, 45m, 8h or 30d")
    return float(match[1]) * UNITS[match[2]]


def period(value: Any) -> float:
    """Return a time after which something is done again, in seconds; ValueError when it is none, or takes none."""
    found = seconds(value)
    if not found:
        raise ValueError(f"{value!r} is no time at all; write 30s or 5m")
    return found


def between(first: float | None, second: float | None) -> float | None:
    """Return the seconds from one instant to another; None where one of them never came."""
    return None if first is None or second is None else round(second - first, 3)


def following(cause: float | None, what: float | None) -> float | None:
    """Return the seconds from a cause to what came of it; None where either never came, or it came before."""
    return None if cause is not None and what is not None and what < cause else between(cause, what)
