"""Which changes of a plan are carried out when only some are asked for, and what follows for the others."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from twin.address import Address
from twin.engine.choice import Choice
from twin.engine.graph import needs
from twin.engine.plan import Change, LeftOut
from twin.errors import UsageError
from twin.resources.declaration import Desired
from twin.resources.reference import references
from twin.spec.suggest import suggestion

BY_NAME, UNASKED = "left out by name", "not asked for"


def meets(pattern: str, address: Address) -> bool:
    """Tell whether a pattern means an address."""
    text = str(address)
    return fnmatchcase(text, pattern) or text.startswith(f"{pattern}.")


def may_mean(pattern: str, type_: str) -> bool:
    """Tell whether a pattern may mean an address of a type."""
    sure = pattern.partition("*")[0]
    return type_.startswith(sure) or sure.startswith(f"{type_}.")


def narrowed(
    changes: Sequence[Change], desired: Desired, choice: Choice, *, members: Mapping[str, Address]
) -> tuple[list[Change], tuple[LeftOut, ...]]:
    """Return the changes that are carried out, and those that are left out with the reason.

    What stays as it is remains in the plan. With `only`, what is chosen brings what it needs. What cannot be done
    because something that it needs is left out is left out too, and so is the removal of an undeclared one of the
    `members`, by key with its owner, where that is left out. UsageError for a pattern that means nothing.
    """
    if not choice:
        return list(changes), ()
    for pattern in (*choice.only, *choice.without):
        if not any(meets(pattern, c.address) for c in changes):
            known = [str(c.address) for c in changes]
            raise UsageError(f"nothing in the plan is {pattern}: {suggestion(pattern, known)}")
    pending = {c.key: c for c in changes if c.writes}
    links = _Links(desired, pending, needs(desired))
    chosen = {k for k, c in pending.items() if not choice.only or any(meets(p, c.address) for p in choice.only)}
    out = {k: BY_NAME for k, c in pending.items() if any(meets(p, c.address) for p in choice.without)}
    chosen = _spread(chosen, links.needs)
    for key in sorted(chosen):
        if (blocked := _first_out(key, links.needs, out)) is not None:
            out.setdefault(key, f"needs {blocked}")
    for key, owner in members.items():
        if str(owner) in out or any(meets(p, owner) for p in choice.without):
            out.setdefault(key, f"belongs to {owner}")
    kept = chosen - out.keys()
    left = {k: out.get(k, UNASKED) for k in pending if k not in kept}
    return (
        [c for c in changes if not c.writes or c.key in kept],
        tuple(LeftOut(k, pending[k].action, why) for k, why in sorted(left.items())),
    )


@dataclass(slots=True)
class _Links:
    """What a pending change needs of other pending ones."""

    desired: Desired
    pending: Mapping[str, Change]
    wanted: Mapping[Address, Collection[Address]]

    def needs(self, key: str) -> Iterator[str]:
        """Yield the keys of the changes without which this one cannot be carried out."""
        change = self.pending[key]
        if change.action != "delete":
            yield from self._referred(change)
        if change.action in ("replace", "delete"):
            yield from self._users(change.address)

    def _referred(self, change: Change) -> Iterator[str]:
        """Yield what is still to be made, or to change in the very attribute that is referred to."""
        # A reference that was resolved to a value needs what it was resolved from all the same.
        referred = list(references(self.desired[change.address].values))
        for reference in referred:
            other = self.pending.get(str(reference.address))
            if other is None or other.key == change.key:
                continue
            if other.action in ("create", "replace") or reference.attribute in other.changed:
                yield other.key
        for address in set(self.wanted[change.address]) - {reference.address for reference in referred}:
            proof = self.pending.get(str(address))
            if proof is not None and proof.action in ("create", "replace"):
                yield proof.key

    def _users(self, address: Address) -> Iterator[str]:
        """Yield those that must move over, or go, before what they refer to goes."""
        for declaration in self.desired:
            key = str(declaration.address)
            if key in self.pending and any(r.address == address for r in declaration.references):
                yield key


def _spread(start: Collection[str], needs: Callable[[str], Iterable[str]]) -> set[str]:
    """Return the keys and all that they need."""
    found, waiting = set(start), list(start)
    while waiting:
        for key in needs(waiting.pop()):
            if key not in found:
                found.add(key)
                waiting.append(key)
    return found


def _first_out(key: str, needs: Callable[[str], Iterable[str]], out: Mapping[str, str]) -> str | None:
    """Return the first thing left out by name that a change needs, through whatever lies between."""
    if key in out:
        return None
    reached = _spread({key}, needs)
    return min((k for k in reached if out.get(k) == BY_NAME), default=None)
