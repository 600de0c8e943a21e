"""Builds the org once on an embedded twin and runs a scenario on copies of it."""

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twin.engine import connect
from twin.engine.apply import Means, apply
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.engine.state import State, Store
from twin.engine.target import Target
from twin.errors import TargetError
from twin.resources.aws.api import AwsSystem
from twin.resources.declaration import Desired
from twin.resources.scope import Scope
from twin.scenario.actors import kinds
from twin.scenario.calm import calm, collateral, control_check
from twin.scenario.check import unknown_figures
from twin.scenario.document import Scenario, vary
from twin.scenario.embedded import endpoints, make_world
from twin.scenario.fork import in_forks
from twin.scenario.journal import Journal
from twin.scenario.lets import in_order
from twin.scenario.play import Play
from twin.scenario.recorded import Witness, listen
from twin.scenario.recording.recorder import Film, record
from twin.scenario.restoring import restore
from twin.scenario.retries import Retries
from twin.scenario.stage import VIRTUAL_TIME, OutOfTime, Stage
from twin.scenario.timeline import Timeline
from twin.scenario.values import UnknownName, Unplayable, Values, WrongExpression
from twin.scenario.verdict import Result, judge
from twin.scenario.warm_up import warm_up
from twin.spec.suggest import nearest
from twin.world.capabilities import capabilities
from twin.world.world import World


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An org that stands on an embedded twin: its target, its clock, its resources by address and attribute."""

    target: Target
    timeline: Timeline
    names: Mapping[str, Any]
    world: World
    desired: Desired
    state: State
    read_secret: Callable[[str], str]
    film: Film | None = None
    witness: Witness | None = None


Make = Callable[[], Rehearsal]


def target_of(world: World, scope: Scope, name: str = "twin") -> Target:
    """Return the way into a world of this process, with the capabilities that its stores leave it."""
    able = capabilities() - world.lacking().keys()
    return replace(connect.twin(scope, endpoints(world), name), capabilities=able)


def build(
    desired: Desired,
    scope: Scope,
    *,
    seed: int,
    read_secret: Callable[[str], str],
    localstack: str | None = None,
    accounts: tuple[str, ...] = (),
) -> Rehearsal:
    """Make a world and apply an org to it; TargetError when something of it was refused.

    `accounts` are others of the world, besides the org's. `localstack` is the address of a LocalStack that keeps some
    services; it is emptied when the next world is made.
    """
    timeline = Timeline()
    world = make_world(scope, seed=seed, clock=timeline, localstack=localstack, others=accounts)
    timeline.lead(world)
    target = target_of(world, scope, "localstack" if localstack else "twin")
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        store = Store(Path(folder))
        planned = plan(Request(desired, refresh(desired, target, store.load()), store.load(), target))
        outcome = apply(planned.plan, target, store, Means(lambda _: None, read_secret))
        if not outcome.good:
            raise TargetError(f"the org could not be built: {next(iter(outcome.failed.values()))}")
        state = store.load()
        snapshot = refresh(desired, target, state)
    names = {
        f"{address}.{name}": value
        for address, observed in snapshot.matched.items()
        for name, value in {**observed.fields, **observed.outputs}.items()
    }
    return Rehearsal(target, timeline, names, world, desired, state, read_secret)


def drift(rehearsal: Rehearsal) -> list[str]:
    """Return what a plan would change now."""
    target, state = rehearsal.target, rehearsal.state
    request = Request(rehearsal.desired, refresh(rehearsal.desired, target, state), state, target)
    return [f"{change.action} {change.key}" for change in plan(request).plan.pending]


def rehearse(
    scenario: Scenario,
    values: Mapping[str, Any],
    rehearsal: Rehearsal,
    variants: Iterable[str | None],
    elsewhere: Mapping[str, Make] = MappingProxyType({}),
) -> Iterator[Result]:
    """Yield the result of each variant, None being the scenario itself; each runs on a copy of the world.

    A scenario with faults has its control run first; variants have none, as they need not pass without faults.
    `elsewhere` makes the orgs of variants that have one of their own.
    """
    _load(scenario, rehearsal)
    names, control = list(variants), None
    peaceful = calm(scenario) if None in names else None
    if isinstance(system := rehearsal.target.systems["aws"], AwsSystem):
        warm_up(scenario, system, rehearsal.world)
    if peaceful is not None:
        (control,) = in_forks([partial(attempt, peaceful, None, replace(rehearsal, film=None, witness=None))])
    yield from in_forks(
        partial(attempt, scenario, None, rehearsal, control)
        if name is None
        else partial(attempt_on, vary(values, scenario, name), name, elsewhere.get(name, lambda: rehearsal))
        for name in names
    )


def _load(scenario: Scenario, rehearsal: Rehearsal) -> None:
    """Load once what each copy would load for itself: the files of the actors, and the prices by which it is billed."""
    for actor in scenario.actors.values():
        kinds().get(actor.kind)
    assert rehearsal.world.scene.prices


def rehearse_anew(
    scenario: Scenario,
    values: Mapping[str, Any],
    make: Make,
    variants: Iterable[str | None],
    elsewhere: Mapping[str, Make] = MappingProxyType({}),
) -> Iterator[Result]:
    """Yield the result of each variant, each on an org built for it alone: what a LocalStack keeps has no copies."""
    for name in variants:
        rehearsal = elsewhere.get(name or "", make)()
        try:
            yield attempt(scenario if name is None else vary(values, scenario, name), name, rehearsal)
        finally:
            rehearsal.world.close()


def attempt_on(scenario: Scenario, variant: str, make: Make) -> Result:
    """Run a variant on its own org; one that cannot be built is an ERROR, not a verdict."""
    try:
        rehearsal = make()
    except TargetError as error:
        return Result(scenario.id, variant, "ERROR", str(error), seed=scenario.seed)
    return attempt(scenario, variant, rehearsal)


def attempt(scenario: Scenario, variant: str | None, rehearsal: Rehearsal, control: Result | None = None) -> Result:
    """Run a scenario; one that names what does not exist is an ERROR, not a verdict on the org."""
    try:
        return perform(scenario, variant, rehearsal, control)
    except OutOfTime as lacking:
        return Result(scenario.id, variant, "UNSUPPORTED", str(lacking), seed=scenario.seed)
    except Unplayable as mistake:
        return Result(scenario.id, variant, "ERROR", str(mistake), seed=scenario.seed)
    except UnknownName as missing:
        name = str(missing.args[0])
        near = nearest(name, rehearsal.names)
        meant = f"; did you mean `{near}`?" if near is not None else ""
        reason = f"nothing has saved the name {missing}, and the org has no such resource{meant}"
        return Result(scenario.id, variant, "ERROR", reason, seed=scenario.seed, lacks=name)
    except WrongExpression as wrong:
        reason = f"{scenario.place_of(wrong.expression)}{wrong}"
        return Result(scenario.id, variant, "ERROR", reason, seed=scenario.seed)


def perform(scenario: Scenario, variant: str | None, rehearsal: Rehearsal, control: Result | None = None) -> Result:
    """Run a scenario here, changing the world, and judge it."""
    lacking = sorted(set(scenario.requires) - rehearsal.target.capabilities)
    if lacking:
        reason = f"the target {rehearsal.target.name} lacks {', '.join(lacking)}"
        return Result(scenario.id, variant, "UNSUPPORTED", reason, seed=scenario.seed)
    stage = stage_of(scenario, rehearsal)
    play = Play(scenario, stage, partial(drift, rehearsal))
    recorder, tell = record(scenario, variant, rehearsal, stage.journal), listen(variant, rehearsal)
    result = _judged(play, variant, play.perform(), control)
    if recorder is not None:
        recorder.end(result)
    tell()
    return result


def _judged(play: Play, variant: str | None, failure: str | None, control: Result | None) -> Result:
    scenario, stage = play.scenario, play.stage
    if failure is not None:
        return Result(scenario.id, variant, "ERROR", failure, journal=stage.journal.text(), seed=scenario.seed)
    figures = play.figures()
    checks = [] if control is None else [control_check(control)]
    figures |= {} if control is None else collateral(figures, control)
    if wrong := "; ".join(unknown_figures(scenario, figures)):
        return Result(scenario.id, variant, "ERROR", wrong, journal=stage.journal.text(), seed=scenario.seed)
    checks += play.checks(figures)
    stage.journal.delays(play.delays())
    verdict, reason = judge(tuple(checks))
    return Result(scenario.id, variant, verdict, reason, tuple(checks), figures, stage.journal.text(), scenario.seed)


def stage_of(scenario: Scenario, rehearsal: Rehearsal) -> Stage:
    """Set the stage for one run of a scenario on an org."""
    org = Values(rehearsal.names, clock=rehearsal.timeline.now)
    scope = rehearsal.target.scope
    given: dict[str, Any] = {"org.account": scope.account, "org.cloudflare": scope.cloudflare_account}
    for name, account in scenario.accounts.items():
        keys = rehearsal.world.credentials(account)
        given |= {
            name: {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret_access_key},
            f"{name}.account": account,
        }
    names = Values(given, org)
    for name in in_order(scenario.let):
        names.save(name, names.fill(scenario.let[name]))
    if scenario.iam_takes_time:
        seconds = rehearsal.world.scene.delay("iam.propagation")
        rehearsal.world.gateway.authorisation.propagation = timedelta(seconds=seconds)
    administrator = rehearsal.target.systems["aws"]
    assert isinstance(administrator, AwsSystem)
    # The choices of a run come from its seed alone; nothing secret is drawn.
    chance = random.Random(f"{scenario.id}:{scenario.seed}")  # noqa: S311
    retries = Retries(random.Random(f"{scenario.id}:{scenario.seed}:retries"))  # noqa: S311
    journal = Journal(rehearsal.timeline)
    rehearsal.world.scene.listeners.append(journal.witness)
    own_time = rehearsal.world.gateway.store.elsewhere if VIRTUAL_TIME in scenario.requires else frozenset()
    return Stage(
        world=rehearsal.world,
        timeline=rehearsal.timeline,
        journal=journal,
        values=names,
        random=chance,
        administrator=administrator,
        vendors=rehearsal.target.systems,
        duration=scenario.duration,
        retries=retries,
        own_time=own_time,
        restore=partial(
            restore, rehearsal.desired, rehearsal.state, target=rehearsal.target, read_secret=rehearsal.read_secret
        ),
    )
