"""The only writer of stdout (data) and of stderr (narration)."""

import json
import sys
from typing import Any

from rich.console import Console

out = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)


def data(value: Any) -> None:
    """Print a value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, default=str) + "\n")


def line(value: Any) -> None:
    """Print a value as one line of JSON on stdout, at once: its reader may wait for it."""
    sys.stdout.write(json.dumps(value, default=str) + "\n")
    sys.stdout.flush()


def say(text: str, style: str | None = None) -> None:
    """Narrate on stderr."""
    if err.is_terminal:
        err.print(text, style=style)
    else:  # what rich would write too, which takes it a hundred times as long
        err.file.write(f"{text}\n")
