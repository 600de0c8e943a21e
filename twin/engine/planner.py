"""Decides every change: what to create, update, replace, delete, and in which order."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.address import Address
from twin.engine.check import Found, update_problems
from twin.engine.choice import ALL, Choice
from twin.engine.difference import differences
from twin.engine.graph import order
from twin.engine.left_alone import left_alone
from twin.engine.literals import literal_problems
from twin.engine.ordering import ordered
from twin.engine.plan import Action, Change, Plan, Unmanaged, digest
from twin.engine.protection import Protection
from twin.engine.refresh import Snapshot, known_values, lookup, place
from twin.engine.state import Entry, State
from twin.engine.target import Target
from twin.engine.targeting import narrowed
from twin.resources.canonical import canonical
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired
from twin.resources.reference import resolve
from twin.resources.resource import Immutable, Observed, Problem, Sensitive, WriteOnly

CUT_SHORT = "its creation was cut short"
"""Why an object is made anew that a run began to make and did not tell that it had."""

Locate = Callable[[Declaration], tuple[str | None, int | None]]
"""Finds the file and line of the spec that caused a resource."""

Identity = tuple[str, str | None, str]
"""What tells an object from all others: its type, its id, its Region."""


@dataclass(slots=True)
class Planned:
    """A plan, and the problems because of which it must not be applied."""

    plan: Plan
    problems: list[Found] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is made from."""

    desired: Desired
    snapshot: Snapshot
    state: State
    target: Target
    spec_digest: str = ""
    spec_file: str | None = None
    locate: Locate = lambda _: (None, None)
    adopt: bool = False
    """Take over objects that have the wanted name and no owner."""
    choice: Choice = ALL
    """What the plan is about."""
    unprotect: tuple[str, ...] = ()
    """The addresses of what may go although it is protected."""
    remembered: Mapping[Address, str] = field(default_factory=dict)
    """What was protected when it was applied last, with the reason: to drop that and the resource at once is a slip."""
    kept: Mapping[Address, str] = field(default_factory=dict)
    """What stays protected, with the reason, where what is desired is not the word of a spec, which would end that."""
    spare: Callable[[Change], bool] = lambda _: False
    """Tells of a removal of what is not desired that it is not to be made."""


def plan(request: Request) -> Planned:
    """Decide the changes that bring a target from what was observed to what is desired."""
    known: dict[Address, dict[str, Any]] = {}
    changes: list[Change] = []
    problems: list[Found] = []
    for address in order(request.desired):
        change, found = _decide(request, request.desired[address], known)
        changes.append(change)
        problems += found
    changes += (change for change in _leftovers(request) if not request.spare(change))
    problems += literal_problems(request.desired, request.snapshot.objects, known, request.target.scope)
    return _finish(request, changes, problems)


def plan_destroy(request: Request) -> Planned:
    """Decide the changes that remove everything that we own: what the spec has and what it no longer has."""
    changes, foreign = [], _foreigners(request)
    for address in order(request.desired):
        observed = request.snapshot.matched.get(address)
        declaration = request.desired[address]
        if observed is not None and not observed.builtin and not _of_others(address, observed, foreign):
            file, line = request.locate(declaration)
            # With its fields the same read can be made again, to see whether the plan is stale.
            last = blind(request.state, address)
            adopted = observed.id == declaration.treatment.adopt
            more = {"fields": declaration.values, "file": file, "line": line, "last": last, "adopted": adopted}
            changes.append(_deletion(address, observed, "destroy", **more))
    changes += _leftovers(request)
    return _finish(request, changes, [])


def _finish(request: Request, every: list[Change], problems: list[Found]) -> Planned:
    members = _members(request, every) if request.choice else {}
    changes, left_out = narrowed(every, request.desired, request.choice, members=members)
    outside = {one.key for one in left_out}
    problems = [found for found in problems if str(found[0].address) not in outside]
    protection = Protection(request.desired, request.remembered, request.kept, request.state.protected)
    problems += protection.problems(changes, request.unprotect)
    placed = protection.noted(ordered(changes, request.desired))
    made = Plan(
        scope=request.target.scope,
        spec_digest=request.spec_digest,
        observed_digest=observed_digest(request.snapshot, {(c.address.type, c.id) for c in changes if c.id}),
        changes=tuple(placed),
        unmanaged=tuple(_unmanaged(request.snapshot, every)),
        unreadable=dict(request.snapshot.unreadable),
        spec_file=request.spec_file,
        target=request.target.name,
        left_out=left_out,
        forgets={} if left_out else _forgotten(request.state, changes),
    )
    return Planned(made, problems)


def _forgotten(state: State, changes: Iterable[Change]) -> dict[str, str]:
    """Return what a state has and no change is about: it is gone, and the spec does not want it."""
    known = {address for change in changes for address in (change.address, change.before)}
    return {str(address): entry.id for address, entry in sorted(state.entries.items()) if address not in known}


def observed_digest(snapshot: Snapshot, ids: Collection[tuple[str, str | None]]) -> str:
    """Return the digest of the objects of a plan as they were observed."""
    seen = [
        [type_, item.id, canonical(item.fields)]
        for type_, objects in sorted(snapshot.objects.items())
        for item in sorted(objects, key=lambda o: o.id)
        if (type_, item.id) in ids
    ]
    return digest(seen)


def _decide(
    request: Request, declaration: Declaration, known: dict[Address, dict[str, Any]]
) -> tuple[Change, list[Found]]:
    """Decide one desired resource; adds what is known of it for those that refer to it."""
    address, class_ = declaration.address, type(declaration.resource)
    wanted = declaration.values
    if declaration.references:
        wanted = {k: resolve(v, lambda ref: lookup(known, ref)) for k, v in wanted.items()}
    certain = known_values(declaration, wanted, request.target)
    file, line = request.locate(declaration)
    observed = request.snapshot.matched.get(address)
    if observed is None:
        known[address] = certain
        known_before = request.state.of(address, declaration.treatment.former) is not None
        reason = "it is gone" if known_before else "new"
        absent = [] if known_before else _absent(declaration)
        return Change(address, "create", fields=wanted, file=file, line=line, reason=reason), absent
    if _foreign(request, declaration, observed):
        known[address] = certain
        taken = _taken(request, declaration, observed)
        return Change(address, "create", fields=wanted, file=file, line=line), [(declaration, taken)]
    wanted = left_alone(wanted, observed.fields, declaration.treatment.ignore)
    found = differences(class_, wanted, observed, _last(request, declaration, wanted))
    claims = class_.TAGGED and observed.owner != address
    action, reason = _action(request, declaration, found, claims=claims)
    known[address] = certain if action == "replace" else {**observed.fields, **certain, **observed.outputs}
    change = Change(
        address,
        action,
        id=observed.id,
        fields=wanted,
        observed=dict(observed.fields),
        outputs=dict(observed.outputs),
        differences=found,
        file=file,
        line=line,
        reason=reason,
        claims=claims,
        adopted=observed.id == declaration.treatment.adopt,
        former=_moved_from(request, declaration, observed),
        last=blind(request.state, address),
    )
    if action != "update":
        return change, []
    resource = class_(**wanted)
    return change, update_problems(resource, declaration, observed, change.changed, request.target.scope)


def _taken(request: Request, declaration: Declaration, observed: Observed) -> Problem:
    """Return what is wrong with an object that is not ours and has a wanted name."""
    name = next(iter(type(declaration.resource).KEY), None)
    there = f"{declaration.address}: {observed.id} exists already and is"
    if observed.other:
        told = "choose another name; it is taken over when its owner has let it go: its tag twin:owner, or its mark"
        return Problem("TW0701", f"{there} owned by {observed.other}", name, told)
    told = "choose another name, or plan with --adopt to take it over"
    return Problem("TW0701", f"{there} not owned by {request.target.scope.owner}", name, told)


def _action(request: Request, declaration: Declaration, found: tuple[Any, ...], *, claims: bool) -> tuple[Action, str]:
    cut_short = declaration.address in request.state.pending and _entry(request, declaration) is None
    if cut_short and declaration.resource.INCOMPLETE == "replace":
        return "replace", CUT_SHORT
    fixed = [d.field for d in found if d.replaces]
    if fixed:
        return "replace", f"{', '.join(fixed)} cannot change in place"
    if found:
        causes = {d.cause for d in found}
        return "update", "drift" if causes == {"drift"} else "spec" if causes == {"spec"} else "differs"
    if claims:
        return "update", "ownership"
    return "no-op", ""


def _last(request: Request, declaration: Declaration, wanted: Mapping[str, Any]) -> Entry | None:
    """Return what was applied last; of an object whose creation was cut short, only what it was created with."""
    address = declaration.address
    entry = _entry(request, declaration)
    if entry is not None or address not in request.state.pending:
        return entry
    return Entry("", {n: wanted[n] for n in type(declaration.resource).marked(Immutable) if n in wanted})


def blind(state: State, address: Address) -> dict[str, Any]:
    """Return what was applied last of the fields that the vendor never shows."""
    entry, class_ = state.entries.get(address), catalogue()[address.type]
    names = class_.marked(Sensitive) | class_.marked(WriteOnly)
    return {name: entry.fields[name] for name in sorted(names) if name in entry.fields} if entry else {}


def _foreign(request: Request, declaration: Declaration, observed: Observed) -> bool:
    """Tell whether an object has the wanted name and is not ours, as far as tags, state and journal tell.

    What another org or environment owns is not ours whoever says so: its owner would not know of it.
    """
    if not declaration.resource.TAGGED or observed.owner is not None or observed.builtin:
        return False
    if observed.other:
        return True
    if request.adopt:
        return False
    if observed.id == declaration.treatment.adopt:
        return False
    entry = _entry(request, declaration)
    return declaration.address not in request.state.pending and (entry is None or entry.id != observed.id)


def _foreigners(request: Request) -> set[Identity]:
    """Return what has a wanted name and is not ours."""
    there = ((a, o) for a, o in request.snapshot.matched.items() if a in request.desired)
    return {identity(a, o.id) for a, o in there if _foreign(request, request.desired[a], o)}


def _of_others(address: Address, observed: Observed, foreign: Collection[Identity]) -> bool:
    """Tell whether an object is not ours, or belongs to the set of one that is not and does not bear our mark."""
    if identity(address, observed.id) in foreign:
        return True
    return observed.owner is None and _holder(observed, address.region) in foreign


def _holder(item: Observed, region: str) -> Identity | None:
    """Return to whose set an object belongs."""
    return (*item.member_of, place(item.member_of[0], region)) if item.member_of is not None else None


def _members(request: Request, changes: Iterable[Change]) -> dict[str, Address]:
    """Return to whose set belongs what is removed because nobody declared it, by key."""
    removed = {identity(c.address, c.id): c.key for c in changes if c.surplus}
    holders = {identity(a, o.id): a for a, o in request.snapshot.matched.items()}
    found = ((removed.get((t, o.id, region)), _holder(o, region)) for t, region, o in request.snapshot.standing())
    return {key: holders[holder] for key, holder in found if key is not None and holder in holders}


def _entry(request: Request, declaration: Declaration) -> Entry | None:
    return request.state.of(declaration.address, declaration.treatment.former)


def _moved_from(request: Request, declaration: Declaration, observed: Observed) -> str | None:
    """Return the former address of an object that still goes by it, on itself or in the state."""
    former = declaration.treatment.former
    if former is None:
        return None
    entry = request.state.entries.get(former)
    return str(former) if observed.owner == former or (entry is not None and entry.id == observed.id) else None


def _absent(declaration: Declaration) -> list[Found]:
    """Return what is wrong when the object that is to be taken over is not there."""
    adopt = declaration.treatment.adopt
    if adopt is None:
        return []
    message = f"{declaration.address}: the account has no {declaration.address.type} {adopt} to take over"
    return [(declaration, Problem("TW0744", message, None, "correct the id, or leave out `adopt` to make a new one"))]


def _deletion(address: Address, observed: Observed, reason: str, **more: Any) -> Change:
    return Change(
        address,
        "delete",
        id=observed.id,
        observed=dict(observed.fields),
        outputs=dict(observed.outputs),
        reason=reason,
        **more,
    )


def _leftovers(request: Request) -> Iterable[Change]:
    """Yield deletions of what we own and the spec does not have, and of members that nobody declared."""
    snapshot, state = request.snapshot, request.state
    matched = {identity(a, o.id): a for a, o in snapshot.matched.items()}
    foreign = _foreigners(request)
    applied = {identity(a, e.id): a for a, e in state.entries.items()}
    for type_, region, item in snapshot.standing():
        key = (type_, item.id, region)
        if key in matched:
            continue
        if item.owner is not None:
            if place(type_, item.owner.region) != region:
                continue  # its tags were copied from another Region, as a replica's are: it is not what they name
            surplus = item.owner in request.desired
            reason = "one too many" if surplus else "no longer in the spec"
            yield _deletion(item.owner, item, reason, surplus=surplus, last=blind(state, item.owner))
        elif item.builtin or item.other or (holder := _holder(item, region)) in foreign:
            continue
        elif key in applied:
            address = applied[key]
            yield _deletion(address, item, "no longer in the spec", last=blind(state, address))
        elif holder in matched:
            yield _undeclared(type_, item, matched[holder])


def _undeclared(type_: str, item: Observed, owner: Address) -> Change:
    """Return the removal of a member that nobody declared."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", item.id.rpartition(":")[2]).strip("-_") or "member"
    region = f"@{owner.region}" if owner.region else ""
    reason = f"undeclared member of {'.'.join(item.member_of or ())}"
    return _deletion(Address(type_, name + region), item, reason, surplus=True)


def identity(address: Address, id_: str | None) -> Identity:
    """Return what tells an object from all others: ids of two Regions may be the same."""
    return address.type, id_, place(address.type, address.region)


def _unmanaged(snapshot: Snapshot, changes: Iterable[Change]) -> Iterable[Unmanaged]:
    ours = {identity(c.address, c.id) for c in changes}
    for type_, region, item in sorted(snapshot.standing(), key=lambda one: (one[0], one[2].id, one[1])):
        if (type_, item.id, region) not in ours and not item.builtin:
            yield Unmanaged(type_, item.id, _name(item.fields))


def _name(fields: Mapping[str, Any]) -> str:
    return next((str(fields[n]) for n in ("name", "bucket", "login", "label", "domain") if fields.get(n)), "")
