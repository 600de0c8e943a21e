"""The compact form of a signed token: three parts in base64url, two of which are JSON objects."""

import base64
import binascii
import json
import re
from typing import Any

from twin.semantics.tokens.verdict import Refusal

LONGEST = 16384  # bytes; what servers accept in all headers together
PART = re.compile(r"[A-Za-z0-9_-]*")


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims, neither of which is trusted yet; refuse what has not the form."""
    if len(token) > LONGEST:
        raise Refusal("malformed", f"the token has more than {LONGEST} characters")
    pieces = token.split(".")
    if len(pieces) != 3:
        raise Refusal("malformed", f"a signed token has 3 parts, this one has {len(pieces)}")
    if not all(PART.fullmatch(piece) for piece in pieces):
        raise Refusal("malformed", "a part of the token is not base64url without padding")
    return _object(pieces[0], "header"), _object(pieces[1], "payload")


def _object(piece: str, name: str) -> dict[str, Any]:
    try:
        content = base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))
        read = json.loads(content.decode(), object_pairs_hook=_unique, parse_constant=_no_number)
    except (binascii.Error, ValueError, RecursionError) as wrong:
        raise Refusal("malformed", f"the {name} is no JSON object in base64url: {wrong}") from None
    if not isinstance(read, dict):
        raise Refusal("malformed", f"the {name} is no JSON object")
    return read


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice, which two parsers would read differently (RFC 7519, section 4)."""
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice in it")
    return read


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
