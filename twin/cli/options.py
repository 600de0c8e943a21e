"""The options with which most commands say what they are about: a spec, its environment, a target."""

from collections.abc import Callable
from pathlib import Path

import click

TARGETS = ("twin", "localstack", "live")


def spec_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the spec argument and its environment."""
    return _spec_options(command, required=True)


def any_spec_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the spec argument, which may be left out, and its environment."""
    return _spec_options(command, required=False)


def _spec_options(command: Callable[..., int], *, required: bool) -> Callable[..., int]:
    command = click.option("-e", "--env", "environment", help="The environment; the spec's default without it.")(
        command
    )
    return click.argument("spec", type=click.Path(path_type=Path), required=required)(command)


def target_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the choice of a target."""
    command = click.option("--live", "target", flag_value="live", help="The real accounts; same as --target live.")(
        command
    )
    return click.option(
        "--target", type=click.Choice(TARGETS), default="twin", show_default=True,
        help="Where the org is: the running twin (an empty one when none runs), one with LocalStack beside it, the "
        "real accounts.",
    )(command)  # fmt: skip
