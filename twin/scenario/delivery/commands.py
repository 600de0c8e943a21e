"""The commands of a pipeline's steps; one that is not known fails its step as in a shell that does not find it."""

from twin.scenario.delivery import own_commands, shell_commands
from twin.scenario.delivery.workplace import StepFailed, Workplace
from twin.scenario.timeline import Process

KNOWN = (*shell_commands.command.known, *own_commands.command.known)


def carry_out(work: Workplace, line: str) -> Process:
    """Carry out one line of a step."""
    for pattern, function in KNOWN:
        if (found := pattern.fullmatch(line)) is not None:
            yield from function(work, found) or ()
            return
    raise StepFailed(f"{line.split()[0]}: command not found")
