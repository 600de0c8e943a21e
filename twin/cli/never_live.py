"""What breaks things is played on twins: an option that says so to whoever means the real accounts."""

from collections.abc import Callable

import click

from twin.errors import GuardError

REASON = (
    "refused, nothing was sent: faults, attackers and crashes are played on copies of a twin, never on real accounts; "
    "those are only looked at (twin plan, observe, paths, cost, each with --live)"
)


def never_live(command: Callable[..., int]) -> Callable[..., int]:
    """Refuse `--live` with exit code 4 and the reason, before the command begins."""

    def refuse(_: click.Context, __: click.Parameter, value: bool) -> None:
        if value:
            raise GuardError(REASON)

    return click.option("--live", is_flag=True, expose_value=False, is_eager=True, hidden=True, callback=refuse)(
        command
    )
