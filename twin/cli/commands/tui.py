"""`twin tui`: the org and its plan in the terminal, to look at."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twin.cli.session import open_session, target_options
from twin.errors import UsageError
from twin.spec.shipped import folder

if TYPE_CHECKING:
    from tui.runs import Run

PROGRAM = (sys.executable, "-c", "from twin.cli import main; main()")


@click.command("tui")
@click.argument("spec", type=click.Path(path_type=Path), default=Path("specs/mini-org.yaml"))
@click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")
@target_options
@click.option("--adopt", is_flag=True, help="Take over objects that have a wanted name and no owner.")
@click.option("--all-types", is_flag=True, help="Read every type of the catalogue for leftovers.")
@click.option("--run", "report", type=click.Path(path_type=Path), help="A run that `twin run --report json=FILE` kept.")
def command(
    spec: Path, environment: str | None, target: str, report: Path | None, *, adopt: bool, all_types: bool
) -> int:
    """Explore what a spec describes, what is there, what `twin apply` would do, and scenarios in time.

    Without SPEC it shows the bundled org. It changes nothing: scenarios run on twins of their own.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("twin tui needs a terminal; elsewhere use: twin plan")
    runs = _runs(report)
    session = open_session(spec, environment, target)
    plan = session.plan(adopt=adopt, every_type=all_types)
    from tui.app import Explorer
    from tui.catalogue import read
    from tui.runner import Runner

    files = [*folder("scenarios").glob("*.yaml"), *Path("scenarios").glob("*.yaml")]
    items = read(sorted({file.name: file for file in files}.values()))
    Explorer(plan, session.compiled.desired, scenarios=items, runner=Runner(PROGRAM), runs=runs).run()
    return 0


def _runs(file: Path | None) -> "list[Run]":
    """Read the report that `twin run --report json=FILE` wrote."""
    from tui.runs import read_runs

    if file is None:
        return []
    try:
        return read_runs(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file} is no report of `twin run --report json=FILE`: {error!r}") from error
