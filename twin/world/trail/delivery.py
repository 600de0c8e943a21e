"""Delivers events to the buckets of trails: what a trail took while it logged, in files of five minutes.

The log file's form: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from twin.world.ids import Ids
from twin.world.stores.moto_store import backends
from twin.world.trail.bucket import Refused, write
from twin.world.trail.evidence import Evidence, Witnessed
from twin.world.trail.facts import WINDOW, days, due, event_region
from twin.world.trail.identity import CLOUDTRAIL
from twin.world.trail.selectors import takes

REDELIVER = days("redeliver_days")
Wrote = Callable[["LogFile", str], None]


class Place(NamedTuple):
    """Which events share a log file: those that are due together, of one account and Region."""

    due: datetime
    account: str
    region: str


@dataclass(slots=True)
class Pending:
    """What a trail took and did not deliver yet, and how its deliveries went."""

    waiting: dict[Place, list[int]] = field(default_factory=dict)
    delivered: datetime | None = None
    attempted: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LogFile:
    """A delivered log file."""

    trail: Any
    key: str
    time: datetime
    size: int


class Delivery:
    """The queues of all trails; what is due is written before the next call can notice."""

    def __init__(self, evidence: Evidence, seed: int | str) -> None:
        self._evidence = evidence
        self._seed = seed
        self._pending: dict[Any, Pending] = {}
        self._logging: list[Any] = []
        self._next: datetime | None = None
        # While a call changes a trail, the events that it causes wait for the trails as it leaves them.
        self._unsorted: list[Witnessed] | None = None

    def noticed(self, entry: Witnessed) -> list[Any]:
        """Hand a call to the trails that take it, which are returned."""
        takers = self._takers(entry, self._logging)
        if self._unsorted is None:
            self._offer(entry, takers)
        else:
            self._unsorted.append(entry)
        return takers

    def before_change(self) -> None:
        """Note that a call is about to change a trail."""
        self._sort_in()
        self._unsorted = []

    def changed(self, entry: Witnessed) -> list[Any]:
        """Look which trails log after a call; it is handed to those that logged before or log now, and take it."""
        before, self._logging = self._logging, _logging_trails()
        logged = [*before, *(trail for trail in self._logging if trail not in before)]
        self._sort_in(logged)
        takers = self._takers(entry, logged)
        self._offer(entry, takers)
        return takers

    def _takers(self, entry: Witnessed, trails: list[Any]) -> list[Any]:
        if not trails or not entry.recordable:
            return []
        return [t for t in trails if _covers(t, entry.account) and takes(t, entry, self._evidence)]

    def pending(self, trail: Any) -> Pending:
        """Return how a trail stands."""
        return self._pending.setdefault(trail, Pending())

    def waiting(self) -> list[int]:
        """Return the numbers of the events that were taken and not delivered yet."""
        self._sort_in()
        held = [numbers for pending in self._pending.values() for numbers in pending.waiting.values()]
        return sorted({number for numbers in held for number in numbers})

    def settle(self, now: datetime, wrote: Wrote) -> None:
        """Write every file that is due at `now`, in the order in which they were due."""
        if self._unsorted is not None:
            self._sort_in()
        if self._next is None or now < self._next:
            return
        while files := sorted(
            ((place, number) for number, held in enumerate(self._pending.values()) for place in held.waiting
             if place.due <= now),
        ):  # fmt: skip
            trails = list(self._pending)
            for place, number in files:
                self._deliver(trails[number], place, now=now, wrote=wrote)
        self._wake()

    def _sort_in(self, trails: list[Any] | None = None) -> None:
        unsorted, self._unsorted = self._unsorted, None
        for entry in unsorted or ():
            self._offer(entry, self._takers(entry, self._logging if trails is None else trails))

    def _offer(self, entry: Witnessed, takers: list[Any]) -> None:
        if not takers or entry.identity == CLOUDTRAIL:
            return
        place = Place(due(entry.time), entry.account, event_region(entry.service, entry.region))
        for trail in takers:
            self.pending(trail).waiting.setdefault(place, []).append(entry.number)
        if self._next is None or place.due < self._next:
            self._next = place.due

    def _wake(self) -> None:
        self._next = min((place.due for held in self._pending.values() for place in held.waiting), default=None)

    def _deliver(self, trail: Any, place: Place, *, now: datetime, wrote: Wrote) -> None:
        held = self.pending(trail)
        numbers = held.waiting.pop(place)
        records = ",".join([self._evidence.text(number) for number in numbers])
        body = gzip.compress(f'{{"Records":[{records}]}}'.encode(), mtime=0)
        key = self._key(trail, place)
        held.attempted = place.due
        try:
            self._reseed(key)
            account = write(trail, key, body=body, time=place.due)
        except Refused as refusal:
            held.error = str(refusal)
            self._try_again(held, place, numbers, now=now)
            return
        held.delivered, held.error = place.due, None
        wrote(LogFile(trail, key, place.due, len(body)), account)

    def _try_again(self, held: Pending, place: Place, numbers: list[int], *, now: datetime) -> None:
        # No call came between `place.due` and now, so each attempt in between failed in the same way.
        attempts = (now - place.due) // WINDOW
        held.attempted = place.due + attempts * WINDOW
        again = place._replace(due=held.attempted + WINDOW)
        if again.due - self._evidence.call(numbers[0]).time <= REDELIVER:
            held.waiting[again] = sorted([*numbers, *held.waiting.get(again, ())])

    def _reseed(self, key: str) -> None:
        from moto.moto_api._internal import mock_random

        mock_random.seed(f"twin:{self._seed}:delivery:{key}")

    def _key(self, trail: Any, place: Place) -> str:
        unique = Ids(f"log-file:{self._seed}:{trail.arn}:{place}").word(16)
        prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
        organization = f"{_organization(trail.account_id)[0]}/" if trail.is_org_trail else ""
        name = f"{place.account}_CloudTrail_{place.region}_{place.due:%Y%m%dT%H%MZ}_{unique}.json.gz"
        folder = f"{place.account}/CloudTrail/{place.region}/{place.due:%Y/%m/%d}"
        return f"{prefix}AWSLogs/{organization}{folder}/{name}"


def _logging_trails() -> list[Any]:
    return [
        trail
        for account in backends("cloudtrail").values()
        for backend in account.values()
        for trail in backend.trails.values()
        if trail.status.is_logging
    ]


def _covers(trail: Any, account: str) -> bool:
    return account == trail.account_id or (trail.is_org_trail and account in _organization(trail.account_id)[1])


def _organization(master: str) -> tuple[str, set[str]]:
    state = backends("organizations")[master]["aws"]
    return (state.org.id, {kept.id for kept in state.accounts}) if state.org else ("", set())
