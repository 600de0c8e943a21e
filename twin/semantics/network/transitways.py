"""The way through transit gateways: association decides which table, the table decides which attachment.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html and …/tgw/tgw-nacls.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from twin.semantics.network.filters import through_acl
from twin.semantics.network.flow import Flow, Outcome
from twin.semantics.network.headers import block
from twin.semantics.network.transit import Attachment, TransitRoute

if TYPE_CHECKING:
    from twin.semantics.network.topology import Subnet
    from twin.semantics.network.walk import Walk

BEYOND = {
    "vpn": "a VPN connection",
    "direct-connect-gateway": "a Direct Connect gateway",
    "connect": "a Connect peer",
    "connect-peer": "a Connect peer",
    "network-function": "a network function",
}


def out(walk: Walk, flow: Flow, gateway: str, place: tuple[str, Subnet | None]) -> Iterator[Outcome]:
    """Leave a VPC for a transit gateway, which must have an attachment in the sender's Availability Zone."""
    vpc, subnet = place
    attachment = next(
        (
            one
            for one in walk.topology.attachments.values()
            if one.gateway == gateway and one.resource == vpc and one.kind == "vpc" and one.available
        ),
        None,
    )
    if attachment is None:
        yield Outcome("null_routed", f"{vpc} is not attached to {gateway}", flow, gateway)
        return
    entry = _subnet(walk, attachment, subnet.zone if subnet else "", strict=True)
    if attachment.subnets and entry is None:
        why = f"{attachment.id} has no subnet in {subnet.zone if subnet else 'that zone'}"
        yield Outcome("null_routed", why, flow, gateway)
        return
    if entry is None:
        yield from arrive(walk, flow.step(attachment.id, "enters the transit gateway"), attachment)
        return
    passed, refused = through_acl(walk.index.acl(entry.id), flow.now, egress=False)
    for piece, label in passed:
        inside = flow.narrowed(piece).step(entry.id, "enters", label)
        yield from arrive(walk, inside.step(attachment.id, "enters the transit gateway"), attachment)
    for piece, label in refused:
        yield Outcome("denied_in", label, flow.narrowed(piece), entry.id)


def _subnet(walk: Walk, attachment: Attachment, zone: str, *, strict: bool) -> Subnet | None:
    """Return the attachment's subnet of a zone; else any, unless both are known and the choice is strict."""
    subnets = [found for one in attachment.subnets if (found := walk.topology.subnets.get(one))]
    same = next((one for one in subnets if one.zone == zone), None)
    if same is not None or not subnets:
        return same
    if strict and zone and all(one.zone for one in subnets):
        return None
    return subnets[0]


def arrive(walk: Walk, flow: Flow, attachment: Attachment) -> Iterator[Outcome]:
    """Decide by the route table that the attachment is associated with."""
    gateway = walk.topology.transit_gateways.get(attachment.gateway)
    table = walk.topology.transit_tables.get(attachment.table or (gateway.default_association if gateway else ""))
    if table is None:
        why = f"{attachment.id} is associated with no observed route table"
        yield Outcome("no_route", why, flow, attachment.gateway)
        return
    entered = flow.entered("transit", f"{table.id} {attachment.id}")
    if entered is None:
        yield Outcome("null_routed", f"the packets come back to {table.id}: a circle", flow, table.id)
        return
    rest = flow.now.dst
    for route in sorted(table.routes, key=lambda one: (-one.destination.prefixlen, one.propagated, not one.active)):
        if route.destination.version != flow.now.version:
            continue
        hit = rest & block(route.destination)
        if hit:
            rest = rest - hit
            yield from _follow(walk, entered.towards(hit), attachment, (table.id, route))
            if not rest:
                return
    if rest:
        yield Outcome("no_route", f"{table.id} has no route", flow.towards(rest), table.id)


def _follow(walk: Walk, flow: Flow, attachment: Attachment, by: tuple[str, TransitRoute]) -> Iterator[Outcome]:
    table, route = by
    flow = flow.step(table, "routes", transit_label(table, route))
    if not route.active or not route.attachments:
        yield Outcome("null_routed", f"the route {route.destination} of {table} is a blackhole", flow, table)
        return
    for name in route.attachments:
        other = find(walk, name, attachment.gateway)
        if other is not None and other.available:
            yield from deliver(walk, flow, other)
            return
    why = f"no attachment of the route {route.destination} of {table} is available"
    yield Outcome("null_routed", why, flow, table)


def transit_label(table: str, route: TransitRoute) -> str:
    """Name a route as hops show it."""
    return f"{table} {route.destination} -> {', '.join(route.attachments) or 'blackhole'}"


def find(walk: Walk, name: str, gateway: str) -> Attachment | None:
    """Return an attachment; both sides of a peering have one id, so that the gateway tells them apart."""
    found = walk.topology.attachments.get(f"{name}/{gateway}")
    return found or walk.topology.attachments.get(name)


def deliver(walk: Walk, flow: Flow, attachment: Attachment) -> Iterator[Outcome]:
    """Leave the transit gateway by an attachment."""
    flow = replace(flow, way="transit").step(attachment.id, "leaves the transit gateway")
    if attachment.kind == "peering":
        other = walk.topology.attachments.get(f"{attachment.id.partition('/')[0]}/{attachment.resource}")
        if other is not None:
            yield from arrive(walk, flow, other)
            return
    if attachment.kind != "vpc" or attachment.resource not in walk.topology.vpcs:
        what = BEYOND.get(attachment.kind, "what was not observed")
        yield Outcome("exits_network", f"through {attachment.id} to {what} {attachment.resource}", flow, attachment.id)
        return
    subnet = _subnet(walk, attachment, flow.zone, strict=False)
    if subnet is None:
        yield from walk.into(flow, attachment.resource, None)
    else:
        yield from walk.leave(flow, subnet)


def entrance(walk: Walk, flow: Flow, name: str) -> Iterator[Outcome]:
    """Let packets in from behind an attachment, named by its id, its resource's or its transit gateway's."""
    topology = walk.topology
    found = [
        one
        for one in topology.attachments.values()
        if name in (one.id, one.id.partition("/")[0], one.resource) or (name == one.gateway and one.kind in BEYOND)
    ]
    if not found and name in topology.transit_gateways:
        found = [Attachment(name, name, "vpn", name)]
    if not found:
        raise ValueError(f"gateway {name!r} is not in the snapshot, or no packets come in through it")
    for attachment in found:
        if attachment.kind == "vpc":
            raise ValueError(f"{name!r} leads to a VPC; ask from one of its interfaces")
        yield from arrive(walk, flow.step(attachment.id, "enters the transit gateway"), attachment)
