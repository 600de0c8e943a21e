"""`twin decide`: what a real system would decide, JSON lines in and JSON lines out; one file per kind of decision."""

import importlib
import pkgutil
from functools import cache

import click


@cache
def _modules() -> dict[str, str]:
    package = importlib.import_module("twin.cli.decisions")
    return {m.name.replace("_", "-"): f"{package.__name__}.{m.name}" for m in pkgutil.iter_modules(package.__path__)}


class Decisions(click.Group):
    """The commands of `twin.cli.decisions`, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all kinds of decision."""
        return sorted(_modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of one kind of decision, None when there is none of that name."""
        found = _modules().get(cmd_name)
        if found is None:
            return None
        command: click.Command = importlib.import_module(found).command
        return command


@click.group("decide", cls=Decisions)
def command() -> None:
    """Ask what a real system would decide: one JSON object per line in, its decision per line out.

    A line that is malformed is answered with an `error` on its own line; the rest go on. Nothing is contacted.
    """
