"""What a plan is about, as the options of a command say: some resources only, all but some, and what may go."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from twin.engine.choice import ALL, Choice


@dataclass(frozen=True, slots=True)
class About:
    """The resources that a plan is about, and the protected ones among them that may be lost."""

    choice: Choice = ALL
    unprotect: tuple[str, ...] = ()


EVERYTHING = About()


def about_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add what a plan is about; the command gets it as `about`."""

    @wraps(command)
    def with_about(
        *args: Any, only: tuple[str, ...], without: tuple[str, ...], unprotect: tuple[str, ...], **rest: Any
    ) -> int:
        return command(*args, about=About(Choice(only, without), unprotect), **rest)

    for option in (
        click.option("--unprotect", metavar="ADDRESS", multiple=True, help="Let this protected one go; repeatable."),
        click.option(
            "--except", "without", metavar="ADDRESS", multiple=True,
            help="All but this (and what needs it): an address, a type, or a pattern with *; repeatable.",
        ),
        click.option(
            "--only", metavar="ADDRESS", multiple=True,
            help="This alone, with what it needs: an address, a type, or a pattern with *; repeatable.",
        ),
    ):  # fmt: skip
        with_about = option(with_about)
    return with_about
