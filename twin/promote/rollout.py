"""Carries out a plan wave by wave, and takes it back when a wave is not well afterwards."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from twin.address import Address
from twin.attestation.demands import promotion_of
from twin.engine.apply import Means, Outcome, apply
from twin.engine.choice import ALL, Choice
from twin.engine.inverse import Before, before
from twin.engine.plan import Change, Plan
from twin.engine.planner import Request, identity
from twin.engine.planner import plan as decide
from twin.engine.refresh import Snapshot, refresh
from twin.engine.state import State, Store, put_aside
from twin.engine.target import Target
from twin.errors import TargetError
from twin.promote.contents import losses
from twin.promote.health import Watch
from twin.resources.call import Refused
from twin.resources.canonical import text
from twin.resources.declaration import Path

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
    put_aside(course.store.previous_file, course.store.folder / HALTED)
    back = way_back(plan, course.target, course.store)
    course.say("taking it back:")
    course.show(back.plan)
    for loss in losses(back.plan, back.ids):
        course.say(f"{loss}{f'; {loss.restore}' if loss.restore else ''}")
    return apply(back.plan, course.target, course.store, replace(course.means, between=lambda _: None))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a way back must keep to: what is protected, what it is about, and whether it takes over what is nobody's."""

    protections: tuple[tuple[str, str, Path], ...] = ()
    choice: Choice = ALL
    unprotect: tuple[str, ...] = ()
    adopt: bool = False
    remembered: Mapping[Address, str] = field(default_factory=dict)


FREE = Terms()


@dataclass(frozen=True, slots=True)
class Back:
    """A way back, what stood where it leads, and what of it cannot be planned for, by key with the reason."""

    plan: Plan
    ids: Mapping[Address, str]
    stays: Mapping[str, str]


def way_back(plan: Plan, target: Target, store: Store, *, terms: Terms = FREE) -> Back:
    """Return the way from what is there now to what was there before a plan; TargetError when there is none.

    It removes nothing that was there before, whoever made it, and nothing that the plan was not about.
    """
    was, state = before(plan), store.load()
    if was.lost:
        told = "; ".join(f"{key}: {why}" for key, why in was.lost.items())
        raise TargetError(f"there is no way back for {told}")
    try:
        snapshot = refresh(was.desired, target, state)
    except Refused as refused:
        raise TargetError(f"the target refused to be read: {refused}") from refused
    there = {(type_, item.id, region) for type_, region, item in snapshot.standing()}
    wanted = was.without(lambda change: change.surplus and identity(change.address, change.id) in there)
    wanted.protections = list(terms.protections)
    request = Request(
        wanted, snapshot, state, target, plan.spec_digest, plan.spec_file, adopt=terms.adopt, choice=terms.choice,
        unprotect=terms.unprotect, remembered=terms.remembered, kept=_kept(plan, state), spare=_spared(plan),
    )  # fmt: skip
    found = decide(request)
    if found.problems:
        raise TargetError("there is no way back: " + "; ".join(problem.message for _, problem in found.problems))
    ids = {address: change.id for address, change in was.causes.items() if change.id is not None}
    return Back(replace(found.plan, undoes=plan.digest), ids, _joined(_stays(was, snapshot)))


def _kept(plan: Plan, state: State) -> dict[Address, str]:
    """Return what is protected on the way back from a plan: what is so now, and what was before it."""
    return {change.before: change.guarded for change in plan.changes if change.guarded} | state.protected


def _spared(plan: Plan) -> Callable[[Change], bool]:
    """Return who tells what must not be removed on the way back from a plan."""
    old = {identity(change.address, change.id) for change in plan.changes if change.id}
    outside = {one.key.partition("#")[0] for one in plan.left_out if one.action != "create"}
    return lambda change: identity(change.address, change.id) in old or str(change.address) in outside


def _joined(told: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, why in told:
        found[key] = f"{found[key]}; {why}" if key in found else why
    return found


def _stays(was: Before, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield what no plan can ask for: fields that had no value before and have one now, and to be nobody's again."""
    for address, change in was.causes.items():
        now = snapshot.matched.get(address)
        if change.claims and change.former is None and now is not None:
            yield change.key, "it was nobody's, and keeps our mark: a plan of a spec without it removes it"
        for difference in change.differences if change.action == "update" and now is not None else ():
            name = difference.field
            if name not in was.desired[address].values and now is not None and now.fields.get(name) is not None:
                yield change.key, f"{name} had no value, and keeps {text(now.fields[name])}"


def watch_of(plan: Plan, target: Target, sleep: Callable[[float], None], run: Callable[[str], int] | None) -> Watch:
    """Return who looks whether an org is well, as the plan's spec wants it."""
    asked = promotion_of(plan).waves
    assert asked is not None, "a plan with waves has a spec that asks for them"
    regions = {"", *(change.address.region for change in plan.changes)}
    return Watch(asked.health, target, sleep, run, tuple(sorted(regions)))
