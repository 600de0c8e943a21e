"""Ctrl-C: it ends the program at once while there is nothing to tidy up, and unwinds what a command does else."""

import os
import signal
import sys

TYPE_CHECKING = False  # typing takes longer to come than all of this
if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import FrameType
    from typing import NoReturn

EXIT_CODE = 130
SOON = 0.01
"""Seconds until an interrupt is raised again that came where Python can raise nothing."""


def end_at_once() -> None:
    """Let interrupts end the process with one line; where they are ignored, as behind `nohup`, they stay so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)


def unwind() -> None:
    """Let interrupts raise KeyboardInterrupt again: from here on a command may have something to tidy up."""
    if signal.getsignal(signal.SIGINT) is end:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        sys.unraisablehook = _once_more


def end(number: int = signal.SIGINT, frame: "FrameType | None" = None) -> "NoReturn":
    """End the process with one line, whatever it is doing."""
    try:
        os.write(2, f"{told()}\n".encode())
    finally:
        os._exit(EXIT_CODE)


def told() -> str:
    """Return what is said of an interrupt; a terminal has written its ^C and stands behind it."""
    return "\ninterrupted" if os.isatty(2) else "interrupted"


def _once_more(lost: "UnraisableHookArgs") -> None:
    """Raise an interrupt again that came in a callback of Python's own, of which there are many while modules load."""
    if lost.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, SOON)
    else:
        sys.__unraisablehook__(lost)
