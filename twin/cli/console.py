"""The only writer of stdout (data) and of stderr (narration)."""

import json
import os
import sys
from typing import IO, TYPE_CHECKING, Any

from twin.report.line import visible

if TYPE_CHECKING:
    from rich.console import Console


def __getattr__(name: str) -> "Console":
    """Make `out` and `err` when they are first asked for: rich takes long to come, and plain text needs none of it."""
    if name not in ("out", "err"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from twin.cli.drawn import Lines

    made = Lines(stderr=name == "err", highlight=False, soft_wrap=True, emoji=False, markup=False)
    globals()[name] = made
    return made


def data(value: Any) -> None:
    """Print a value as JSON on stdout."""
    _write(sys.stdout, json.dumps(value, indent=2, default=str) + "\n")


def line(value: Any) -> None:
    """Print a value as one line of JSON on stdout, at once: its reader may wait for it."""
    _write(sys.stdout, json.dumps(value, default=str) + "\n", flush=True)


def say(text: str, style: str | None = None) -> None:
    """Narrate on stderr; what others wrote into it steers no terminal."""
    text = visible(text)
    if _drawn(sys.stderr):
        from twin.cli.console import err

        err.print(text, style=style)
    else:
        _write(sys.stderr, f"{text}\n")


def show(told: object) -> None:
    """Print a line of a report on stdout; where nobody draws it, its plain text."""
    if _drawn(sys.stdout):
        from twin.cli.console import out

        out.print(told)
    else:
        _write(sys.stdout, f"{told}\n")


def _drawn(stream: IO[str]) -> bool:
    """Tell whether rich would draw on a stream; elsewhere it writes the same text, a hundred times as slowly."""
    told = os.environ.get("FORCE_COLOR"), os.environ.get("TTY_COMPATIBLE")
    return bool(told[0]) or told[1] == "1" or stream.isatty()


def _write(stream: IO[str], text: str, *, flush: bool = False) -> None:
    """Write a text; click would end with code 1 on a broken pipe that has its number, so it goes on without."""
    try:
        stream.write(text)
        if flush:
            stream.flush()
    except BrokenPipeError:
        raise BrokenPipeError from None
