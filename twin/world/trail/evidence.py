"""The second copy of what happened: append-only, outside every account, complete whatever the trails do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from twin.world.aws_errors import Protocol
from twin.world.trail.ledger import Ledger


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
    shared: int | None = None
    """The number of the call of which two accounts have an event, in both of its entries."""

    @property
    def time(self) -> datetime:
        """The instant of the call."""
        return datetime.fromtimestamp(self.micros // 1_000_000, UTC).replace(microsecond=self.micros % 1_000_000)

    @property
    def copied(self) -> bool:
        """Whether this is what another account than the caller's has of a call."""
        return self.shared not in (None, self.number)

    @property
    def recordable(self) -> bool:
        """Whether CloudTrail has an event of it: somebody of an account did something that has a name."""
        return bool(self.account and self.operation) and " " not in self.operation


def micros_of(time: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    return int(time.timestamp()) * 1_000_000 + time.microsecond


WRITTEN = 512
_json = json.JSONEncoder(separators=(",", ":"), default=str).encode


def _make_room(kept: dict[int, Any]) -> None:
    """Forget the older half: to find the oldest alone, a dictionary would pass by all that were forgotten before."""
    if len(kept) >= WRITTEN:
        for number in list(islice(kept, WRITTEN // 2)):
            del kept[number]


class Evidence(Ledger[Witnessed]):
    """All AWS calls of a world in order.

    Nothing that a request can ask reaches it: only scenarios and the twin itself read it.
    """

    def __init__(self, seed: int | str) -> None:
        super().__init__(Witnessed)
        self._seed = seed
        # Bucket, log group and rules read the same event one after the other.
        self._written: dict[int, dict[str, Any]] = {}
        self._texts: dict[int, str] = {}

    def event_id(self, number: int, what: str = "event") -> str:
        """Return the id of an event, or what two of them share, which follows from the seed and its number."""
        digits = sha256(f"twin:{self._seed}:{what}:{number}".encode()).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"

    def event(self, number: int) -> dict[str, Any]:
        """Return one call as CloudTrail writes it."""
        from twin.world.trail.event import event_of

        if number not in self._written:
            _make_room(self._written)
            entry = self.call(number)
            shared = self.event_id(entry.shared, "shared") if entry.shared is not None else None
            self._written[number] = event_of(entry, self.event_id(number), shared)
        return dict(self._written[number])

    def text(self, number: int) -> str:
        """Return the same as JSON, as a log file and a log group have it."""
        if number not in self._texts:
            _make_room(self._texts)
            self._texts[number] = _json(self.event(number))
        return self._texts[number]

    def events(self, *, account: str | None = None, name: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the calls as CloudTrail's events, oldest first; also those that no trail delivered."""
        for entry in self.calls():
            if account in (None, entry.account) and name in (None, entry.operation):
                yield self.event(entry.number)
