"""Records a run: the journal as it grows, and the org whenever something may have changed it.

Each look is taken in a copy of the process, so that a run that is recorded is the run that it would have been.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from twin.engine.graph import ends
from twin.engine.plan import Change, Plan, change_document, scope_document
from twin.engine.planner import Locate, Request, plan
from twin.engine.refresh import Again, Snapshot, refresh
from twin.errors import UsageError
from twin.observe.remembered import Replies
from twin.resources.catalogue import catalogue
from twin.resources.resource import Observed
from twin.scenario.document import Scenario
from twin.scenario.fork import in_forks
from twin.scenario.journal import Journal
from twin.scenario.recording.ledger import Delta, Ledger
from twin.scenario.recording.looks import LEDGERS, METER, NETWORK, RIGHTS, TOGETHER, meter, network, regions_of, rights
from twin.scenario.recording.recording import SCHEMA, Thing, things
from twin.scenario.verdict import Result
from twin.world.metering.told import told
from twin.world.planes import changes_configuration
from twin.world.saas.stations import Served
from twin.world.scene import Happening

if TYPE_CHECKING:
    from twin.scenario.rehearsal import Rehearsal

SHAKES = {"zone": ("ec2", "rds", "autoscaling", "elbv2", "eks"), "host": ("ec2", "rds", "autoscaling", "elbv2", "eks")}
"""What a loss that no service tells by itself may change; a lost Region is a lost zone for each of its zones."""
SHAKES["region"] = SHAKES["capacity"] = SHAKES["zone"]
HOUR = 3600.0
"""Seconds after which the meter is read again, though nothing changed the org: it counts by the hour."""


Parts = dict[tuple[str, str], list[Observed]]
"""What was read of each type, by the type and the part of it."""


@dataclass(slots=True)
class Look:
    """What a copy of the world found out: how the resources stand, where they were read, and what the ledgers lack."""

    plan: Plan | None = None
    parts: Parts = field(default_factory=dict)
    deltas: dict[str, Delta] = field(default_factory=dict)
    replies: dict[tuple[str, str], tuple[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Film:
    """What is to be recorded, and where: one run, the scenario's own or a variant's; `locate` finds spec lines."""

    file: Path
    variant: str | None = None
    spec_file: str | None = None
    spec_digest: str = ""
    locate: Locate = lambda _: (None, None)


@dataclass(slots=True)
class Recorder:
    """Writes one run to its film, a line at a time."""

    film: Film
    rehearsal: "Rehearsal"
    journal: Journal
    out: IO[str]
    seen: Snapshot = field(default_factory=Snapshot)
    known: dict[str, Thing] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    replies: Replies = field(default_factory=Replies)
    ledgers: dict[str, Ledger] = field(default_factory=lambda: {name: Ledger(name) for name in LEDGERS})
    metered: float = 0.0
    told: int = 0
    calls: int = 0

    def begin(self, scenario: Scenario) -> None:
        """Write the head and the first look; from then on hear of all that may change the org."""
        world, scope = self.rehearsal.world, self.rehearsal.target.scope
        spec = {"file": self.film.spec_file, "digest": self.film.spec_digest}
        self._write({
            "recording": SCHEMA, "scenario": scenario.id, "variant": self.film.variant, "seed": scenario.seed,
            "began": self.rehearsal.timeline.start.isoformat(), "scope": scope_document(scope),
            "target": self.rehearsal.target.name, "spec": spec,
            "references": ends(self.rehearsal.desired),
        })  # fmt: skip
        self._look(None, frozenset())
        self.calls = world.gateway.trail.calls
        world.scene.listeners.append(self._happened)
        world.vendors.listeners.append(self._served)
        self.rehearsal.timeline.leaving = self.leave

    def end(self, result: Result) -> None:
        """Write what is left, and what the run came to."""
        self.leave()
        self._look(frozenset(), frozenset())
        checks = [{"name": c.name, "held": c.held, "found": c.found, "wanted": c.wanted} for c in result.checks]
        told = {"verdict": result.verdict, "reason": result.reason, "checks": checks, "figures": dict(result.figures)}
        self._write({"result": told})
        self.out.close()

    def leave(self) -> None:
        """Write what happened at an instant that is over, and how it left the org."""
        for line in self.journal.lines[self.told :]:
            self._write(line)
        self.told = len(self.journal.lines)
        self._called()
        stale, self.stale = self.stale, set()
        prefixes = tuple(f"{name}." for name in stale)
        if stale or self.rehearsal.timeline.elapsed - self.metered >= HOUR:
            self._look(frozenset(t for t in catalogue() if t.startswith(prefixes)), frozenset(stale))

    def _happened(self, happening: Happening) -> None:
        first = happening.kind.partition(".")[0]
        if happening.kind != "cloudwatch.metric.changed":
            self.stale.update(f"aws.{name}" for name in SHAKES.get(first, (first,)))

    def _served(self, served: Served) -> None:
        if served.call.method != "GET":
            self.stale.add(served.call.vendor)

    def _called(self) -> None:
        trail = self.rehearsal.world.gateway.trail
        for call in islice(reversed(trail.recorded), trail.calls - self.calls):
            if call.status < 400 and changes_configuration(call.service, call.operation):
                self.stale.add(f"aws.{call.service}")
        self.calls = trail.calls

    def _look(self, types: frozenset[str] | None, stale: frozenset[str]) -> None:
        beside = self.replies.drop(stale | TOGETHER if stale & TOGETHER else stale) or types is None
        (look,) = in_forks([partial(_looked, self, types, beside=beside)])
        self.metered = self.rehearsal.timeline.elapsed
        at = round(self.rehearsal.timeline.elapsed, 3)
        if look.plan is not None:
            self._stood(at, look.parts, look.plan, first=types is None)
        self.replies.take(look.replies)
        for name, delta in look.deltas.items():
            self._write(self.ledgers[name].take(at, delta))

    def _stood(self, at: float, parts: Parts, made: Plan, *, first: bool) -> None:
        self.seen.parts |= parts
        for type_, _ in parts:
            self.seen.objects[type_] = [one for (t, _), held in self.seen.parts.items() if t == type_ for one in held]
        new = dict(things(made))
        changed = {key: thing for key, thing in new.items() if self.known.get(key) != thing}
        gone = [key for key in self.known if key not in new]
        self.known = new
        if changed or gone or first:
            self._write({"t": at, **_delta(changed), "gone": gone, "unreadable": dict(made.unreadable)})

    def _write(self, line: Mapping[str, Any]) -> None:
        self.out.write(json.dumps(line, separators=(",", ":"), default=str) + "\n")
        self.out.flush()


def record(scenario: Scenario, variant: str | None, rehearsal: "Rehearsal", journal: Journal) -> Recorder | None:
    """Return a recorder at work when this run is to be recorded; UsageError when its file cannot be written."""
    film = rehearsal.film
    if film is None or film.variant != variant:
        return None
    try:
        film.file.touch(mode=0o600)
        out = film.file.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--record {film.file}: {error.strerror}") from error
    recorder = Recorder(film, rehearsal, journal, out)
    recorder.begin(scenario)
    return recorder


def _looked(recorder: Recorder, types: frozenset[str] | None, *, beside: bool) -> Look:
    """Read the world, plan, and read the meter and, `beside`, rights and network; in a copy, as reads leave traces."""
    rehearsal, film = recorder.rehearsal, recorder.film
    desired, target, state = rehearsal.desired, rehearsal.target, rehearsal.state
    look = Look()
    if types is None or types:
        again = Again(recorder.seen, types) if types is not None else None
        found = refresh(desired, target, state, again=again)
        look.plan = plan(Request(desired, found, state, target, film.spec_digest, film.spec_file, film.locate)).plan
        look.parts = {part: held for part, held in found.parts.items() if types is None or part[0] in types}
    texts = {METER: meter(told(rehearsal.world.scene))}
    if beside:
        systems = recorder.replies.systems(target.systems)
        place = (target.scope.account, regions_of(target.scope, (one.address for one in desired)))
        texts |= {RIGHTS: rights(systems, *place), NETWORK: network(systems, *place)}
    differences = {name: recorder.ledgers[name].difference(found) for name, found in texts.items()}
    look.deltas = {name: delta for name, delta in differences.items() if delta is not None}
    look.replies = recorder.replies.new
    return look


def _delta(changed: Mapping[str, Thing]) -> dict[str, Any]:
    changes = {key: change_document(thing) for key, thing in changed.items() if isinstance(thing, Change)}
    strangers = {key: thing for key, thing in changed.items() if not isinstance(thing, Change)}
    return {
        "changes": changes,
        "unmanaged": {key: {"type": u.type, "id": u.id, "name": u.name} for key, u in strangers.items()},
    }
