"""Lookups over a topology that reachability asks for again and again, each made once."""

from collections import defaultdict
from collections.abc import Iterable

from twin.semantics.network.headers import Version
from twin.semantics.network.intervals import EMPTY, Intervals, networks
from twin.semantics.network.topology import (
    Held,
    Instance,
    Interface,
    InternetGateway,
    NetworkAcl,
    RouteTable,
    Subnet,
    Topology,
)

Place = tuple[Interface, Held]


class Index:
    """A topology, ready to be asked; it answers for one topology and never changes it."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.subnets_of: dict[str, list[Subnet]] = defaultdict(list)
        self.held: dict[str, dict[int, dict[int, Place]]] = defaultdict(lambda: {4: {}, 6: {}})
        self.public: dict[int, Place] = {}
        self.members: dict[str, list[Interface]] = defaultdict(list)
        self.peers: dict[str, set[str]] = defaultdict(set)
        self._spaces: dict[tuple[str, int], Intervals] = {}
        self._members: dict[tuple[str, str, int], Intervals] = {}
        for subnet in topology.subnets.values():
            self.subnets_of[subnet.vpc].append(subnet)
        for interface in topology.interfaces.values():
            self._add(interface)
        self._tables()
        self._gateways()

    def _add(self, interface: Interface) -> None:
        for group in interface.groups:
            self.members[group].append(interface)
        for held in interface.addresses:
            self.held[interface.subnet][held.address.version][int(held.address)] = (interface, held)
            if held.public:
                self.public[int(held.public)] = (interface, held)

    def _tables(self) -> None:
        self.table_of: dict[str, RouteTable] = {}
        self.main_table: dict[str, RouteTable] = {}
        for table in self.topology.route_tables.values():
            if table.main:
                self.main_table[table.vpc] = table
            self.table_of.update(dict.fromkeys((*table.subnets, *table.gateways), table))
        self.acl_of: dict[str, NetworkAcl] = {}
        self.default_acl: dict[str, NetworkAcl] = {}
        for acl in self.topology.acls.values():
            if acl.default:
                self.default_acl[acl.vpc] = acl
            self.acl_of.update(dict.fromkeys(acl.subnets, acl))

    def _gateways(self) -> None:
        self.internet_of: dict[str, InternetGateway] = {}
        for gateway in self.topology.internet_gateways.values():
            if not gateway.egress_only:
                self.internet_of.update(dict.fromkeys(gateway.vpcs, gateway))
        for peering in self.topology.peerings.values():
            if peering.active:
                self.peers[peering.requester].add(peering.accepter)
                self.peers[peering.accepter].add(peering.requester)
        self.nat_at = {
            (nat.subnet, int(nat.private)): nat
            for nat in self.topology.nat_gateways.values()
            if nat.private is not None
        }
        self.balancer_at = {
            interface: balancer
            for balancer in self.topology.load_balancers.values()
            for interface in balancer.interfaces
        }
        self.instance_at: dict[str, Instance] = {
            interface: instance for instance in self.topology.instances.values() for interface in instance.interfaces
        }

    def route_table(self, subnet: str) -> RouteTable | None:
        """Return the subnet's own route table, else its VPC's main one."""
        return self.table_of.get(subnet) or self.main_table.get(self.topology.subnets[subnet].vpc)

    def acl(self, subnet: str) -> NetworkAcl | None:
        """Return the subnet's own network ACL, else its VPC's default one; None when none was observed."""
        return self.acl_of.get(subnet) or self.default_acl.get(self.topology.subnets[subnet].vpc)

    def space(self, vpc: str, version: Version) -> Intervals:
        """Return the addresses of a VPC."""
        key = (vpc, version)
        if key not in self._spaces:
            found = self.topology.vpcs.get(vpc)
            self._spaces[key] = networks(found.cidrs, version) if found else EMPTY
        return self._spaces[key]

    def subnet_space(self, subnet: Subnet, version: Version) -> Intervals:
        """Return the addresses of a subnet."""
        key = (subnet.id, version)
        if key not in self._spaces:
            self._spaces[key] = networks(subnet.cidrs, version)
        return self._spaces[key]

    def addresses(self, group: str, vpc: str, version: Version) -> Intervals:
        """Return the private addresses of a security group's members in a VPC; a reference means these."""
        key = (group, vpc, version)
        if key not in self._members:
            self._members[key] = own((member for member in self.members.get(group, ()) if member.vpc == vpc), version)
        return self._members[key]


def own(interfaces: Iterable[Interface], version: Version) -> Intervals:
    """Return the addresses that the interfaces themselves hold."""
    return Intervals.of(
        (int(held.address), int(held.address))
        for interface in interfaces
        for held in interface.addresses
        if held.address.version == version
    )
