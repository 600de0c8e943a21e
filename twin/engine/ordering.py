"""Puts changes into the execution graph: who must wait for whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from twin.address import Address
from twin.engine.circles import without_circles
from twin.engine.graph import needs
from twin.engine.plan import Change
from twin.resources.catalogue import catalogue, rank, users
from twin.resources.declaration import Desired

REMOVES = frozenset({"delete", "replace"})


def ordered(changes: Iterable[Change], desired: Desired) -> list[Change]:
    """Return the changes with the keys for which each waits.

    `after`: creating and updating wait for what is referred to; deleting waits for the removal or the update of
    whatever refers to it, by the spec's own references where both ends are in the spec and by the types' references
    elsewhere. A replacement makes the new object first, so that users move over before the old one goes, unless both
    would need the same name; then, and for what it drags along, the removal comes first and `removal_after` names the
    removals among its users.
    """
    wanted = needs(desired)
    items = _create_first(list(changes), wanted)
    crowd = _Crowd(desired, items, wanted)
    placed = []
    for change in items:
        if change.action == "delete":
            placed.append(replace(change, after=_keys(change, crowd.users(change))))
            continue
        before = [crowd.by_address[other] for other in wanted[change.address] if other in crowd.by_address]
        users = crowd.users(change) if change.action == "replace" else ()
        removal = [u for u in users if change.create_first or u.action in REMOVES]
        placed.append(replace(change, after=_keys(change, before), removal_after=_keys(change, removal)))
    return without_circles(placed, desired)


def _create_first(items: list[Change], wanted: Mapping[Address, Sequence[Address]]) -> list[Change]:
    """Decide for each replacement which half comes first; `items` has what is in the spec in the spec's order."""
    removed_first: set[Address] = set()
    decided = []
    for change in items:
        if change.action == "replace":
            key = catalogue()[change.address.type].KEY
            same_name = bool(key) and not any(d.field in key for d in change.differences)
            dragged = not removed_first.isdisjoint(wanted[change.address])
            if same_name or dragged:
                removed_first.add(change.address)
            change = replace(change, create_first=not (same_name or dragged))
        decided.append(change)
    return decided


def _keys(change: Change, others: Iterable[Change]) -> tuple[str, ...]:
    return tuple(sorted({o.key for o in others if o.writes} - {change.key}))


@dataclass(slots=True)
class _Crowd:
    """Finds the changes of the resources that refer to a resource."""

    desired: Desired
    items: Sequence[Change]
    wanted: Mapping[Address, Sequence[Address]]
    by_address: dict[Address, Change] = field(init=False)
    declared: dict[Address, set[Address]] = field(init=False)
    stray: dict[str, list[Change]] = field(init=False)
    of_type: dict[str, list[Change]] = field(init=False)
    types: Mapping[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_address = {c.address: c for c in self.items if not c.surplus}
        self.types = _type_users()
        self.declared = defaultdict(set)
        for address, others in self.wanted.items():
            for other in others:
                self.declared[other].add(address)
        self.stray, self.of_type = defaultdict(list), defaultdict(list)
        for change in self.items:
            if change.writes and change.action != "create":
                self.of_type[change.address.type].append(change)
                if not self._in_spec(change):
                    self.stray[change.address.type].append(change)

    def _in_spec(self, change: Change) -> bool:
        return change.address in self.desired and not change.surplus

    def users(self, change: Change) -> Iterable[Change]:
        """Yield the changes of what refers to a resource, or may."""
        own = self._in_spec(change)
        if own:
            yield from (self.by_address[a] for a in self.declared.get(change.address, ()) if a in self.by_address)
        for type_ in self.types.get(change.address.type, ()):
            yield from (self.stray if own else self.of_type).get(type_, ())


def _type_users() -> dict[str, list[str]]:
    """Return, for each type, the types that refer to it and come later in the types' own order."""
    place = rank()
    return {name: sorted(u for u in found if place[u] > place[name]) for name, found in users().items()}
