"""An append-only list of calls: old entries are compressed, none is ever dropped or changed."""

import json
import zlib
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

OPEN = 1024
SEALED = 512


class Numbered(Protocol):
    """An entry that knows its place; a named tuple of what JSON can hold."""

    @property
    def number(self) -> int:
        """The place in the ledger, from 0."""
        ...


Entry = TypeVar("Entry", bound=Numbered)


class Ledger(Generic[Entry]):
    """Entries in order; `made` builds one from its fields."""

    def __init__(self, made: Callable[..., Entry]) -> None:
        self._made = made
        self._blocks: list[bytes] = []
        self._open: list[Entry] = []
        self._first = 0  # the number of the first that is not compressed
        self._read: tuple[int, list[Entry]] = (-1, [])

    def __len__(self) -> int:
        return self._first + len(self._open)

    def append(self, entry: Entry) -> None:
        """Add the next entry."""
        if entry.number != len(self):
            raise ValueError(f"evidence is added in order: {entry.number} is not {len(self)}")
        self._open.append(entry)
        if len(self._open) == OPEN:
            text = json.dumps(self._open[:SEALED], separators=(",", ":"))
            self._blocks.append(zlib.compress(text.encode(), 1))
            del self._open[:SEALED]
            self._first += SEALED

    def calls(self, start: int = 0) -> Iterator[Entry]:
        """Yield the calls from a number on, oldest first."""
        for number in range(start, len(self)):
            yield self.call(number)

    def call(self, number: int) -> Entry:
        """Return one call."""
        if number >= self._first:
            return self._open[number - self._first]
        block, place = divmod(number, SEALED)
        if self._read[0] != block:
            found = json.loads(zlib.decompress(self._blocks[block]))
            self._read = (block, [self._made(*entry) for entry in found])
        return self._read[1][place]
