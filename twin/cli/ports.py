"""The ports of this machine on which a twin can be asked to listen."""

from collections.abc import Callable

import click

PORT = click.IntRange(0, 65_535)


def port_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the choice of the ports for HTTP and HTTPS."""
    for name, scheme in (("--https-port", "HTTPS"), ("--port", "HTTP")):
        command = click.option(
            name, type=PORT, default=0, show_default="a free one", help=f"The {scheme} port on 127.0.0.1."
        )(command)
    return command
