"""`twin rollback`: the plan from what is there now to what was there before a run of the applier."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twin.cli.about import About, about_options
from twin.cli.console import data, say, show
from twin.cli.options import spec_options, target_options
from twin.cli.session import Session, connect, open_session
from twin.engine import history
from twin.engine import plan as plans
from twin.engine.history import Run
from twin.engine.inverse import together
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.promote.rollout import Back

PREVIOUS = "previous"


@click.command("rollback")
@spec_options
@target_options
@click.option(
    "--to", "place", metavar="RUN|PLAN.json", default=PREVIOUS, show_default=True,
    help="Before which run, by its number or its saved plan; `previous` is the last one that was not taken back.",
)  # fmt: skip
@click.option(
    "-o", "--out", "file", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan for `twin apply`."
)
@click.option("--anew", multiple=True, metavar="ADDRESS", help="Make this one again without what it held; repeatable.")
@click.option("--adopt", is_flag=True, help="Take over objects that were restored and have no owner.")
@about_options
@click.option("--list", "listed", is_flag=True, help="List the runs, and plan nothing.")
@click.option("--exit-code", is_flag=True, help="Exit 1 when there are changes.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def command(
    spec: Path, environment: str | None, target: str, place: str, file: Path | None, *, anew: tuple[str, ...],
    adopt: bool, about: About, listed: bool, exit_code: bool, as_json: bool,
) -> int:  # fmt: skip
    """Plan the way back to what an environment was before a run of `twin apply`.

    It is a plan as any other: `twin rehearse` goes it on a twin, and `twin apply` carries it out, with the same guards.
    Exit 1: something cannot be brought back that a plan could make again only without what it held; nothing was saved.
    """
    session = open_session(spec, environment, target, needs_running=target == "twin")
    runs = session.store.history.runs()
    if listed:
        return _list(runs, as_json=as_json)
    undone = _undone(session, runs, place)
    back = _way_back(session, undone, about, adopt=adopt)
    refused = _show(back, undone, anew, as_json=as_json)
    if refused:
        return 1
    if file is not None:
        plans.save(back.plan, file)
        say(f"saved to {file}, digest {back.plan.digest[:12]}; rehearse it, and carry it out with: twin apply {file}")
    return 1 if exit_code and back.plan.pending else 0


def _list(runs: Sequence[Run], *, as_json: bool) -> int:
    if as_json:
        data({"schema": 1, "runs": [_told(run) for run in runs]})
        return 0
    for run in runs:
        show(_line(run))
    if not runs:
        show("nothing was applied here yet")
    return 0


def _told(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in Run.__slots__}


def _line(run: Run) -> str:
    counts = ", ".join(f"{count} to {action}" for action, count in run.summary.items() if count and action != "no-op")
    rest = f"the rest of plan {run.goes_on[:12]}" if run.goes_on else f"plan {run.plan[:12]}"
    what = f"the way back from {run.undoes[:12]}" if run.undoes else rest
    return f"run {run.number}: {what}, {run.at or '?'} by {run.who or '?'}: {counts or 'nothing'}"


def _undone(session: Session, runs: Sequence[Run], place: str) -> plans.Plan:
    """Return all that is to be taken back as one plan, which names its first; UsageError when it cannot be told."""
    if place.endswith(".json"):
        named = plans.load(Path(place))
        later = history.since(runs, named.digest)[1:]
        taken = [named]
    else:
        later, taken = _by_number(runs, place), []
    read = session.store.history
    several = [*taken, *(read.plan(run) for run in later)]
    found = replace(together(several), undoes=several[0].digest)
    here = session.compiled.scope
    if (found.scope.owner, found.scope.account) != (here.owner, here.account):
        told = f"{found.scope.owner} in {found.scope.account}"
        raise UsageError(f"{place} was carried out for {told}, and the spec means {here.owner} in {here.account}")
    if found.target != session.target.name:
        raise UsageError(f"{place} was made for the target {found.target}, and this is {session.target.name}")
    return found


def _by_number(runs: Sequence[Run], place: str) -> list[Run]:
    if not runs:
        raise UsageError("nothing was applied here that is known: name the plan that was, with --to PLAN.json")
    if place == PREVIOUS:
        found = history.last_forth(runs)
        if not found:
            raise UsageError("every run that is known was taken back")
    else:
        found = [run for run in runs if place.isdigit() and run.number >= int(place)]
        if not found or str(found[0].number) != place:
            known = f"{runs[0].number} to {runs[-1].number}"
            raise UsageError(f"there is no run {place}; the runs {known} are known (twin rollback SPEC --list)")
    say("back to before " + _line(found[0]))
    for run in found[1:]:
        if run.goes_on == found[0].plan:
            say("and before " + _line(run))
    if found[0].goes_on:
        say("what earlier runs of that plan did stays")
    return found


def _way_back(session: Session, undone: plans.Plan, about: About, *, adopt: bool) -> "Back":
    from twin.promote.rollout import Terms, way_back

    compiled = session.compiled.as_planned(undone)
    target = session.target
    if compiled is not session.compiled:
        target = connect(compiled.scope, target.name, needs_running=target.name == "twin")
    terms = Terms(
        tuple(compiled.desired.protections), about.choice, about.unprotect,
        adopt=adopt, remembered=session.store.load().protected,
    )  # fmt: skip
    back = way_back(undone, target, session.store, terms=terms)
    plan = replace(
        back.plan,
        undoes=undone.undoes,
        spec_digest=compiled.spec.digest,
        spec_file=str(compiled.spec.path),
        promotion=compiled.written("delivery", "promotion"),
        state=compiled.written("state"),
    )
    return replace(back, plan=plan)


def _show(back: "Back", undone: plans.Plan, anew: tuple[str, ...], *, as_json: bool) -> bool:
    """Print the plan and what it does not bring back; tells whether it is refused for that."""
    from twin.promote.contents import emptied, losses
    from twin.report.plan import lines

    lost = list(losses(back.plan, back.ids))
    refused = [one for one in lost if one.refused and one.key not in anew]
    if wrong := sorted(set(anew) - {one.key for one in lost}):
        raise UsageError(f"--anew {wrong[0]}: the way back makes nothing of that address again")
    if as_json:
        told = [{"key": o.key, "what": o.what, "restore": o.restore, "refused": o in refused} for o in lost]
        data({**back.plan.document(), "losses": told, "stays": dict(back.stays)})
        return bool(refused)
    for line in lines(back.plan):
        show(line)
    for change, what in emptied(back.plan):
        say(f"{change.key} goes, with {what} since", style="yellow")
    for key, why in back.stays.items():
        say(f"{key} does not come back whole: {why}", style="yellow")
    if by_hand := sorted({c.key for c in back.plan.pending if {d.cause for d in c.differences} & {"drift", "both"}}):
        say(f"changed by hand since, and taken back too: {', '.join(by_hand)}; --except leaves them", style="yellow")
    for one in lost:
        say(f"{one}{f'; {one.restore}' if one.restore else ''}", style="red" if one in refused else "yellow")
    if refused:
        say("not saved: restore them and plan again, or let them be made anew: "
            + " ".join(f"--anew {one.key}" for one in refused), style="bold red")  # fmt: skip
    return bool(refused)
