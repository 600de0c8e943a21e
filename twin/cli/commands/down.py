"""`twin down`: ends the running twin."""

import os
import signal
import time

import click

from twin.cli.console import say
from twin.cli.session import workspace
from twin.engine.process import alive
from twin.errors import TargetError

SECONDS = 10


@click.command("down")
def command() -> int:
    """End the running twin; everything on it is gone."""
    home = workspace()
    served = home.served()
    if served is None:
        say("no twin is running here")
        return 0
    os.kill(served.pid, signal.SIGTERM)
    for _ in range(SECONDS * 20):
        if not alive(served.pid):
            home.forget_twin()
            say("the twin has ended")
            return 0
        time.sleep(0.05)
    raise TargetError(f"the twin (pid {served.pid}) does not end; its log is {home.log_file}")
