"""The way back from a plan: what its accounts held before, as wishes that the planner can plan towards."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from twin.address import Address
from twin.engine.plan import Change, Plan
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired
from twin.resources.reference import Reference
from twin.resources.resource import RefTo, Resource
from twin.resources.scope import Scope

SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Before:
    """What stood before a plan, and what of it cannot be wished for again, by key with the reason."""

    desired: Desired
    lost: Mapping[str, str] = field(default_factory=dict)
    causes: Mapping[Address, Change] = field(default_factory=dict)

    def without(self, drop: Callable[[Change], bool]) -> Desired:
        """Return the wishes without those whose changes are to be dropped."""
        kept = Desired()
        for declaration in self.desired:
            if not drop(self.causes[declaration.address]):
                kept.add(declaration.address.name, declaration.resource, ())
        return kept


def before(plan: Plan) -> Before:
    """Return what the objects of a plan were when it was made.

    Ids by which they name one another are written as references, so that an object that has to be made anew finds
    the new ones.
    """
    old = [change for change in plan.changes if change.action != "create"]
    names = _named(old)
    links, found, lost = _Links(plan.scope, old, names), Desired(), dict[str, str]()
    for change in old:
        class_, address = catalogue()[change.address.type], names[change.key]
        fields = {name: links.written(class_, name, value, address) for name, value in _fields(class_, change).items()}
        try:
            found.add(address.name, class_(**fields), ())
        except ValidationError as error:
            missing = ", ".join(sorted({str(item["loc"][0]) for item in error.errors() if item["loc"]}))
            lost[change.key] = f"nothing tells its {missing or 'fields'}"
    return Before(found, lost, {names[change.key]: change for change in old})


def _named(changes: Iterable[Change]) -> dict[str, Address]:
    """Return an address for each change, one of its own for those that share theirs."""
    found: dict[str, Address] = {}
    taken: set[Address] = set()
    for change in sorted(changes, key=lambda c: (c.surplus, c.key)):
        address, number = change.address, 1
        while address in taken:
            number += 1
            address = Address(change.address.type, f"{change.address.name}-{number}")
        taken.add(address)
        found[change.key] = address
    return found


def _fields(class_: type[Resource], change: Change) -> dict[str, Any]:
    """Return the fields that a change's object had."""
    seen = {n: v for n, v in change.observed.items() if n in class_.model_fields and v is not None}
    if change.action == "delete":
        return {**seen, **change.last}
    differs = {d.field for d in change.differences}
    kept = {name: value for name, value in change.fields.items() if name not in differs}
    return {**kept, **{n: v for n, v in {**seen, **change.last}.items() if n in differs}}


class _Links:
    """The ids of a plan's objects, and the references that stand for them."""

    def __init__(self, scope: Scope, changes: Iterable[Change], names: Mapping[str, Address]) -> None:
        self.by_type: dict[tuple[str, str], Reference] = {}
        self.drawn: dict[str, Reference] = {}
        for change in changes:
            certain = set(_certain(scope, change).values())
            for name, value in sorted(change.outputs.items()):
                if not isinstance(value, str) or not value:
                    continue
                reference = Reference(names[change.key], name)
                self.by_type.setdefault((change.address.type, value), reference)
                if len(value) >= SHORTEST and value not in certain:
                    self.drawn.setdefault(value, reference)
        longest = sorted(self.drawn, key=len, reverse=True)
        self.pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(v)}(?![\w-])" for v in longest) or r"(?!)")

    def written(self, class_: type[Resource], name: str, value: Any, own: Address) -> Any:
        """Return a field's value with references for the ids in it, but not for its own."""
        types = [t for m in class_.model_fields[name].metadata if isinstance(m, RefTo) for t in m.types]

        def write(text: str) -> str:
            for type_ in types:
                if (found := self.by_type.get((type_, text))) is not None and found.address != own:
                    return str(found)
            return self.pattern.sub(lambda match: self._drawn(match, own), text)

        return _each_text(value, write)

    def _drawn(self, match: re.Match[str], own: Address) -> str:
        reference = self.drawn[match[0]]
        return match[0] if reference.address == own else str(reference)


def _certain(scope: Scope, change: Change) -> Mapping[str, Any]:
    """Return the outputs of an object that follow from its fields, and are the same when it is made anew."""
    class_ = catalogue()[change.address.type]
    try:
        return class_(**_fields(class_, change)).predict(scope)
    except ValidationError:
        return {}


def _each_text(value: Any, write: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return write(value)
    if isinstance(value, Mapping):
        return {_each_text(key, write): _each_text(item, write) for key, item in value.items()}
    return [_each_text(item, write) for item in value] if isinstance(value, list | tuple) else value
