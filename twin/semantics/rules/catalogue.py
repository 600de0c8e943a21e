"""The fields and functions that an expression may name, from data files that name their sources."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from twin.semantics.rules.kinds import Kind, kind

DATA = Path(__file__).parent / "data"
ELSEWHERE = ("packet", "load_balancing")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one argument of a function may be."""

    of: tuple[str, ...]
    source: str
    optional: bool = False
    repeated: bool = False
    example: bool = False
    filled: bool = False
    flat: bool = False
    between: tuple[int, int] | None = None
    letters: str | None = None
    fields: tuple[str, ...] = ()
    syntax: str | None = None
    references: int | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its parameters, what it returns and where it can be used."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    only: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    once: bool = False
    skips_missing: bool = False
    reads: str | None = None

    @property
    def least(self) -> int:
        """Return how many arguments there must be."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def most(self) -> int | None:
        """Return how many arguments there may be, None when the last repeats without end."""
        return None if self.parameters[-1].repeated else len(self.parameters)

    def parameter(self, position: int) -> Parameter:
        """Return the parameter of an argument, counted from 0."""
        return self.parameters[min(position, len(self.parameters) - 1)]


@cache
def _load(name: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return content


@cache
def field_kinds() -> Mapping[str, Kind]:
    """Return the type of every field, of deprecated ones, of packets' and load balancers' too."""
    return {
        name: kind(spelled)
        for group in ("http", "deprecated", *ELSEWHERE)
        for spelled, names in _load("fields.json")[group].items()
        for name in names
    }


@cache
def fields_elsewhere() -> frozenset[str]:
    """Return the fields that no phase of HTTP requests has."""
    groups = _load("fields.json")
    return frozenset(name for group in ELSEWHERE for names in groups[group].values() for name in names)


@cache
def functions() -> Mapping[str, Function]:
    """Return every documented function by name."""
    return {name: _function(name, stated) for name, stated in _load("functions.json")["functions"].items()}


def place(phase: str, form: str) -> str:
    """Return what an expression of a phase is called: `form` is filter or value."""
    known: Mapping[str, str] = _load("functions.json")["places"].get(phase, {})
    return known.get(form, f"{form} of {phase}")


def _function(name: str, stated: Mapping[str, Any]) -> Function:
    return Function(
        name,
        tuple(_parameter(item) for item in stated["parameters"]),
        stated["returns"],
        tuple(stated.get("only", ())),
        tuple(stated.get("phases", ())),
        once=stated.get("once", False),
        skips_missing=stated.get("nil") == "skipped",
        reads=stated.get("reads"),
    )


def _parameter(stated: Mapping[str, Any]) -> Parameter:
    rest = {name: value for name, value in stated.items() if name not in ("of", "from", "between", "fields")}
    return Parameter(
        tuple(stated["of"]),
        stated["from"],
        between=tuple(stated["between"]) if "between" in stated else None,
        fields=tuple(stated.get("fields", ())),
        **rest,
    )
