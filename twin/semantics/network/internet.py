"""The way to the internet and in from it: internet gateways, egress-only ones for IPv6, and public addresses.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
and https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

from twin.semantics.network.flow import Flow, Outcome, Translation
from twin.semantics.network.headers import ALL_ADDRESSES
from twin.semantics.network.intervals import EMPTY, Intervals, networks

if TYPE_CHECKING:
    from twin.semantics.network.walk import Walk

RESERVED = networks(
    (
        ip_network(one)
        for one in (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
        )
    ),
    4,
)  # fmt: skip
RESERVED_6 = networks((ip_network(one) for one in ("fc00::/7", "fe80::/10", "ff00::/8", "::/128", "::1/128")), 6)
PUBLIC = {4: ALL_ADDRESSES[4] - RESERVED, 6: ALL_ADDRESSES[6] - RESERVED_6}
"""What the internet routes."""


def internet_out(walk: Walk, flow: Flow, target: str, vpc: str) -> Iterator[Outcome]:
    """Leave by an internet gateway: IPv4 needs a public address, which replaces the private one; IPv6 needs none."""
    gateway = walk.topology.internet_gateways.get(target)
    if gateway is not None and vpc not in gateway.vpcs:
        yield Outcome("null_routed", f"{target} is not attached to {vpc}", flow, target)
        return
    if flow.now.version == 6:
        mine = flow.now.src & walk.index.space(vpc, 6)
        if mine:
            out = flow.narrowed(replace(flow.now, src=mine))
            out = replace(out, translations=(*out.translations, Translation(target, mine, flow.now.source_port, 6)))
            yield from internet(walk, out.step(target, "leaves the VPC"))
        rest = flow.now.src - mine
    else:
        rest = EMPTY if target.startswith("eigw-") else flow.now.src
        for public, (interface, held) in walk.index.public.items():
            if interface.vpc == vpc and int(held.address) in rest:
                private = Intervals.point(int(held.address))
                rest = rest - private
                out = flow.narrowed(replace(flow.now, src=private)).rewritten(src=Intervals.point(public))
                yield from internet(walk, out.step(target, "replaces the source", f"{held.address} -> {held.public}"))
        rest = flow.now.src if target.startswith("eigw-") else rest
    if rest:
        why = f"{target} drops packets whose source has no public address"
        yield Outcome("denied_out", why, flow.narrowed(replace(flow.now, src=rest)), target)


def internet(walk: Walk, flow: Flow) -> Iterator[Outcome]:
    """Carry packets across the internet: into a VPC that has their destination, or away."""
    entered = flow.entered("internet", "")
    if entered is None:
        yield Outcome("null_routed", "the packets come back to the internet: a circle", flow, "internet")
        return
    entered = replace(entered, way="internet", sender=None)
    rest = flow.now.dst
    for vpc, dst, inside in _owners(walk, entered):
        rest = rest - dst
        gateway = walk.index.internet_of.get(vpc)
        arrived = entered.towards(dst)
        if inside != dst:
            arrived = arrived.rewritten(dst=inside)
        if arrived.now.version == 6:
            yield from _in_6(walk, arrived, vpc)
        elif gateway is None:
            yield Outcome("no_route", f"{vpc} has no internet gateway", arrived, vpc)
        else:
            yield from inward(walk, arrived.step(gateway.id, "enters the VPC"), vpc, gateway.id)
    away = rest & PUBLIC[flow.now.version]
    if away:
        out = entered.towards(away)
        yield Outcome("exits_network", "to the internet", out.step("internet", "leaves the network"), "internet")
    if rest - away:
        why = "the internet has no route to a private address"
        yield Outcome("no_route", why, entered.towards(rest - away), "internet")


def _owners(walk: Walk, flow: Flow) -> Iterator[tuple[str, Intervals, Intervals]]:
    """Yield the VPCs to which destinations belong: outside address, inside address."""
    index = walk.index
    if flow.now.version == 4:
        exact = [flow.now.dst.lowest] if flow.now.dst.single else index.public
        for public in exact:
            place = index.public.get(public)
            if place and public in flow.now.dst:
                yield place[0].vpc, Intervals.point(public), Intervals.point(int(place[1].address))
        return
    for vpc in walk.topology.vpcs:
        space = flow.now.dst & index.space(vpc, 6)
        if space:
            yield vpc, space, space


def _in_6(walk: Walk, flow: Flow, vpc: str) -> Iterator[Outcome]:
    """Enter a VPC with IPv6: replies by the gateway that their connection left by, others by the internet gateway.

    Nothing begins a connection with a subnet whose route out is an egress-only gateway.
    """
    gateways = walk.topology.internet_gateways
    known = [one.gateway for one in walk.translations if one.gateway in gateways]
    gateway = next((name for name in known if vpc in gateways[name].vpcs), None)
    if gateway is None:
        guarded = flow.now.dst & _egress_only(walk, vpc)
        if guarded:
            why = "an egress-only internet gateway lets nothing begin a connection from outside"
            yield Outcome("denied_in", why, flow.towards(guarded), vpc)
        flow = flow.towards(flow.now.dst - guarded)
        found = walk.index.internet_of.get(vpc)
        gateway = found.id if found else None
    if flow.now and gateway is None:
        yield Outcome("no_route", f"{vpc} has no internet gateway", flow, vpc)
    elif flow.now and gateway is not None:
        yield from inward(walk, flow.step(gateway, "enters the VPC"), vpc, gateway)


def _egress_only(walk: Walk, vpc: str) -> Intervals:
    """Return the IPv6 addresses of the subnets that have a route to an egress-only gateway."""
    found = EMPTY
    for subnet in walk.index.subnets_of.get(vpc, ()):
        table = walk.index.route_table(subnet.id)
        if table and any(route.active and route.target.startswith("eigw-") for route in table.routes):
            found = found | walk.index.subnet_space(subnet, 6)
    return found


def inward(walk: Walk, flow: Flow, vpc: str, gateway: str) -> Iterator[Outcome]:
    """Enter a VPC: by the gateway's own route table when it has one, else to the VPC's addresses and no further."""
    table = walk.index.table_of.get(gateway)
    if table is not None:
        yield from walk.by_table(flow, table, None)
        return
    inside = flow.now.dst & walk.index.space(vpc, flow.now.version)
    if inside:
        yield from walk.into(flow.towards(inside), vpc, None)
    if flow.now.dst - inside:
        why = f"{gateway} leads only to addresses of {vpc}"
        yield Outcome("no_route", why, flow.towards(flow.now.dst - inside), gateway)
