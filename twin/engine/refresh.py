"""Reads what the endpoints hold and finds, for each desired resource, the object that is it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from twin.address import Address
from twin.aws_data import worldwide
from twin.engine.literals import literal_types
from twin.engine.reader import Reader
from twin.engine.state import State
from twin.engine.target import Target
from twin.resources.aws.tags import owned_tags
from twin.resources.call import Refused, Steps, placed
from twin.resources.catalogue import catalogue, index, levels
from twin.resources.declaration import Declaration, Desired
from twin.resources.reference import Reference, resolve, unknown
from twin.resources.resource import Immutable, Observed, Sensitive, Wanted, WriteOnly

Keys = Mapping[Address, tuple[Any, ...] | None]
"""The natural keys of what is wanted, None while a part of one is unknown."""


@dataclass(slots=True)
class Snapshot:
    """What a target holds of the types that were read, and which object is which desired resource."""

    objects: dict[str, list[Observed]] = field(default_factory=dict)
    matched: dict[Address, Observed] = field(default_factory=dict)
    parts: dict[tuple[str, str], list[Observed]] = field(default_factory=dict)
    """The objects by type and by the Region in which they were looked for, "" being the org's own."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """Types that only the search for leftovers wanted, and why they could not be read."""

    def places(self) -> dict[int, str]:
        """Return the Region of each object that was found in another one than the org's, by its identity."""
        return {id(item): region for (_, region), found in self.parts.items() if region for item in found}

    def standing(self) -> Iterator[tuple[str, str, Observed]]:
        """Yield each object with its type and its Region, "" being the org's own and that of what is in none."""
        places = self.places()
        for type_, found in self.objects.items():
            for item in found:
                yield type_, place(type_, places.get(id(item), "")), item


@dataclass(frozen=True, slots=True)
class Again:
    """A second look: what the first one found, and the types of which that may no longer hold."""

    last: Snapshot
    types: frozenset[str]


def known_values(declaration: Declaration, values: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """Return the attributes of a desired resource that are certain whether it exists or not."""
    known = {k: v for k, v in values.items() if not unknown(v)}
    resource = declaration.resource
    if known.keys() != values.keys() or values != declaration.values:
        resource = resource.model_copy(update=dict(values))
    predicted = resource.predict(target.scope.at(declaration.address.region))
    return {**known, **{k: v for k, v in predicted.items() if not unknown(v)}}


def lookup(known: Mapping[Address, Mapping[str, Any]], reference: Reference) -> Any:
    """Return the value of a reference, None when it is not known yet."""
    return known.get(reference.address, {}).get(reference.attribute)


def refresh(
    desired: Desired, target: Target, state: State, *, every_type: bool = False, also: Collection[str] = (),
    again: Again | None = None, places: Collection[str] = (),
) -> Snapshot:  # fmt: skip
    """Read every type that matters, in the order in which types refer to one another.

    With `every_type`, all types of the catalogue are read: only so can objects be found that we own and that the spec
    no longer has; `also` names types that are read besides. Without a state all are read where there is a sign of us.
    Refused is raised for a type that the spec needs. With `again` only its types are read; what an earlier look found
    of the others still holds, and of a type that is refused now. `places` are Regions in which all that is read is
    looked for, besides those where something of it is meant to stand.
    """
    needed = _needed(desired, state)
    kept = set() if again is None else again.last.objects.keys() - again.types
    needed |= kept | (again.types if again is not None else set())
    reader, snapshot = Reader(target.systems, target.concurrency), Snapshot()
    known = {d.address: known_values(d, d.values, target) for d in desired}
    by_type: dict[str, list[Declaration]] = {}
    for declaration in desired:
        by_type.setdefault(declaration.address.type, []).append(declaration)
    regions = _regions(desired, state)
    for type_ in filter(regional, needed):
        regions[type_] = sorted({*regions.get(type_, ("",)), *places})
    results: dict[tuple[str, str], Callable[[], list[Observed]]] = {}

    def start(types: Iterable[str]) -> None:
        """Begin the reads of types whose keys are as well known as they will be."""
        parts = [(t, region) for t in types if t not in kept for region in regions.get(t, ("",))]
        wanted = {t: _wanted(by_type.get(t, ()), keys, state.ids(t)) for t, _ in parts}
        reads = (_read(t, region, target, wanted[t]) for t, region in parts)
        results.update(zip(parts, reader.run_all(reads), strict=True))

    layers = list(_layers(needed, target))
    keys = {d.address: _key(d, known) for d in desired}
    # What needs no other read is read first of all, the longest first, so that the target is never idle.
    certain = [t for layer in layers for t in layer if _certain(by_type.get(t, ()), keys)]
    start(sorted(certain, key=lambda t: -len(by_type.get(t, ()))))
    for layer in layers:
        later = [t for t in layer if t not in certain]
        keys.update((d.address, _key(d, known)) for type_ in later for d in by_type.get(type_, ()))
        start(later)
        parts = [(t, region) for t in layer for region in regions.get(t, ("",))]
        for part in parts:
            if part not in results:
                continue
            try:
                snapshot.parts[part] = results[part]()
            except Refused as refused:
                if again is None:
                    raise
                snapshot.unreadable[part[0]] = str(refused)
        for type_, region in parts:
            if (type_, region) not in snapshot.parts:
                snapshot.parts[type_, region] = again.last.parts.get((type_, region), []) if again else []
            objects, held = snapshot.parts[type_, region], snapshot.objects.setdefault(type_, [])
            held += [one for one in objects if one not in held] if held else objects
            here = [d for d in by_type.get(type_, ()) if d.address.region == region]
            found = match(here, objects, keys, state, known=known)
            snapshot.matched.update(found)
            for address, observed in found.items():
                known[address] = {**observed.fields, **known[address], **observed.outputs}
    if again is not None:
        return snapshot
    systems = _named(target) if every_type else set() if state.known else _signs(reader, target, snapshot)
    more = {t for t in catalogue() if t.partition(".")[0] in systems} | set(also)
    _read_leftovers(more - needed, reader, target, snapshot, places)
    return snapshot


def _needed(desired: Desired, state: State) -> set[str]:
    """Return the types of what is or was wanted, of what literals mean, and what is told with those."""
    needed = {d.address.type for d in desired} | {a.type for a in (*state.entries, *state.pending)}
    needed |= literal_types(desired)
    return needed | {type_ for type_, others in index().told_with.items() if needed.intersection(others)}


def _regions(desired: Desired, state: State) -> dict[str, list[str]]:
    """Return the Regions in which each type is looked for, "" being the org's own."""
    found: dict[str, set[str]] = {}
    for address in (*(d.address for d in desired), *state.entries, *state.pending):
        found.setdefault(address.type, {""}).add(address.region)
    return {type_: sorted(places) for type_, places in found.items()}


def _read(type_: str, region: str, target: Target, wanted: Wanted) -> Steps[list[Observed]]:
    return placed(catalogue()[type_].read(target.scope.at(region), wanted), region)


def _layers(types: Collection[str], target: Target) -> Iterator[list[str]]:
    for layer in levels():
        chosen = [t for t in layer if t in types and t.partition(".")[0] in target.systems]
        if chosen:
            yield chosen


def _read_leftovers(
    types: Collection[str], reader: Reader, target: Target, snapshot: Snapshot, places: Collection[str]
) -> None:
    """Read types that the spec does not need; one that the target refuses to show is noted."""
    for layer in _layers(types, target):
        parts = [(t, region) for t in layer for region in ("", *(sorted(places) if regional(t) else ()))]
        reads = (_read(t, region, target, Wanted()) for t, region in parts)
        for part, result in zip(parts, reader.run_all(reads), strict=True):
            try:
                snapshot.parts[part] = result()
            except Refused as refused:
                snapshot.unreadable["@".join(filter(None, part))] = str(refused)
            else:
                snapshot.objects.setdefault(part[0], []).extend(snapshot.parts[part])


def regional(type_: str) -> bool:
    """Tell whether objects of a type stand in a Region that must be asked for them."""
    system, service, *_ = type_.split(".")
    return system == "aws" and service not in worldwide()


def place(type_: str, region: str) -> str:
    """Return what of a Region tells objects of a type apart that have the same id: nothing where it has none."""
    return region if regional(type_) else ""


def _named(target: Target) -> set[str]:
    """Return the systems in which the spec names an account; elsewhere nothing can be ours."""
    scope = target.scope
    accounts = {"aws": scope.account, "cloudflare": scope.cloudflare_account, "okta": scope.okta_url}
    accounts |= {"auth0": scope.auth0_domain, "pagerduty": scope.pagerduty, "datadog": scope.datadog}
    accounts["github"] = scope.github_organization
    return {name for name in target.systems if accounts[name]}


def _signs(reader: Reader, target: Target, snapshot: Snapshot) -> set[str]:
    """Return the systems that hold something of ours, as far as one look tells.

    For AWS one read of the tagging API tells; elsewhere, whether the types that the spec needs have objects of ours.
    """
    systems = {t.partition(".")[0] for t, found in snapshot.objects.items() if any(o.owner for o in found)}
    if "aws" in target.systems and "aws" not in systems and reader.run(owned_tags(target.scope)):
        systems.add("aws")
    return systems


def _wanted(declared: Iterable[Declaration], keys: Keys, ids: frozenset[str]) -> Wanted:
    managed = {key: frozenset(d.values) for d in declared if (key := keys[d.address]) is not None}
    return Wanted(ids | {d.treatment.adopt for d in declared if d.treatment.adopt}, frozenset(managed), managed)


def _certain(declared: Iterable[Declaration], keys: Keys) -> bool:
    """Tell whether the keys of what is declared of a type are all known, so that no other read tells more of them."""
    return all(not d.resource.KEY or keys[d.address] is not None for d in declared)


def _key(declaration: Declaration, known: Mapping[Address, Mapping[str, Any]]) -> tuple[Any, ...] | None:
    """Return the natural key of a desired resource, None while a part of it is unknown."""
    names = declaration.resource.KEY
    if not names:
        return None
    key = tuple(resolve(declaration.values.get(n), lambda ref: lookup(known, ref)) for n in names)
    return None if any(unknown(part) for part in key) else key


def match(
    declared: Iterable[Declaration],
    objects: Collection[Observed],
    keys: Keys,
    state: State,
    *,
    known: Mapping[Address, Mapping[str, Any]] = MappingProxyType({}),
) -> dict[Address, Observed]:
    """Pair desired resources with objects: by ownership tag, by the id applied last or named, by natural key.

    Of several with our tag, one that need not be replaced comes first: a replacement that was cut short has made it.
    """
    found: dict[Address, Observed] = {}
    by_owner: dict[Address, list[Observed]] = {}
    for item in objects:
        if item.owner is not None:
            by_owner.setdefault(item.owner, []).append(item)
    by_id = {item.id: item for item in objects}
    taken: set[str] = set()
    rest = []
    for declaration in declared:
        former, adopt = declaration.treatment.former, declaration.treatment.adopt
        entry = state.of(declaration.address, former)
        ours = by_owner.get(declaration.address) or (by_owner.get(former) if former else None) or []
        owned = sorted(ours, key=lambda o: (entry is None or o.id != entry.id, o.id))
        if len(owned) > 1 and (declaration.resource.INCOMPLETE == "update" or declaration.address not in state.pending):
            owned.sort(key=partial(_misfits, declaration, known))
        last = by_id.get(entry.id) if entry else None
        choice = owned[0] if owned else (last if last and not declaration.resource.TAGGED else None)
        if choice is None and adopt:
            named = by_id.get(adopt)
            choice = named if named is not None and named.owner is None else None
        if choice is not None:
            found[declaration.address] = choice
            taken.add(choice.id)
        else:
            rest.append(declaration)
    if rest:
        by_key = _by_key(rest[0].resource.KEY, [o for o in objects if o.id not in taken])
        for declaration in rest:
            key = keys[declaration.address]
            same = by_key.get(key, []) if key is not None else []
            if same:
                found[declaration.address] = same.pop(0)
    return found


def _misfits(declaration: Declaration, known: Mapping[Address, Mapping[str, Any]], observed: Observed) -> bool:
    """Tell whether an object cannot become what is wanted without being replaced, as far as that is known."""
    class_ = type(declaration.resource)
    for name in class_.marked(Immutable) - class_.marked(Sensitive) - class_.marked(WriteOnly):
        wanted = resolve(declaration.values.get(name), lambda reference: lookup(known, reference))
        if wanted is not None and not unknown(wanted) and not class_.same(name, wanted, observed.fields.get(name)):
            return True
    return False


def _by_key(names: tuple[str, ...], objects: Iterable[Observed]) -> dict[tuple[Any, ...], list[Observed]]:
    grouped: dict[tuple[Any, ...], list[Observed]] = {}
    for item in objects:
        grouped.setdefault(tuple(item.fields.get(n) for n in names), []).append(item)
    return grouped
