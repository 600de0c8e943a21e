"""`twin cost`: what the org on the twin costs, this month so far and to its end."""

from pathlib import Path

import click

from twin.cli.console import data, out, say
from twin.cli.session import compile_file, spec_options
from twin.errors import UsageError

BY = ("service", "account", "environment", "region", "usage", "resource")
FORMATS = ("table", "json", "focus")


@click.command("cost")
@spec_options
@click.option("--by", default="service", show_default=True, metavar="WHAT", help=f"{', '.join(BY)}, or tag:KEY.")
@click.option("--days", type=click.IntRange(0, 366), help="Without a running twin: let so many quiet days pass first.")
@click.option("--prices", type=click.Path(path_type=Path, dir_okay=False), help="Your own prices, over the book's.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option(
    "-o",
    "--out",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write FOCUS rows to a file too: as Parquet where its name ends with .parquet, else as CSV.",
)
@click.option("--live", "from_live", is_flag=True, help="What the real accounts hold of SPEC now; read-only.")
def command(
    spec: Path, environment: str | None, by: str, *, days: int | None, prices: Path | None, form: str,
    file: Path | None, from_live: bool,
) -> int:  # fmt: skip
    """Show what the org costs: month to date and forecast, from what the twin metered.

    Exit 1: something is used that the price book has no figure for.
    """
    from twin.cli.costing import account_of, live
    from twin.report.cost import document, table
    from twin.report.focus import focus_rows, focus_text
    from twin.report.focus_parquet import focus_parquet

    if by not in BY and not by.startswith("tag:"):
        raise UsageError(f"--by {by}: one of {', '.join(BY)}, or tag:KEY")
    if from_live and days is not None:
        raise UsageError("--days is for a twin: real accounts have their own time")
    compiled = compile_file(spec, environment)
    found = live(compiled, prices=prices) if from_live else account_of(compiled, days=days, prices=prices)
    say(f"as of {found.now:%Y-%m-%d %H:%M} UTC on the twin's clock")
    if form == "json":
        data(document(found, by))
    elif form == "table":
        out.print(table(found, by))
    elif file is None:
        out.print(focus_text(focus_rows(found)), end="")
    if file is not None:
        rows = focus_rows(found)
        file.write_bytes(focus_parquet(rows) if file.suffix == ".parquet" else focus_text(rows).encode())
    for line in found.notes():
        say(line, style="yellow")
    return 1 if found.unpriced else 0
