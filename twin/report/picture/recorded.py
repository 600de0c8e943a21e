"""The picture of an org by how its resources stand at an instant of a recording, and what is lost at that instant."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from twin.engine.plan import Change
from twin.report.picture.boxes import Box, Line, Marks, Picture, Stroke
from twin.scenario.recording.recording import Recording

VPC, SUBNET, GROUP, TABLE = "aws.ec2.vpc", "aws.ec2.subnet", "aws.ec2.security_group", "aws.ec2.route_table"
KINDS = {
    VPC: "vpc", SUBNET: "subnet", "aws.ec2.internet_gateway": "gateway", "aws.ec2.nat_gateway": "nat",
    "aws.ec2.vpc_endpoint": "endpoint", "aws.elbv2.load_balancer": "balancer", "aws.autoscaling.group": "fleet",
    "aws.eks.cluster": "cluster", "aws.eks.node_group": "nodes", "aws.rds.instance": "database",
    "aws.rds.replica": "database", "aws.rds.cluster_instance": "database",
}  # fmt: skip
"""What is drawn, and as what."""
BETWEEN = ("aws.rds.subnet_group", "aws.ec2.launch_template")
"""What is not drawn itself: whatever refers to it has what it refers to."""
INTERNET = "internet"
LOSSES = ("zone", "region", "host")
"""What is lost with all that stands there; lost capacity takes nothing that runs."""


@dataclass(frozen=True)
class Instant:
    """How each resource stands at an instant, and what is lost then: pairs of `zone`, `region`, `host` and a name."""

    stands: Mapping[str, Change]
    references: Mapping[str, Sequence[tuple[str, str]]]
    region: str
    lost: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @cached_property
    def drawn(self) -> Mapping[str, Change]:
        """What is drawn, by address."""
        return {key: one for key, one in self.stands.items() if one.address.type in KINDS and not one.surplus}

    def ends(self, key: str, type_: str) -> list[str]:
        """Return what of a type a resource refers to, by itself or by what is between them, each once."""
        found: dict[str, None] = {}
        for there, _ in self.references.get(key, ()):
            other = self.stands.get(there)
            if other is None:
                continue
            if other.address.type == type_:
                found[there] = None
            elif other.address.type in BETWEEN:
                found.update(dict.fromkeys(self.ends(there, type_)))
        return list(found)

    def subnets(self, key: str) -> list[str]:
        """Return the subnets that a resource is in; a replica stands where its source may."""
        found = self.ends(key, SUBNET)
        for source in () if found else self.ends(key, "aws.rds.instance"):
            found = self.subnets(source)
        return found

    def vpc(self, key: str) -> str:
        """Return the VPC that a resource is in, empty when that is not known."""
        own = self.ends(key, VPC) or [vpc for subnet in self.subnets(key) for vpc in self.ends(subnet, VPC)]
        own = own or [vpc for table in self.ends(key, TABLE) for vpc in self.ends(table, VPC)]
        return own[0] if own else ""

    def zone(self, key: str) -> str:
        """Return the one zone that a resource stands in, empty when it is in several or in none."""
        one = self.stands[key]
        told = one.observed.get("availability_zone") or one.fields.get("availability_zone")
        if told or one.address.type == SUBNET:
            return str(told or "")
        zones = {self.zone(subnet) for subnet in self.subnets(key)}
        return zones.pop() if len(zones) == 1 else ""


def instant(recording: Recording, t: float) -> Instant:
    """Return an instant of a recording."""
    stands = {key: thing for key, thing in recording.at(t).items() if isinstance(thing, Change)}
    return Instant(stands, recording.references, recording.scope.region, lost_at(recording.journal, t))


def lost_at(journal: Iterable[Mapping[str, Any]], t: float) -> frozenset[tuple[str, str]]:
    """Return what a journal has as lost and not restored by an instant."""
    found: set[tuple[str, str]] = set()
    for line in journal:
        what, _, became = str(line["event"]).partition(".")
        if line["t"] <= t and what in LOSSES and became in ("lost", "restored"):
            one = (what, str(line.get("facts", {}).get("name", "")))
            (found.add if became == "lost" else found.discard)(one)
    return frozenset(found)


def standing(now: Instant) -> Picture:
    """Draw the org of an instant: the internet, and each VPC with its subnets and what is in them."""
    within: dict[str, list[str]] = defaultdict(list)
    for key, one in now.drawn.items():
        if one.address.type != VPC:
            subnets = now.subnets(key)
            place = subnets[0] if len(subnets) == 1 else now.vpc(key)
            within[place if place in now.drawn else ""].append(key)
    vpcs = [key for key, one in now.drawn.items() if one.address.type == VPC]
    inside = tuple(_box(now, key, within) for key in (*vpcs, *within[""]))
    outside = Box("outside", "strip", "", inside=(Box(INTERNET, "internet", "internet", "everyone else"),), way="row")
    root = Box("org", "org", "org", inside=(outside, *inside), way="column")
    return Picture(root, tuple(dict.fromkeys(_lines(now))), _homes(now))


def _box(now: Instant, key: str, within: Mapping[str, list[str]]) -> Box:
    one = now.drawn[key]
    inside = tuple(_box(now, other, within) for other in within.get(key, ()))
    detail = ", ".join(word for word in (one.address.region, now.zone(key), _said(one)) if word)
    return Box(key, KINDS[one.address.type], one.address.name, detail, inside)


def _said(one: Change) -> str:
    said = {"no-op": "as the spec says", "create": "not there", "update": "changed", "replace": "another kind"}
    return said.get(one.action, one.action)


def _homes(now: Instant) -> dict[str, str]:
    found = {INTERNET: INTERNET}
    for key, one in now.drawn.items():
        names = (key, one.id, one.outputs.get("arn"), one.observed.get("name"))
        found.update((str(name), key) for name in names if name)
    return found


def _lines(now: Instant) -> Iterator[Line]:
    wearers: dict[str, list[str]] = defaultdict(list)
    for key, one in now.drawn.items():
        for group in now.ends(key, GROUP):
            wearers[group].append(key)
        if one.address.type == "aws.ec2.internet_gateway":
            yield Line(INTERNET, key, "route")
        if one.address.type == "aws.elbv2.load_balancer" and not one.fields.get(
            "internal", one.observed.get("internal")
        ):
            yield Line(INTERNET, key, "traffic")
        if one.address.type == "aws.ec2.nat_gateway":
            yield from (Line(key, gateway, "route") for gateway in now.ends(key, "aws.ec2.internet_gateway"))
        if one.address.type == "aws.rds.replica":
            yield from (Line(source, key, "replication") for source in now.ends(key, "aws.rds.instance"))
        if one.address.type == "aws.eks.node_group":
            yield from (Line(cluster, key, "private") for cluster in now.ends(key, "aws.eks.cluster"))
        if len(subnets := now.subnets(key)) > 1:
            yield from (Line(subnet, key, "private") for subnet in subnets)
    yield from _routes(now)
    for group, lets in now.references.items():
        froms = [there for there, name in lets if name == "ingress" and there != group]
        pairs = ((start, end) for other in froms for start in wearers[other] for end in list(wearers[group]))
        yield from (Line(start, end, _kind(now, end)) for start, end in pairs if start != end)


def _routes(now: Instant) -> Iterator[Line]:
    for key, one in now.stands.items():
        if one.address.type == TABLE:
            goals = [there for there, name in now.references.get(key, ()) if name == "routes" and there in now.drawn]
            yield from (Line(subnet, goal, "route") for subnet in now.ends(key, SUBNET) for goal in goals)


def _kind(now: Instant, end: str) -> Stroke:
    return "data" if KINDS[now.drawn[end].address.type] == "database" else "traffic"


def marks_at(now: Instant, picture: Picture) -> Marks:
    """Mark what is lost, or not there though the spec wants it; what is hurt by that; and what drifted."""
    dead = {key for key, one in now.drawn.items() if one.action == "create" or _lost(now, key, picture)}
    hurt = {key for key in now.drawn if any(subnet in dead for subnet in now.subnets(key))}
    hurt |= {line.start for line in picture.lines if line.kind == "route" and line.end in dead}
    hurt |= {line.end for line in picture.lines if line.kind == "replication" and line.start in dead}
    hurt -= dead | {INTERNET}
    changed = {key for key, one in now.drawn.items() if one.action in ("update", "replace")} - dead - hurt
    lost = ", ".join(f"{what} {name} lost" for what, name in sorted(now.lost))
    told = lost or ("not as the spec says" if dead or changed else "")
    return Marks(told, dead=frozenset(dead), hurt=frozenset(hurt), changed=frozenset(changed))


def _lost(now: Instant, key: str, picture: Picture) -> bool:
    """Tell whether a resource is lost; a database of several zones has another host to go on with."""
    one, zone = now.drawn[key], now.zone(key)
    several = len(now.subnets(key)) > 1
    region = one.address.region or now.region
    if ("region", region) in now.lost:
        return True
    hosts = {picture.home(name) for what, name in now.lost if what == "host"}
    return key in hosts or (
        bool(zone) and ("zone", zone) in now.lost and not (several and one.observed.get("multi_az"))
    )
