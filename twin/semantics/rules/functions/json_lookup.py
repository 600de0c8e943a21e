"""Looking up a value in a string that holds JSON."""

import json
from typing import Any


def lookup_string(source: bytes, *path: bytes | int) -> bytes | None:
    """Return the string at a path of names and positions, None when there is none."""
    found = _at(source, path)
    return found.encode("utf-8", "surrogatepass") if isinstance(found, str) else None


def lookup_integer(source: bytes, *path: bytes | int) -> int | None:
    """Return the plain integer at a path, None when there is none; 42.0 is not one."""
    found = _at(source, path)
    plain = isinstance(found, int) and not isinstance(found, bool) and -(2**63) <= found < 2**63
    return found if plain else None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _at(source: bytes, path: tuple[bytes | int, ...]) -> Any:
    try:
        found = json.loads(source.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    for step in path:
        if isinstance(found, dict) and isinstance(step, bytes):
            found = found.get(step.decode("utf-8", "replace"))
        elif isinstance(found, list) and isinstance(step, int) and 0 <= step < len(found):
            found = found[step]
        else:
            return None
    return found
