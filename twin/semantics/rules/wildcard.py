r"""Wildcard patterns: `*` stands for any signs, `\*` and `\\` for themselves, the whole value must match."""

from collections.abc import Callable
from functools import lru_cache

MOST_STARS = 10  # Cloudflare's parser settings, as octorules-wirefilter 0.7.0 restates them


class WildcardError(ValueError):
    """A text that is no wildcard pattern."""


@lru_cache(maxsize=1024)
def segments(pattern: bytes) -> tuple[bytes, ...]:
    """Return the literal parts between the stars of a pattern."""
    parts = [bytearray()]
    position, starred = 0, False
    while position < len(pattern):
        sign = pattern[position : position + 1]
        if sign == b"*":
            if starred:
                raise WildcardError("the wildcard contains a double star")
            parts.append(bytearray())
        elif sign == b"\\":
            position += 1
            sign = pattern[position : position + 1]
            if sign not in (b"*", b"\\"):
                raise WildcardError(f"the wildcard has an invalid escape sequence at position {position - 1}")
            parts[-1] += sign
            position += 1
            starred = False
            continue
        else:
            parts[-1] += sign
        starred = sign == b"*"
        position += 1
    if len(parts) > MOST_STARS + 1:
        raise WildcardError(f"the wildcard has {len(parts) - 1} stars, the limit is {MOST_STARS}")
    return tuple(bytes(part) for part in parts)


def capture(parts: tuple[bytes, ...], value: bytes) -> list[tuple[int, int]] | None:
    """Return where the text of each star lies, the shortest possible, or None without a match."""
    first, *middle = parts
    if not middle:
        return [] if value == first else None
    if not value.startswith(first):
        return None
    position, found = len(first), []
    for part in middle[:-1]:
        at = value.find(part, position)
        if at < 0:
            return None
        found.append((position, at))
        position = at + len(part)
    finish = len(value) - len(middle[-1])
    if finish < position or not value.endswith(middle[-1]):
        return None
    return [*found, (position, finish)]


def matcher(pattern: bytes, strict: bool) -> Callable[[bytes], bool]:
    """Return a function that tells whether a value matches; only `strict` minds the case."""
    if strict:
        parts = segments(pattern)
        return lambda value: capture(parts, value) is not None
    folded = tuple(part.lower() for part in segments(pattern))
    return lambda value: capture(folded, value.lower()) is not None


def captured(pattern: bytes, value: bytes, strict: bool) -> list[bytes] | None:
    """Return the whole value and the text of each star, or None without a match."""
    parts = segments(pattern)
    found = capture(parts, value) if strict else capture(tuple(part.lower() for part in parts), value.lower())
    return None if found is None else [value, *(value[start:finish] for start, finish in found)]
