"""The catalogue of diagnostic codes: what each one means, read from one data file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `twin explain CODE` says about one code."""

    title: str
    text: str
    example: str | None = None


@cache
def codes() -> Mapping[str, Explanation]:
    """Read `codes.toml`; the keys are codes such as `TW0104`, in ascending order."""
    table = tomllib.loads((files("twin") / "codes.toml").read_text(encoding="utf-8"))
    return MappingProxyType({code: Explanation(**table[code]) for code in sorted(table)})


def explain(code: str) -> Explanation | None:
    """Return the explanation of `code`, in any letter case, or None when there is no such code."""
    return codes().get(code.upper())


CODES: Mapping[str, Explanation] = codes()
