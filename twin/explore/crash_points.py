"""Ends the applier at every call of a run, and looks whether the next run mends it.

The run goes on in this process; at each call a copy of it dies where it stands: nothing is unwound or cleaned up, its
folder is what a machine without power would leave. The copy then plays the next runs, and tells what they left behind.
"""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from twin.engine.apply import Means, apply
from twin.engine.plan import Plan
from twin.engine.planner import Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.errors import TargetError
from twin.resources.call import Call
from twin.resources.declaration import Desired
from twin.resources.transport import System
from twin.scenario.fork import Forks

Moment = Literal["before", "after", "lost reply", "never"]
MOMENTS: tuple[Moment, ...] = ("before", "after", "lost reply")
Verb = Literal["apply", "destroy"]
Send = Callable[[], Any]
Watch = Callable[[Call, Send], Any]
LATEST_SECOND_END = 60


@dataclass(frozen=True, slots=True)
class Survival:
    """What became of an org whose applier ended at a call: what the next runs left behind, which should be nothing.

    `again` is the call of the recovery at which that one ended too, 0 when it did not come so far.
    """

    verb: Verb
    moment: Moment
    number: int
    call: str
    again: int
    failed: tuple[str, ...]
    pending: tuple[str, ...]
    orphans: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether the org is as if nothing had happened."""
        return not (self.failed or self.pending or self.orphans)


@dataclass(frozen=True)
class Course:
    """What is applied or destroyed: the wishes, the way into the world, how secrets are read."""

    desired: Desired
    target: Target
    read_secret: Callable[[str], str]
    verb: Verb

    def plan(self, store: Store) -> Plan:
        """Read everything and decide, as a new process would."""
        state = store.load()
        snapshot = refresh(self.desired, self.target, state, every_type=True)
        return (plan if self.verb == "apply" else plan_destroy)(
            Request(self.desired, snapshot, state, self.target)
        ).plan

    def carry_out(self, store: Store, watch: Watch | None = None) -> tuple[str, ...]:
        """Plan and apply once, each call shown to `watch`; returns what failed."""
        planned, target = self.plan(store), self.target if watch is None else _watched(self.target, watch)
        outcome = apply(planned, target, store, Means(lambda _: None, self.read_secret))
        return tuple(f"{key}: {why}" for key, why in outcome.failed.items())


@dataclass
class _Watched:
    """A system whose every call is shown to a watcher."""

    system: System
    watch: Watch
    calls: int = 0

    def execute(self, call: Call) -> Any:
        """Let the watcher send the call, or end at it."""
        return self.watch(call, partial(self.system.execute, call))


def _watched(target: Target, watch: Watch) -> Target:
    return replace(target, systems={name: _Watched(system, watch) for name, system in target.systems.items()})


def crash_points(course: Course, store: Store, *, every: int = 1, seed: int = 0) -> Iterator[Survival]:
    """Carry a course out, and yield what its end at each `every`th call comes to; the last one is the run's own."""
    with tempfile.TemporaryDirectory(prefix="twin-") as scratch, Forks() as forks:
        drawn = random.Random(f"crash:{seed}")  # noqa: S311 - nothing secret is drawn
        run = _Run(course, store, forks, drawn, every, _strangers(course), scratch)
        failed = course.carry_out(store, run.watch)
        if run.lost is not None:
            forks.tell(run.aftermath("lost reply", store, run.lost))
        yield from forks.rest()
        yield run.look("never", store, (run.count, "", 0), failed)


@dataclass
class _Run:
    """A run whose calls are counted, and the copies that end at them."""

    course: Course
    store: Store
    forks: Forks
    drawn: random.Random
    every: int
    strangers: frozenset[tuple[str, str]]
    scratch: str
    count: int = 0
    lost: tuple[int, str] | None = None

    def watch(self, call: Call, send: Send) -> Any:
        """Send a call; where it is one of those at which to end, end in a copy before it, after it, at its reply."""
        self.count += 1
        if self.lost is not None or self.count % self.every:
            return send()
        at = (self.count, str(call))
        if self.forks.split():
            self.die("before", at)
        reply = send()
        if self.forks.split():
            self.die("after", at)
        if self.forks.split():
            self.lost = at
            self.store.part(Path(tempfile.mkdtemp(dir=self.scratch)) / "left")
            raise TargetError("the reply was lost")
        return reply

    def die(self, moment: Moment, at: tuple[int, str]) -> None:
        """End here; the next run finds the folder as it lies."""
        left = shutil.copytree(self.store.folder, Path(tempfile.mkdtemp(dir=self.scratch)) / "left")
        self.forks.tell(self.aftermath(moment, Store(left), at))

    def aftermath(self, moment: Moment, store: Store, at: tuple[int, str]) -> Survival:
        """Let the next run end too, at a drawn call, and the one after it come to its own end."""
        second, count = self.drawn.randrange(1, LATEST_SECOND_END), 0

        def watch(_: Call, send: Send) -> Any:
            nonlocal count
            count += 1
            if count == second:
                self.forks.tell(self._third(moment, store, (*at, second)))
            return send()

        return self.look(moment, store, (*at, 0), self.course.carry_out(store, watch))

    def _third(self, moment: Moment, store: Store, at: tuple[int, str, int]) -> Survival:
        left = Store(shutil.copytree(store.folder, Path(tempfile.mkdtemp(dir=self.scratch)) / "left"))
        return self.look(moment, left, at, self.course.carry_out(left))

    def look(self, moment: Moment, store: Store, at: tuple[int, str, int], failed: tuple[str, ...]) -> Survival:
        """Read everything once more, and tell what is left to do and what belongs to nobody."""
        again = self.course.plan(store)
        number, call, second = at
        orphans = tuple(sorted(f"{type_} {name}" for type_, name in _unmanaged(again) - self.strangers))
        pending = tuple(f"{change.action} {change.key}" for change in again.pending)
        return Survival(self.course.verb, moment, number, call, second, failed, pending, orphans)


def _strangers(course: Course) -> frozenset[tuple[str, str]]:
    """Return what belongs to nobody before the run."""
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        return _unmanaged(course.plan(Store(Path(folder))))


def _unmanaged(planned: Plan) -> frozenset[tuple[str, str]]:
    return frozenset((one.type, one.name) for one in planned.unmanaged)
