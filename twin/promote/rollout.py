"""Carries out a plan wave by wave, and takes it back when a wave is not well afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from twin.engine.apply import Means, Outcome, apply
from twin.engine.inverse import before
from twin.engine.plan import Plan
from twin.engine.planner import Request
from twin.engine.planner import plan as decide
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.errors import TargetError
from twin.promote.demands import promotion_of
from twin.promote.health import Watch

HALTED = "journal.halted.jsonl"


class Watchful(Protocol):
    """Who looks whether an org is well."""

    def begin(self) -> None:
        """Look before the first wave; GuardError where it must not begin."""
        ...

    def after(self, *, last: bool) -> str | None:
        """Look after a wave; a reason stops the next one."""
        ...


@dataclass(frozen=True)
class Course:
    """Where a plan goes, what it needs, who looks after it, and who is told."""

    target: Target
    store: Store
    means: Means
    watch: Watchful | None
    say: Callable[[str], None] = lambda _: None
    show: Callable[[Plan], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Rollout:
    """What became of a plan, and of the way back where it had to be taken."""

    outcome: Outcome
    back: Outcome | None = None


def roll_out(plan: Plan, course: Course) -> Rollout:
    """Carry out a plan; where a wave fails or is not well afterwards, bring back what was before it."""
    if not plan.waves:
        return Rollout(apply(plan, course.target, course.store, course.means))
    if course.watch is not None:
        course.watch.begin()
    means = replace(course.means, between=lambda number: _between(plan, course, number))
    outcome = apply(plan, course.target, course.store, means)
    if not outcome.halted:
        return Rollout(outcome)
    course.say(f"stopped: {outcome.halted}")
    return Rollout(outcome, take_back(plan, course))


def _between(plan: Plan, course: Course, number: int) -> str | None:
    wave, last = plan.waves[number], number + 1 == len(plan.waves)
    course.say(f"wave {number + 1} of {len(plan.waves)} is done: {wave.name}, {len(wave.steps)} steps")
    return course.watch.after(last=last) if course.watch is not None else None


def take_back(plan: Plan, course: Course) -> Outcome:
    """Plan towards what was before a plan, and carry that out; its journal follows that of the plan's own run."""
    ended = course.store.folder / "journal.previous.jsonl"
    if ended.exists():
        ended.replace(course.store.folder / HALTED)
    back = way_back(plan, course.target, course.store)
    course.say("taking it back:")
    course.show(back)
    return apply(back, course.target, course.store, replace(course.means, between=lambda _: None))


def way_back(plan: Plan, target: Target, store: Store) -> Plan:
    """Return the plan from what is there now to what was there before a plan; TargetError when there is none.

    It removes nothing that was there before, whoever made it.
    """
    was, state = before(plan), store.load()
    if was.lost:
        told = "; ".join(f"{key}: {why}" for key, why in was.lost.items())
        raise TargetError(f"there is no way back for {told}")
    snapshot = refresh(was.desired, target, state)
    there = {(type_, item.id) for type_, found in snapshot.objects.items() for item in found}
    wanted = was.without(lambda change: change.surplus and (change.address.type, change.id) in there)
    found = decide(Request(wanted, snapshot, state, target, plan.spec_digest))
    if found.problems:
        raise TargetError("there is no way back: " + "; ".join(problem.message for _, problem in found.problems))
    old = {(change.address.type, change.id) for change in plan.changes if change.id}
    changes = [c for c in found.plan.changes if c.action != "delete" or (c.address.type, c.id) not in old]
    return replace(found.plan, spec_file=plan.spec_file, changes=tuple(changes))


def watch_of(plan: Plan, target: Target, sleep: Callable[[float], None], run: Callable[[str], int] | None) -> Watch:
    """Return who looks whether an org is well, as the plan's spec wants it."""
    asked = promotion_of(plan).waves
    assert asked is not None, "a plan with waves has a spec that asks for them"
    return Watch(asked.health, target, sleep, run)
