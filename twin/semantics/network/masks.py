"""Bitsets over all addresses of a topology, and what security groups say as such bitsets."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

from twin.semantics.network.filters import referable, unguarded
from twin.semantics.network.headers import Version, block
from twin.semantics.network.index import Index
from twin.semantics.network.intervals import EMPTY, Intervals, networks
from twin.semantics.network.services import Service
from twin.semantics.network.topology import Interface, Permission, SecurityGroup

VERSIONS: tuple[Version, ...] = (4, 6)


@dataclass(frozen=True, slots=True)
class Slot:
    """One address of an interface, and its bit: the n-th addresses of all interfaces make up the n-th stretch."""

    interface: Interface
    address: int
    version: Version
    bit: int


class Masks:
    """The bitsets of one topology, each worked out once."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.width = len(index.topology.interfaces)
        self.slots = list(self._slots())
        self._all: dict[Hashable, int] = defaultdict(int)
        self.balancers: list[Slot] = []
        self.plain = 0
        self._by_address: dict[tuple[str, Version], list[tuple[int, int]]] = defaultdict(list)
        for slot in self.slots:
            self._enlist(slot)
        self._bounds = {version: sorted(self._boundaries(version)) for version in VERSIONS}
        self._spaces: dict[Hashable, Intervals] = {}
        self._memo: dict[Hashable, int] = {}
        self._inward: dict[tuple[Service, Version], tuple[dict[Intervals, int], dict[str, int]]] = {}
        for (subnet, version), listed in self._by_address.items():
            listed.sort()
            self._all["subnet", subnet, version] = sum(bit for _, bit in listed)

    def _slots(self) -> Iterator[Slot]:
        for number, interface in enumerate(self.index.topology.interfaces.values()):
            for stretch, held in enumerate(interface.addresses):
                bit = 1 << (stretch * self.width + number)
                yield Slot(interface, int(held.address), held.address.version, bit)

    def _enlist(self, slot: Slot) -> None:
        interface = slot.interface
        for group in ("",) if unguarded(interface) else interface.groups:
            self._all["group", group, slot.version] |= slot.bit
        self._all["vpc", interface.vpc] |= slot.bit
        self._by_address[interface.subnet, slot.version].append((slot.address, slot.bit))
        balancer = self.index.balancer_at.get(interface.id)
        if balancer is not None and balancer.listeners:
            self.balancers.append(slot)
        elif self.running(interface) and interface.kind != "nat_gateway":
            self.plain |= slot.bit

    def _boundaries(self, version: Version) -> set[int]:
        topology = self.index.topology
        blocks = [entry.block for acl in topology.acls.values() for entry in acl.entries]
        blocks += [one for g in topology.groups.values() for p in (*g.ingress, *g.egress) for one in p.blocks]
        pairs = [pair for one in set(blocks) if one.version == version for pair in block(one).pairs]
        return {low for low, _ in pairs} | {high + 1 for _, high in pairs}

    def running(self, interface: Interface) -> bool:
        """Whether the interface sends and answers."""
        instance = self.index.instance_at.get(interface.id)
        return interface.attached if instance is None else instance.state in ("running", "pending")

    def atom(self, slot: Slot) -> int:
        """Return the class of addresses that no rule's block tells apart."""
        return bisect_right(self._bounds[slot.version], slot.address)

    def alone(self, subnet: str) -> bool:
        """Whether a subnet holds something that routes lead to, so that its packets cross no ACL to get there."""
        return any(
            not interface.checked or interface.kind == "nat_gateway"
            for held in self.index.held[subnet].values()
            for interface, _ in held.values()
        )

    def network_class(self, slot: Slot) -> tuple[Hashable, ...]:
        """Return the class of subnets that routes and ACLs treat alike."""
        subnet = self.index.topology.subnets[slot.interface.subnet]
        table, acl = self.index.route_table(subnet.id), self.index.acl(subnet.id)
        own = subnet.id if self._memoed(("alone", subnet.id), lambda: int(self.alone(subnet.id))) else ""
        names = (table.id if table else "", acl.id if acl else "")
        key = (subnet.vpc, *names, subnet.zone, own, slot.version)
        told = ("joined", key, subnet.id)
        if told not in self._memo:
            self._memo[told] = 1
            space = self.index.subnet_space(subnet, slot.version)
            self._spaces[key] = self._spaces.get(key, EMPTY) | space
        return key

    def class_space(self, slot: Slot) -> Intervals:
        """Return the addresses of all subnets of the slot's class."""
        key = self.network_class(slot)
        whole = ("whole", key)
        if whole not in self._memo:
            self._memo[whole] = 1
            for other in self.slots:
                if other.version == slot.version and other.interface.vpc == slot.interface.vpc:
                    self.network_class(other)
        return self._spaces[key]

    def held_space(self, version: Version) -> Intervals:
        """Return the addresses of all subnets."""
        key = ("held", version)
        if key not in self._spaces:
            blocks = [one for subnet in self.index.topology.subnets.values() for one in subnet.cidrs]
            self._spaces[key] = networks(blocks, version)
        return self._spaces[key]

    def _memoed(self, key: Hashable, work: Callable[[], int]) -> int:
        if key not in self._memo:
            self._memo[key] = work()
        return self._memo[key]

    def neighbours(self, slot: Slot) -> int:
        """Return the addresses in the slot's own subnet."""
        return self._all["subnet", slot.interface.subnet, slot.version]

    def in_subnet(self, subnet: str, dst: Intervals, version: Version) -> int:
        """Return the addresses of a subnet that are in a set."""
        space = self.index.subnet_space(self.index.topology.subnets[subnet], version)
        if dst == space:
            return self._all["subnet", subnet, version]
        return sum(bit for address, bit in self._by_address[subnet, version] if address in dst)

    def in_blocks(self, space: Intervals, version: Version) -> int:
        """Return the addresses of one version in a set."""
        key = ("blocks", space, version)
        if key not in self._memo:
            self._memo[key] = sum(s.bit for s in self.slots if s.version == version and s.address in space)
        return self._memo[key]

    def let_out(self, slot: Slot, service: Service) -> int:
        """Return the addresses to which the sender's groups let a service out."""
        key = ("out", unguarded(slot.interface), slot.interface.vpc, slot.interface.groups, slot.version, service)
        if key not in self._memo:
            self._memo[key] = self._let_out(slot, service)
        return self._memo[key]

    def _let_out(self, slot: Slot, service: Service) -> int:
        vpc, version = slot.interface.vpc, slot.version
        if unguarded(slot.interface):
            return self.in_blocks(Intervals.span(0, 2**128), version)
        near = self._all["vpc", vpc]
        for other in referable(self.index, vpc):
            near |= self._all["vpc", other]
        row = 0
        for permission in self._permissions(slot.interface.groups, egress=True):
            if service.meets(permission.match):
                row |= self.in_blocks(networks(permission.blocks, version), version)
                for group in permission.groups:
                    row |= self._all["group", group, version] & near
        return row

    def _permissions(self, names: tuple[str, ...], *, egress: bool) -> Iterator[Permission]:
        for name in names:
            group: SecurityGroup | None = self.index.topology.groups.get(name)
            if group is not None:
                yield from group.egress if egress else group.ingress

    def _inwards(self, service: Service, version: Version) -> tuple[dict[Intervals, int], dict[str, int]]:
        """Return who lets a service in: by blocks of sources, and by groups referred to."""
        if (service, version) not in self._inward:
            blocks: dict[Intervals, int] = defaultdict(int)
            groups: dict[str, int] = defaultdict(int)
            for group in self.index.topology.groups.values():
                members = self._all["group", group.id, version]
                for permission in group.ingress if members else ():
                    if service.meets(permission.match):
                        blocks[networks(permission.blocks, version)] |= members
                        for other in permission.groups:
                            groups[other] |= members
            self._inward[service, version] = (dict(blocks), dict(groups))
        return self._inward[service, version]

    def let_in(self, slot: Slot, service: Service, way: str | None, source: int | None = None) -> int:
        """Return the addresses whose groups let a service in from this address; no way: references do not hold."""
        blocks, groups = self._inwards(service, slot.version)
        address = slot.address if source is None else source
        key = ("in", service, slot.version, bisect_right(self._bounds[slot.version], address))
        if key not in self._memo:
            row = self._all["group", "", slot.version]
            for space, members in blocks.items():
                if address in space:
                    row |= members
            self._memo[key] = row
        row = self._memo[key]
        if way is None:
            return row
        referring = 0
        for group in slot.interface.groups:
            referring |= groups.get(group, 0)
        return row | (referring & self._referring(slot.interface.vpc, way)) if referring else row

    def _referring(self, origin: str, way: str) -> int:
        """Return the addresses at which references to groups of a VPC hold, by the way that packets came."""
        key = ("referring", origin, way)
        if key not in self._memo:
            row = self._all["vpc", origin]
            for vpc in self.index.topology.vpcs:
                if vpc != origin and origin in referable(self.index, vpc, way):
                    row |= self._all["vpc", vpc]
            self._memo[key] = row
        return self._memo[key]

    def folded(self, row: int) -> int:
        """Return a bitset of addresses as one of interfaces."""
        found = 0
        stretch = (1 << self.width) - 1
        while row:
            found |= row & stretch
            row >>= self.width
        return found
