"""`twin unlock`: tells who holds the lock of a state, and breaks it when its run is gone."""

from dataclasses import asdict
from pathlib import Path

import click

from twin.cli.compiled import compile_file
from twin.cli.console import data, out
from twin.cli.options import spec_options
from twin.cli.session import workspace
from twin.cli.states import store_of


@click.command("unlock")
@spec_options
@click.argument("lock", required=False, metavar="[ID]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(spec: Path, environment: str | None, lock: str | None, *, as_json: bool) -> int:
    """Break the lock of the real accounts' state, by the ID that a refused run was told; without ID, tell who holds it.

    Break only what you know to be gone: a run that goes on under a broken lock cannot write its state any more.
    """
    compiled = compile_file(spec, environment)
    store = store_of(workspace(), compiled.scope, "live", written=compiled.written("state"))
    found = store.unlock(lock)
    if as_json:
        data({"schema": 1, "held_by": asdict(found.holder) if found.holder else None, "broken": found.broken})
    else:
        out.print(str(found))
    return 0
