"""Where a group's instances go and which go first: pure decisions over its zones and members."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Member:
    """An instance of a group, as far as its place in line goes."""

    id: str
    zone: str
    launched: datetime
    version: int
    protected: bool


def places(counts: Mapping[str, int], count: int) -> list[str]:
    """Return the zones of `count` new instances: each goes where the fewest are, the first named at a tie."""
    running = dict(counts)
    chosen = []
    for _ in range(count if running else 0):
        zone = min(running, key=lambda name: running[name])
        running[zone] += 1
        chosen.append(zone)
    return chosen


def lacking(counts: Mapping[str, int], zones: Iterable[str]) -> list[str]:
    """Return the zones that need one more instance each for the group to be balanced, once per missing instance.

    A group is balanced when its zones differ by at most one and none of it is outside of them.
    """
    inside = {zone: counts.get(zone, 0) for zone in zones}
    outside = sum(number for zone, number in counts.items() if zone not in inside)
    needed = places(inside, outside)
    inside.update(Counter(inside) + Counter(needed))
    while inside and max(inside.values()) - min(inside.values()) > 1:
        low, high = min(inside, key=lambda z: inside[z]), max(inside, key=lambda z: inside[z])
        inside[low] += 1
        inside[high] -= 1
        needed.append(low)
    return needed


def victims(
    members: Sequence[Member], count: int, *, zones: Iterable[str], policies: Sequence[str] = ()
) -> list[Member]:
    """Return who is terminated: from outside of the zones first, then from the fullest zone, protected ones never.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
    """
    inside, left, chosen = set(zones), list(members), []
    for _ in range(count):
        open_ = [member for member in left if not member.protected]
        if not open_:
            break
        full = Counter(member.zone for member in left)
        zone = max(
            dict.fromkeys(m.zone for m in open_),
            key=lambda name: (name not in inside, full[name], _age(open_, name)),
        )
        victim = _first([member for member in open_ if member.zone == zone], policies)
        left.remove(victim)
        chosen.append(victim)
    return chosen


def _age(members: Iterable[Member], zone: str) -> float:
    return -min(member.launched.timestamp() for member in members if member.zone == zone)


def _first(candidates: Sequence[Member], policies: Sequence[str]) -> Member:
    named = next((policy for policy in policies if policy in ("NewestInstance", "OldestInstance")), "Default")
    if named == "NewestInstance":
        return max(candidates, key=lambda member: (member.launched, member.id))
    if named == "OldestInstance":
        return min(candidates, key=lambda member: (member.launched, member.id))
    return min(candidates, key=lambda member: (member.version, member.launched, member.id))
