"""The only writer of stdout (data) and of stderr (narration)."""

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console


def __getattr__(name: str) -> "Console":
    """Make `out` and `err` when they are first asked for: rich takes long to come, and plain text needs none of it."""
    if name not in ("out", "err"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rich.console import Console

    made = Console(stderr=name == "err", highlight=False, soft_wrap=True, emoji=False, markup=False)
    globals()[name] = made
    return made


def data(value: Any) -> None:
    """Print a value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def line(value: Any) -> None:
    """Print a value as one line of JSON on stdout, at once: its reader may wait for it."""
    sys.stdout.write(json.dumps(value, default=str) + "\n")
    sys.stdout.flush()


def say(text: str, style: str | None = None) -> None:
    """Narrate on stderr."""
    if _drawn(sys.stderr):
        from twin.cli.console import err

        err.print(text, style=style)
    else:
        sys.stderr.write(f"{text}\n")


def show(told: object) -> None:
    """Print a line of a report on stdout; where nobody draws it, its plain text."""
    if _drawn(sys.stdout):
        from twin.cli.console import out

        out.print(told)
    else:
        sys.stdout.write(f"{told}\n")


def _drawn(stream: TextIO) -> bool:
    """Tell whether rich would draw on a stream; elsewhere it writes the same text, a hundred times as slowly."""
    told = os.environ.get("FORCE_COLOR"), os.environ.get("TTY_COMPATIBLE")
    return bool(told[0]) or told[1] == "1" or stream.isatty()
