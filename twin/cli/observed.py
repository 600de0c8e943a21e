"""What commands about a network look at: a saved folder, or a target that is read by its APIs."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.compiled import Compiled, compile_file
from twin.cli.console import say
from twin.cli.options import TARGETS
from twin.cli.session import connect, shelf, workspace
from twin.errors import TargetError, UsageError
from twin.resources.call import Refused, aws
from twin.resources.scope import Scope

if TYPE_CHECKING:
    from twin.engine.target import Target
    from twin.observe.reading import Reading
    from twin.semantics.network.topology import Topology
    from twin.spec.model.org import Org

EMBEDDED_SEED = 0
HERE = "us-east-1"
NOT_SEEN = "not seen: "


@dataclass(frozen=True, slots=True)
class Sight:
    """Where to look, as the options of a command say it."""

    spec: Path | None
    environment: str | None
    target: str
    snapshot: Path | None
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A target with its account and Region, and the org that SPEC wants there; None where no SPEC was named."""

    target: "Target"
    account: str
    region: str
    org: "Org | None" = None
    others: tuple[str, ...] = ()
    """The other Regions in which SPEC wants something."""


def sight_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add what says where to look: SPEC, a folder, or a target."""
    for option in (
        click.option("--live", "target", flag_value="live", help="The real accounts; same as --target live."),
        click.option(
            "--target", type=click.Choice(TARGETS), default="twin", show_default=True,
            help="Where the org is: the running twin (without one, SPEC is built on one here), one with LocalStack "
            "beside it, the real accounts.",
        ),
        click.option(
            "--snapshot", metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
            help="Look at a folder of saved `describe-*` replies instead.",
        ),
        click.option(
            "--region", "regions", multiple=True, help="A Region to read; may be repeated. SPEC's own without it."
        ),
        click.option("-e", "--env", "environment", help="The environment; the spec's default without it."),
        click.argument("spec", required=False, type=click.Path(path_type=Path)),
    ):  # fmt: skip
        command = option(command)
    return command


def topology_of(sight: Sight) -> "Topology":
    """Return the network that is meant."""
    if sight.snapshot is not None:
        from twin.observe.topology import observe

        return observe(sight.snapshot)
    return reading_of(sight).topology()


def reading_of(sight: Sight, place: Place | None = None) -> "Reading":
    """Read a target; TargetError when it refuses. What it does not show of itself is said."""
    from twin.observe.reading import read

    place = place or place_in(sight)
    try:
        found = read(place.target.systems, place.account, sight.regions or (place.region, *place.others))
    except Refused as refused:
        raise TargetError(f"the target refused to be read: {refused}") from refused
    for gap in found.gaps:
        say(f"{NOT_SEEN}{gap}", style="yellow")
    return found


def verdict(found: object, gaps: Iterable[str]) -> int:
    """Return the exit code of a search: 1 when there is something, 3 when a refused read may hide it, else 0.

    What the twin does not implement hides nothing: there is nothing of it in a twin.
    """
    hidden = any("TwinUnsupportedOperation" not in gap for gap in gaps)
    return 1 if found else 3 if hidden else 0


def unseen(topology: "Topology") -> list[str]:
    """Return what a target refused to show of its network."""
    return [note for note in topology.notes if note.startswith(NOT_SEEN)]


def place_in(sight: Sight) -> Place:
    """Return the target that is meant; without a running twin SPEC's org is built on one."""
    if sight.spec is not None:
        compiled = compile_file(sight.spec, sight.environment)
        target, scope = place_of(compiled, sight.target), compiled.scope
        return Place(target, scope.account, scope.region, compiled.spec.org, tuple(compiled.spec.regions))
    served = workspace().served()
    if sight.target != "live":
        if served is None:
            raise UsageError("say what to look at: a SPEC, --snapshot DIR, --live, or start a twin (twin up)")
        scope = Scope("", "", served.account, region=served.region, cloudflare_account=served.cloudflare_account)
        return Place(connect(scope, sight.target), served.account, served.region)
    region = next(iter(sight.regions), os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or HERE)
    place = connect(Scope("", "", region=region), "live")
    return Place(place, str(place.systems["aws"].execute(aws("sts", "GetCallerIdentity"))["Account"]), region)


def planned_topology(sight: Sight) -> "Topology":
    """Return the network that SPEC would make, built on a twin in this process."""
    from twin.observe.reading import read

    if sight.spec is None:
        raise UsageError("a SPEC is wanted: what it would make is what is planned")
    compiled = compile_file(sight.spec, sight.environment)
    scope = compiled.scope
    regions = sight.regions or (scope.region, *compiled.spec.regions)
    return read(_built(compiled).systems, scope.account, regions).topology()


def place_of(compiled: Compiled, target: str) -> "Target":
    """Return a spec's target; without a running twin its org is built on one in this process."""
    if target != "twin" or workspace().served() is not None:
        return connect(compiled.scope, target)
    say(f"no twin is running; {compiled.spec.path.name} ({len(compiled.desired)} resources) is built on one here")
    return _built(compiled)


def _built(compiled: Compiled) -> "Target":
    from twin.scenario.kept import stand

    return stand(
        compiled.desired,
        compiled.scope,
        seed=EMBEDDED_SEED,
        read_secret=compiled.secret,
        shelf=shelf(),
    ).target
