"""Whether a saved plan still fits what its target holds, and a state what a plan tells."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from twin.engine.plan import Change, Plan
from twin.engine.planner import Identity, blind, identity, observed_digest
from twin.engine.protection import LOSES, lasting, told
from twin.engine.refresh import Snapshot, lookup, refresh
from twin.engine.state import State
from twin.engine.target import Target
from twin.errors import StaleError, TargetError
from twin.resources.call import Refused
from twin.resources.canonical import canonical, text
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired, Treatment
from twin.resources.reference import resolve
from twin.resources.resource import Observed


def untold(plan: Plan, state: State) -> Iterator[Change]:
    """Yield what a plan found to be as the spec wants it and a state does not tell: it was deleted, or is old."""
    held = state.protected
    for change in plan.changes:
        if change.action == "no-op" and change.id is not None:
            entry = state.entries.get(change.address)
            told = (change.id, change.fields, lasting(change, held))
            if change.former or entry is None or (entry.id, entry.fields, entry.protect) != told:
                yield change


def refuse_stale(plan: Plan, target: Target, state: State) -> None:
    """Read the plan's objects again; StaleError when one changed, went, came or was protected since it was made."""
    _refuse_protected(plan, state)
    _refuse_overtaken(plan, state)
    snapshot = looked_at(plan, target, state)
    came = sorted(str(c.address) for c in plan.changes if c.action == "create" and c.address in snapshot.matched)
    if came:
        raise StaleError(f"the plan is stale: {', '.join(came)} exists meanwhile; plan again")
    _refuse_owned(plan, snapshot)
    ids = {(c.address.type, c.id) for c in plan.changes if c.id}
    if observed_digest(snapshot, ids) != plan.observed_digest:
        raise StaleError("the plan is stale: the target changed since it was made; plan again")
    _refuse_untrue(plan, snapshot)
    _refuse_removals(plan, snapshot, state)


def looked_at(plan: Plan, target: Target, state: State) -> Snapshot:
    """Read the objects that a plan is about, as it means them; TargetError when the target refuses that."""
    desired = Desired()
    for change in plan.changes:
        if change.action != "delete" or change.fields:
            made = desired.add(change.address.name, catalogue()[change.address.type](**change.fields), ())
            desired.declarations[made.address] = replace(made, treatment=Treatment(adopt=change.id))
    needed = {d.address.type for d in desired} | {a.type for a in state.entries}
    strays = {c.address.type for c in plan.changes if c.action == "delete"} - needed
    try:
        return refresh(desired, target, state, also=strays)
    except Refused as refused:
        raise TargetError(f"the target refused to be read: {refused}") from refused


def _refuse_owned(plan: Plan, snapshot: Snapshot) -> None:
    """StaleError when another org or environment has taken over what a plan takes over, keeps, changes or removes."""
    mine = {identity(change.address, change.id): change.key for change in plan.changes}
    standing = ((mine.get((type_, one.id, region)), one.other) for type_, region, one in snapshot.standing())
    if met := sorted(f"{key} by {owner}" for key, owner in standing if key and owner):
        raise StaleError(f"the plan is stale: since it was made others own what it is about: {', '.join(met)}")


def _refuse_untrue(plan: Plan, snapshot: Snapshot) -> None:
    """StaleError where a plan tells of an object what the target does not, or one is gone, or has another's address."""
    there: dict[Identity, Observed] = {(type_, one.id, region): one for type_, region, one in snapshot.standing()}
    for change in plan.changes:
        seen = there.get(identity(change.address, change.id))
        found = snapshot.matched.get(change.address) if change.action != "delete" else None
        another = found is not None and change.id is not None and found.id != change.id
        told = _told(change.observed, change.outputs)
        if change.id is not None and seen is None:
            raise StaleError(f"the plan is stale: {change.key} is gone; plan again")
        if another or (seen is not None and _told(seen.fields, seen.outputs) != told):
            raise StaleError(f"the plan is stale: {change.key} is not what it tells; plan again")


def _told(fields: Mapping[str, Any], outputs: Mapping[str, Any]) -> str:
    """Write what is told of an object; lists of outputs, as of name servers, have no order."""
    plain = canonical(dict(outputs))
    sets = {name: sorted(value, key=text) if isinstance(value, list) else value for name, value in plain.items()}
    return text([canonical(dict(fields)), sets])


def _refuse_removals(plan: Plan, snapshot: Snapshot, state: State) -> None:
    """StaleError where a plan removes what nothing makes ours: neither tag, state, spec, nor whose member it is.

    The spec does by its natural key, or where it takes it over by its id; a way back, which no spec tells, does not.

    Nor may it change, under an address of a type that has no tags, what is none of these.
    """
    held = {(change.address.type, change.id) for change in plan.changes}
    mine = {(address.type, entry.id) for address, entry in state.entries.items()}
    told = {identity(c.address, c.id): c for c in plan.changes if c.id is not None}
    for type_, region, item in snapshot.standing():
        change = told.get((type_, item.id, region))
        if change is None or change.address in state.pending:
            continue
        tagged = catalogue()[type_].TAGGED
        meant = not tagged and ((change.adopted and not plan.undoes) or _named(change, item, snapshot))
        ours = item.owner is not None or (type_, item.id) in mine or meant
        if change.action == "delete" and (item.builtin or not (ours or item.member_of in held)):
            raise StaleError(f"the plan is stale: {change.key}, which it removes, is not ours; plan again")
        if change.action in ("update", "replace") and not (tagged or ours):
            raise StaleError(f"the plan is stale: {change.key} is another object than it tells; plan again")


def _named(change: Change, item: Observed, snapshot: Snapshot) -> bool:
    """Tell whether an object has the natural key that a change's address is wished to have."""
    known = {address: {**one.fields, **one.outputs} for address, one in snapshot.matched.items()}
    names = catalogue()[change.address.type].KEY
    wanted = [resolve(change.fields.get(name), lambda reference: lookup(known, reference)) for name in names]
    same = [
        text(canonical(value)) == text(canonical(item.fields.get(n))) for n, value in zip(names, wanted, strict=True)
    ]
    return bool(change.fields) and all(same)


def _refuse_protected(plan: Plan, state: State) -> None:
    """StaleError when somebody protected what a plan, which does not know of it, removes or replaces."""
    held = state.protected
    lost = [(change, told(held, change)) for change in plan.pending if change.action in LOSES]
    met = sorted({f"{c.address} ({why})" for c, why in lost if why and not (c.freed and why == c.guarded)})
    if met:
        raise StaleError(f"the plan is stale: {', '.join(met)} was protected since it was made; plan again")


def _refuse_overtaken(plan: Plan, state: State) -> None:
    """StaleError when somebody applied what a vendor does not show, as a secret from another source, since a plan."""
    known = [change for change in plan.changes if change.id is not None and change.address in state.entries]
    met = sorted({str(c.address) for c in known if blind(state, c.address) != c.last})
    if met:
        raise StaleError(f"the plan is stale: {', '.join(met)} was applied since it was made; plan again")
