"""`twin adopt`: declares in the spec what exists and nobody owns, so that the next apply takes it over unchanged."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.address import Address
from twin.cli.console import data, say
from twin.cli.options import spec_options, target_options
from twin.cli.patching import give
from twin.cli.session import Session, open_session
from twin.engine.targeting import may_mean, meets
from twin.errors import UsageError
from twin.resources.catalogue import catalogue
from twin.spec.model.region import zones
from twin.spec.suggest import suggestion

if TYPE_CHECKING:
    from twin.engine.adoption import Adoption
    from twin.engine.planner import Request
    from twin.engine.strangers import Stranger
    from twin.engine.terraform_state import Managed


@click.command("adopt")
@spec_options
@target_options
@click.option("--only", metavar="ADDRESS", multiple=True, help="This alone: an address, a type, or a pattern with *.")
@click.option("--except", "without", metavar="ADDRESS", multiple=True, help="All but this; repeatable.")
@click.option(
    "--terraform-state",
    "state",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What Terraform owns, by its names there.",
)
@click.option("--region", "places", metavar="REGION", multiple=True, help="Look there too; the spec's own always are.")
@click.option("--write", is_flag=True, help="Write the lines into the spec's file.")
@click.option("--json", "as_json", is_flag=True, help="Print what is taken and what is not as JSON.")
def command(
    spec: Path, environment: str | None, target: str, *, only: tuple[str, ...], without: tuple[str, ...],
    state: Path | None, places: tuple[str, ...], write: bool, as_json: bool,
) -> int:  # fmt: skip
    """Take over what exists: print the lines of a spec that declares the objects that nobody owns.

    With those lines in the spec, `twin plan` changes nothing but who owns them, and `twin apply` writes that down.
    """
    from twin.engine.adoption import adopt
    from twin.engine.terraform_state import read

    managed = read(state) if state is not None else None
    session = open_session(spec, environment, target, needs_running=target == "twin")
    types = _types(managed, only)
    abroad = _places(session, managed or (), places)
    request = session.read(every_type=types is None, also=types or (), places=abroad)
    chosen, every, left = _chosen(request, managed, only, without)
    result = adopt(request, chosen, every, without=left, tags=session.compiled.spec.org.org.tags)
    _tell(result, request)
    if as_json:
        strange = [{"type": one.type, "id": one.id, "why": one.why} for one in result.left]
        data({"schema": 1, "taken": [str(a) for a in result.taken], "left": strange, "patch": result.patch})
        return 0
    return give(session.compiled, result.patch, write=write)


def _places(session: Session, managed: "Sequence[Managed]", asked: Sequence[str]) -> set[str]:
    """Return the other Regions in which is looked: those of the spec, of Terraform's state, and those asked for."""
    for name in asked:
        if name not in zones():
            raise UsageError(f"there is no AWS Region named {name}: {suggestion(name, zones())}")
    compiled = session.compiled
    found = {*asked, *compiled.spec.org.regions, *(d.address.region for d in compiled.desired)}
    return (found | {one.region for one in managed}) - {"", compiled.scope.region}


def _types(managed: "Sequence[Managed] | None", only: Sequence[str]) -> set[str] | None:
    """Return the types among which the objects are that are meant; None when it may be any."""
    from twin.engine.terraform_state import types_of

    if managed is not None:
        return types_of(managed)
    return {t for t in catalogue() if any(may_mean(pattern, t) for pattern in only)} if only else None


def _chosen(
    request: "Request", managed: "Sequence[Managed] | None", only: Sequence[str], without: Sequence[str]
) -> "tuple[Sequence[Stranger], Sequence[Stranger], set[Address]]":
    """Return the objects that are meant, all that could be, and what is left out; UsageError for an empty pattern."""
    from twin.engine.strangers import strangers

    if managed is None:
        found = every = strangers(request)
    else:
        names = _of_terraform(request, managed)
        every = strangers(request, named=lambda _, item: names.get(id(item)))
        found = [s for s in every if id(s.observed) in names]
    for pattern in (*only, *without):
        if not any(meets(pattern, s.address) for s in found):
            raise UsageError(f"nothing that could be taken over is {pattern}; without --only all is shown")
    chosen = [s for s in found if not only or any(meets(p, s.address) for p in only)]
    left = {s.address for s in found if any(meets(p, s.address) for p in without)}
    return [s for s in chosen if s.address not in left], every, left


def _of_terraform(request: "Request", managed: "Sequence[Managed]") -> dict[int, str]:
    """Return the names of what a Terraform state owns and the account has, by identity; the rest is told."""
    from twin.engine.terraform_state import match

    ours = {(a.type, o.id) for a, o in request.snapshot.matched.items()}
    matched = match(managed, request.snapshot.objects, lambda type_, id_: (type_, id_) in ours)
    for address, why in matched.left:
        say(f"not taken: {address}: {why}", style="yellow")
    if matched.parts:
        say(f"{matched.parts} resources of the state are fields of others here, and come with them")
    return matched.found


def _tell(result: "Adoption", request: "Request") -> None:
    for type_, why in request.snapshot.unreadable.items():
        say(f"{type_} could not be read: {why}", style="yellow")
    for one in result.left:
        say(f"not taken: {one.type} {one.id}: {one.why}", style="yellow")
    say(f"{len(result.taken)} to take over, {len(result.left)} not")
