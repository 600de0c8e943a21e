"""What most commands begin with: a checked spec, its resources, a target, and the state between them."""

import atexit
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twin.cli.about import EVERYTHING, About
from twin.cli.bundled import find_spec
from twin.cli.console import say
from twin.cli.kept_specs import Kept, Outline, keep, key, recall, shelf_of, sources
from twin.cli.states import refuse_where_never_live, store_of
from twin.cli.stores import LOCALSTACK, address_of
from twin.clock import WallClock
from twin.engine.plan import Plan
from twin.engine.planner import Request, plan, plan_destroy
from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.engine.workspace import Served, UntrustedSeal, Workspace
from twin.errors import SpecError, TargetError, UsageError
from twin.resources.call import Refused
from twin.resources.catalogue import index
from twin.resources.declaration import Declaration, Desired
from twin.resources.scope import Scope
from twin.spec.secrets import absence, read_secret

if TYPE_CHECKING:
    from twin.engine.connect import Endpoints
    from twin.engine.shelf import Shelf
    from twin.spec.load import Spec
    from twin.spec.located import Located

TARGETS = ("twin", "localstack", "live")
ACCOUNTS = {
    "github": "github_organization",
    "auth0": "auth0_domain",
    "okta": "okta_url",
    "cloudflare": "cloudflare_account",
    "pagerduty": "pagerduty",
    "datadog": "datadog",
}
"""Which field of a scope names each vendor's account, besides AWS."""
SECTIONS = (("delivery", "promotion"), ("state",))
"""The sections of a spec that go into plans as they are written."""


def spec_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the spec argument and its environment."""
    return _spec_options(command, required=True)


def any_spec_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the spec argument, which may be left out, and its environment."""
    return _spec_options(command, required=False)


def _spec_options(command: Callable[..., int], *, required: bool) -> Callable[..., int]:
    command = click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")(
        command
    )
    return click.argument("spec", type=click.Path(path_type=Path), required=required)(command)


def target_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the choice of a target."""
    command = click.option("--live", "target", flag_value="live", help="The real accounts; same as --target live.")(
        command
    )
    return click.option(
        "--target", type=click.Choice(TARGETS), default="twin", show_default=True,
        help="Where the org is: the running twin (an empty one when none runs), one with LocalStack beside it, the "
        "real accounts.",
    )(command)  # fmt: skip


@dataclass(frozen=True)
class Compiled:
    """A spec without a single problem, and what it wants; the whole spec is read when somebody asks for it."""

    desired: Desired
    scope: Scope
    outline: Outline
    read_spec: "Callable[[], Spec]"

    @cached_property
    def spec(self) -> "Spec":
        """The checked spec itself."""
        return self.read_spec()

    def locate(self, declaration: Declaration) -> tuple[str | None, int | None]:
        """Return the file and line of the spec that caused a resource."""
        place = self.outline.places.get(declaration.origin)
        if place is None:  # a resource that the spec does not have, as of an adoption
            span = self.spec.span(declaration.origin)
            place = span.file, span.line
        return place

    def written(self, *path: str) -> dict[str, Any]:
        """Return one of the sections that go into plans as the spec has it; empty where it has none."""
        return self.outline.sections[path]

    def without(self, systems: Collection[str]) -> "Compiled":
        """Return the same with some vendors left out: what is theirs is neither planned nor looked at."""
        kept = Desired()
        for declaration in self.desired:
            if declaration.address.system not in systems:
                kept.declarations[declaration.address] = declaration
        return replace(self, desired=kept, scope=replace(self.scope, **{ACCOUNTS[one]: "" for one in systems}))

    def as_planned(self, plan: Plan) -> "Compiled":
        """Return the same with the vendors left out that a plan left out."""
        gone = [one for one, name in ACCOUNTS.items() if getattr(self.scope, name) and not getattr(plan.scope, name)]
        return self.without(gone) if gone else self

    def secret(self, source: str) -> str:
        """Read a secret of the spec: from the environment, or from a file beside the spec."""
        return read_secret(source, os.environ, self.outline.path.parent)


@dataclass(frozen=True)
class Session:
    """A compiled spec on a target."""

    compiled: Compiled
    target: Target
    store: Store

    def read(self, *, every_type: bool = False, also: Collection[str] = (), places: Collection[str] = ()) -> Request:
        """Read the target, in more Regions where `places` names them; TargetError when it refuses."""
        compiled, state = self.compiled, self.store.load()
        try:
            snapshot = refresh(compiled.desired, self.target, state, every_type=every_type, also=also, places=places)
        except Refused as refused:
            raise TargetError(f"the target refused to be read: {refused}") from refused
        return Request(
            compiled.desired, snapshot, state, self.target, compiled.outline.digest, str(compiled.outline.path),
            compiled.locate,
        )  # fmt: skip

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
        self._refuse_others(planned.plan)
        promotion = compiled.written("delivery", "promotion")
        promoted = replace(planned.plan, promotion=promotion, state=compiled.written("state"))
        if destroy or promotion.get("waves") is None:
            return promoted
        from twin.engine.waves import waves

        asked = compiled.spec.org.delivery.promotion.waves
        assert asked is not None
        return replace(promoted, waves=waves(promoted.changes, compiled.desired, asked, home=compiled.scope.region))

    def _refuse_others(self, planned: Plan) -> None:
        """UsageError where a plan would take over what another org or environment owns, which would not know of it."""
        if any(change.claims for change in planned.changes):
            from twin.engine.adoption import taken_from_others

            try:
                told = [f"{c.key}: {c.id} is owned by {owner}" for c, owner in taken_from_others(planned, self.target)]
            except Refused:
                return  # who may not ask for tags is refused by the vendor when it writes them
            if told:
                raise UsageError(
                    "; ".join(told) + "; it is taken over when its owner has let it go: its tag twin:owner"
                )


def compile_file(path: Path, environment: str | None, patch: "Located | None" = None) -> Compiled:
    """Load, compile and check a spec; SpecError has every problem of the first stage that has any.

    `patch` is merged onto the environment of the spec.
    """
    from twin.spec.load import load

    return _compiled(load(find_spec(path), environment, environ=os.environ, patch=patch))


def recall_file(path: Path, environment: str | None) -> Compiled:
    """Do the same, without work where the very same was compiled here before."""
    found = find_spec(path)
    shelf = shelf_of(workspace())
    if shelf is None or not found.is_file():
        return compile_file(found, environment)
    data = found.read_bytes()
    digest = key(data, found, environment)
    kept = recall(shelf, digest, found.parent)
    if kept is not None:
        return Compiled(kept.desired, kept.scope, kept.outline, partial(_parsed, data, found, environment))
    compiled = _compiled(_parsed(data, found, environment))
    named = sources(compiled.spec.root.plain(), compiled.desired)
    keep(shelf, digest, Kept(compiled.desired, compiled.scope, compiled.outline, named, index()))
    return compiled


def _parsed(data: bytes, path: Path, environment: str | None) -> "Spec":
    from twin.spec.load import parse

    return parse(data, path, environment, environ=os.environ)


def _compiled(spec: "Spec") -> Compiled:
    """Make a spec into its resources and check them; SpecError has every problem."""
    from twin.blueprints.compile import compile_spec, diagnose
    from twin.engine.check import problems, secret_problems

    desired, scope = compile_spec(spec)
    found = problems(desired, scope)
    found += secret_problems(desired, lambda source: absence(source, os.environ, spec.path.parent))
    if found:
        raise SpecError(diagnose(spec, found))
    return Compiled(desired, scope, _outline(spec, desired), lambda: spec)


def _outline(spec: "Spec", desired: Desired) -> Outline:
    """Return what of a spec goes into a plan besides its resources."""
    from twin.spec.located import with_lists

    spans = ((origin, spec.span(origin)) for origin in dict.fromkeys(d.origin for d in desired))
    sections = {path: spec.root.find(path) for path in SECTIONS}
    return Outline(
        spec.digest,
        spec.path,
        {origin: (span.file, span.line) for origin, span in spans},
        {path: with_lists(there.plain()) if there and there.children else {} for path, there in sections.items()},
    )


def environments(path: Path) -> list[str | None]:
    """Return the environments of a spec, the default first; [None] when it has none, or is no spec at all."""
    from twin.spec import document as documents
    from twin.spec import overlay

    try:
        document = documents.read(find_spec(path))
    except SpecError:
        return [None]  # what is wrong with the file is told when it is loaded
    names = overlay.environments(document.root) if document.root else ()
    default = document.root.get("default_environment") if document.root else None
    first = default.value if default else None
    return [None] if not names else sorted(names, key=lambda name: name != first)


def workspace() -> Workspace:
    """Return the workspace of the current folder."""
    return Workspace.find(Path.cwd(), os.environ)


def shelf() -> "Shelf | None":
    """Return where built worlds are kept: in the workspace, sealed with its own key; nowhere without a safe one."""
    from twin.engine.shelf import Shelf

    home = workspace()
    try:
        return Shelf(home.root / "worlds", home.seal())
    except UntrustedSeal as untrusted:
        say(str(untrusted))
        return None


def open_session(
    path: Path, environment: str | None, target: str, *, needs_running: bool = False, patience: float = 0.0,
    without: Collection[str] = (),
) -> Session:  # fmt: skip
    """Compile a spec and connect to a target; `without` names vendors that are left out.

    Without a running twin, `twin` and `localstack` are an empty one in this process, unless `needs_running`. A run
    waits `patience` seconds for another one's lock.
    """
    compiled = recall_file(path, environment)
    if without:
        compiled = compiled.without(without)
    place = connect(compiled.scope, target, needs_running=needs_running)
    missing = sorted({d.address.system for d in compiled.desired} - place.systems.keys())
    if missing:
        raise TargetError(f"the target {target} has no {' and no '.join(missing)}; start a twin beside it: twin up")
    store = store_of(workspace(), compiled.scope, target, written=compiled.written("state"), patience=patience)
    return Session(compiled, place, store)


def connect(scope: Scope, target: str, *, needs_running: bool = False) -> Target:
    """Connect to a target by name."""
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
        return targets.twin(scope, served_endpoints(served), target)
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

    return Endpoints(**served.keys(), url=served.url)
