"""What became other in the accounts since it was applied: fields, objects that are gone, members that were added."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from twin.address import Address
from twin.engine.check import STAND_IN
from twin.engine.plan import Change, Plan
from twin.engine.state import State
from twin.resources.catalogue import catalogue
from twin.resources.resource import Immutable, Observed, Resource, drain
from twin.resources.scope import Scope

Kind = Literal["changed", "gone", "added"]
OURS = frozenset({"drift", "both", "unknown"})
"""Causes of a difference that are not, or not only, the spec's."""


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """One field as it was applied and as it is; `calls` would put it back, `certain` tells that a state knows."""

    field: str
    applied: Any
    now: Any
    calls: frozenset[str]
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Drift:
    """One object that is other than it was applied; `calls` would put it back as a whole."""

    kind: Kind
    change: Change
    fields: tuple[FieldDrift, ...] = ()
    calls: frozenset[str] = frozenset()
    was: str | None = None
    """The id of an object that is gone."""

    @property
    def address(self) -> Address:
        """The object's address."""
        return self.change.address


def drifts(plan: Plan, state: State) -> Iterator[Drift]:
    """Yield what a plan finds to be other than it was applied, by address."""
    for change in sorted(plan.changes, key=lambda c: c.key):
        class_ = catalogue()[change.address.type]
        if change.action == "create" and (entry := state.entries.get(change.address)) is not None:
            calls = _making(class_, plan.scope, change.address, entry.fields)
            yield Drift("gone", change, calls=calls, was=entry.id)
        elif change.action == "delete" and change.surplus:
            yield Drift("added", change, calls=_making(class_, plan.scope, change.address, change.observed))
        elif change.action in ("update", "replace"):
            fields = tuple(_fields(plan.scope, change, state))
            if fields:
                yield Drift("changed", change, fields)


def _fields(scope: Scope, change: Change, state: State) -> Iterator[FieldDrift]:
    class_ = catalogue()[change.address.type]
    entry = state.of(change.address, Address.parse(change.former) if change.former else None)
    for item in change.differences:
        if item.cause not in OURS:
            continue
        applied = item.after if entry is None else entry.fields.get(item.field)
        calls = _mending(class_, scope, change, item.field)
        yield FieldDrift(item.field, applied, item.before, calls, certain=entry is not None)


def _mending(class_: type[Resource], scope: Scope, change: Change, name: str) -> frozenset[str]:
    """Return the operations with which one field would be put back."""
    if name in class_.marked(Immutable):
        return _making(class_, scope, change.address, change.fields)
    observed = Observed(str(change.id), change.observed, change.outputs, change.address)
    here = scope.at(change.address.region)
    steps = class_(**change.fields).update(here, change.address, observed, frozenset({name}))
    return _names(drain(steps, STAND_IN)[0])


def _making(class_: type[Resource], scope: Scope, address: Address, fields: Any) -> frozenset[str]:
    """Return the operations with which an object of these fields would be made."""
    known = {name: value for name, value in fields.items() if name in class_.model_fields}
    try:
        resource = class_(**known)
    except ValidationError:
        return frozenset()  # what the vendor made in a way that our type does not know; its own calls are not ours
    return _names(drain(resource.create(scope.at(address.region), address), STAND_IN)[0])


def _names(calls: Iterable[Any]) -> frozenset[str]:
    return frozenset(call.operation for call in calls if call.system == "aws")
