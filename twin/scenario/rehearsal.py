"""Builds the org once on an embedded twin and runs a scenario on copies of it."""

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from twin.engine import connect
from twin.engine.apply import Means, apply
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.errors import TargetError, UsageError
from twin.resources.aws.api import AwsSystem
from twin.resources.declaration import Desired
from twin.resources.scope import Scope
from twin.scenario.actors import kinds
from twin.scenario.document import ActorSpec, Scenario, vary
from twin.scenario.embedded import endpoints, make_world
from twin.scenario.fork import in_forks
from twin.scenario.journal import Journal
from twin.scenario.responder import Steps
from twin.scenario.stage import VIRTUAL_TIME, Actor, OutOfTime, Stage
from twin.scenario.timeline import Timeline
from twin.scenario.values import UnknownName, Values
from twin.scenario.verdict import Check, Result, examine, judge
from twin.world.capabilities import capabilities
from twin.world.world import World


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An org that stands on an embedded twin: its target, its clock, its resources by address and attribute."""

    target: Target
    timeline: Timeline
    names: Mapping[str, Any]
    world: World


def build(
    desired: Desired, scope: Scope, *, seed: int, read_secret: Callable[[str], str], localstack: str | None = None
) -> Rehearsal:
    """Make a world and apply an org to it; TargetError when something of it was refused.

    `localstack` is the address of a LocalStack that keeps some services; it is emptied when the next world is made.
    """
    timeline = Timeline()
    world = make_world(scope, seed=seed, clock=timeline, localstack=localstack)
    timeline.lead(world)
    name = "localstack" if localstack else "twin"
    able = capabilities() - world.lacking().keys()
    target = replace(connect.twin(scope, endpoints(world), name), capabilities=able)
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        store = Store(Path(folder))
        planned = plan(Request(desired, refresh(desired, target, store.load()), store.load(), target))
        outcome = apply(planned.plan, target, store, Means(lambda _: None, read_secret))
        if not outcome.good:
            raise TargetError(f"the org could not be built: {next(iter(outcome.failed.values()))}")
        snapshot = refresh(desired, target, store.load())
    names = {
        f"{address}.{name}": value
        for address, observed in snapshot.matched.items()
        for name, value in {**observed.fields, **observed.outputs}.items()
    }
    return Rehearsal(target, timeline, names, world)


def rehearse(
    scenario: Scenario, values: Mapping[str, Any], rehearsal: Rehearsal, variants: Iterable[str | None]
) -> Iterator[Result]:
    """Yield the result of each variant, None being the scenario itself; each runs on a copy of the world."""
    chosen = ((scenario if name is None else vary(values, scenario, name), name) for name in variants)
    yield from in_forks(partial(_attempt, varied, name, rehearsal) for varied, name in chosen)


def rehearse_anew(
    scenario: Scenario,
    values: Mapping[str, Any],
    make: Callable[[], Rehearsal],
    variants: Iterable[str | None],
) -> Iterator[Result]:
    """Yield the result of each variant, each on an org built for it alone: what a LocalStack keeps has no copies."""
    for name in variants:
        rehearsal = make()
        try:
            yield _attempt(scenario if name is None else vary(values, scenario, name), name, rehearsal)
        finally:
            rehearsal.world.close()


def _attempt(scenario: Scenario, variant: str | None, rehearsal: Rehearsal) -> Result:
    """Run a scenario; one that names what does not exist is an ERROR, not a verdict on the org."""
    try:
        return perform(scenario, variant, rehearsal)
    except OutOfTime as lacking:
        return Result(scenario.id, variant, "UNSUPPORTED", str(lacking), seed=scenario.seed)
    except UnknownName as missing:
        reason = f"nothing has saved the name {missing}, and the org has no such resource"
        return Result(scenario.id, variant, "ERROR", reason, seed=scenario.seed)


def perform(scenario: Scenario, variant: str | None, rehearsal: Rehearsal) -> Result:
    """Run a scenario here, changing the world, and judge it."""
    lacking = sorted(set(scenario.requires) - rehearsal.target.capabilities)
    if lacking:
        reason = f"the target {rehearsal.target.name} lacks {', '.join(lacking)}"
        return Result(scenario.id, variant, "UNSUPPORTED", reason, seed=scenario.seed)
    stage = _stage(scenario, rehearsal)
    setup = Steps("setup", scenario.setup, stage)
    stage.timeline.finish(setup.process())
    if setup.failure is not None:
        return Result(
            scenario.id, variant, "ERROR", f"setup, {setup.failure}", journal=stage.journal.text(), seed=scenario.seed
        )
    actors = {name: _actor(name, told, stage) for name, told in scenario.actors.items()}
    for actor in actors.values():
        for process in actor.processes():
            stage.timeline.spawn(process)
    runbook = Steps("responder", scenario.runbook, stage, begin=scenario.begin)
    stage.timeline.spawn(runbook.process())
    stage.timeline.run(until=stage.timeline.elapsed + scenario.duration)
    figures = {f"{name}.{k}": v for name, actor in actors.items() for k, v in actor.figures().items()}
    figures |= {f"runbook.{k}": v for k, v in runbook.figures().items()}
    checks = (
        *_runbook_check(scenario, runbook),
        *examine("expect", scenario.expect, figures, stage),
        *examine("effect", scenario.effects, figures, stage),
    )
    verdict, reason = judge(checks)
    return Result(scenario.id, variant, verdict, reason, checks, figures, stage.journal.text(), scenario.seed)


def _actor(name: str, told: ActorSpec, stage: Stage) -> Actor:
    """Make an actor; `${item}` in what it is told is its own to fill."""
    kind = kinds().get(told.kind)
    if kind is None:
        raise UsageError(f"there is no kind of actor {told.kind!r}; there are {', '.join(kinds())}")
    return kind(name, Values({"item": "${item}"}, stage.values).fill(told.with_), stage)


def _stage(scenario: Scenario, rehearsal: Rehearsal) -> Stage:
    org = Values(rehearsal.names)
    names = Values(org.fill(scenario.let), org)
    administrator = rehearsal.target.systems["aws"]
    assert isinstance(administrator, AwsSystem)
    # The choices of a run come from its seed alone; nothing secret is drawn.
    chance = random.Random(f"{scenario.id}:{scenario.seed}")  # noqa: S311
    journal = Journal(rehearsal.timeline)
    own_time = rehearsal.world.gateway.store.elsewhere if VIRTUAL_TIME in scenario.requires else frozenset()
    return Stage(rehearsal.timeline, journal, names, chance, administrator, scenario.duration, own_time)


def _runbook_check(scenario: Scenario, runbook: Steps) -> tuple[Check, ...]:
    if not scenario.runbook:
        return ()
    found = str(runbook.failure) if runbook.failure else f"{runbook.done} of {len(runbook.steps)} steps"
    held = bool(runbook.figures()["completed"])
    return (Check("the runbook comes to its end", "runbook", held, found, f"{len(runbook.steps)} steps"),)
