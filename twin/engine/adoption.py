"""Takes over what exists and nobody owns: declares it in the spec's words, by its id, so that nothing changes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from twin.address import Address
from twin.engine.acceptance import Patch, written
from twin.engine.check import problems, secret_problems
from twin.engine.naming import Named
from twin.engine.plan import Change
from twin.engine.planner import Request, plan
from twin.engine.reader import Reader
from twin.engine.refresh import refresh
from twin.engine.strangers import Members, Stranger
from twin.resources.call import placed
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Desired, Treatment
from twin.resources.resource import Problem, Wanted
from twin.resources.scope import Scope

NAMED = "aws.ec2."
"""What gets its name as a tag."""


@dataclass(frozen=True, slots=True)
class Left:
    """An object that is not taken over, and why."""

    type: str
    id: str
    why: str


@dataclass(slots=True)
class Adoption:
    """What is taken over, as a patch onto the spec; and what is not."""

    patch: Patch = field(default_factory=dict)
    taken: list[Address] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def adopt(
    request: Request, chosen: Sequence[Stranger], every: Sequence[Stranger], *, without: Collection[Address] = (),
    tags: Collection[str] = (),
) -> Adoption:  # fmt: skip
    """Declare the chosen objects, until a plan with them has nothing to do but to write down who owns them.

    What is a member of a chosen object comes along, as it would be removed from an object of ours otherwise; an object
    of which a member cannot be declared, or is among `without`, stays a stranger. `tags` are the keys
    that the spec puts on everything, which an object that is taken over does not get.
    """
    result = Adoption()
    reader = Reader(request.target.systems, request.target.concurrency)
    members = Members(request, reader, every)
    rest = []
    for stranger in _in_full(reader, request.target.scope, members.along(chosen, without)):
        if owner := stranger.observed.other:
            result.left.append(Left(stranger.address.type, stranger.observed.id, f"it is owned by {owner}"))
        else:
            rest.append(stranger)
    kept = _Kept()
    while rest:
        desired, entries, found = _declared(request, rest, kept)
        if kept.drop(found, entries):
            continue
        wrong = {address: problem.message for address, problem in found.items()}
        wrong = wrong or members.missing(rest)
        wrong = wrong or _unplanned(request, desired, rest, kept)
        if not wrong:
            result.taken = [s.address for s in rest]
            result.patch = _patch(desired, rest, entries, tags)
            break
        result.left += [Left(s.address.type, s.observed.id, wrong[s.address]) for s in rest if s.address in wrong]
        rest = [s for s in rest if s.address not in wrong]
    result.left.sort(key=lambda one: (one.type, one.id))
    return result


def _in_full(reader: Reader, scope: Scope, chosen: Sequence[Stranger]) -> Iterator[Stranger]:
    """Yield the objects with all their fields, which some types read of wanted ones only."""
    for type_, region in dict.fromkeys((s.address.type, s.address.region) for s in chosen):
        class_ = catalogue()[type_]
        mine = {s.observed.id: s for s in chosen if (s.address.type, s.address.region) == (type_, region)}
        keys = {tuple(s.observed.fields.get(n) for n in class_.KEY) for s in mine.values()} if class_.KEY else set()
        every = frozenset(class_.model_fields)
        wanted = Wanted(frozenset(mine), frozenset(keys), dict.fromkeys(keys, every))
        for item in reader.run(placed(class_.read(scope.at(region), wanted), region)):
            if item.id in mine:
                yield Stranger(mine[item.id].address, item)


def _declared(
    request: Request, rest: Sequence[Stranger], kept: "_Kept"
) -> tuple[Desired, dict[Address, dict[str, Any]], dict[Address, Problem]]:
    """Return the spec's resources with the strangers, their fields, and what is wrong with which of them."""
    desired = Desired()
    desired.declarations.update(request.desired.declarations)
    desired.protections = request.desired.protections
    named = Named([*((a, o) for a, o in request.snapshot.matched.items()), *((s.address, s.observed) for s in rest)])
    entries: dict[Address, dict[str, Any]] = {}
    wrong: dict[Address, Problem] = {}
    for stranger in rest:
        address, class_ = stranger.address, catalogue()[stranger.address.type]
        fields = named.referring(address, written(class_, stranger.observed.fields))
        fields = {name: value for name, value in fields.items() if name not in kept.dropped.get(address, ())}
        try:
            made = desired.add(address.name, class_(**fields), ())
        except ValidationError as error:
            first = error.errors()[0]
            told = f"{'.'.join(map(str, first['loc']))}: {first['msg'][:1].lower()}{first['msg'][1:]}"
            wrong[address] = Problem("TW0723", told)
            continue
        by_id = stranger.observed.id if class_.TAGGED or not class_.KEY else None
        treatment = Treatment(adopt=by_id, ignore=kept.ignored.get(address, ()))
        desired.declarations[address] = replace(made, treatment=treatment)
        entries[address] = fields
    found = [*problems(desired, request.target.scope), *secret_problems(desired, lambda _: None)]
    wrong |= {d.address: problem for d, problem in found if d.address in entries}
    return desired, entries, wrong


def _unplanned(request: Request, desired: Desired, rest: Iterable[Stranger], kept: "_Kept") -> dict[Address, str]:
    """Return what a plan would change of the strangers; fields that the vendor does not show again are ignored."""
    for _ in range(2):
        snapshot = refresh(desired, request.target, request.state)
        changes = {c.address: c for c in plan(replace(request, desired=desired, snapshot=snapshot)).plan.changes}
        moved = {s.address: _moves(changes[s.address], s) for s in rest}
        wrong = {address: why for address, (why, _) in moved.items() if why}
        blind = {address: fields for address, (_, fields) in moved.items() if fields and address not in wrong}
        if wrong or not blind:
            return wrong
        for address, fields in blind.items():
            kept.ignored[address] = fields
            made = desired.declarations[address]
            desired.declarations[address] = replace(made, treatment=replace(made.treatment, ignore=fields))
    return {address: f"{', '.join(fields)} would change" for address, fields in blind.items()}


def _moves(change: Change, stranger: Stranger) -> tuple[str, tuple[str, ...]]:
    """Return why a change is more than taking over, and the fields that would change in place."""
    if change.id != stranger.observed.id:
        return "another object has the name that it would be found by", ()
    fields = tuple(d.field for d in change.differences)
    fixed = [d.field for d in change.differences if d.replaces]
    return (f"{', '.join(fixed)} would replace it", ()) if fixed else ("", fields)


@dataclass(slots=True)
class _Kept:
    """What trial taught: fields that the vendor shows and the type does not take, and fields that are left alone."""

    dropped: dict[Address, set[str]] = field(default_factory=dict)
    ignored: dict[Address, tuple[str, ...]] = field(default_factory=dict)

    def drop(self, found: Mapping[Address, Problem], entries: Mapping[Address, Mapping[str, Any]]) -> bool:
        """Leave out each optional field that is all that is wrong; tells whether there was any."""
        again = False
        for address, problem in found.items():
            name, class_ = problem.field, catalogue()[address.type]
            known = name in entries.get(address, ()) and not class_.model_fields[str(name)].is_required()
            if name is not None and known:
                self.dropped.setdefault(address, set()).add(name)
                again = True
        return again


def _patch(
    desired: Desired, rest: Iterable[Stranger], entries: Mapping[Address, Mapping[str, Any]], tags: Collection[str]
) -> Patch:
    resources: dict[str, dict[str, Any]] = {}
    overrides: dict[str, dict[str, Any]] = {}
    for stranger in rest:
        address, treatment = stranger.address, desired[stranger.address].treatment
        entry = dict(entries[address])
        said: dict[str, Any] = {"adopt": treatment.adopt} if treatment.adopt else {}
        if "tags" in catalogue()[address.type].model_fields:
            more = {*tags, *({"Name"} if address.type.startswith(NAMED) else ())}
            if not more <= set(entry.get("tags", ())):
                said["fields"] = {"tags": entry.pop("tags", {})}
        resources.setdefault(address.type, {})[address.name] = entry
        said |= {"ignore": list(treatment.ignore)} if treatment.ignore else {}
        if said:
            overrides[str(address)] = said
    found: Patch = {"resources": resources, "overrides": overrides}
    return {section: part for section, part in found.items() if part}
