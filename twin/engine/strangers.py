"""Objects of the accounts that are not ours, and the members that belong to whoever owns them."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from twin.address import Address
from twin.engine.planner import Request, plan
from twin.engine.reader import Reader
from twin.resources.catalogue import catalogue
from twin.resources.resource import Observed, RefTo, Wanted

NAMES = ("name", "bucket", "login", "label", "domain", "alias", "identifier", "url")
LONGEST = 56
"""How long a name may be, with room for a number behind it."""
UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Stranger:
    """An object that is not ours, under the address that it would have."""

    address: Address
    observed: Observed


def strangers(request: Request, *, named: Callable[[str, str], str | None] = lambda *_: None) -> list[Stranger]:
    """Return the objects that a plan finds unmanaged; `named` gives (type, id) a name of its own."""
    ids = {(u.type, u.id) for u in plan(request).plan.unmanaged}
    taken = {d.address for d in request.desired} | set(request.state.entries)
    found: list[Stranger] = []
    for type_, objects in sorted(request.snapshot.objects.items()):
        for item in sorted(objects, key=lambda o: o.id):
            if (type_, item.id) in ids:
                address = _free(type_, named(type_, item.id) or _named_as(item), taken)
                taken.add(address)
                found.append(Stranger(address, item))
    return found


def _named_as(item: Observed) -> str:
    tags = item.fields.get("tags")
    given = tags.get("Name") if isinstance(tags, Mapping) else None
    return str(given or next((item.fields[n] for n in NAMES if item.fields.get(n)), item.id))


def _free(type_: str, text: str, taken: set[Address]) -> Address:
    """Return an address that nobody has, of a name like `text`."""
    base = UNFIT.sub("-", text)[:LONGEST].strip("-_") or "it"
    names = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    return next(a for a in (Address(type_, name) for name in names) if a not in taken)


class Members:
    """The members of objects, which belong to whoever owns these."""

    def __init__(self, request: Request, reader: Reader, every: Sequence[Stranger]) -> None:
        self.request, self.reader = request, reader
        self.known = {(s.address.type, s.observed.id): s for s in every}
        self.of: dict[tuple[str, str], list[Stranger]] = {}
        for stranger in every:
            if stranger.observed.member_of is not None:
                self.of.setdefault(stranger.observed.member_of, []).append(stranger)

    def along(self, chosen: Sequence[Stranger], without: Collection[Address]) -> list[Stranger]:
        """Return the chosen objects with their members, and with those that only an owner's read shows."""
        found = {(s.address.type, s.observed.id): s for s in chosen}
        waiting = list(chosen)
        for stranger in self._shown_to_owners(chosen):
            self.of.setdefault(stranger.observed.member_of or ("", ""), []).append(stranger)
        while waiting:
            parent = waiting.pop()
            for member in self.of.get((parent.address.type, parent.observed.id), ()):
                key = (member.address.type, member.observed.id)
                if key not in found and member.address not in without:
                    found[key] = member
                    waiting.append(member)
        return list(found.values())

    def _shown_to_owners(self, chosen: Sequence[Stranger]) -> Iterator[Stranger]:
        """Yield members of types that are read for owned or wanted objects only, as an access key is."""
        taken = {s.address for s in self.known.values()}
        for class_ in catalogue().values():
            markers = [m for name in class_.KEY for m in class_.model_fields[name].metadata]
            types = {type_ for m in markers if isinstance(m, RefTo) for type_ in m.types}
            parents = {s.observed.id for s in chosen if s.address.type in types}
            if not parents or class_.TYPE.partition(".")[0] not in self.request.target.systems:
                continue
            keys = frozenset((id_, *[None] * (len(class_.KEY) - 1)) for id_ in parents)
            for item in self.reader.run(class_.read(self.request.target.scope, Wanted(keys=keys))):
                unseen = (class_.TYPE, item.id) not in self.known and not item.builtin
                if unseen and item.member_of is not None and item.member_of[1] in parents:
                    address = _free(class_.TYPE, _named_as(item), taken)
                    taken.add(address)
                    yield Stranger(address, item)

    def missing(self, rest: Sequence[Stranger]) -> dict[Address, str]:
        """Return the objects of which a member is not taken over, with what would be lost."""
        mine = {(s.address.type, s.observed.id) for s in rest}
        found = {}
        for stranger in rest:
            for member in self.of.get((stranger.address.type, stranger.observed.id), ()):
                if (member.address.type, member.observed.id) not in mine:
                    lost = f"{member.address.type} {member.observed.id}"
                    found[stranger.address] = f"its {lost} cannot come along, and would be removed"
        return found
