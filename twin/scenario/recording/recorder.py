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
from twin.resources.catalogue import catalogue
from twin.resources.resource import Observed
from twin.scenario.document import Scenario
from twin.scenario.fork import in_forks
from twin.scenario.journal import Journal
from twin.scenario.recording.recording import SCHEMA, Thing, things
from twin.scenario.verdict import Result
from twin.world.planes import changes_configuration
from twin.world.saas.stations import Served
from twin.world.scene import Happening

if TYPE_CHECKING:
    from twin.scenario.rehearsal import Rehearsal

SHAKES = {"zone": ("ec2", "rds", "autoscaling", "elbv2", "eks"), "host": ("ec2", "rds", "autoscaling", "elbv2", "eks")}
"""What a loss that no service tells by itself may change; a lost Region is a lost zone for each of its zones."""
SHAKES["region"] = SHAKES["capacity"] = SHAKES["zone"]


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
    told: int = 0
    calls: int = 0

    def begin(self, scenario: Scenario) -> None:
        """Write the head and the first look; from then on hear of all that may change the org."""
        world, scope = self.rehearsal.world, self.rehearsal.target.scope
        spec = {"file": self.film.spec_file, "digest": self.film.spec_digest}
        self._write({
            "recording": SCHEMA, "scenario": scenario.id, "variant": self.film.variant, "seed": scenario.seed,
            "scope": scope_document(scope), "target": self.rehearsal.target.name, "spec": spec,
            "references": ends(self.rehearsal.desired),
        })  # fmt: skip
        self._look(None)
        self.calls = world.gateway.trail.calls
        world.scene.listeners.append(self._happened)
        world.vendors.listeners.append(self._served)
        self.rehearsal.timeline.leaving = self.leave

    def end(self, result: Result) -> None:
        """Write what is left, and what the run came to."""
        self.leave()
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
        if self.stale:
            prefixes = tuple(f"{name}." for name in self.stale)
            self.stale.clear()
            if types := frozenset(t for t in catalogue() if t.startswith(prefixes)):
                self._look(types)

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

    def _look(self, types: frozenset[str] | None) -> None:
        (found,) = in_forks([partial(_looked, self.rehearsal, self.film, self.seen, types)])
        parts, made = found
        self.seen.parts |= parts
        for type_, _ in parts:
            self.seen.objects[type_] = [one for (t, _), held in self.seen.parts.items() if t == type_ for one in held]
        new = dict(things(made))
        changed = {key: thing for key, thing in new.items() if self.known.get(key) != thing}
        gone = [key for key in self.known if key not in new]
        self.known = new
        if changed or gone or types is None:
            at, refused = round(self.rehearsal.timeline.elapsed, 3), dict(made.unreadable)
            self._write({"t": at, **_delta(changed), "gone": gone, "unreadable": refused})

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


def _looked(
    rehearsal: "Rehearsal", film: Film, seen: Snapshot, types: frozenset[str] | None
) -> tuple[dict[tuple[str, str], list[Observed]], Plan]:
    """Read the world and plan; in a copy, as the reads leave their traces."""
    again = Again(seen, types) if types is not None else None
    desired, target, state = rehearsal.desired, rehearsal.target, rehearsal.state
    found = refresh(desired, target, state, again=again)
    made = plan(Request(desired, found, state, target, film.spec_digest, film.spec_file, film.locate)).plan
    return {part: held for part, held in found.parts.items() if types is None or part[0] in types}, made


def _delta(changed: Mapping[str, Thing]) -> dict[str, Any]:
    changes = {key: change_document(thing) for key, thing in changed.items() if isinstance(thing, Change)}
    strangers = {key: thing for key, thing in changed.items() if not isinstance(thing, Change)}
    return {
        "changes": changes,
        "unmanaged": {key: {"type": u.type, "id": u.id, "name": u.name} for key, u in strangers.items()},
    }
