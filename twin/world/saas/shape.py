"""Whether what a client sent has the shape that a vendor reads: types of fields, all the way down.

A shape is a type, a list of one shape, or a mapping of fields to shapes; fields that it does not name may be anything.
"""

from collections.abc import Iterator, Mapping
from typing import Any

NAMES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "array",
}
MOST = 10**9
"""No figure that a vendor takes is larger; what is would overflow a calendar."""


def misshapen(value: Any, shape: Any, at: str = "") -> Iterator[str]:
    """Yield what is of another shape; null stands for what is not given, except in a list."""
    if value is None:
        return
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{at} must be of type array"
            return
        for number, item in enumerate(value):
            if item is None:
                yield f"{at}[{number}] must not be null"
            yield from misshapen(item, shape[0], f"{at}[{number}]")
    elif isinstance(shape, Mapping):
        if not isinstance(value, dict):
            yield f"{at or 'the body'} must be of type object"
            return
        for name, inner in shape.items():
            yield from misshapen(value.get(name), inner, f"{at}.{name}" if at else name)
    elif not _is(value, shape):
        yield f"{at} must be of type {NAMES[shape]}"
    elif shape in (int, float) and not -MOST <= value <= MOST * 10:
        yield f"{at} is out of range"


def _is(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)
