"""Sets of whole numbers as sorted, disjoint, closed intervals: addresses, ports and protocols alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

Pair = tuple[int, int]
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Intervals:
    """An immutable set of integers; `pairs` are inclusive, ascending, and neither touch nor overlap."""

    pairs: tuple[Pair, ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> "Intervals":
        """Build the union of any pairs, in any order."""
        merged: list[Pair] = []
        for low, high in sorted(pairs):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    @classmethod
    def point(cls, value: int) -> "Intervals":
        """Build the set of one number."""
        return cls(((value, value),))

    @classmethod
    def span(cls, low: int, high: int) -> "Intervals":
        """Build the set of all numbers from `low` to `high`, both included."""
        return cls(((low, high),))

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __contains__(self, value: int) -> bool:
        return any(low <= value <= high for low, high in self.pairs)

    def __and__(self, other: "Intervals") -> "Intervals":
        if self.pairs == other.pairs:
            return self
        found: list[Pair] = []
        mine, theirs = self.pairs, other.pairs
        left = right = 0
        while left < len(mine) and right < len(theirs):
            low = max(mine[left][0], theirs[right][0])
            high = min(mine[left][1], theirs[right][1])
            if low <= high:
                found.append((low, high))
            if mine[left][1] < theirs[right][1]:
                left += 1
            else:
                right += 1
        return Intervals(tuple(found))

    def __or__(self, other: "Intervals") -> "Intervals":
        return Intervals.of((*self.pairs, *other.pairs))

    def __sub__(self, other: "Intervals") -> "Intervals":
        rest = list(self.pairs)
        for low, high in other.pairs:
            kept: list[Pair] = []
            for start, end in rest:
                if end < low or high < start:
                    kept.append((start, end))
                    continue
                if start < low:
                    kept.append((start, low - 1))
                if high < end:
                    kept.append((high + 1, end))
            rest = kept
        return Intervals(tuple(rest))

    def shifted(self, offset: int) -> "Intervals":
        """Return the same set moved by `offset`."""
        return Intervals(tuple((low + offset, high + offset) for low, high in self.pairs))

    @property
    def single(self) -> bool:
        """Whether exactly one number is in the set."""
        return len(self.pairs) == 1 and self.pairs[0][0] == self.pairs[0][1]

    @property
    def lowest(self) -> int:
        """The smallest number of a set that is not empty."""
        return self.pairs[0][0]


EMPTY = Intervals()


def networks(blocks: Iterable[Network], version: int) -> Intervals:
    """Return the addresses of one IP version in the blocks."""
    return Intervals.of(
        (int(block.network_address), int(block.broadcast_address)) for block in blocks if block.version == version
    )
