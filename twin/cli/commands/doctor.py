"""`twin doctor`: the stores of a target and how they are, which service lives where, what works there and how well."""

import os
from pathlib import Path

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
@click.option("--fidelity", is_flag=True, help="Ask it the probes: questions whose right answers the vendors document.")
@click.option(
    "--area", "areas", multiple=True, metavar="AREA", help="With --fidelity: only this area; may be repeated."
)
@click.option("--running", is_flag=True, help="With --fidelity: ask the running twin, which keeps what probes make.")
@click.option("--markdown", type=click.Path(path_type=Path), help="With --fidelity: write the page for the documents.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(
    target: str, areas: tuple[str, ...], markdown: Path | None, *, fidelity: bool, running: bool, as_json: bool
) -> int:
    """Examine a target. Exit 1: a probe was not answered right. Exit 3: a store does not answer.

    Each probe has a world of its own. Asked of a running twin, on which an org stands, one may meet with what the org
    has already, and the org changes: `--running` is for an empty one.
    """
    if fidelity:
        from twin.cli.fidelity import examine_fidelity

        return examine_fidelity(target, areas, markdown, running=running, as_json=as_json)
    if areas or markdown or running:
        raise click.UsageError("--area, --markdown and --running go with --fidelity")
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
