"""Which store keeps which services, by groups that refer to each other, and what a world lacks because of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

StoreName = Literal["embedded", "localstack"]
FILE = Path(__file__).parent / "groups.json"


@dataclass(frozen=True, slots=True)
class Group:
    """Services that refer to each other, the store that keeps them, and why there."""

    name: str
    services: tuple[str, ...]
    store: StoreName
    reason: str


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(FILE.read_text())
    return facts


def groups(store: StoreName) -> tuple[Group, ...]:
    """Return the groups of a world; with the embedded store alone it keeps all of them."""
    return tuple(
        Group(name, tuple(told["services"]), told["store"] if store == "localstack" else "embedded", told["reason"])
        for name, told in _facts()["groups"].items()
    )


def kept_in_localstack() -> frozenset[str]:
    """Return the services that LocalStack keeps when a world has it."""
    return frozenset(s for group in groups("localstack") if group.store == "localstack" for s in group.services)


def behaving_in(services: frozenset[str]) -> tuple[str, ...]:
    """Return how the names of the files begin that hold the behaviors of some services."""
    named: dict[str, str] = _facts()["behaviors"]
    return tuple(named[service] for service in sorted(services))


def lacking(capabilities: Iterable[str], elsewhere: frozenset[str]) -> dict[str, str]:
    """Tell which capabilities a world lacks that keeps some services elsewhere, each with the reason.

    One of which nobody said what it looks into is lacking too, as it might see half of the truth.
    """
    looks: dict[str, list[str]] = _facts()["capabilities"]["looks_into"]
    if not elsewhere:
        return {}
    found = {}
    for capability in sorted(capabilities):
        blind = sorted(elsewhere & set(looks.get(capability, ())))
        if capability not in looks:
            found[capability] = "nobody has said which services it looks into"
        elif blind:
            found[capability] = f"it looks into {', '.join(blind)}, kept elsewhere"
    return found
