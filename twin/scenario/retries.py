"""When a client tries again: as AWS's SDKs do in their standard mode, in virtual time."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from twin.data_files import read_yaml
from twin.resources.call import Refused

DATA = Path(__file__).parent / "data" / "retries.yaml"


@dataclass(frozen=True, slots=True)
class Retries:
    """The retries of one run; `chance` spreads their pauses."""

    chance: Random

    def pause(self, refused: Refused, tries: int) -> float | None:
        """Return the seconds to wait before the next try; None when there is none."""
        passing = refused.transient or refused.status in figure("statuses")
        if not passing or tries >= figure("attempts"):
            return None
        longest: float = figure("longest_wait")
        return round(min(self.chance.random() * 2.0 ** (tries - 1), longest), 3)


def figure(name: str) -> Any:
    """Return a figure of the data file."""
    return _file()[name]["value"]


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(DATA.read_text())
    return found
