"""Rehearses the way back from a plan: after each of its waves, on a twin that holds what its accounts hold."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from twin.attestation.demands import promotion_of
from twin.engine.apply import Means
from twin.engine.inverse import Before
from twin.engine.plan import Plan
from twin.engine.shelf import Shelf
from twin.engine.state import Store
from twin.engine.waves import waves
from twin.promote.restored import Reading, differences, read
from twin.promote.rollout import Course, roll_out
from twin.resources.declaration import Desired
from twin.scenario.fork import in_forks
from twin.scenario.plan_walk import Return, compare, on_twin
from twin.scenario.rehearsal import Rehearsal
from twin.scenario.stand_ins import moved, standing_in


def returns(
    plan: Plan, desired: Desired, *, read_secret: Callable[[str], str], shelf: Shelf | None
) -> Iterator[Return]:
    """Yield the way back from each wave; TargetError when what stood before cannot be built, or the waves differ."""
    plan = standing_in(plan)
    desired = moved(desired, plan)
    was, stood, forth = on_twin(plan, desired, read_secret, shelf)
    asked = promotion_of(plan).waves
    assert asked is not None
    forth = replace(forth, waves=waves(forth.changes, desired, asked, home=plan.scope.region))
    compare(_steps(forth), {(was.name(key), action) for key, action in _steps(plan)})
    first = _reading(was, stood)  # once, before the copies, each of which would else begin with it
    yield from in_forks(partial(_return, forth, number, stood, (was, first)) for number in range(len(forth.waves)))


def _steps(plan: Plan) -> set[tuple[str, str]]:
    return {step for wave in plan.waves for step in wave.steps}


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
