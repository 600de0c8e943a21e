"""`twin down`: ends the running twin."""

import click

from twin.cli.console import data, say
from twin.cli.ending import end
from twin.cli.session import workspace


@click.command("down")
@click.option("--json", "as_json", is_flag=True, help="Print what was ended as JSON.")
def command(*, as_json: bool) -> int:
    """End the running twin; everything on it is gone."""
    home = workspace()
    served = home.served()
    if served is not None:
        end(home, served)
    if as_json:
        data({"schema": 1, "ended": None if served is None else {"pid": served.pid, "account": served.account}})
    else:
        say("no twin is running here" if served is None else "the twin has ended")
    return 0
