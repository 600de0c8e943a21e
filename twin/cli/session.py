"""What most commands begin with: a compiled spec on a target, and the state between them."""

import atexit
import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from twin.cli.about import EVERYTHING, About
from twin.cli.compiled import Compiled, recall_file
from twin.cli.console import say
from twin.cli.kept_models import keep_models, recall_models
from twin.cli.kept_reads import standing
from twin.cli.sealing import own_seal
from twin.cli.states import refuse_where_never_live, store_of
from twin.cli.stores import LOCALSTACK, address_of
from twin.cli.unchanged import remember
from twin.clock import WallClock
from twin.engine.plan import Plan
from twin.engine.planner import Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.engine.workspace import Served, Workspace
from twin.errors import SpecError, TargetError, UsageError
from twin.resources.aws.transcript import Transcript
from twin.resources.call import Refused
from twin.resources.scope import Scope

if TYPE_CHECKING:
    from twin.engine.connect import Endpoints
    from twin.engine.shelf import Shelf
    from twin.resources.aws.ahead import Ahead


@dataclass(frozen=True)
class Session:
    """A compiled spec on a target."""

    compiled: Compiled
    target: Target
    store: Store
    transcript: Transcript | None = None
    """What is read of AWS on a running twin."""

    def read(self, *, every_type: bool = False, also: Collection[str] = (), places: Collection[str] = ()) -> Request:
        """Read the target, in more Regions where `places` names them; TargetError when it refuses."""
        compiled, state = self.compiled, self.store.load()
        try:
            snapshot = refresh(compiled.desired, self.target, state, every_type=every_type, also=also, places=places)
        except Refused as refused:
            raise TargetError(f"the target refused to be read: {refused}") from refused
        finally:
            if self.transcript is not None:
                self.transcript.end()
        keep_models(workspace())
        return Request(
            compiled.desired, snapshot, state, self.target, compiled.outline.digest, str(compiled.outline.path),
            compiled.locate, remembered=state.protected,
        )  # fmt: skip

    def keep(self) -> None:
        """Keep what lets the next plan start sooner, after an apply: what was read before it, and how to read on."""
        if self.transcript is not None and self.transcript.told:
            keep_models(workspace(), applied=True)
            remember(self, standing(self.store.folder))

    def plan(
        self, *, destroy: bool = False, adopt: bool = False, every_type: bool = False, about: About = EVERYTHING
    ) -> Plan:
        """Read the target and decide; SpecError for what cannot be planned."""
        compiled = self.compiled
        request = replace(
            self.read(every_type=every_type or destroy), adopt=adopt, choice=about.choice, unprotect=about.unprotect
        )
        planned = plan_destroy(request) if destroy else plan(request)
        if planned.problems:
            from twin.blueprints.compile import diagnose

            raise SpecError(diagnose(compiled.spec, planned.problems))
        promotion = compiled.written("delivery", "promotion")
        promoted = replace(planned.plan, promotion=promotion, state=compiled.written("state"))
        if destroy or promotion.get("waves") is None:
            return promoted
        from twin.engine.waves import waves

        asked = compiled.spec.org.delivery.promotion.waves
        assert asked is not None
        return replace(promoted, waves=waves(promoted.changes, compiled.desired, asked, home=compiled.scope.region))


def workspace() -> Workspace:
    """Return the workspace of the current folder."""
    return Workspace.find(Path.cwd(), os.environ)


def shelf() -> "Shelf | None":
    """Return where built worlds are kept: in the workspace, under the user's own seal; nowhere without a safe one."""
    from twin.engine.shelf import Shelf

    seal = own_seal()
    return Shelf(workspace().root / "worlds", seal) if seal is not None else None


def open_session(
    path: Path, environment: str | None, target: str, *, needs_running: bool = False, patience: float = 0.0,
    without: Collection[str] = (), ahead: "Ahead | None" = None,
) -> Session:  # fmt: skip
    """Compile a spec and connect to a target; `without` names vendors that are left out.

    `ahead` has the replies to reads of the running twin that are under way already. Without a running twin, `twin` and
    `localstack` are an empty one in this process, unless `needs_running`. A run waits `patience` seconds for another
    one's lock.
    """
    compiled = recall_file(path, environment)
    if without:
        compiled = compiled.without(without)
    transcript = Transcript(ahead)
    place = connect(compiled.scope, target, needs_running=needs_running, transcript=transcript)
    missing = sorted({d.address.system for d in compiled.desired} - place.systems.keys())
    if missing:
        raise TargetError(f"the target {target} has no {' and no '.join(missing)}; start a twin beside it: twin up")
    store = store_of(workspace(), compiled.scope, target, written=compiled.written("state"), patience=patience)
    return Session(compiled, place, store, transcript)


def connect(scope: Scope, target: str, *, needs_running: bool = False, transcript: Transcript | None = None) -> Target:
    """Connect to a target by name; what is read of AWS on a running twin goes into the transcript."""
    from twin.engine import connect as targets

    if target == "live":
        refuse_where_never_live(os.environ)
        return targets.live(scope, os.environ)
    served = workspace().served()
    if served is not None:
        if target == LOCALSTACK and served.store != LOCALSTACK:
            raise TargetError(
                "the running twin has no LocalStack beside it: `twin down`, then `twin up --store localstack`"
            )
        if served.account != scope.account:
            raise TargetError(
                f"the running twin plays account {served.account}, the spec means {scope.account}: "
                "`twin down`, then `twin up` with this spec and environment"
            )
        recall_models(workspace())
        return targets.twin(scope, served_endpoints(served), target, transcript=transcript)
    if needs_running:
        raise UsageError("no twin is running here; start one: twin up SPEC")
    say("no twin is running; this goes to an empty one, which ends with this command")
    from twin.scenario.embedded import endpoints, make_world

    world = make_world(scope, seed=0, clock=WallClock(), localstack=address_of(target, os.environ))
    if target == LOCALSTACK:
        atexit.register(world.close)  # which empties LocalStack again
    return targets.twin(scope, endpoints(world), target)


def served_endpoints(served: Served) -> "Endpoints":
    """Return the way to the running twin."""
    from twin.engine.connect import Endpoints

    return Endpoints(**served.keys(), url=served.url, waits=served.provisioning == "real")
