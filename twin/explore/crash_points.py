"""Ends the applier at every call of a run in every way, and looks whether the next run mends it.

The run goes on in this process; at each call a copy of it meets its mishap where it stands. One that dies unwinds and
cleans up nothing: its folder is what a machine without power would leave. The copy then plays the next runs, and tells
what they left behind. A recovery that has come to where the undisturbed run was, with the same sent, known and still to
do, goes its way from there, and is not played again; nor is one that begins where another end's does. One in `AUDIT`
of them is, as a proof, and reads everything anew at its end; at one call in `REREAD` all that was read is read again.
A run stops at what failed, as its user may wish; one in `AUDIT` goes on with all that does not need it.
"""

import json
import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from twin.engine.plan import Plan
from twin.engine.state import Store
from twin.errors import Interrupted, StateError, UsageError
from twin.explore.course import Course, Send, Walk, answered, writes
from twin.explore.mishaps import AFTER, BEFORE, DEATHS, NEVER, ORDERLY, Mishap, ServerError
from twin.explore.survival import Survival
from twin.explore.undisturbed import Ground, left_failed, left_of, survey
from twin.resources.call import Call
from twin.scenario.fork import Forks

AUDIT = 200
REREAD = 25
LATEST_SECOND_END = 8


def crash_points(course: Course, store: Store, *, every: int = 1, seed: int = 0) -> Iterator[Survival]:
    """Carry a course out, and yield what its end at each `every`th call comes to; the last one is the run's own."""
    with tempfile.TemporaryDirectory(prefix="twin-") as scratch, Forks() as forks:
        if forks.split():
            folder = Path(scratch) / "survey"
            if store.folder.exists():
                shutil.copytree(store.folder, folder)
            forks.tell(survey(course, _beside(store, folder)))
        (ground,) = forks.rest()
        run = _Run(course, store, forks, seed, every, ground, scratch)
        failed = run.carry_out()
        for told in forks.rest():
            yield from told
        yield run.look(NEVER, (run.walk.calls, "", 0), failed)


@dataclass
class _Run:
    """A run whose calls are counted, and the copies that end at them."""

    course: Course
    store: Store
    forks: Forks
    seed: int
    every: int
    ground: Ground
    scratch: str
    walk: Walk = field(init=False)
    strangers: frozenset[tuple[str, str]] = field(init=False)
    met: Mishap = NEVER
    at: tuple[int, str, int] = (0, "", 0)
    stands_for: int = 1
    found: list[Survival] = field(default_factory=list)
    played: set[tuple[str, str]] = field(default_factory=set)
    untold: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.walk = Walk(self.course)
        self.strangers = _unmanaged(self.walk.plan(Store(Path(self.scratch) / "nothing"), every_type=True))

    def carry_out(self) -> tuple[str, ...]:
        """Run to the end; a copy whose run fails in an orderly way plays on from here, and never returns."""
        failed: tuple[str, ...] = ()
        try:
            outcome = self.walk.run(self.store, self.watch, self.join)
            failed = tuple(f"{key}: {why}" for key, why in outcome.failed.items())
        except StateError as full:
            failed = (str(full),)
        except Interrupted:
            if self.met is NEVER:
                raise
        if self.met is not NEVER:
            self.met.heal(self.walk)
            self._tell_alike()
            self.forks.finish(self.aftermath)
        return failed

    def _tell_alike(self) -> None:
        """End a copy whose next run begins where that of another end does."""
        if left_of(self.walk, self.store) in self.played and self._drawn("audit").randrange(AUDIT):
            self.forks.tell([self._survival(self.met, self.at, (), alike=True)])

    def watch(self, call: Call, send: Send) -> Any:
        """Send a call; where it is one of those at which to end, meet every mishap in a copy."""
        if self.met is not NEVER:
            return self.met.meet(call, send)
        if self.walk.calls % self.every:
            return send()
        self._one_at_a_time()
        self._read_again()
        at = (self.walk.calls, str(call), 0)
        self._die_once(BEFORE, at)
        early, late = ([kind for kind in ORDERLY if kind.late is when] for when in (False, True))
        if self._meets(early, at):
            return self.met.meet(call, send)
        answer = answered(send)
        self._die_once(AFTER, at)
        if self._meets(late, at):
            return self.met.meet(call, answer)
        return answer()

    def _meets(self, kinds: Iterable[type[Mishap]], at: tuple[int, str, int]) -> bool:
        """Tell a copy that it is about to meet a mishap; the run itself goes on."""
        for kind in kinds:
            if kind.befalls(self.walk):
                folder = self._copied()
                if self.forks.split():
                    self._part(kind(), at, folder)
                    return True
                if issubclass(kind, ServerError):
                    self.played.add(left_failed(self.walk, self.store))
        return False

    def _one_at_a_time(self) -> None:
        """See that nobody else can begin here meanwhile."""
        with suppress(UsageError):
            _beside(self.store, self.store.folder).begin({})
            raise AssertionError("two appliers are at work in one folder")

    def _read_again(self) -> None:
        """See, at some of the calls, that what was read before is what would be read now."""
        if self.walk.calls // self.every % REREAD == self.seed % REREAD and (outdated := self.walk.outdated()):
            raise AssertionError(f"these were taken to be answered as before: {', '.join(outdated)}")

    def _die_once(self, mishap: Mishap, at: tuple[int, str, int]) -> None:
        """End here in a copy, unless an end before this one left the very same."""
        left = left_of(self.walk, self.store)
        if left in self.played:
            return
        self.played.add(left)
        folder = self._copied()
        self.walk.plan(_beside(self.store, folder))  # its copies, and those of the next call, need not read the same
        if self.forks.split():
            self.stands_for = max(1, self.ground.ends[left])  # a world that went another way has ends of its own
            self._part(mishap, at, folder)
            self.forks.finish(self.aftermath)

    def _copied(self) -> Path:
        """Copy the folder as it is, before this process or its copy goes on."""
        return Path(shutil.copytree(self.store.folder, Path(tempfile.mkdtemp(dir=self.scratch)) / "left"))

    def _part(self, mishap: Mishap, at: tuple[int, str, int], folder: Path) -> None:
        """Go on as a copy, in a folder of its own."""
        self.met, self.at, self.found = mishap, at, []
        if mishap not in DEATHS:
            self.store.part(folder)
            # What a server error leaves is foretold by `_left_failed`, for a run that stops at it.
            self.walk.halts = isinstance(mishap, ServerError) or bool(self._drawn("onward").randrange(AUDIT))
            mishap.begin(self.walk, self.store)
            return
        self._succeed(folder)
        last = json.loads(self.store.journal_file.read_text().splitlines()[-1])
        if (last.get("call"), last["phase"]) != (at[1], "begin"):
            self.untold = (f"the journal ends with {last}",)

    def _succeed(self, folder: Path) -> None:
        """Be the process after one that died, whose lock somebody breaks where it outlives its holder."""
        dead, self.store = self.store, _beside(self.store, folder)
        self.store.unlock(dead.claim.holder.id)

    def aftermath(self) -> list[Survival]:
        """Let the next run mend it; it dies itself, in copies, at each of its calls until it is on the old way."""
        first, self.walk.halts = self.walk.calls, False
        once = None if self.met in DEATHS else self._drawn("again").randrange(1, LATEST_SECOND_END)

        def watch(call: Call, send: Send) -> Any:
            number = self.walk.calls - first
            late = number >= LATEST_SECOND_END
            if self.at[2] or late or not writes(call) or once not in (None, number):
                return send()
            self._die_again(number)
            reply = send()
            self._die_again(number)
            return reply

        outcome = self.walk.run(self.store, watch, self.join)
        failed = tuple(f"{key}: {why}" for key, why in outcome.failed.items())
        self.join()
        return self._all(self.look(self.met, self.at, self.untold + failed))

    def _die_again(self, number: int) -> None:
        left, at = left_of(self.walk, self.store), (*self.at[:2], number)
        if left in self.ground.ends or left in self.played:
            self.found.append(replace(self._survival(self.met, at, (), alike=True), stands_for=1))
            return
        self.played.add(left)
        folder = self._copied()
        if self.forks.split():
            self._succeed(folder)
            self.at, self.stands_for, self.found, self.untold = at, 1, [], ()
            self.forks.finish(self.aftermath)

    def _drawn(self, what: str) -> random.Random:
        return random.Random(f"{self.seed} {self.met.name} {self.at} {what}")  # noqa: S311 - nothing secret is drawn

    def join(self) -> None:
        """End a copy that is where the undisturbed run was, as nothing new can come of it."""
        if self.met is NEVER or self.walk.sent not in self.ground.histories or self.walk.failed:
            return
        if (self.walk.sent, self.walk.rest(self.store.load())) not in self.ground.joints:
            return
        if not self._drawn("audit").randrange(AUDIT):
            self.ground.histories.clear()
            return
        self.met.heal(self.walk)
        self.forks.tell(self._all(self._survival(self.met, self.at, self.untold, rejoins=True)))

    def _all(self, own: Survival) -> list[Survival]:
        for told in self.forks.rest():
            self.found += told
        return [*self.found, own]

    def look(self, met: Mishap, at: tuple[int, str, int], failed: tuple[str, ...]) -> Survival:
        """Read everything once more, and tell what is left to do and what belongs to nobody."""
        if met is NEVER or not self._drawn("audit").randrange(AUDIT):
            again = self.course.plan(self.store, every_type=True)
        else:
            again = self.walk.plan(self.store, every_type=True)
        orphans = tuple(sorted(f"{type_} {name}" for type_, name in _unmanaged(again) - self.strangers))
        pending = tuple(f"{c.action} {c.key}" for c in again.pending if not c.surplus)
        doubles = tuple(c.key for c in again.pending if c.surplus)
        return self._survival(met, at, failed, pending=pending, orphans=orphans, doubles=doubles)

    def _survival(self, met: Mishap, at: tuple[int, str, int], failed: tuple[str, ...], **more: Any) -> Survival:
        return Survival(self.course.verb, met.name, *at, failed, stands_for=self.stands_for, **more)


def _beside(store: Store, folder: Path) -> Store:
    """Return the store of another process, whose lock has another id."""
    holder = store.claim.holder
    return store.beside(folder, replace(store.claim, holder=replace(holder, id=f"{holder.id}+")))


def _unmanaged(planned: Plan) -> frozenset[tuple[str, str]]:
    return frozenset((one.type, one.name) for one in planned.unmanaged)
