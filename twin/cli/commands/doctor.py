"""`twin doctor`: the stores of a target and how they are, which service lives where, what works there."""

import os

import click

from twin.cli.console import data, out
from twin.cli.session import workspace
from twin.cli.stores import LOCALSTACK


@click.command("doctor")
@click.option(
    "--target",
    type=click.Choice(("twin", LOCALSTACK)),
    default="twin",
    show_default=True,
    help="The running twin, or what a command would make without one; or a twin with LocalStack beside it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(target: str, *, as_json: bool) -> int:
    """Examine a target. Exit 3: a store does not answer."""
    from twin.cli.examining import examine
    from twin.report.stores import document, tables

    found = examine(target, workspace().served(), os.environ)
    if as_json:
        data(document(found))
    else:
        for table in tables(found):
            out.print(table)
            out.print()
    return 0 if found.healthy else 3
