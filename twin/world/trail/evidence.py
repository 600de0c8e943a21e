"""The second copy of what happened: append-only, outside every account, complete whatever the trails do."""

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from twin.world.aws_errors import Protocol

OPEN = 1024
SEALED = 512


class Witnessed(NamedTuple):
    """One call as it was seen, before anybody reads an event in it; `micros` is the time since 1970."""

    number: int
    micros: int
    account: str
    region: str
    service: str
    operation: str
    protocol: Protocol
    method: str
    url: str
    headers: list[tuple[str, str]]
    body: str | None
    status: int
    error: tuple[str, str] | None
    reply_headers: list[tuple[str, str]]
    reply: str | None
    request_id: str
    identity: dict[str, Any]
    source: str

    @property
    def time(self) -> datetime:
        """The instant of the call."""
        return datetime.fromtimestamp(self.micros // 1_000_000, UTC).replace(microsecond=self.micros % 1_000_000)

    @property
    def recordable(self) -> bool:
        """Whether CloudTrail has an event of it: somebody of an account did something that has a name."""
        return bool(self.account and self.operation) and " " not in self.operation


class Evidence:
    """All calls of a world in order; old ones are compressed, none is ever dropped or changed.

    Nothing that a request can ask reaches it: only scenarios and the twin itself read it.
    """

    def __init__(self, seed: int | str) -> None:
        self._seed = seed
        self._blocks: list[bytes] = []
        self._open: list[Witnessed] = []
        self._read: tuple[int, list[Witnessed]] = (-1, [])

    def __len__(self) -> int:
        return len(self._blocks) * SEALED + len(self._open)

    def append(self, entry: Witnessed) -> None:
        """Add the next call."""
        if entry.number != len(self):
            raise ValueError(f"evidence is added in order: {entry.number} is not {len(self)}")
        self._open.append(entry)
        if len(self._open) == OPEN:
            text = json.dumps(self._open[:SEALED], separators=(",", ":"))
            self._blocks.append(zlib.compress(text.encode(), 1))
            del self._open[:SEALED]

    def calls(self, start: int = 0) -> Iterator[Witnessed]:
        """Yield the calls from a number on, oldest first."""
        for number in range(start, len(self)):
            yield self.call(number)

    def call(self, number: int) -> Witnessed:
        """Return one call."""
        block, place = divmod(number, SEALED)
        if block >= len(self._blocks):
            return self._open[number - len(self._blocks) * SEALED]
        if self._read[0] != block:
            found = json.loads(zlib.decompress(self._blocks[block]))
            self._read = (block, [Witnessed(*entry) for entry in found])
        return self._read[1][place]

    def event_id(self, number: int) -> str:
        """Return the id of an event, which follows from the seed and its number."""
        digits = sha256(f"twin:{self._seed}:event:{number}".encode()).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"

    def event(self, number: int) -> dict[str, Any]:
        """Return one call as CloudTrail writes it."""
        from twin.world.trail.event import event_of

        return event_of(self.call(number), self.event_id(number))

    def events(self, *, account: str | None = None, name: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the calls as CloudTrail's events, oldest first; also those that no trail delivered."""
        for entry in self.calls():
            if account in (None, entry.account) and name in (None, entry.operation):
                yield self.event(entry.number)
