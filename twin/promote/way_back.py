"""Rehearses the way back from a plan: after each of its waves, on a twin that holds what its accounts hold."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from twin.attestation.demands import promotion_of
from twin.engine.apply import Means, apply
from twin.engine.inverse import Before, after, before
from twin.engine.plan import Plan
from twin.engine.planner import Request
from twin.engine.planner import plan as decide
from twin.engine.refresh import refresh
from twin.engine.shelf import Shelf
from twin.engine.state import Store
from twin.engine.waves import waves
from twin.errors import TargetError
from twin.promote.restored import Reading, differences, read
from twin.promote.rollout import Course, roll_out
from twin.resources.declaration import Desired
from twin.scenario.fork import in_forks
from twin.scenario.kept import stand
from twin.scenario.rehearsal import Rehearsal

SEED = 0
BACK = "way back"


@dataclass(frozen=True, slots=True)
class Return:
    """The way back from a wave: how many changes it took, and what was not as before, which should be nothing."""

    wave: str
    changes: int
    left: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """Return it as an attestation says it."""
        return {"wave": self.wave, "changes": self.changes, "restored": not self.left}


def returns(
    plan: Plan, desired: Desired, *, read_secret: Callable[[str], str], shelf: Shelf | None
) -> Iterator[Return]:
    """Yield the way back from each wave; TargetError when what stood before cannot be built, or the waves differ."""
    was, stood, forth = _on_twin(plan, desired, read_secret, shelf)
    asked = promotion_of(plan).waves
    assert asked is not None
    forth = replace(forth, waves=waves(forth.changes, desired, asked, home=plan.scope.region))
    _compare(_steps(forth), {(was.name(key), action) for key, action in _steps(plan)})
    first = _reading(was, stood)  # once, before the copies, each of which would else begin with it
    yield from in_forks(partial(_return, forth, number, stood, (was, first)) for number in range(len(forth.waves)))


def arrival(plan: Plan, *, read_secret: Callable[[str], str], shelf: Shelf | None) -> Return:
    """Carry a plan that is a way back out on a twin; TargetError when what stands now cannot be built there."""
    desired = after(plan)
    was, stood, back = _on_twin(plan, desired, read_secret, shelf)
    _compare({(c.key, c.action) for c in back.pending}, {(was.name(c.key), c.action) for c in plan.pending})
    (found,) = in_forks([partial(_arrive, back, desired, stood)])
    return found


def _on_twin(
    plan: Plan, desired: Desired, read_secret: Callable[[str], str], shelf: Shelf | None
) -> tuple[Before, Rehearsal, Plan]:
    """Stand up what a plan's accounts hold, and plan towards its wishes there."""
    was = before(plan)
    if was.lost:
        told = "; ".join(f"{key}: {why}" for key, why in was.lost.items())
        raise TargetError(f"there is no way back for {told}")
    stood = stand(was.desired, plan.scope, seed=SEED, read_secret=read_secret, shelf=shelf)
    request = Request(desired, refresh(desired, stood.target, stood.state), stood.state, stood.target, plan.spec_digest)
    return was, stood, decide(request).plan


def _steps(plan: Plan) -> set[tuple[str, str]]:
    return {step for wave in plan.waves for step in wave.steps}


def _compare(there: set[tuple[str, str]], here: set[tuple[str, str]]) -> None:
    if there != here:
        odd = sorted({f"{action} {key}" for key, action in there ^ here})
        raise TargetError(f"on the twin the plan does something else: {', '.join(odd)}")


def _arrive(back: Plan, desired: Desired, stood: Rehearsal) -> Return:
    """Carry a way back out, and look what is left to do."""
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        store = Store(Path(folder))
        store.save(stood.state)
        done = apply(back, stood.target, store, Means(stood.timeline.sleep, stood.read_secret))
        state = store.load()
        again = decide(Request(desired, refresh(desired, stood.target, state), state, stood.target)).plan
        left = [f"{key}: {why}" for key, why in done.failed.items()]
        left += [f"{change.key} is still to {change.action}" for change in again.pending]
        return Return(BACK, len(back.pending), tuple(left))


def _reading(was: Before, stood: Rehearsal) -> Reading:
    """Read what stood before a plan, as it stands on the twin."""
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        store = Store(Path(folder))
        store.save(stood.state)
        return read(was.desired, stood.target, store)


def _return(forth: Plan, number: int, stood: Rehearsal, before_it: tuple[Before, Reading]) -> Return:
    """Carry a plan out up to a wave, take it back, and compare."""
    taken: list[Plan] = []
    was, first = before_it
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        store = Store(Path(folder))
        store.save(stood.state)
        target, wave = stood.target, forth.waves[number]
        course = Course(target, store, Means(stood.timeline.sleep, stood.read_secret), _Stop(number), show=taken.append)
        done = roll_out(forth, course)
        failed = dict(done.outcome.failed) | (dict(done.back.failed) if done.back else {})
        left = [
            *(f"{key}: {why}" for key, why in failed.items()),
            *differences(first, read(was.desired, target, store)),
        ]
        return Return(wave.name, sum(len(plan.pending) for plan in taken), tuple(left))


@dataclass
class _Stop:
    """Who finds the org unwell after one wave."""

    number: int
    count: int = -1

    def begin(self) -> None:
        """Let the first wave begin."""

    def after(self, *, last: bool) -> str | None:
        """Stop after the wave."""
        self.count += 1
        return "the way back is rehearsed" if self.count == self.number else None
