"""The accounts of a pipeline's environments: planned, applied and looked at with the keys that somebody really has."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from twin.attestation.demands import closed, promotion_of
from twin.blueprints.compile import compile_spec
from twin.engine.apply import Applier, Means, apply
from twin.engine.plan import Plan
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.engine.state import State, Store
from twin.engine.target import Target
from twin.engine.waves import waves
from twin.errors import GuardError, SpecError, TargetError
from twin.resources.declaration import Desired
from twin.resources.scope import Scope
from twin.scenario.credentials import credentials
from twin.scenario.embedded import make_world
from twin.scenario.fork import in_forks
from twin.scenario.rehearsal import target_of
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process, Timeline
from twin.scenario.web_identity import web_session
from twin.spec.load import Spec
from twin.spec.located import with_lists
from twin.world.world import World

NAMED = {"github": "github_organization"}


@dataclass(slots=True)
class Place:
    """The world's accounts as a pipeline reaches them.

    `began` is called with a plan before each part of it that is carried out, `applied` once all of it is.
    """

    stage: Stage
    applied: Callable[[Plan], None] = lambda plan: None
    began: Callable[[Plan], None] = lambda plan: None

    @property
    def world(self) -> World:
        """The world."""
        return self.stage.world

    def now(self) -> datetime:
        """Return the instant."""
        return self.stage.timeline.now()

    def take(self, role: str, token: str, name: str) -> Mapping[str, str]:
        """Take a role with an identity token; Refused when AWS says no."""
        return credentials(web_session(self.stage, role, token, name))

    def plan(self, spec: Spec, without: str, keys: Mapping[str, str]) -> tuple[Desired, Plan]:
        """Plan what a spec wants, one vendor left out; SpecError and TargetError say why it cannot be."""
        desired, scope = _compiled(spec, without)
        return desired, _planned(spec, desired, self.target(scope, keys))

    def first_plan(self, spec: Spec, without: str) -> tuple[Desired, Plan]:
        """Plan the same for a twin of the job's own on which nothing stands."""
        desired, scope = _compiled(spec, without)
        (made,) = in_forks([partial(_first, spec, desired, scope)])
        return desired, made

    def apply(self, saved: Plan, keys: Mapping[str, str]) -> Process:
        """Carry out a plan, in its waves; TargetError when something was refused, GuardError when the window closed."""
        asked = promotion_of(saved)
        soak = asked.waves.health.soak if asked.waves is not None else None
        means = Means(lambda _: None, lambda source: source, closed=lambda: closed(asked, self.now()))
        with tempfile.TemporaryDirectory(prefix="twin-") as folder:
            applier = Applier(saved, self.target(saved.scope, keys), Store(Path(folder)), means)
            if saved.pending:
                self.began(saved)
            for _ in applier.waves():
                yield self.stage.timeline.pass_(soak.total_seconds() if soak else 0)
                if closed(asked, self.now()) is None:
                    self.began(saved)
        if failed := applier.outcome.failed:
            name, why = next(iter(failed.items()))
            raise TargetError(f"{name}: {why}")
        if applier.outcome.paused:
            raise GuardError(f"stopped {applier.outcome.paused}")
        if saved.pending:
            self.applied(saved)

    def build(self, spec: Spec) -> None:
        """Make an environment as its administrators do, GitHub's part with the organisation owner's token."""
        desired, scope = compile_spec(spec)
        held = self.world.credentials(scope.account)
        keys = {"access_key_id": held.access_key_id, "secret_access_key": held.secret_access_key}
        target = self.target(scope, keys)
        made = plan(Request(desired, refresh(desired, target, State()), State(), target)).plan
        with tempfile.TemporaryDirectory(prefix="twin-") as folder:
            outcome = apply(made, target, Store(Path(folder)), Means(lambda _: None, lambda source: source))
        if not outcome.good:
            raise TargetError(f"{scope.environment} could not be built: {next(iter(outcome.failed.values()))}")

    def target(self, scope: Scope, keys: Mapping[str, str]) -> Target:
        """Return the way into a scope's accounts for the holder of keys, one call after the other.

        AWS is asked through the clients that there are, which are costly to make: keys say whose account is meant.
        """
        acting = self.stage.principal(keys)
        target = Target("live", {**self.stage.vendors, "aws": acting}, scope)
        return replace(target, concurrency=1)


def _compiled(spec: Spec, without: str) -> tuple[Desired, Scope]:
    desired, scope = compile_spec(spec)
    kept = Desired()
    for declaration in desired:
        if declaration.address.system != without:
            kept.declarations[declaration.address] = declaration
    return kept, replace(scope, **{NAMED[without]: ""}) if without in NAMED else scope


def _planned(spec: Spec, desired: Desired, target: Target) -> Plan:
    request = Request(desired, refresh(desired, target, State()), State(), target, spec.digest, str(spec.path))
    planned = plan(request)
    if planned.problems:
        raise SpecError([])
    written = spec.root.find(("delivery", "promotion"))
    promoted = replace(planned.plan, promotion=with_lists(written.plain()) if written else {})
    asked = spec.org.delivery.promotion.waves
    if asked is None:
        return promoted
    return replace(promoted, waves=waves(promoted.changes, desired, asked, home=target.scope.region))


def _first(spec: Spec, desired: Desired, scope: Scope) -> Plan:
    world = make_world(scope, seed=0, clock=Timeline())
    return _planned(spec, desired, target_of(world, scope))
