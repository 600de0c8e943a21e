"""Security Hub refuses parameters out of range, and tells lists page by page.

A token holds for the query that it came from: https://github.com/demisto/content/pull/11476 quotes the refusal of
another one. How the others are worded is assumed.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError

MOST = 100
CHANGED = "Invalid NextToken: Input Query has changed"
UNREADABLE = "Invalid NextToken"


def invalid(parameter: str, fault: str) -> AwsError:
    """Return the refusal of a parameter."""
    return AwsError("InvalidInputException", f"Invalid parameter '{parameter}'. {fault}")


def page(asked: Asked, rows: Sequence[Any], key: str, *, most: int = MOST) -> dict[str, Any]:
    """Return the page of a list that a call asks for, under `key`."""
    told = asked.parameters
    size = int(told.get("MaxResults", most))
    if not 1 <= size <= most:
        raise invalid("MaxResults", f"data.MaxResults should be {'>= 1' if size < 1 else f'<= {most}'}")
    query = _query(asked)
    begin = _begin(told.get("NextToken"), query, len(rows))
    held = {key: list(rows[begin : begin + size])}
    if begin + size >= len(rows):
        return held
    return held | {"NextToken": base64.b64encode(f"{query}:{begin + size}".encode()).decode()}


def many(asked: Asked, key: str, *, most: int) -> list[Any]:
    """Return a list that a call must give, of one item at least and so many at most."""
    given = asked.parameters.get(key)
    if given is None:
        raise invalid(key, f"data should have required property '{key}'")
    if not 1 <= len(given) <= most:
        raise invalid(key, f"data.{key} should NOT have {'fewer than 1' if not given else f'more than {most}'} items")
    return list(given)


def _query(asked: Asked) -> str:
    """Return what a call asks, besides which page of it."""
    told = {name: value for name, value in asked.parameters.items() if name not in ("NextToken", "MaxResults")}
    text = json.dumps([asked.call.account, asked.call.region, asked.call.operation, told], sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:32]


def _begin(token: str | None, query: str, length: int) -> int:
    if not token:
        return 0
    try:
        of, _, begin = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise AwsError("InvalidInputException", UNREADABLE) from None
    if not (begin.isdigit() and len(of) == len(query)):
        raise AwsError("InvalidInputException", UNREADABLE)
    if of != query:
        raise AwsError("InvalidInputException", CHANGED)
    return min(int(begin), length)
