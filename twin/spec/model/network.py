"""The network: one VPC, its tiers of subnets over the zones, and what may pass."""

from collections.abc import Iterator
from itertools import combinations
from typing import Literal

from pydantic import Field

from twin.spec.model.reference import SecurityGroup, Tier
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import Cidr, Days, Name, PortRange, Text

Protocol = Literal["tcp", "udp", "icmp", "all"]


class SubnetTier(Section):
    """One subnet per zone, all of one kind."""

    exposure: Literal["public", "private", "isolated"] = "private"
    """`public` routes to the internet, `private` out through NAT, `isolated` nowhere."""
    prefix: int | None = Field(default=None, ge=16, le=28)
    """The prefix length of each subnet, when the blocks are chosen automatically."""
    cidrs: tuple[Cidr, ...] = ()
    """The blocks, one per zone; chosen automatically when absent."""


class FlowLogs(Section):
    """A record of the network's traffic."""

    retention: Days
    """How long the log is kept."""
    traffic: Literal["all", "accept", "reject"] = "all"
    """Which traffic is recorded."""


class AclRule(Section):
    """One stateless rule."""

    action: Literal["allow", "deny"] = "allow"
    """What happens to matching packets."""
    protocol: Protocol = "tcp"
    """Which packets match."""
    ports: PortRange | None = None
    """Which ports match; all when absent."""
    cidr: Cidr
    """The other side's addresses."""


class Acl(Section):
    """A stateless filter at the edge of subnets; rules are tried in order."""

    tiers: tuple[Tier, ...] = Field(min_length=1)
    """The tiers that it guards."""
    ingress: tuple[AclRule, ...] = ()
    """Rules for packets that come in."""
    egress: tuple[AclRule, ...] = ()
    """Rules for packets that go out."""


class SecurityRule(Section):
    """What a security group lets pass."""

    ports: PortRange | None = None
    """Which ports; all when absent."""
    protocol: Protocol = "tcp"
    """Which protocol."""
    cidr: Cidr | None = None
    """The other side's addresses."""
    group: SecurityGroup | None = None
    """The other side's security group."""
    description: Text | None = None
    """Why."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a rule without exactly one other side."""
        if (self.cidr is None) == (self.group is None):
            yield Problem("TW0214", (), "a rule names either `cidr` or `group`")


class SecurityGroupIntent(Section):
    """A stateful filter on network interfaces."""

    description: Text
    """What it is for."""
    ingress: tuple[SecurityRule, ...] = ()
    """What may come in."""
    egress: tuple[SecurityRule, ...] = ()
    """What may go out; nothing else."""


class Network(Section):
    """One VPC."""

    cidr: Cidr
    """Its block, /16 to /28."""
    azs: int = Field(default=3, ge=1, le=6)
    """How many availability zones it spans."""
    subnets: dict[Name, SubnetTier] = Field(min_length=1)
    """Tiers of subnets by name, such as public, private and data."""
    nat: Literal["per-az", "single", "none"] = "per-az"
    """NAT gateways: one per zone, one for all, or none."""
    endpoints: tuple[Text, ...] = ()
    """AWS services reached privately, such as s3, dynamodb, ecr.api."""
    flow_logs: FlowLogs | None = None
    """A record of the traffic."""
    acls: dict[Name, Acl] = Field(default_factory=dict)
    """Network ACLs by name."""
    security_groups: dict[Name, SecurityGroupIntent] = Field(default_factory=dict)
    """Security groups by name, besides those that parts of the org bring along."""
    reserved: dict[Name, Cidr] = Field(default_factory=dict)
    """Blocks used elsewhere (other VPCs, offices) that this VPC must not overlap."""

    def problems(self) -> Iterator[Problem]:
        """Refuse blocks that overlap or lie outside, and tiers that cannot reach what they should."""
        if not 16 <= self.cidr.prefixlen <= 28:
            yield Problem("TW0201", ("cidr",), f"a VPC's block is /16 to /28, not /{self.cidr.prefixlen}")
        for name, block in self.reserved.items():
            if block.overlaps(self.cidr):
                yield Problem("TW0302", ("cidr",), f"{self.cidr} overlaps {block}, which is reserved for {name}")
        yield from self.subnet_problems()
        tiers = self.subnets.values()
        if self.nat != "none" and not any(tier.exposure == "public" for tier in tiers):
            advice = "give one tier `exposure: public`, or set `nat: none`"
            yield Problem("TW0214", ("nat",), "NAT gateways need a public tier", advice)
        guarded = [(tier, name) for name, acl in self.acls.items() for tier in acl.tiers]
        for (tier, first), (other, second) in combinations(guarded, 2):
            if tier == other:
                yield Problem("TW0304", ("acls", second, "tiers"), f"the tier {tier} already has the ACL {first}")

    def subnet_problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the blocks that subnets are given."""
        given = [(n, i, block) for n, tier in self.subnets.items() for i, block in enumerate(tier.cidrs)]
        for name, tier in self.subnets.items():
            if tier.cidrs and len(tier.cidrs) != self.azs:
                message = f"{len(tier.cidrs)} blocks for {self.azs} zones"
                yield Problem("TW0214", ("subnets", name, "cidrs"), message, "give one block per zone")
            if tier.cidrs and tier.prefix is not None:
                yield Problem("TW0214", ("subnets", name, "prefix"), "`prefix` is for blocks chosen automatically")
        for name, index, block in given:
            if not block.subnet_of(self.cidr):
                place = ("subnets", name, "cidrs", index)
                yield Problem("TW0303", place, f"{block} is not inside the VPC's block {self.cidr}")
        for (first, _, block), (name, index, other) in combinations(given, 2):
            if block.overlaps(other):
                place = ("subnets", name, "cidrs", index)
                yield Problem("TW0302", place, f"{other} overlaps {block} of the tier {first}")
