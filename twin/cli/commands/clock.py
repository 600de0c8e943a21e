"""`twin clock`: the running twin's time, and how to put it forward."""

from typing import Any

import click

from twin.cli.console import data, out
from twin.cli.controlled import ask
from twin.errors import UsageError
from twin.scenario.duration import seconds


@click.group("clock", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> int:
    """Show the running twin's time, or put it forward: it goes as this machine's does, ahead of it."""
    return int(ctx.invoke(show)) if ctx.invoked_subcommand is None else 0


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(*, as_json: bool = False) -> int:
    """Show the time and when the twin will next do something by itself."""
    return _tell(ask("GET", "clock"), as_json=as_json)


@command.command("advance")
@click.argument("time")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def advance(time: str, *, as_json: bool) -> int:
    """Put the clock forward by TIME (90s, 15m, 8h, 30d); what is due by then happens, in its order."""
    try:
        by = seconds(time)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong
    return _tell(ask("POST", "clock", {"advance": by}), as_json=as_json)


def _tell(clock: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        data(clock)
        return 0
    out.print(f"{clock['now']}  {clock['shift']:g} s ahead of this machine")
    out.print(f"next: {clock['next'] or 'nothing'}")
    return 0
