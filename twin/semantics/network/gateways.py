"""What gateways do with packets: NAT gateways, endpoints, peerings, private gateways (`internet` has the rest).

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html,
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from twin.semantics.network import appliances, transitways
from twin.semantics.network.filters import through_acl
from twin.semantics.network.flow import Flow, Outcome, Translation
from twin.semantics.network.headers import ICMP, TCP, TRANSLATED_PORTS, UDP, block
from twin.semantics.network.internet import internet, internet_out, inward
from twin.semantics.network.intervals import Intervals

if TYPE_CHECKING:
    from twin.semantics.network.topology import Endpoint, NatGateway, Peering, Route, Subnet
    from twin.semantics.network.walk import Walk

    Place = tuple[str, Subnet | None]

NAT64 = IPv6Network("64:ff9b::/96")
"""Where IPv4 lies in IPv6 for a NAT gateway: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html"""
OUTSIDE = {
    "vgw": "a virtual private gateway",
    "lgw": "a local gateway",
    "cagw": "a carrier gateway",
    "arn:": "a core network",
}


def through(walk: Walk, flow: Flow, route: Route, place: Place) -> Iterator[Outcome]:
    """Follow packets to the target of a route."""
    topology, target = walk.topology, route.target
    if target in topology.internet_gateways or target.startswith(("igw-", "eigw-")):
        yield from internet_out(walk, flow, target, place[0])
    elif target in topology.nat_gateways:
        yield from translated(walk, flow, topology.nat_gateways[target], place)
    elif target in topology.endpoints:
        yield from through_endpoint(walk, flow, topology.endpoints[target], place)
    elif target in topology.peerings:
        yield from over_peering(walk, flow, topology.peerings[target], place[0])
    elif target.startswith("tgw-"):
        yield from transitways.out(walk, flow, target, place)
    elif target in topology.interfaces or target in topology.instances:
        yield from to_interface(walk, flow, target, place)
    else:
        yield _outside(walk, flow, target, place[0])


def _outside(walk: Walk, flow: Flow, target: str, vpc: str) -> Outcome:
    """End at a private gateway, beyond which nothing is observed, or at a target that was not observed at all."""
    gateway = walk.topology.vpn_gateways.get(target)
    if gateway is not None and vpc not in gateway.vpcs:
        return Outcome("null_routed", f"{target} is not attached to {vpc}", flow, target)
    kind = next((text for prefix, text in OUTSIDE.items() if target.startswith(prefix)), None)
    if kind is None:
        return Outcome("null_routed", f"the route's target {target} was not observed", flow, target)
    return Outcome("exits_network", f"through {target}, {kind}", flow.step(target, "leaves the network"), target)


def translated(walk: Walk, flow: Flow, nat: NatGateway, place: Place) -> Iterator[Outcome]:
    """Go through a NAT gateway: into its subnet, a new source, then by its own subnet's routes."""
    subnet = walk.topology.subnets.get(nat.subnet)
    entered = flow.entered("nat", nat.id)
    if not nat.available or nat.private is None or subnet is None:
        yield Outcome("null_routed", f"{nat.id} is not available", flow, nat.id)
        return
    if entered is None:
        yield Outcome("null_routed", f"the packets come back to {nat.id}: a circle", flow, nat.id)
        return
    for inside in _past_acl(walk, entered, subnet, place[1]):
        if isinstance(inside, Outcome):
            yield inside
            continue
        yield from _rewritten(walk, inside, nat, subnet)


def _rewritten(walk: Walk, flow: Flow, nat: NatGateway, subnet: Subnet) -> Iterator[Outcome]:
    version = flow.now.version
    dst = flow.now.dst
    remembered = Translation(nat.id, flow.now.src, flow.now.source_port, version)
    if version == 6:
        dst = (dst & block(NAT64)).shifted(-int(NAT64.network_address))
        if not dst:
            yield Outcome("denied_out", f"{nat.id} takes IPv6 only to {NAT64}", flow, nat.id)
            return
    assert nat.private is not None
    source = Intervals.point(int(nat.private))
    for protocols, ports in (((TCP, UDP), True), ((ICMP,), False)):
        kept = flow.now.protocol & Intervals.of((one, one) for one in protocols)
        if not kept:
            continue
        out = flow.narrowed(replace(flow.now, protocol=kept))
        fields = {"src": source} | ({"source_port": TRANSLATED_PORTS} if ports else {})
        fields |= {"dst": dst} if version == 6 else {}
        out = replace(out.rewritten(**fields), translations=(*out.translations, remembered), sender=None)
        out = out.as_version(4)
        yield from walk.leave(out.step(nat.id, "translates the source", f"to {nat.private}"), subnet)
    other = flow.now.protocol - Intervals.of((one, one) for one in (TCP, UDP, ICMP))
    if other:
        why = f"{nat.id} translates TCP, UDP and ICMP only"
        yield Outcome("denied_out", why, flow.narrowed(replace(flow.now, protocol=other)), nat.id)


def _past_acl(walk: Walk, flow: Flow, subnet: Subnet, origin: Subnet | None) -> Iterator[Flow | Outcome]:
    """Yield what gets into the subnet of a gateway's interface, and the refusals."""
    if origin is not None and origin.id == subnet.id:
        yield flow
        return
    passed, refused = through_acl(walk.index.acl(subnet.id), flow.now, egress=False)
    for piece, label in passed:
        yield flow.narrowed(piece).step(subnet.id, "enters", label)
    for piece, label in refused:
        yield Outcome("denied_in", label, flow.narrowed(piece), subnet.id)


def through_endpoint(walk: Walk, flow: Flow, endpoint: Endpoint, place: Place) -> Iterator[Outcome]:
    """Leave by a gateway endpoint to its service, or pass the appliances behind a Gateway Load Balancer's endpoint."""
    if not endpoint.available:
        yield Outcome("null_routed", f"{endpoint.id} is not available", flow, endpoint.id)
    elif endpoint.kind == "Gateway":
        out = flow.step(endpoint.id, "leaves the network")
        yield Outcome("exits_network", f"through {endpoint.id} to {endpoint.service}", out, endpoint.id)
    else:
        subnet = next((walk.topology.subnets[one] for one in endpoint.subnets if one in walk.topology.subnets), None)
        entered = flow.entered("endpoint", endpoint.id)
        if subnet is None or entered is None:
            yield Outcome("null_routed", f"{endpoint.id} leads nowhere, or in a circle", flow, endpoint.id)
            return
        for inside in _past_acl(walk, replace(entered, sender=None), subnet, place[1]):
            if isinstance(inside, Outcome):
                yield inside
            else:
                yield from walk.leave(inside.step(endpoint.id, "inspects"), subnet)


def over_peering(walk: Walk, flow: Flow, peering: Peering, vpc: str) -> Iterator[Outcome]:
    """Cross a peering connection: from one VPC's own addresses to the other's, never further."""
    if not peering.active:
        yield Outcome("null_routed", f"{peering.id} is not active", flow, peering.id)
        return
    other = peering.accepter if vpc == peering.requester else peering.requester
    mine = flow.now.src & walk.index.space(vpc, flow.now.version)
    if not mine:
        why = f"{peering.id} carries only packets from addresses of {vpc}: peering is not transitive"
        yield Outcome("null_routed", why, flow, peering.id)
        return
    flow = replace(flow.narrowed(replace(flow.now, src=mine)), way="peering").step(peering.id, "crosses")
    if other not in walk.topology.vpcs:
        yield Outcome("exits_network", f"through {peering.id} to {other}, which was not observed", flow, peering.id)
        return
    inside = flow.now.dst & walk.index.space(other, flow.now.version)
    if inside:
        yield from walk.into(flow.towards(inside), other, None)
    if flow.now.dst - inside:
        why = f"{peering.id} leads only to addresses of {other}: peering is not transitive"
        yield Outcome("null_routed", why, flow.towards(flow.now.dst - inside), peering.id)


def to_interface(walk: Walk, flow: Flow, target: str, place: Place) -> Iterator[Outcome]:
    """Hand packets to an interface that a route names, whatever their destination."""
    instance = walk.topology.instances.get(target)
    name = instance.interfaces[0] if instance and instance.interfaces else target
    interface = walk.topology.interfaces.get(name)
    subnet = walk.topology.subnets.get(interface.subnet) if interface else None
    if interface is None or subnet is None:
        yield Outcome("null_routed", f"the route's target {target} has no interface", flow, target)
        return
    for inside in _past_acl(walk, flow, subnet, place[1]):
        if isinstance(inside, Outcome):
            yield inside
        else:
            yield from appliances.routed_to(walk, inside, interface)


def entrance(walk: Walk, flow: Flow, gateway: str) -> Iterator[Outcome]:
    """Let packets in from behind a gateway; ValueError when it is none, or was not observed."""
    topology = walk.topology
    connection = topology.vpn_connections.get(gateway)
    gateway = connection.gateway if connection and not connection.gateway.startswith("tgw-") else gateway
    if gateway == "internet" or gateway in topology.internet_gateways:
        yield from internet(walk, flow)
        return
    flow = replace(flow, way="gateway")
    vpcs: tuple[str, ...] = ()
    if gateway in topology.vpn_gateways:
        vpcs = topology.vpn_gateways[gateway].vpcs
    elif gateway in topology.endpoints:
        vpcs = (topology.endpoints[gateway].vpc,)
    elif gateway in topology.peerings:
        ends = (topology.peerings[gateway].requester, topology.peerings[gateway].accepter)
        vpcs = tuple(vpc for vpc in ends if walk.index.space(vpc, flow.now.version) & flow.now.dst)
    elif routed := {t.vpc for t in topology.route_tables.values() if any(r.target == gateway for r in t.routes)}:
        vpcs = () if gateway in topology.transit_gateways else tuple(sorted(routed))
    if gateway.startswith("tgw-") or (not vpcs and gateway not in topology.vpn_gateways):
        yield from transitways.entrance(walk, flow, gateway)
        return
    if not vpcs:
        yield Outcome("no_route", f"{gateway} leads to no VPC", flow, gateway)
    for vpc in vpcs:
        yield from inward(walk, flow.step(gateway, "enters the VPC"), vpc, gateway)
