"""`twin plan`: every change with its address, and the spec line that caused it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.about import EVERYTHING, About, about_options
from twin.cli.console import data, say, show
from twin.cli.kept_reads import standing
from twin.cli.options import any_spec_options, target_options
from twin.cli.recalled import Recalled, recall_options, wanted
from twin.cli.unchanged import begin, remember
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.cli.session import Session
    from twin.engine.plan import Plan
    from twin.report.line import Line

VENDORS = ("auth0", "cloudflare", "datadog", "github", "okta", "pagerduty")


@click.command("plan")
@any_spec_options
@target_options
@click.option(
    "-o", "--out", "file", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan for `twin apply`."
)
@click.option("--exit-code", is_flag=True, help="Exit 1 when there are changes.")
@click.option("--destroy", is_flag=True, help="Plan the removal of everything that the spec owns.")
@click.option("--adopt", is_flag=True, help="Take over objects that have a wanted name and no owner.")
@click.option(
    "--all-types", is_flag=True, help="Read every type of the catalogue for leftovers, not only those in use."
)
@about_options
@recall_options("exit_code", "unmanaged", "as_json", "form")
@click.option("--unmanaged", is_flag=True, help="List what is in the account and in no spec of ours.")
@click.option("--cost", is_flag=True, help="Show too what a whole month costs before and after, by service.")
@click.option(
    "--without", "vendors", multiple=True, type=click.Choice(VENDORS),
    help="Leave a vendor out: what is there is neither read nor changed.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "terraform")),
    default="text",
    show_default=True,
    help="How it is printed; `terraform` is the JSON of `terraform show -json`, for conftest, checkov and infracost.",
)
def command(
    spec: Path | None, environment: str | None, target: str, file: Path | None, *, exit_code: bool, destroy: bool,
    adopt: bool, all_types: bool, unmanaged: bool, cost: bool, vendors: tuple[str, ...], as_json: bool, form: str,
    about: About, then: Recalled | None,
) -> int:  # fmt: skip
    """Show what `twin apply` would do, and why; with --run, what it would have done then."""
    if then is not None:
        return _recalled(then, unmanaged=unmanaged, exit_code=exit_code, form="json" if as_json else form)
    usual = target == "twin" and about == EVERYTHING and not (destroy or adopt or all_types or vendors)
    plain = usual and form == "text" and not (file or unmanaged or cost or as_json)
    begun = begin(wanted(spec), environment) if usual else None
    lines = begun.told() if begun is not None and plain else None
    if lines is not None:
        _print(lines)
        return 0
    from twin.cli.session import open_session

    session = open_session(wanted(spec), environment, target, without=vendors, ahead=begun.ahead if begun else None)
    stood = standing(session.store.folder)
    plan = session.plan(destroy=destroy, adopt=adopt, every_type=all_types, about=about)
    if file is not None:
        _save(plan, file, target)
    if form == "terraform":
        _terraform(plan, session)
    elif as_json or form == "json":
        data(plan.document())
    else:
        lines = _lines(plan, unmanaged=unmanaged)
        _print(lines)
        if plain:
            remember(session, stood, () if plan.pending else lines)
        if cost:
            _cost(session, target, plan)
    return 1 if exit_code and plan.pending else 0


def _save(plan: "Plan", file: Path, target: str) -> None:
    from twin.engine import plan as plans

    plans.save(plan, file)
    where = " --live" if target == "live" else ""
    say(f"saved to {file}, digest {plan.digest[:12]}; carry it out with: twin apply {file}{where}")


def _recalled(then: Recalled, *, unmanaged: bool, exit_code: bool, form: str) -> int:
    """Print the plan that would have been made at an instant of a run."""
    if form == "terraform":
        raise UsageError("--format terraform does not go with --run: a recording does not keep the spec")
    plan = then.recording.plan(then.t)
    say(f"as of {then.name}")
    if form == "json":
        data({**plan.document(), "run": then.document})
    else:
        _print(_lines(plan, unmanaged=unmanaged))
    return 1 if exit_code and plan.pending else 0


def _lines(plan: "Plan", *, unmanaged: bool) -> "Sequence[Line]":
    from twin.report.plan import lines

    return tuple(lines(plan, unmanaged=unmanaged))


def _print(lines: "Sequence[Line]") -> None:
    for line in lines:
        show(line)


def _terraform(plan: "Plan", session: "Session") -> None:
    """Print a plan in Terraform's form, and say what has no equal there."""
    from twin.clock import WallClock
    from twin.report.terraform.document import document

    written = document(plan, session.compiled.desired, at=WallClock().now(), state=session.store.load())
    data(written.document)
    if written.left_out:
        types = ", ".join(f"{count} {type_}" for type_, count in sorted(written.left_out.items()))
        say(f"{sum(written.left_out.values())} changes are left out, as Terraform has no equal here: {types}",
            style="yellow")  # fmt: skip


def _cost(session: "Session", target: str, plan: "Plan") -> None:
    """Print what the wanted org costs in a whole month, beside what there is now."""
    from twin.cli.console import out
    from twin.cli.costing import built, price_book, running
    from twin.cli.costing import standing as stands
    from twin.cli.session import workspace
    from twin.report.cost import difference

    compiled = session.compiled
    book = price_book(compiled, None)
    before = None
    if target == "live":
        before = stands(compiled, plan, book)
    elif workspace().served() is not None:
        before = running(compiled, book)
    after = built(compiled, book)
    out.print(difference(before, after))
    for line in after.notes():
        say(line, style="yellow")
