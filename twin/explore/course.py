"""An org on its way up or down: the applier's runs one after the other, and when two of them go the same way on."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, NoReturn

from twin.engine.apply import Applier, Means, Outcome
from twin.engine.execution import nodes
from twin.engine.plan import Plan
from twin.engine.planner import Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import State, Store
from twin.engine.target import Target
from twin.events import Event, Finished, Started
from twin.explore.history import History
from twin.explore.reads import Readings
from twin.resources.call import Call, Refused
from twin.resources.declaration import Desired
from twin.resources.reference import resolve
from twin.resources.transport import System
from twin.scenario.timeline import Timeline
from twin.world.world import World

Verb = Literal["apply", "destroy"]
Send = Callable[[], Any]
Watch = Callable[[Call, Send], Any]
READS = ("Get", "List", "Describe", "BatchGet", "Head", "Lookup")


@dataclass(frozen=True)
class Course:
    """What is applied or destroyed: the wishes, the way into the world, how secrets are read."""

    desired: Desired
    target: Target
    read_secret: Callable[[str], str]
    verb: Verb
    world: World

    def plan(self, store: Store, target: Target | None = None, *, every_type: bool = False) -> Plan:
        """Read and decide as a new process would; with `every_type` nothing that is left over stays unseen."""
        state = store.load()
        snapshot = refresh(self.desired, target or self.target, state, every_type=every_type)
        request = Request(self.desired, snapshot, state, self.target)
        return (plan if self.verb == "apply" else plan_destroy)(request).plan

    def let_pass(self, seconds: float) -> None:
        """Let time pass in the world, and happen what is due."""
        leader = self.world.agenda.leader
        assert isinstance(leader, Timeline)
        leader.sleep(seconds)


@dataclass
class Walk:
    """The runs of one applier on a course: which calls it sent, and what each run has still to do.

    The world does what it does by the calls that change it alone: its clock stands, its ids follow from their number.
    So two walks that sent the same, know the same and have the same still to do come to the same end.
    """

    course: Course
    history: History = field(default_factory=History)
    calls: int = 0
    applier: Applier | None = None
    halts: bool = False
    """Whether a run stops at its first failure, as its user may wish, or goes on with what does not need it."""
    done: set[tuple[str, str]] = field(default_factory=set)
    seen: Readings = field(default_factory=Readings)
    """What the calls of a plan read from the world as it is now."""
    doing: tuple[str, str] = ("", "")
    """The change that began last, and what it does."""
    calls_of_change: int = 0

    @property
    def sent(self) -> str:
        """Name what was sent to the world."""
        return self.history.digest

    def plan(self, store: Store, *, every_type: bool = False) -> Plan:
        """Plan the next run; as long as the world stays as it is, no call is sent twice."""
        systems = {n: _Watched(s, self.seen.of) for n, s in self.course.target.systems.items()}
        with self.course.world.unnumbered():
            return self.course.plan(store, replace(self.course.target, systems=systems), every_type=every_type)

    def outdated(self) -> list[str]:
        """Name the reads whose replies are taken to be the same as before, and are not."""
        with self.course.world.unnumbered():
            return self.seen.outdated()

    def run(self, store: Store, watch: Watch, started: Callable[[], None]) -> Outcome:
        """Plan and apply once, each call shown to `watch`; `started` is told before each change begins."""
        self.done.clear()

        def listen(event: Event) -> None:
            if isinstance(event, Finished):
                self.done.add((event.address, event.action))
            elif isinstance(event, Started):
                self.doing, self.calls_of_change = (event.address, event.action), 0
                started()

        course = self.course
        systems = {n: _Watched(s, partial(self._show, watch)) for n, s in course.target.systems.items()}
        means = Means(lambda _: None, course.read_secret, listen, lambda: self.halts and self.failed)
        self.applier = Applier(self.plan(store), replace(course.target, systems=systems), store, means)
        return self.applier.run()

    @property
    def failed(self) -> bool:
        """Whether something of this run has failed already."""
        return self.applier is not None and not self.applier.outcome.good

    def _show(self, watch: Watch, call: Call, send: Send) -> Any:
        self.calls += 1
        self.calls_of_change += 1
        return watch(call, partial(self._sent, call, send))

    def _sent(self, call: Call, send: Send) -> Any:
        if not writes(call):
            with self.course.world.unnumbered():
                return self.seen.of(call, send)
        try:
            return send()
        finally:
            self.seen.changed(call)
            self.history.add(call)

    def rest(self, state: State) -> str:
        """Return the digest of what this run has still to do, and of the state with which it does so."""
        assert self.applier is not None
        applier, left = self.applier, []
        waits = nodes(applier.plan.pending)
        for node, needs in waits.items():
            if (node.key, node.action) not in self.done:
                change = node.change
                seen = [] if node.action == "create" else [change.id, change.observed, change.outputs]
                fields = {k: resolve(v, applier._value) for k, v in change.fields.items()}
                open_ = sorted((n.key, n.action) for n in needs if (n.key, n.action) not in self.done)
                left.append([node.key, node.action, fields, sorted(change.changed), seen, open_])
        return digest_of([sorted(left, key=lambda line: line[:2]), knowledge(state)])


@dataclass
class _Watched:
    """A system whose every call is shown to a watcher."""

    system: System
    watch: Watch
    calls: int = 0

    def execute(self, call: Call) -> Any:
        """Let the watcher send the call, or end at it."""
        return self.watch(call, partial(self.system.execute, call))


def writes(call: Call) -> bool:
    """Tell whether a call may change something."""
    return call.operation != "GET" if call.system != "aws" else not call.operation.startswith(READS)


def knowledge(state: State) -> list[Any]:
    """Return what a state says, as plain data."""
    entries = sorted((str(a), e.id, e.fields) for a, e in state.entries.items())
    return [state.known, entries, sorted(map(str, state.pending))]


def digest_of(value: Any) -> str:
    """Return the digest of plain data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def answered(send: Send) -> Send:
    """Send a call once, and return what answers as often as it is asked."""
    try:
        reply = send()
    except Refused as refused:
        return partial(_refuse, refused)
    return lambda: reply


def _refuse(refused: Refused) -> NoReturn:
    raise refused
