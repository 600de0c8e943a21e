"""The narrowest change that leaves no way: the fewest statements, and of equal numbers those that bind the fewest."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from twin.analysis.reach.answers import Ground
from twin.analysis.reach.estate import named_in
from twin.analysis.reach.hops import Path
from twin.analysis.reach.reach import Reach
from twin.observe.iam.org import Document, Door, Group, Identity, Managed, Member, Object, Thing

MOST = 4
"""Statements that are tried together; a way that needs more has no narrow break."""
AT_ONCE = 5
_ORDER = ("membership", "assertion", "identity", "resource", "trust")
"""Where equal numbers are bound, the rather of the layers: what a role is for is touched last."""


@dataclass(frozen=True, slots=True)
class Break:
    """Statements whose removal leaves no way; `cuts` tells of each how many of the ways that were looked at use it."""

    grounds: tuple[Ground, ...]
    cuts: tuple[int, ...]
    ways: int


def narrowest_break(reach: Reach, start: str, goal: str) -> Break | None:
    """Return the narrowest change that leaves no way from a principal to a goal; None when there is none so narrow.

    The least set of statements that meets every way known so far is taken away; where a way is left, it becomes known
    too, and so on: what is returned was tried on the whole org.
    """
    known: list[frozenset[Ground]] = []
    chosen: tuple[Ground, ...] = ()
    while True:
        ways = without(reach, chosen).paths(start, goal, limit=AT_ONCE)
        if not ways:
            cuts = tuple(sum(ground in way for way in known) for ground in chosen)
            return Break(chosen, cuts, len(known))
        fresh = [_breakable(reach, way) for way in ways]
        if not all(fresh):
            return None
        known += [one for one in fresh if one not in known]
        found = _least(known, reach)
        if found is None or found == chosen:
            return None
        chosen = found


def _breakable(reach: Reach, way: Path) -> frozenset[Ground]:
    """Return the statements of a way that stand in the org; what the way itself wrote does not."""
    grounds = (ground for hop in way for ground in hop.grounds)
    return frozenset(ground for ground in grounds if _removal(reach.estate.objects.get, ground) is not None)


def _least(known: Sequence[frozenset[Ground]], reach: Reach) -> tuple[Ground, ...] | None:
    cost = {ground: (_bound(reach, ground), _ORDER.index(ground.layer)) for way in known for ground in way}
    candidates = sorted(cost, key=lambda ground: (cost[ground], str(ground)))
    for size in range(1, MOST + 1):
        found = [one for one in combinations(candidates, size) if all(way & set(one) for way in known)]
        if found:
            return min(
                found, key=lambda grounds: [sum(parts) for parts in zip(*(cost[one] for one in grounds), strict=True)]
            )
    return None


def _bound(reach: Reach, ground: Ground) -> int:
    """Return how many principals a statement speaks for."""
    identities = reach.estate.all_identities()
    if ground.layer == "identity" and ground.arn and not _amazons(ground.arn):
        groups = {one.arn for listed in reach.estate.groups.values() for one in listed if ground.arn in one.attached}
        return sum(ground.arn in one.attached or not groups.isdisjoint(one.groups) for one in identities)
    owner = reach.estate.objects.get(ground.owner)
    if isinstance(owner, Group):
        return sum(owner.arn in one.groups for one in identities)
    if ground.layer == "assertion":
        return _people(reach, ground.owner)
    if ground.layer == "trust" and isinstance(owner, Identity):
        doors = (one for listed in reach.estate.doors.values() for one in listed)
        through = sum(_people(reach, one.holder) for one in doors if one.role == owner.arn)
        return max(1, through) + sum(len(reach.estate.identities.get(name, ())) for name in named_in(owner.trust))
    return 1


def _people(reach: Reach, holder: str) -> int:
    """Return how many people a group of Okta has, one for a person."""
    return sum(one.group == holder for listed in reach.estate.members.values() for one in listed) or 1


def _amazons(arn: str) -> bool:
    return ":iam::aws:" in arn


def without(reach: Reach, grounds: Iterable[Ground]) -> Reach:
    """Return the reach after statements are taken away; policies that AWS keeps are detached."""
    changed: dict[str, Object] = {}
    gone: set[str] = set()

    def current(key: str) -> Object | None:
        return changed.get(key) or reach.estate.objects.get(key)

    for ground in grounds:
        new = _removal(current, ground)
        if isinstance(new, Member | Door):
            gone.add(new.key)
        elif new is not None:
            changed[new.key] = new
    return reach.update(*changed.values(), gone=gone)


def _removal(current: Callable[[str], Object | None], ground: Ground) -> Object | None:
    """Return the object without a statement, None when no object has it; a membership or a door is what goes itself."""
    if ground.layer in ("membership", "assertion"):
        return current(ground.arn)
    owner = current(ground.owner)
    if ground.layer == "trust" and isinstance(owner, Identity):
        return replace(owner, trust=_emptied(owner.trust, ground.place))
    if ground.layer == "resource" and isinstance(owner, Thing):
        return replace(owner, policy=_emptied(owner.policy, ground.place))
    if ground.layer != "identity" or not isinstance(owner, Identity | Group):
        return None
    if not ground.arn:
        if all(one.name != ground.policy for one in owner.inline):
            return None
        return replace(owner, inline=tuple(_inline(owner.inline, ground)))
    if _amazons(ground.arn):
        left = tuple(arn for arn in owner.attached if arn != ground.arn)
        return replace(owner, attached=left) if left != owner.attached else None
    policy = current(ground.arn)
    if not isinstance(policy, Managed) or ground.arn not in owner.attached:
        return None
    versions = dict(policy.versions) | {policy.default: _emptied(policy.text, ground.place)}
    return replace(policy, versions=tuple(versions.items()))


def _inline(documents: Collection[Document], ground: Ground) -> Iterable[Document]:
    for one in documents:
        yield Document(one.name, _emptied(one.text, ground.place)) if one.name == ground.policy else one


def _emptied(written: str, place: int) -> str:
    """Return a document in which one statement speaks of no action; the others keep their places."""
    document = json.loads(written)
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    kept = {key: value for key, value in listed[place].items() if key not in ("Action", "NotAction")}
    listed[place] = {**kept, "Action": "none:None"}
    return json.dumps({**document, "Statement": listed}, separators=(",", ":"))
