"""A recording that is read: the journal, and the org as it was at any instant of it."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from twin.engine.plan import Change, Plan, Unmanaged, read_changes
from twin.errors import UsageError
from twin.resources.scope import Scope
from twin.scenario.recording.ledger import Ledger

SCHEMA = 2
READABLE = (1, 2)
"""The formats that are read; the first one has no ledgers, and not the time at which the run began."""
Thing = Change | Unmanaged
"""How one object stands against the spec: planned, or nobody's."""


@dataclass(slots=True)
class Track:
    """What became of one object: from each instant on, how it stood; None while it was not there."""

    times: list[float] = field(default_factory=list)
    things: list[Thing | None] = field(default_factory=list)

    def at(self, t: float) -> Thing | None:
        """Return how the object stood at an instant; before the first look, as it stood then."""
        return self.things[max(bisect_right(self.times, t) - 1, 0)]


@dataclass(slots=True)
class Recording:
    """Grows line by line while the run is on; `at` and `plan` answer for any instant that was reached.

    An instant is in seconds since the run's start. `references` are, by address, what a resource refers to.
    """

    scope: Scope
    target: str
    spec_file: str | None
    spec_digest: str
    references: Mapping[str, list[tuple[str, str]]]
    scenario: str = ""
    variant: str | None = None
    seed: int = 0
    tracks: dict[str, Track] = field(default_factory=dict)
    journal: list[Mapping[str, Any]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    end: float = 0.0
    result: Mapping[str, Any] | None = None
    refusals: list[tuple[float, Mapping[str, str]]] = field(default_factory=list)
    """Since when which types could not be read, and why."""
    began: datetime | None = None
    """When the run began by its own clock, where that was recorded."""
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    """What was read beside the resources: `rights`, `network`, `meter`."""

    @classmethod
    def begin(cls, head: Mapping[str, Any]) -> "Recording":
        """Begin with a recording's first line; KeyError or TypeError when it is none."""
        if head["recording"] not in READABLE:
            raise KeyError(f"recording {head['recording']}")
        references = {key: [(to, name) for to, name in found] for key, found in head["references"].items()}
        spec = head["spec"]
        began = head.get("began")
        return cls(
            Scope(**head["scope"]), head["target"], spec["file"], spec["digest"], references,
            head["scenario"], head["variant"], head["seed"], began=datetime.fromisoformat(began) if began else None,
        )  # fmt: skip

    @classmethod
    def from_plan(
        cls, plan: Plan, references: Mapping[str, list[tuple[str, str]]], name: str = ""
    ) -> "Recording":  # fmt: skip
        """Begin with a first look at a target."""
        made = cls(plan.scope, plan.target, plan.spec_file, plan.spec_digest, references, name)
        made.look(0.0, plan)
        return made

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self.result is not None

    def feed(self, line: Mapping[str, Any]) -> None:
        """Take a recording's next line: what happened, what changed, or the end."""
        if "result" in line:
            self.result = line["result"]
            return
        t = float(line["t"])
        self.end = max(self.end, t)
        if "event" in line:
            self.journal.append(line)
            return
        if "ledger" in line:
            self.ledger(line["ledger"]).feed(line)
            return
        changes = dict(zip(line["changes"], read_changes(line["changes"].values()), strict=True))
        self._refused(t, line["unreadable"])
        self.put(t, {**changes, **_unmanaged(line["unmanaged"]), **dict.fromkeys(line["gone"])})

    def ledger(self, name: str) -> Ledger:
        """Return the ledger of a name, which is begun where there is none."""
        return self.ledgers.setdefault(name, Ledger(name))

    def time(self, t: float) -> datetime | None:
        """Return an instant by the run's own clock."""
        return None if self.began is None else self.began + timedelta(seconds=t)

    def look(self, t: float, plan: Plan) -> bool:
        """Take another look at the target at an instant; tells whether anything was different."""
        found: dict[str, Thing | None] = dict(things(plan))
        gone = [key for key, thing in self.at(t).items() if key not in found and thing is not None]
        self._refused(t, plan.unreadable)
        return self.put(t, {**found, **dict.fromkeys(gone)})

    def _refused(self, t: float, types: Mapping[str, str]) -> None:
        if types != (self.refusals[-1][1] if self.refusals else {}):
            self.refusals.append((t, dict(types)))

    def put(self, t: float, found: Mapping[str, Thing | None]) -> bool:
        """Take how some objects stand from an instant on; tells whether any stood differently before."""
        self.end = max(self.end, t)
        moved = False
        for key, thing in found.items():
            track = self.tracks.get(key)
            if track is None:
                track = self.tracks[key] = Track()
                if self.moments and self.moments[0] < t:
                    track.times.append(self.moments[0])
                    track.things.append(None)
            if track.things and track.things[-1] == thing:
                continue
            moved = True
            if track.times and track.times[-1] == t:
                track.things[-1] = thing
            else:
                track.times.append(t)
                track.things.append(thing)
        if moved and self.moments[-1:] != [t]:
            self.moments.append(t)
        return moved

    def at(self, t: float) -> dict[str, Thing]:
        """Return every object that was there at an instant, by its key."""
        found = ((key, track.at(t)) for key, track in self.tracks.items())
        return {key: thing for key, thing in found if thing is not None}

    def plan(self, t: float) -> Plan:
        """Return the plan that would have been made at an instant."""
        found = self.at(t).values()
        return Plan(
            self.scope, self.spec_digest, "",
            tuple(thing for thing in found if isinstance(thing, Change)),
            tuple(thing for thing in found if isinstance(thing, Unmanaged)),
            next((types for since, types in reversed(self.refusals) if since <= t), {}), self.spec_file, self.target,
        )  # fmt: skip

    def instant(self, t: float) -> int:
        """Return the number of the last change of the org by an instant, 0 being the first look."""
        return max(bisect_right(self.moments, t) - 1, 0)

    def before(self, t: float) -> float:
        """Return when the org changed last before an instant; the start when it did not."""
        index = bisect_left(self.moments, t)
        return self.moments[index - 1] if index else 0.0

    def after(self, t: float) -> float:
        """Return when the org changes next; the end when it does not."""
        index = bisect_right(self.moments, t)
        return self.moments[index] if index < len(self.moments) else self.end


def things(plan: Plan) -> Iterator[tuple[str, Thing]]:
    """Yield every object of a plan with its key."""
    for change in plan.changes:
        yield change.key, change
    for stranger in plan.unmanaged:
        yield f"{stranger.type}#{stranger.id}", stranger


def _unmanaged(told: Mapping[str, Mapping[str, str]]) -> dict[str, Thing | None]:
    return {key: Unmanaged(**one) for key, one in told.items()}


def read_recording(lines: Iterable[str]) -> Recording:
    """Return a recording from its lines; UsageError when it is none."""
    made: Recording | None = None
    try:
        for line in lines:
            told = json.loads(line)
            if made is None:
                made = Recording.begin(told)
            else:
                made.feed(told)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"this is no recording of `twin run --record FILE`: {error!r}") from error
    if made is None:
        raise UsageError("the recording is empty")
    return made


def open_recording(file: Path) -> Recording:
    """Read a recording's file; UsageError when it cannot be read or is none."""
    try:
        with file.open(encoding="utf-8") as lines:
            return read_recording(lines)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
