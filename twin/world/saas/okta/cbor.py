"""Reading CBOR (RFC 8949) as far as attestations of security keys go: no tags, no indefinite lengths, no floats."""

from typing import Any


def read(data: bytes) -> tuple[Any, bytes]:
    """Return the first value and what follows it; ValueError when it is none of the simple kinds."""
    try:
        return _value(data)
    except (IndexError, UnicodeDecodeError, RecursionError, TypeError) as broken:
        raise ValueError("not CBOR") from broken


def _value(data: bytes) -> tuple[Any, bytes]:
    major, size, rest = _head(data)
    if major == 0:
        return size, rest
    if major == 1:
        return -1 - size, rest
    if major in (2, 3):
        if size > len(rest):
            raise ValueError("not CBOR: it ends too early")
        raw = rest[:size]
        return raw if major == 2 else raw.decode(), rest[size:]
    if major == 4:
        items = []
        for _ in range(size):
            item, rest = _value(rest)
            items.append(item)
        return items, rest
    if major == 5:
        found = {}
        for _ in range(size):
            key, rest = _value(rest)
            found[key], rest = _value(rest)
        return found, rest
    if major == 7 and size in (20, 21, 22):
        return {20: False, 21: True, 22: None}[size], rest
    raise ValueError("not CBOR of the simple kinds")


def _head(data: bytes) -> tuple[int, int, bytes]:
    major, info = data[0] >> 5, data[0] & 31
    if info < 24:
        return major, info, data[1:]
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    if not width or len(data) < 1 + width:
        raise ValueError("not CBOR of definite length")
    return major, int.from_bytes(data[1 : 1 + width], "big"), data[1 + width :]
