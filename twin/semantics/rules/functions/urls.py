"""Functions on URLs and their queries."""

import string

MOST_ROUNDS = 10  # wirefilter engine/src/functions/url_decode.rs
HEX = frozenset(string.hexdigits.encode())


def url_decode(source: bytes, options: bytes = b"") -> bytes:
    """Decode %HH and +; `r` again until nothing changes, `u` also %uHHHH to UTF-8."""
    decoded = _decoded(source, b"u" in options)
    rounds = MOST_ROUNDS if b"r" in options else 0
    while rounds and decoded != source:
        source, decoded = decoded, _decoded(decoded, b"u" in options)
        rounds -= 1
    return decoded


def _decoded(source: bytes, unicode: bool) -> bytes:
    result, position = bytearray(), 0
    while position < len(source):
        sign = source[position : position + 1]
        character = _character(source, position) if sign == b"%" and unicode else None
        if character is not None:
            result += character
            position += 6
        elif sign == b"%" and _hexadecimal(source[position + 1 : position + 3], 2):
            result.append(int(source[position + 1 : position + 3], 16))
            position += 3
        else:
            result += b" " if sign == b"+" else sign
            position += 1
    return bytes(result)


def _character(source: bytes, position: int) -> bytes | None:
    digits = source[position + 2 : position + 6]
    if source[position + 1 : position + 2].lower() != b"u" or not _hexadecimal(digits, 4):
        return None
    code = int(digits, 16)
    return None if 0xD800 <= code < 0xE000 else chr(code).encode()


def _hexadecimal(digits: bytes, count: int) -> bool:
    return len(digits) == count and set(digits) <= HEX


def remove_query_args(query: bytes, *names: bytes) -> bytes:
    """Remove every parameter of these names from a query; the others keep their order."""
    return b"&".join(part for part in query.split(b"&") if part.partition(b"=")[0] not in names)
