"""Choices that Cloudflare leaves to chance, drawn from the id of the request, so that a replay chooses alike."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def share(*parts: str) -> float:
    """Return a number from 0 up to 1 that depends on nothing but the parts."""
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def weighted(items: Sequence[tuple[Item, float]], *parts: str) -> Item | None:
    """Return one of the items, as often as its weight says; None where none has a weight."""
    total = sum(weight for _, weight in items)
    if total <= 0:
        return None
    left = share(*parts) * total
    for item, weight in items:
        left -= weight
        if left < 0:
            return item
    return next(item for item, weight in reversed(items) if weight > 0)
