"""What may be done from here: on a twin faults and scenarios, on anything else nothing but looking."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at, in words, and whether anything may be begun on it.

    `live` are real accounts; `served` is a twin that runs beside this program, and can be broken.
    """

    words: str = "an empty twin in this process"
    live: bool = False
    served: bool = False
    read_only: bool = False

    @property
    def locked(self) -> bool:
        """Whether nothing may be begun: neither on the target nor beside it."""
        return self.live or self.read_only

    @property
    def warning(self) -> str:
        """What the red line says, empty where there is none."""
        if self.live:
            return f"LIVE: {self.words}. Nothing can be changed from here."
        return f"READ-ONLY: {self.words}. Nothing can be changed from here." if self.read_only else ""

    @property
    def short(self) -> str:
        """The red line's first word, where an instant is to be told beside it."""
        return "LIVE" if self.live else "READ-ONLY"


def command_line(words: Sequence[str]) -> str:
    """Return what to write in a shell."""
    return shlex.join(["twin", *words])
