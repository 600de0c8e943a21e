"""The ways in which one principal becomes another or changes rights, read from their data file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from twin.data_files import read_yaml

How = Literal["pass", "use", "take", "make", "write"]
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Need:
    """One permission: an action on a place; or, without an action, that something of a kind exists."""

    action: str
    place: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A way; each entry of `needs` is a list of alternatives, and of `actions` those of a need that takes one.

    `source` is the page or list that the way was taken from.
    """

    id: str
    how: How
    needs: tuple[tuple[Need, ...], ...]
    services: tuple[str, ...] = ()
    kind: str = ""
    target: str = ""
    change: str = ""
    trusts_caller: bool = False
    provided: str = ""
    source: str = ""
    actions: tuple[tuple[str, ...], ...] = ()


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules, in the order of their file."""
    document = read_yaml((DATA / "rules.yaml").read_text())
    lists = document["lists"]
    ways: tuple[How, ...] = ("take", "use", "pass", "make", "write")
    return tuple(_rule(name, how, row, lists) for how in ways for name, row in document[how].items())


def _rule(name: str, how: How, row: Mapping[str, Any], lists: Mapping[str, Any]) -> Rule:
    needs = tuple(tuple(_need(part) for part in line.split(" | ")) for line in row["needs"])
    return Rule(
        name,
        how,
        needs,
        tuple(row.get("services", ())),
        row.get("kind", ""),
        row.get("target", "role"),
        row.get("change", ""),
        row.get("trusts_caller", False),
        row.get("provided", ""),
        lists[row["source"]]["source"],
        tuple(tuple(n.action for n in each) for each in needs if all(n.action for n in each)),
    )


def _need(text: str) -> Need:
    if text.startswith("exists "):
        return Need("", text.removeprefix("exists "))
    action, _, place = text.partition(" @ ")
    return Need(action, place)


@dataclass(frozen=True, slots=True)
class Kind:
    """What may be done with resources of a kind; `suffix` leads to what is inside, as a bucket's objects.

    `opened_by` are the actions that replace the resource's policy.
    """

    name: str
    actions: Mapping[str, tuple[str, ...]]
    data: bool = False
    suffix: str = ""
    opened_by: tuple[str, ...] = ()


CLASSES = ("read", "write", "destroy", "persist")


@cache
def kinds() -> Mapping[str, tuple[Kind, ...]]:
    """Return the kinds of resources whose use is classed; a bucket is two, its objects and itself."""
    document = read_yaml((DATA / "classes.yaml").read_text())
    found: dict[str, tuple[Kind, ...]] = {}
    for name, row in document["kinds"].items():
        made = Kind(
            name,
            {c: tuple(row[c]) for c in CLASSES},
            row.get("data", False),
            row.get("inside", ""),
            tuple(row.get("opened_by", ())),
        )
        plain = name.removesuffix("-itself")
        found[plain] = (*found.get(plain, ()), made)
    return found


@cache
def admin_actions() -> tuple[str, ...]:
    """Return the actions that an administrator may do on everything."""
    return tuple(read_yaml((DATA / "classes.yaml").read_text())["admin"])
