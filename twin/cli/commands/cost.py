"""`twin cost`: what the org on the twin costs, this month so far and to its end."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.compiled import compile_file
from twin.cli.console import data, out, say
from twin.cli.options import any_spec_options
from twin.cli.recalled import Recalled, recall_options, wanted
from twin.errors import UsageError

if TYPE_CHECKING:
    from twin.analysis.cost import Costs
    from twin.scenario.recording.instants import Spike

BY = ("service", "account", "environment", "region", "usage", "resource")
FORMATS = ("table", "json", "focus")


@click.command("cost")
@any_spec_options
@click.option("--by", default="service", show_default=True, metavar="WHAT", help=f"{', '.join(BY)}, or tag:KEY.")
@click.option("--days", type=click.IntRange(0, 366), help="Without a running twin: let so many quiet days pass first.")
@click.option("--prices", type=click.Path(path_type=Path, dir_okay=False), help="Your own prices, over the book's.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "-o",
    "--out",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write FOCUS rows to a file too: as Parquet where its name ends with .parquet, else as CSV.",
)
@recall_options("by", "prices", "form", "as_json", "file")
@click.option("--live", "from_live", is_flag=True, help="What the real accounts hold of SPEC now; read-only.")
def command(
    spec: Path | None, environment: str | None, by: str, *, days: int | None, prices: Path | None, form: str,
    as_json: bool, file: Path | None, from_live: bool, then: Recalled | None,
) -> int:  # fmt: skip
    """Show what the org costs: month to date and forecast, from what the twin metered.

    With --run it is what the meter had said by then, and what the run itself has cost.

    Exit 1: something is used that the price book has no figure for.
    """
    if by not in BY and not by.startswith("tag:"):
        raise UsageError(f"--by {by}: one of {', '.join(BY)}, or tag:KEY")
    if from_live and days is not None:
        raise UsageError("--days is for a twin: real accounts have their own time")
    spike = None
    if then is not None:
        found, spike = _recalled(then, prices)
    else:
        found = _costs(wanted(spec), environment, (days, prices), from_live=from_live)
    say(f"as of {then.name}" if then is not None else f"as of {found.now:%Y-%m-%d %H:%M} UTC on the twin's clock")
    _print(found, spike, by, "json" if as_json else form, file)
    for line in found.notes():
        say(line, style="yellow")
    return 1 if found.unpriced else 0


def _costs(
    spec: Path, environment: str | None, told: tuple[int | None, Path | None], *, from_live: bool
) -> "Costs":  # fmt: skip
    from twin.cli.costing import account_of, live

    days, prices = told
    compiled = compile_file(spec, environment)
    return live(compiled, prices=prices) if from_live else account_of(compiled, days=days, prices=prices)


def _recalled(then: Recalled, prices: Path | None) -> "tuple[Costs, Spike]":
    """Return the costs by an instant of a run, and what the run has cost by then."""
    from twin.cli.costing import overlaid

    spike = then.instants.spike(then.t, overlaid(prices))
    return spike.then, spike


def _print(found: "Costs", spike: "Spike | None", by: str, form: str, file: Path | None) -> None:
    from twin.report.cost import document, table
    from twin.report.focus import focus_rows, focus_text
    from twin.report.focus_parquet import focus_parquet
    from twin.report.spike import document as of_run
    from twin.report.spike import lines

    if form == "json":
        data({**document(found, by), **({"run": of_run(spike)} if spike is not None else {})})
    elif form == "table":
        out.print(table(found, by))
        for text in lines(spike) if spike is not None else ():
            out.print(text)
    elif file is None:
        out.print(focus_text(focus_rows(found)), end="")
    if file is not None:
        rows = focus_rows(found)
        file.write_bytes(focus_parquet(rows) if file.suffix == ".parquet" else focus_text(rows).encode())
