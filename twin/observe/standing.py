"""Interfaces that must be there and were not told: of balancers, databases and functions.

AWS keeps an interface for each of them in its subnets. A store may tell none of these, and a saved folder may lack
them. Such an interface gets a free address at the end of its subnet, and, where it is reached from the internet, a
public one out of 198.18.0.0/15, which no network has (https://www.rfc-editor.org/rfc/rfc2544#appendix-C.2.2).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import address, objects, texts
from twin.semantics.network.topology import Held, Interface, Subnet
from twin.semantics.network.workloads import Database, Function

NOWHERE = IPv4Network("198.18.0.0/15")


class Standing:
    """Makes the interfaces, each with an address that nobody else has; `notes` say which."""

    def __init__(self, subnets: Mapping[str, Subnet], interfaces: Mapping[str, Interface]) -> None:
        self.subnets, self.interfaces = subnets, dict(interfaces)
        self.notes: list[str] = []
        self._public = 0
        self._taken: dict[str, set[int]] = defaultdict(set)
        for one in interfaces.values():
            self._taken[one.subnet] |= {int(held.address) for held in one.addresses}

    def balancers(self, snapshot: Snapshot) -> None:
        """Stand in for the interfaces of load balancers."""
        told = {one.description for one in self.interfaces.values()}
        for item in snapshot.of("LoadBalancers"):
            suffix = str(item.data.get("LoadBalancerArn") or "").partition(":loadbalancer/")[2]
            if not suffix or f"ELB {suffix}" in told:
                continue
            name = str(item.data.get("LoadBalancerName") or suffix)
            open_ = item.data.get("Scheme") != "internal" and item.data.get("Type") != "gateway"
            for zone in objects(item, item.data, "AvailabilityZones"):
                one = self._made(name, str(zone.get("SubnetId") or ""), texts(item, "SecurityGroups"), public=open_)
                if one is not None:
                    self._add(_where_told(item, zone, replace(one, description=f"ELB {suffix}")))

    def databases(self, found: Mapping[str, Database]) -> dict[str, Database]:
        """Stand in for the interfaces of databases, in the subnets of the zones in which they are."""
        return {name: one if one.interfaces else self._database(one) for name, one in found.items()}

    def _database(self, one: Database) -> Database:
        held = {name: self.subnets[name] for name in one.subnets if name in self.subnets}
        here = [name for name, subnet in held.items() if {subnet.zone_name, subnet.zone} & set(one.zones)]
        ends = self._all(one.id, here or held, one.groups, public=one.public)
        return replace(one, interfaces=tuple(end.id for end in ends))

    def functions(self, found: Mapping[str, Function]) -> dict[str, Function]:
        """Stand in for the interfaces of functions, one in each of their subnets."""
        return {
            name: one
            if one.interfaces
            else replace(
                one, interfaces=tuple(end.id for end in self._all(one.id, one.subnets, one.groups, public=False))
            )
            for name, one in found.items()
        }

    def _all(self, name: str, subnets: Iterable[str], groups: tuple[str, ...], *, public: bool) -> Iterator[Interface]:
        for subnet in subnets:
            one = self._made(name, subnet, groups, public=public)
            if one is not None:
                yield self._add(one)

    def _made(self, name: str, where: str, groups: tuple[str, ...], *, public: bool) -> Interface | None:
        subnet = self.subnets.get(where)
        block = next((one for one in subnet.cidrs if isinstance(one, IPv4Network)), None) if subnet else None
        if subnet is None or block is None:
            self.notes.append(f"{name}: its subnet {where} was not told, or has no IPv4 block")
            return None
        last = int(block.broadcast_address) - 1
        taken = self._taken[where]
        inside = next((one for one in range(last, int(block.network_address), -1) if one not in taken), last)
        taken.add(inside)
        held = Held(IPv4Address(inside), self._outside() if public else None)
        return Interface(f"eni-of-{name}-{subnet.zone_name or where}", subnet.vpc, where, (held,), groups)

    def _outside(self) -> IPv4Address:
        self._public += 1
        return NOWHERE[self._public]

    def _add(self, one: Interface) -> Interface:
        if one.id in self.interfaces:
            one = replace(one, id=f"{one.id}-{one.subnet}")
        self.interfaces[one.id] = one
        self.notes.append(f"{one.id} was not told; it is taken to stand in {one.subnet} at {one.addresses[0].address}")
        return one


def _where_told(item: Item, zone: Mapping[str, object], one: Interface) -> Interface:
    """Give a balancer's interface the addresses that the balancer itself tells."""
    held = list(one.addresses)
    for told in objects(item, zone, "LoadBalancerAddresses"):
        private, public = told.get("PrivateIPv4Address"), told.get("IpAddress")
        inside = address(item, private) if private else held[0].address
        held[0] = Held(inside, address(item, public) if public else held[0].public)
        if told.get("IPv6Address"):
            held.append(Held(address(item, told["IPv6Address"])))
    return replace(one, addresses=tuple(held))
