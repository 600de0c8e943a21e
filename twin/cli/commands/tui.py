"""`twin tui`: the org and its plan in the terminal, to look at."""

import sys
from pathlib import Path

import click

from twin.cli.session import open_session, target_options
from twin.errors import UsageError


@click.command("tui")
@click.argument("spec", type=click.Path(path_type=Path), default=Path("specs/mini-org.yaml"))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@target_options
@click.option("--adopt", is_flag=True, help="Take over objects that have a wanted name and no owner.")
@click.option("--all-types", is_flag=True, help="Read every type of the catalogue for leftovers.")
def command(spec: Path, environment: str | None, target: str, *, adopt: bool, all_types: bool) -> int:
    """Explore what a spec describes, what is there, and what `twin apply` would do; changes nothing.

    Without SPEC it shows the bundled org.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("twin tui needs a terminal; elsewhere use: twin plan")
    session = open_session(spec, environment, target)
    plan = session.plan(adopt=adopt, every_type=all_types)
    from tui.app import Explorer

    Explorer(plan, session.compiled.desired).run()
    return 0
