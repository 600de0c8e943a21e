"""The way of a set of packets through subnets and VPCs; gateways are followed in `gateways` and `transitways`."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

from twin.semantics.network import appliances, gateways
from twin.semantics.network.filters import through_acl, through_groups
from twin.semantics.network.flow import Flow, Outcome, Translation
from twin.semantics.network.headers import Version, subtract
from twin.semantics.network.index import Index, Place, own
from twin.semantics.network.intervals import Intervals, networks
from twin.semantics.network.routes import chosen, route_label
from twin.semantics.network.topology import Interface, Route, RouteTable, Subnet

Outcomes = Iterator[Outcome]

SERVICES = networks((ip_network(one) for one in ("169.254.169.253/32", "169.254.169.254/32", "169.254.169.123/32")), 4)
"""Resolver, metadata and time: neither groups nor ACLs filter them.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
"""
SERVICES_6 = networks((ip_network(one) for one in ("fd00:ec2::253/128", "fd00:ec2::254/128", "fd00:ec2::123/128")), 6)


class Walk:
    """Follows flows through one topology.

    `tracked` names the interfaces whose security groups remember the connection (replies pass), `translations` are
    what NAT gateways remember of it. With `filtering` off, packets end at the subnet, before any security group.
    """

    def __init__(
        self,
        index: Index,
        *,
        tracked: frozenset[str] = frozenset(),
        translations: tuple[Translation, ...] = (),
        filtering: bool = True,
    ) -> None:
        self.index = index
        self.topology = index.topology
        self.tracked = tracked
        self.translations = translations
        self.filtering = filtering

    def emit(self, flow: Flow, interface: Interface) -> Outcomes:
        """Send packets out of an interface."""
        instance = self.index.instance_at.get(interface.id)
        flow = replace(flow, sender=interface, zone=self._zone(interface.subnet))
        if instance is not None and instance.state not in ("running", "pending"):
            yield Outcome("neighbor_unreachable", f"{instance.id} is {instance.state} and sends nothing", flow)
            return
        if not interface.attached:
            yield Outcome("neighbor_unreachable", f"{interface.id} is attached to nothing", flow, interface.id)
            return
        flow = flow.step(interface.id, "sends")
        if interface.checked:
            mine = flow.now.src & own([interface], flow.now.version)
            if not mine:
                why = f"{interface.id} may only send from its own addresses (source/destination check)"
                yield Outcome("denied_out", why, flow, interface.id)
                return
            flow = flow.narrowed(replace(flow.now, src=mine))
        if flow.now.dst & own([interface], flow.now.version) == flow.now.dst:
            yield Outcome("accepted", "its own address; the packet never leaves", flow, interface.id)
            return
        if flow.now.dst & self._services(interface.vpc, flow.now.version) == flow.now.dst:
            yield Outcome("accepted", "a service of the VPC itself; no filter applies", flow, interface.vpc)
            return
        for passed in self.filtered(flow, interface, egress=True):
            if isinstance(passed, Outcome):
                yield passed
            else:
                yield from self.leave(passed, self.topology.subnets[interface.subnet])

    def filtered(self, flow: Flow, interface: Interface, *, egress: bool) -> Iterator[Flow | Outcome]:
        """Yield what the interface's security groups let pass, and what they do not."""
        if interface.id in self.tracked:
            yield flow.step(interface.id, "tracked", "reply of a tracked connection")
            return
        flow = replace(flow, filtered=flow.filtered | {interface.id})
        rest = [flow.now]
        for passed, label in through_groups(self.index, flow, interface, egress=egress):
            for piece in [one & passed for one in rest]:
                if piece:
                    yield flow.narrowed(piece).step(interface.id, "allows", label)
            rest = subtract(rest, passed)
        for piece in rest:
            side = "egress" if egress else "ingress"
            why = f"no {side} rule of {', '.join(interface.groups) or 'any told group'} at {interface.id} allows it"
            yield Outcome("denied_out" if egress else "denied_in", why, flow.narrowed(piece), interface.id)

    def leave(self, flow: Flow, subnet: Subnet) -> Outcomes:
        """Carry packets from inside a subnet: to neighbours directly, to others past the ACL and the route table."""
        inside = flow.now.dst & self.index.subnet_space(subnet, flow.now.version)
        if inside:
            yield from self.deliver(flow.towards(inside), subnet)
        outside = flow.now.dst - inside
        if not outside:
            return
        passed, refused = through_acl(self.index.acl(subnet.id), flow.towards(outside).now, egress=True)
        for piece, label in passed:
            yield from self.routed(flow.narrowed(piece).step(subnet.id, "leaves", label), subnet)
        for piece, label in refused:
            yield Outcome("denied_out", label, flow.narrowed(piece), subnet.id)

    def routed(self, flow: Flow, subnet: Subnet) -> Outcomes:
        """Decide by the subnet's route table."""
        table = self.index.route_table(subnet.id)
        if table is None:
            yield from self.without_table(flow, subnet)
            return
        yield from self.by_table(flow, table, subnet)

    def without_table(self, flow: Flow, subnet: Subnet) -> Outcomes:
        """Decide where no route table was observed: the local route is in every one."""
        local = flow.now.dst & self.index.space(subnet.vpc, flow.now.version)
        if local:
            yield from self.into(flow.towards(local), subnet.vpc, subnet)
        if flow.now.dst - local:
            why = f"no route table was observed for {subnet.id}"
            yield Outcome("no_route", why, flow.towards(flow.now.dst - local), subnet.id)

    def by_table(self, flow: Flow, table: RouteTable, subnet: Subnet | None) -> Outcomes:
        """Decide by a route table, of a subnet or of a gateway."""
        entered = flow.entered("table", table.id + (subnet.id if subnet else ""))
        if entered is None:
            yield Outcome("null_routed", f"the packets come back to {table.id}: a circle", flow, table.id)
            return
        rest = flow.now.dst
        for dst, route in chosen(table.routes, flow.now.dst, flow.now.version):
            rest = rest - dst
            label = route_label(table.id, route)
            yield from self._follow(entered.towards(dst).step(table.id, "routes", label), route, table.vpc, subnet)
        if rest:
            yield Outcome("no_route", f"{table.id} has no route", flow.towards(rest), table.id)

    def _follow(self, flow: Flow, route: Route, vpc: str, subnet: Subnet | None) -> Outcomes:
        if not route.active:
            why = f"the route {route.label} -> {route.target} is a blackhole"
            yield Outcome("null_routed", why, flow, route.target)
        elif route.target == "local":
            yield from self.into(flow, vpc, subnet)
        else:
            yield from gateways.through(self, flow, route, (vpc, subnet))

    def into(self, flow: Flow, vpc: str, subnet: Subnet | None) -> Outcomes:
        """Carry packets inside a VPC to the subnets that hold their destinations."""
        rest = flow.now.dst
        for other in self.index.subnets_of.get(vpc, ()):
            inside = rest & self.index.subnet_space(other, flow.now.version)
            if inside:
                rest = rest - inside
                yield from self.enter(flow.towards(inside), other, subnet)
                if not rest:
                    return
        if rest:
            yield Outcome("null_routed", f"no subnet of {vpc} holds the address", flow.towards(rest), vpc)

    def enter(self, flow: Flow, subnet: Subnet, from_subnet: Subnet | None) -> Outcomes:
        """Carry packets into a subnet, past its ACL unless they are in it already."""
        if from_subnet is not None and from_subnet.id == subnet.id:
            yield from self.deliver(flow, subnet)
            return
        passed, refused = through_acl(self.index.acl(subnet.id), flow.now, egress=False)
        for piece, label in passed:
            yield from self.deliver(flow.narrowed(piece).step(subnet.id, "enters", label), subnet)
        for piece, label in refused:
            yield Outcome("denied_in", label, flow.narrowed(piece), subnet.id)

    def deliver(self, flow: Flow, subnet: Subnet) -> Outcomes:
        """Hand packets to the interfaces of a subnet that hold their destinations."""
        if not self.filtering:
            yield Outcome("accepted", "arrives in the subnet", flow, subnet.id)
            return
        rest = flow.now.dst
        for interface, mine in self._holders(flow, subnet):
            rest = rest - mine
            yield from self.hand(flow.towards(mine), interface)
        if rest:
            why = f"no interface in {subnet.id} has the address"
            yield Outcome("neighbor_unreachable", why, flow.towards(rest), subnet.id)

    def hand(self, flow: Flow, interface: Interface) -> Outcomes:
        """Hand packets to one interface, past its security groups."""
        instance = self.index.instance_at.get(interface.id)
        if instance is not None and instance.state not in ("running", "pending"):
            why = f"{instance.id} is {instance.state} and answers nothing"
            yield Outcome("neighbor_unreachable", why, flow, interface.id)
            return
        if not interface.attached:
            yield Outcome("neighbor_unreachable", f"{interface.id} is attached to nothing", flow, interface.id)
            return
        for passed in self.filtered(flow, interface, egress=False):
            if isinstance(passed, Outcome):
                yield passed
            else:
                yield from appliances.received(self, passed, interface)

    def _holders(self, flow: Flow, subnet: Subnet) -> Iterator[tuple[Interface, Intervals]]:
        held: dict[int, Place] = self.index.held[subnet.id][flow.now.version]
        if flow.now.dst.single:
            place = held.get(flow.now.dst.lowest)
            if place is not None:
                yield place[0], flow.now.dst
            return
        found: dict[str, tuple[Interface, list[tuple[int, int]]]] = {}
        for value, (interface, _) in held.items():
            if value in flow.now.dst:
                found.setdefault(interface.id, (interface, []))[1].append((value, value))
        for interface, pairs in found.values():
            yield interface, Intervals.of(pairs)

    def _services(self, vpc: str, version: Version) -> Intervals:
        """Return the VPC's own services: link-local ones, and the resolver at its first block plus two."""
        if version == 6:
            return SERVICES_6
        found = self.topology.vpcs.get(vpc)
        return SERVICES | Intervals.of((int(one[2]), int(one[2])) for one in (found.cidrs if found else ())[:1])

    def _zone(self, subnet: str) -> str:
        found = self.topology.subnets.get(subnet)
        return found.zone if found else ""
