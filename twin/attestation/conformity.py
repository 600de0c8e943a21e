"""Whether a plan is what its spec makes: whoever writes a plan by hand can write a digest that fits, and no spec."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.address import Address
from twin.engine.graph import order
from twin.engine.left_alone import left_alone
from twin.engine.plan import Change, Plan
from twin.engine.refresh import known_values, lookup
from twin.engine.target import Target
from twin.engine.waves import waves
from twin.resources.canonical import canonical, text
from twin.resources.declaration import Desired
from twin.resources.reference import references, resolve
from twin.resources.scope import Scope
from twin.spec.model.waves import Waves

# What an attribute may be that the plan does not tell, in canonical JSON: alone, and inside a text.
PART = r'[^"\\]*'
WHOLE = rf'(?:"{PART}"|\["{PART}"(?:,"{PART}")*\])'


@dataclass(frozen=True, slots=True)
class Meant:
    """What a spec makes: resources, accounts, the sections that go into plans, and the waves that it asks for."""

    desired: Desired
    scope: Scope
    promotion: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    waves: Waves | None = None


def unlike(plan: Plan, meant: Meant) -> Iterator[str]:
    """Yield in what a plan is another than its spec makes of what it found; of a way back what is not of the past."""
    said = {"accounts": meant.scope, "delivery.promotion": dict(meant.promotion), "state": dict(meant.state)}
    told = {"accounts": plan.scope, "delivery.promotion": dict(plan.promotion), "state": dict(plan.state)}
    for name, value in said.items():
        if text(value) != text(told[name]):
            yield f"the plan has {name} other than its spec's"
    if plan.undoes:
        return
    yield from _changes(plan, meant)
    asked = meant.waves if any(change.action != "delete" for change in plan.changes) else None
    made = waves(plan.changes, meant.desired, asked, home=meant.scope.region) if asked is not None else ()
    if made != plan.waves:
        yield "the plan has waves other than its spec makes"


def _changes(plan: Plan, meant: Meant) -> Iterator[str]:
    """Yield the objects that the plan makes or leaves other than the spec wants them; removals say so themselves."""
    staying = [change for change in plan.changes if change.action != "delete"]
    mine = {change.address: change for change in staying if not change.surplus}
    yield from sorted(f"{c.address}: the plan tells of it twice" for c in staying if mine.get(c.address) is not c)
    seen, removed = set(mine), {change.address for change in plan.changes if change.action == "delete"}
    outside = {one.key for one in plan.left_out}
    target, known = Target(plan.target, {}, meant.scope), dict[Address, dict[str, Any]]()
    for address in order(meant.desired):
        declaration = meant.desired[address]
        wanted = {k: resolve(v, lambda ref: lookup(known, ref)) for k, v in declaration.values.items()}
        certain = known_values(declaration, wanted, target)
        change = mine.pop(address, None)
        known[address] = certain if change is None else _known(change, certain)
        if change is None:
            if str(address) not in outside and address not in removed:
                yield f"{address}: the spec wants it, and the plan does not tell of it"
            continue
        wanted = left_alone(wanted, change.observed, declaration.treatment.ignore) if change.id else wanted
        names = sorted({*wanted, *change.fields})
        if other := [n for n in names if not _same(wanted.get(n), change.fields.get(n), seen)]:
            yield f"{address}: the spec wants another {', '.join(other)}"
        if change.protect != (meant.desired.protection(address) or ("",))[0]:
            yield f"{address}: the spec protects it otherwise"
    yield from (f"{address}: the spec does not want it" for address in sorted(mine))
    for change in plan.changes:
        wished = meant.desired.declarations.get(change.address)
        if change.adopted and (wished is None or change.surplus or wished.treatment.adopt != change.id):
            yield f"{change.address}: the spec does not take {change.id} over"
        # A removal of all tells what the spec wants of each object, by which it is found where nothing else tells it.
        told = change.fields if change.action == "delete" and not change.surplus else {}
        if told and (wished is None or _written(wished.values) != _written(told)):
            yield f"{change.address}: the spec does not want what the plan removes under this address"


def _known(change: Change, certain: dict[str, Any]) -> dict[str, Any]:
    """Return what the planner knew of a resource, for those that refer to it."""
    return certain if change.action in ("create", "replace") else {**change.observed, **certain, **change.outputs}


def _same(wanted: Any, told: Any, seen: Collection[Address]) -> bool:
    """Tell whether two values are the same; what refers to something that was left out may have been resolved."""
    one, other = _written(wanted), _written(told)
    unseen = {str(reference) for reference in references(wanted) if reference.address not in seen}
    if one == other or not unseen:
        return one == other
    pattern = re.escape(one)
    for named in map(re.escape, unseen):
        pattern = pattern.replace(f'"{named}"', WHOLE).replace(named, PART)
    return re.fullmatch(pattern, other) is not None


def _written(value: Any) -> str:
    return text(canonical(value))
