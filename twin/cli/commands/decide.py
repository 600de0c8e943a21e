"""`twin decide`: what a real system would decide, JSON lines in and JSON lines out; one file per kind of decision."""

import click

from twin.cli.discovered import Discovered


class Decisions(Discovered):
    """The kinds of decision."""

    package = "twin.cli.decisions"


@click.group("decide", cls=Decisions)
def command() -> None:
    """Ask what a real system would decide: one JSON object per line in, its decision per line out.

    A line that is malformed is answered with an `error` on its own line; the rest go on. Nothing is contacted.
    """
