"""Functions on arrays and maps."""

from typing import Any


def concat(first: Any, *rest: Any) -> Any:
    """Append strings to a string, arrays to an array."""
    if isinstance(first, bytes):
        return b"".join((first, *rest))
    return [item for array in (first, *rest) for item in array]


def join(items: list[bytes], separator: bytes) -> bytes:
    """Put the strings of an array into one, with a separator between them."""
    return separator.join(items)


def split(source: bytes, separator: bytes, limit: int) -> list[bytes]:
    """Cut a string at a separator into at most `limit` parts; the last holds the rest."""
    return source.split(separator, limit - 1)


def has_key(mapping: dict[bytes, Any], key: bytes) -> bool:
    """Tell whether a map has a key."""
    return key in mapping


def has_value(collection: dict[bytes, Any] | list[Any], value: Any) -> bool:
    """Tell whether a value is among those of a map or array."""
    return value in (collection.values() if isinstance(collection, dict) else collection)
