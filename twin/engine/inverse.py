"""What a plan's accounts held before it, and what they hold after it, as wishes that the planner can plan towards."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from twin.address import Address
from twin.engine.plan import Change, Plan
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired, Treatment
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

    def name(self, key: str) -> str:
        """Return under which key a change stands where what shares its address has one of its own."""
        return next((str(address) for address, c in self.causes.items() if c.surplus and c.key == key), key)

    def without(self, drop: Callable[[Change], bool]) -> Desired:
        """Return the wishes without those whose changes are to be dropped."""
        kept = Desired()
        for declaration in self.desired:
            if not drop(self.causes[declaration.address]):
                kept.declarations[declaration.address] = declaration
        return kept


def before(plan: Plan) -> Before:
    """Return what the objects of a plan were when it was made.

    Ids by which they name one another are written as references, so that an object that has to be made anew finds
    the new ones. What has another address since is wished for under the one that it had.
    """
    old = [change for change in plan.changes if change.action != "create"]
    named = [replace(c, address=Address.parse(c.former)) if c.former is not None else c for c in old]
    found = _wished(plan, named, _fields)
    moved = {Address.parse(c.former): c for c in old if c.former is not None}
    for address, change in moved.items():
        if address in found.desired:
            there = found.desired[address]
            found.desired.declarations[address] = replace(there, treatment=Treatment(former=change.address))
    return found


def after(plan: Plan) -> Desired:
    """Return what a plan's objects are once it was carried out, as `before` does."""
    wanted = []
    for change in plan.changes:
        if change.action in ("create", "replace"):
            wanted.append(replace(change, outputs=_certain(plan.scope, change, change.fields)))
        elif change.action != "delete":
            wanted.append(change)
    return _wished(plan, wanted, lambda _, change: change.fields).desired


def together(plans: Sequence[Plan]) -> Plan:
    """Return plans that were carried out one after the other as one, of which the first is completed by the others.

    What the first one left out or did not know, as what was taken over later, is as the next one found it.
    """
    first, *rest = plans
    changes, missing = list(first.changes), {one.key: one for one in first.left_out if one.action != "create"}
    met, strangers = {change.key for change in changes}, {(one.type, one.id) for one in first.unmanaged}
    for plan in rest:
        told = [change for change in plan.changes if change.key in missing]
        found = [c for c in plan.changes if c.key not in missing and _stood(c, met, strangers)]
        changes += [change for change in (*told, *found) if change.action != "create"]
        met |= {change.key for change in plan.changes}
        for change in told:
            del missing[change.key]
    return replace(first, changes=tuple(changes), left_out=tuple(missing.values()))


def _stood(change: Change, met: Collection[str], strangers: Collection[tuple[str, str]]) -> bool:
    """Tell whether what a later plan changes was there before it, made by none of the earlier ones."""
    if change.action == "create" or change.key in met or change.former in met:
        return False
    return change.action != "delete" or (change.address.type, str(change.id)) in strangers


def _wished(
    plan: Plan, changes: Sequence[Change], fields_of: Callable[[type[Resource], Change], Mapping[str, Any]]
) -> Before:
    names = _named(changes)
    links, found, lost = _Links(plan.scope, changes, names), Desired(), dict[str, str]()
    for change in changes:
        class_, address = catalogue()[change.address.type], names[change.key]
        fields = {n: links.written(class_, n, value, address) for n, value in fields_of(class_, change).items()}
        try:
            found.add(address.name, class_(**fields), ())
        except ValidationError as error:
            missing = ", ".join(sorted({str(item["loc"][0]) for item in error.errors() if item["loc"]}))
            lost[change.key] = f"nothing tells its {missing or 'fields'}"
    return Before(found, lost, {names[change.key]: change for change in changes})


def _named(changes: Iterable[Change]) -> dict[str, Address]:
    """Return an address for each change, one of its own for those that share theirs."""
    found: dict[str, Address] = {}
    taken: set[Address] = set()
    for change in sorted(changes, key=lambda c: (c.surplus, c.key)):
        address, number = change.address, 1
        while address in taken:
            number += 1
            name, at, region = change.address.name.partition("@")
            address = Address(change.address.type, f"{name}-{number}{at}{region}")
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
            certain = set(_certain(scope, change, _fields(catalogue()[change.address.type], change)).values())
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


def _certain(scope: Scope, change: Change, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the outputs of an object that follow from its fields, and are the same when it is made anew."""
    try:
        return catalogue()[change.address.type](**fields).predict(scope.at(change.address.region))
    except ValidationError:
        return {}


def _each_text(value: Any, write: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return write(value)
    if isinstance(value, Mapping):
        return {_each_text(key, write): _each_text(item, write) for key, item in value.items()}
    return [_each_text(item, write) for item in value] if isinstance(value, list | tuple) else value
