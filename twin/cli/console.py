"""The only writer of stdout (data) and of stderr (narration)."""

import json
import sys
from typing import IO, Any

from rich.console import Console


class Lines(Console):
    """A console that leaves a reader who went away to the command line, where rich would end with code 1."""

    def on_broken_pipe(self) -> None:
        """Raise again what writing met with."""
        raise BrokenPipeError


out = Lines(highlight=False, soft_wrap=True, emoji=False, markup=False)
err = Lines(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)


def data(value: Any) -> None:
    """Print a value as JSON on stdout."""
    _write(sys.stdout, json.dumps(value, indent=2, default=str) + "\n")


def line(value: Any) -> None:
    """Print a value as one line of JSON on stdout, at once: its reader may wait for it."""
    _write(sys.stdout, json.dumps(value, default=str) + "\n", flush=True)


def say(text: str, style: str | None = None) -> None:
    """Narrate on stderr."""
    if err.is_terminal:
        err.print(text, style=style)
    else:  # what rich would write too, which takes it a hundred times as long
        _write(err.file, f"{text}\n")


def _write(stream: IO[str], text: str, *, flush: bool = False) -> None:
    """Write a text; click would end with code 1 on a broken pipe that has its number, so it goes on without."""
    try:
        stream.write(text)
        if flush:
            stream.flush()
    except BrokenPipeError:
        raise BrokenPipeError from None
