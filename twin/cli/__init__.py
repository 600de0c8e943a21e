"""The command line's door: little is imported before interrupts are answered."""

import gc
import os
import sys

try:
    from twin.cli import interrupts
except KeyboardInterrupt:  # nobody answers them yet
    os._exit(130)

TYPE_CHECKING = False  # see interrupts
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: "Sequence[str] | None" = None) -> None:
    """Run the command line and exit with its code."""
    interrupts.end_at_once()
    from twin.cli.program import begin

    begin()
    try:
        code = run(arguments)
    except KeyboardInterrupt:  # once more, while the first was told
        interrupts.end()
    interrupts.end_at_once()  # all is written; what is left is Python's own clean-up
    gc.freeze()  # what is left goes with the process, and need not be looked through once more
    sys.exit(code)


def run(arguments: "Sequence[str] | None" = None) -> int:
    """Run the command line and return its exit code; nothing that a user did wrong ends in a traceback."""
    from twin.cli.program import run as run_program

    return run_program(arguments)
