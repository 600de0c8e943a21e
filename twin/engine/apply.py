"""Carries out a plan along its graph: each call journalled before and after, failures kept to their dependants."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop
from typing import Any, Literal

from twin.address import Address
from twin.engine.execution import Node, Walk
from twin.engine.pace import Pace
from twin.engine.plan import Change, Plan, Wave
from twin.engine.pool import pool_of
from twin.engine.protection import lasting
from twin.engine.staleness import untold
from twin.engine.state import Store
from twin.engine.target import Target
from twin.errors import Interrupted, TargetError
from twin.events import Failed, Finished, Listener, Skipped, Started, Waiting, ignore
from twin.resources.call import Call, Refused, Steps, drive, placed
from twin.resources.catalogue import catalogue
from twin.resources.reference import Reference, references, resolve
from twin.resources.resource import Observed, Resource, Sensitive
from twin.resources.scope import Scope

READY_POLLS = 240
TRIES = 9
TELL = 30.0
"""How many seconds a change waits before it is told again that it does."""
HEARD = 0.5
"""Seconds after which whoever waits looks up: a signal that another thread was given is heard by then."""


@dataclass(frozen=True)
class Means:
    """What apply needs besides the plan: how to sleep, read a secret, tell what happens, and when to stop."""

    sleep: Callable[[float], None]
    read_secret: Callable[[str], str]
    listen: Listener = ignore
    stop: Callable[[], bool] = lambda: False
    now: Callable[[], float] | None = None
    """Seconds that only grow, by which calls are paced once a vendor throttles; without it only tries are spaced."""
    between: Callable[[int], str | None] = lambda _: None
    """Asked after each wave of a plan, by its number from 0; a reason ends the run there."""
    closed: Callable[[], str | None] = lambda: None
    """Asked before each wave; a reason leaves the waves that are left to a later run."""


@dataclass(slots=True)
class Outcome:
    """What became of a plan's changes, by key."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    stopped: bool = False
    halted: str = ""
    """Why the waves that were left did not begin: what was done must be taken back."""
    paused: str = ""
    """Why they did not begin, where what was done is well and stays."""

    @property
    def good(self) -> bool:
        """Whether everything was done."""
        return not (self.failed or self.skipped or self.stopped or self.halted or self.paused)


class Applier:
    """One run of one plan on one target."""

    def __init__(self, plan: Plan, target: Target, store: Store, means: Means) -> None:
        self.plan, self.target, self.store, self.means = plan, target, store, means
        self.outcome = Outcome()
        self.accepted: set[Address] = set()
        self.held: Mapping[Address, str] = {}
        self.pace = Pace(means.now, means.sleep) if means.now else None
        self.known: dict[Address, dict[str, Any]] = {
            c.address: {**c.observed, **c.outputs}
            for c in plan.changes
            if not c.surplus and c.action in ("no-op", "update")
        }

    def run(self) -> Outcome:
        """Apply everything that can be applied; Interrupted when stopped, after the state was written."""
        for _ in self.waves():
            pass
        if self.outcome.stopped:
            raise Interrupted("stopped; what was done is in the state, and the next run goes on from there")
        return self.outcome

    def waves(self) -> Iterator[Wave]:
        """Apply the same a wave at a time; yields each that is done and well, where others follow it."""
        self._read_secrets()
        self.store.begin(announced(self.plan))
        try:
            if self._pauses(0):
                return
            self.store.record(self.plan)
            self._remember()
            yield from self._walk()
        finally:
            self.store.end()

    def _read_secrets(self) -> None:
        """Read every secret once before anything is sent: one that is missing must not stop a run half-way."""
        for change in self.plan.pending:
            if change.action != "delete":
                self._secrets(catalogue()[change.address.type], change.fields)

    def _remember(self) -> None:
        """Enter what is unchanged into the state, so that a deleted state is whole again; forget what is gone.

        What came into the state since the plan was made is somebody else's word, and stays.
        """
        state = self.store.load()
        self.held = state.protected
        for change in untold(self.plan, state):
            self._ended(change, "adopt", str(change.id), change.fields)
        for address, id_ in self.plan.forgets.items():
            self.store.write({"address": address, "action": "delete", "phase": "end", "id": id_, "fields": {}})

    def _ended(self, change: Change, action: str, id_: str, fields: Mapping[str, Any]) -> None:
        line = {"address": str(change.address), "action": action, "phase": "end", "id": id_, "fields": fields}
        protect = lasting(change, self.held)
        self.store.write({**line, "protect": protect} if protect else line)
        if change.former is not None:
            self.store.write({"address": change.former, "action": "delete", "phase": "end", "id": change.id})

    def _walk(self) -> Iterator[Wave]:
        walk, last = Walk(self.plan), len(self.plan.waves) - 1
        with pool_of(self.target.concurrency) as pool:
            for number, wave in enumerate(self.plan.waves or (None,)):
                if number and self._pauses(number):
                    return
                self._journal_wave(number, "begin")
                self._walk_wave(walk, number, pool)
                if self.outcome.stopped:
                    return
                if wave is not None and not self._goes_on(number, wave.name):
                    return
                if wave is not None and number < last:
                    yield wave
        assert walk.done, "the execution graph has a circle"

    def _pauses(self, number: int) -> bool:
        """Tell whether the waves from a number on are left to a later run, and say why."""
        if not self.plan.waves or (reason := self.means.closed()) is None:
            return False
        self._journal_wave(number, "paused", reason)
        self.outcome.paused = (
            f"before wave {number + 1} of {len(self.plan.waves)}, {self.plan.waves[number].name}: {reason}"
        )
        return True

    def _walk_wave(self, walk: Walk, number: int, pool: Executor) -> None:
        ready, running = walk.ready[number], dict[Future[None], Node]()
        while ready or running:
            self.outcome.stopped |= self.means.stop()
            while ready and not self.outcome.stopped and len(running) < self.target.concurrency:
                node = heappop(ready)
                if self._blocked(node, walk.needs[node]):
                    walk.release(node)
                else:
                    running[pool.submit(self._run, node)] = node
            if self.outcome.stopped and not running:
                return
            for future in wait(running, HEARD, return_when=FIRST_COMPLETED).done:
                future.result()
                walk.release(running.pop(future))

    def _goes_on(self, number: int, name: str) -> bool:
        """Tell whether the next wave may begin: nothing failed, and who watches lets it."""
        lost = len(self.outcome.failed)
        reason = f"{lost} of its changes failed" if lost else self.means.between(number)
        self._journal_wave(number, "end" if reason is None else "halted", reason)
        if reason is not None:
            self.outcome.halted = f"wave {number + 1} of {len(self.plan.waves)}, {name}: {reason}"
        return reason is None

    def _journal_wave(self, number: int, phase: str, reason: str | None = None) -> None:
        if self.plan.waves:
            line = {"wave": number + 1, "name": self.plan.waves[number].name, "phase": phase}
            self.store.write(line if reason is None else {**line, "reason": reason})

    def _blocked(self, node: Node, needs: Iterable[Node]) -> bool:
        """Skip a node of which something that it needs failed."""
        outcome = self.outcome
        if not outcome.failed:
            return False
        own = node.key in outcome.failed or node.key in outcome.skipped
        because = next((n.key for n in needs if n.key in outcome.failed or n.key in outcome.skipped), None)
        if because is None:
            return False
        if not own:
            outcome.skipped[node.key] = because
            self.means.listen(Skipped(node.key, node.action, because))
        return True

    def _run(self, node: Node) -> None:
        change, action = node.change, node.action
        self.means.listen(Started(node.key, action))
        self.store.write({"address": str(change.address), "action": action, "phase": "begin", "id": change.id})
        try:
            id_ = self._remove(change) if action == "delete" else self._make(change, action)
        except Refused as refused:
            self._fail(node, refused.code, str(refused))
        except TargetError as error:
            self._fail(node, "Unreachable", str(error))
        else:
            self.outcome.done.append(node.key)
            self.means.listen(Finished(node.key, action, id_))

    def _fail(self, node: Node, code: str, message: str) -> None:
        address = node.change.address
        line = {"address": str(address), "action": node.action, "phase": "failed", "code": code}
        self.store.write({**line, "made": address in self.accepted})
        self.outcome.failed[node.key] = message
        self.means.listen(Failed(node.key, node.action, code, message))

    def _remove(self, change: Change) -> str:
        assert change.id is not None
        class_ = catalogue()[change.address.type]
        self._drive(change.address, class_.delete(self._scope(change.address), _observed(change)))
        self._ended(change, "delete", change.id, {})
        return change.id

    def _make(self, change: Change, action: Literal["create", "update"]) -> str:
        class_ = catalogue()[change.address.type]
        fields = {k: resolve(v, self._value) for k, v in change.fields.items()} if _open(change) else change.fields
        resource = self._resource(class_, fields)
        self._wait(change.address, partial(resource.possible, self._scope(change.address)))
        if action == "create":
            outputs = dict(self._drive(change.address, resource.create(self._scope(change.address), change.address)))
            self._ended(change, "create", outputs["id"], fields)
            self._wait(change.address, partial(class_.ready, self._scope(change.address), outputs["id"]))
        else:
            seen = _observed(change)
            scope = self._scope(change.address)
            self._drive(change.address, resource.update(scope, change.address, seen, change.changed))
            outputs = dict(change.outputs)
            self._ended(change, "update", str(change.id), fields)
        self.known[change.address] = {**fields, **resource.predict(self._scope(change.address)), **outputs}
        return str(outputs["id"])

    def _value(self, reference: Reference) -> Any:
        return self.known.get(reference.address, {}).get(reference.attribute)

    def _resource(self, class_: type[Resource], fields: Mapping[str, Any]) -> Resource:
        """Build the resource with its secrets read; they live no longer than the verb that needs them."""
        return class_(**{**fields, **self._secrets(class_, fields)})

    def _secrets(self, class_: type[Resource], fields: Mapping[str, Any]) -> dict[str, str]:
        return {n: self.means.read_secret(fields[n]) for n in class_.marked(Sensitive) if fields.get(n)}

    def _wait(self, address: Address, asked: Callable[[], Steps[bool]]) -> None:
        if not self.target.waits:
            return
        waited, told = 0.0, 0.0
        for attempt in range(READY_POLLS):
            if self._drive(address, asked()):
                return
            if self.means.stop():
                self.outcome.stopped = True
                raise TargetError(f"{address} was not waited for any longer")
            if waited >= told:
                self.means.listen(Waiting(str(address), waited))
                told = waited + TELL
            pause = min(1.5**attempt, 15.0)
            self.means.sleep(pause)
            waited += pause
        raise TargetError(f"{address}, or what it is made of, did not become ready in {waited:.0f} s")

    def _scope(self, address: Address) -> Scope:
        return self.plan.scope.at(address.region)

    def _drive(self, address: Address, steps: Steps[Any]) -> Any:
        return drive(placed(steps, address.region), partial(self._send, address))

    def _send(self, address: Address, call: Call) -> Any:
        line = {"address": str(address), "call": str(call)}
        bucket = self.pace.of(call) if self.pace else None
        for attempt in range(TRIES):
            if bucket:
                bucket.take()
            self.store.write({**line, "phase": "begin"})
            try:
                reply = self.target.systems[call.system].execute(call)
            except Refused as refused:
                self.store.write({**line, "phase": "end", "code": refused.code})
                if not refused.transient or attempt == TRIES - 1:
                    raise
                if bucket:
                    bucket.throttled()
                self.means.sleep(min(0.5 * 2**attempt, 20.0))
            else:
                self.store.write({**line, "phase": "end"})
                if bucket:
                    bucket.passed()
                self.accepted.add(address)
                return reply
        raise AssertionError("the last attempt returns or raises")


def _open(change: Change) -> bool:
    return next(references(change.fields), None) is not None


def _observed(change: Change) -> Observed:
    """Rebuild what was observed, from the plan."""
    assert change.id is not None
    return Observed(
        change.id, change.observed, change.outputs, None if change.reason == "ownership" else change.address
    )


def announced(plan: Plan) -> dict[str, Any]:
    """Return what a run says of itself: its plan, and what would be useless if its creation were cut short."""
    made = (c.address for c in plan.pending if c.action in ("create", "replace"))
    fragile = [str(address) for address in made if catalogue()[address.type].INCOMPLETE == "replace"]
    return {"plan": plan.digest, "target": plan.target, "makes": fragile}


def apply(plan: Plan, target: Target, store: Store, means: Means) -> Outcome:
    """Carry out a plan."""
    return Applier(plan, target, store, means).run()
