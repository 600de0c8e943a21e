"""How long things take at the vendors: figures in `behaviors/data`, each with its source, drawn from the seed."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal

from twin.data_files import read_yaml

DATA = Path(__file__).parent / "behaviors" / "data"
Provisioning = Literal["instant", "real"]


@dataclass(frozen=True, slots=True)
class Delay:
    """A span in seconds and where it comes from; `creation` marks what an applier waits for when it builds."""

    name: str
    least: float
    most: float
    source: str
    read: str
    creation: bool = False

    def draw(self, chance: Random) -> float:
        """Draw one value, each second as likely as the other."""
        return self.least if self.least == self.most else round(chance.uniform(self.least, self.most), 3)


@cache
def delay(name: str) -> Delay:
    """Return the delay `file.key`; KeyError when no data file has it."""
    file, _, key = name.partition(".")
    written = _file(file)[key]
    span = written["seconds"]
    least, most = span if isinstance(span, list) else (span, span)
    return Delay(
        name, float(least), float(most), written["source"], str(written["read"]), bool(written.get("creation", False))
    )


def every() -> list[Delay]:
    """Return all delays, by name."""
    return [delay(f"{path.stem}.{key}") for path in sorted(DATA.glob("*.yaml")) for key in _file(path.stem)]


@cache
def _file(stem: str) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml((DATA / f"{stem}.yaml").read_text())
    return found
