"""Objects of the accounts that are not ours, and the members that belong to whoever owns them."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from twin.address import Address
from twin.engine.planner import Request, plan
from twin.engine.reader import Reader
from twin.resources.call import placed
from twin.resources.catalogue import catalogue
from twin.resources.resource import Observed, RefTo, Wanted

NAMES = ("name", "bucket", "login", "label", "domain", "alias", "identifier", "url")
LONGEST = 56
"""How long a name may be, with room for a number behind it."""
UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
Key = tuple[str, str, str]
"""A type, an id and a Region, "" being the org's own: ids of two Regions may be the same."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """An object that is not ours, under the address that it would have."""

    address: Address
    observed: Observed


def strangers(request: Request, *, named: Callable[[str, Observed], str | None] = lambda *_: None) -> list[Stranger]:
    """Return the objects that a plan finds unmanaged, in whichever Region; `named` gives one a name of its own."""
    ours = {(c.address.type, c.id, c.address.region) for c in plan(request).plan.changes}
    taken = {d.address for d in request.desired} | set(request.state.entries)
    found: list[Stranger] = []
    places = request.snapshot.places()
    for type_, objects in sorted(request.snapshot.objects.items()):
        for item in sorted(objects, key=lambda o: (places.get(id(o), ""), o.id)):
            region = places.get(id(item), "")
            if (type_, item.id, region) not in ours and not item.builtin:
                address = _free(type_, named(type_, item) or _named_as(item), taken, region=region)
                taken.add(address)
                found.append(Stranger(address, item))
    return found


def _named_as(item: Observed) -> str:
    tags = item.fields.get("tags")
    given = tags.get("Name") if isinstance(tags, Mapping) else None
    return str(given or next((item.fields[n] for n in NAMES if item.fields.get(n)), item.id))


def _free(type_: str, text: str, taken: set[Address], *, region: str) -> Address:
    """Return an address that nobody has, of a name like `text`, in a Region."""
    base = UNFIT.sub("-", text)[:LONGEST].strip("-_") or "it"
    names = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    place = f"@{region}" if region else ""
    return next(a for a in (Address(type_, name + place) for name in names) if a not in taken)


class Members:
    """The members of objects, which belong to whoever owns these."""

    def __init__(self, request: Request, reader: Reader, every: Sequence[Stranger]) -> None:
        self.request, self.reader = request, reader
        self.known = {_key(s): s for s in every}
        self.of: dict[Key, list[Stranger]] = {}
        for stranger in every:
            if stranger.observed.member_of is not None:
                self.of.setdefault(_owner(stranger), []).append(stranger)

    def along(self, chosen: Sequence[Stranger], without: Collection[Address]) -> list[Stranger]:
        """Return the chosen objects with their members, and with those that only an owner's read shows."""
        found = {_key(s): s for s in chosen}
        waiting = list(chosen)
        for stranger in self._shown_to_owners(chosen):
            self.of.setdefault(_owner(stranger), []).append(stranger)
        while waiting:
            for member in self.of.get(_key(waiting.pop()), ()):
                if _key(member) not in found and member.address not in without:
                    found[_key(member)] = member
                    waiting.append(member)
        return list(found.values())

    def _shown_to_owners(self, chosen: Sequence[Stranger]) -> Iterator[Stranger]:
        """Yield members of types that are read for owned or wanted objects only, as an access key is."""
        taken = {s.address for s in self.known.values()}
        for region in sorted({s.address.region for s in chosen}):
            yield from self._shown_in(region, [s for s in chosen if s.address.region == region], taken)

    def _shown_in(self, region: str, chosen: Sequence[Stranger], taken: set[Address]) -> Iterator[Stranger]:
        for class_ in catalogue().values():
            markers = [m for name in class_.KEY for m in class_.model_fields[name].metadata]
            types = {type_ for m in markers if isinstance(m, RefTo) for type_ in m.types}
            parents = {s.observed.id for s in chosen if s.address.type in types}
            if not parents or class_.TYPE.partition(".")[0] not in self.request.target.systems:
                continue
            keys = frozenset((id_, *[None] * (len(class_.KEY) - 1)) for id_ in parents)
            scope = self.request.target.scope.at(region)
            for item in self.reader.run(placed(class_.read(scope, Wanted(keys=keys)), region)):
                unseen = (class_.TYPE, item.id, region) not in self.known and not item.builtin
                if unseen and item.member_of is not None and item.member_of[1] in parents:
                    address = _free(class_.TYPE, _named_as(item), taken, region=region)
                    taken.add(address)
                    yield Stranger(address, item)

    def missing(self, rest: Sequence[Stranger]) -> dict[Address, str]:
        """Return the objects of which a member is not taken over, with what would be lost."""
        mine = {_key(s) for s in rest}
        found = {}
        for stranger in rest:
            for member in self.of.get(_key(stranger), ()):
                if _key(member) not in mine:
                    lost = f"{member.address.type} {member.observed.id}"
                    found[stranger.address] = f"its {lost} cannot come along, and would be removed"
        return found


def _key(stranger: Stranger) -> Key:
    return stranger.address.type, stranger.observed.id, stranger.address.region


def _owner(member: Stranger) -> Key:
    """Return the key of the object to which a member belongs, which stands in the same Region."""
    type_, id_ = member.observed.member_of or ("", "")
    return type_, id_, member.address.region
