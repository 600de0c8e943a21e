"""`twin down`: ends the running twin."""

import click

from twin.cli.console import say
from twin.cli.ending import end
from twin.cli.session import workspace


@click.command("down")
def command() -> int:
    """End the running twin; everything on it is gone."""
    home = workspace()
    served = home.served()
    if served is None:
        say("no twin is running here")
        return 0
    end(home, served)
    say("the twin has ended")
    return 0
