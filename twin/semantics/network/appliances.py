"""What an interface does with packets that its groups let in: keep them, translate them, balance them, pass them on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from twin.semantics.network.balancing import Listener, LoadBalancer
from twin.semantics.network.flow import Flow, Outcome, Translation
from twin.semantics.network.headers import ICMP, TRANSLATED_PORTS
from twin.semantics.network.index import own
from twin.semantics.network.intervals import Intervals

if TYPE_CHECKING:
    from twin.semantics.network.topology import Interface, NatGateway
    from twin.semantics.network.walk import Walk

NAT64 = 0x64FF9B << 96
"""The number at which IPv4 lies in IPv6 (64:ff9b::/96)."""


def received(walk: Walk, flow: Flow, interface: Interface) -> Iterator[Outcome]:
    """Decide what becomes of packets that an interface received for one of its own addresses."""
    nat = walk.index.nat_at.get((interface.subnet, flow.now.dst.lowest)) if flow.now.version == 4 else None
    balancer = walk.index.balancer_at.get(interface.id)
    if nat is not None:
        yield from untranslated(walk, flow, nat)
    elif balancer is not None and balancer.listeners:
        known = next((one for one in walk.translations if one.gateway == balancer.arn), None)
        if known is None or flow.entered("balancer", balancer.arn) is None:
            yield from balanced(walk, flow, interface, balancer)
        else:
            yield from answered(walk, flow, interface, known)
    else:
        yield Outcome("accepted", f"{interface.id} accepts it", flow.step(interface.id, "accepts"), interface.id)


def routed_to(walk: Walk, flow: Flow, interface: Interface) -> Iterator[Outcome]:
    """Receive what a route sent to this interface: past its groups, then on by its own subnet's routes."""
    instance = walk.index.instance_at.get(interface.id)
    if instance is not None and instance.state not in ("running", "pending"):
        yield Outcome("neighbor_unreachable", f"{instance.id} is {instance.state}", flow, interface.id)
        return
    if not interface.attached:
        yield Outcome("null_routed", f"{interface.id} is attached to nothing", flow, interface.id)
        return
    mine = flow.now.dst & own([interface], flow.now.version)
    if mine:
        yield from walk.hand(flow.towards(mine), interface)
    others = flow.now.dst - mine
    if not others:
        return
    flow = flow.towards(others)
    if interface.checked:
        why = f"{interface.id} only takes packets to its own addresses (source/destination check)"
        yield Outcome("denied_in", why, flow, interface.id)
        return
    for inside in walk.filtered(flow, interface, egress=False):
        if isinstance(inside, Outcome):
            yield inside
            continue
        entered = replace(inside, sender=None).entered("interface", interface.id)
        if entered is None:
            yield Outcome("null_routed", f"the packets come back to {interface.id}: a circle", inside, interface.id)
            continue
        for sent in walk.filtered(entered.step(interface.id, "forwards"), interface, egress=True):
            if isinstance(sent, Outcome):
                yield sent
            else:
                yield from walk.leave(sent, walk.topology.subnets[interface.subnet])


def answered(walk: Walk, flow: Flow, interface: Interface, known: Translation) -> Iterator[Outcome]:
    """Send a target's reply on to the client, from the address that the client knows."""
    back = flow.rewritten(src=known.dst, source_port=known.port, dst=known.src, port=known.source_port)
    back = replace(back, seen=back.seen | {("balancer", known.gateway)}).as_version(known.version)
    yield from walk.emit(back.step(interface.id, "answers"), replace(interface, checked=False))


def untranslated(walk: Walk, flow: Flow, nat: NatGateway) -> Iterator[Outcome]:
    """Give replies their first addresses back; nothing else enters through a NAT gateway."""
    known = next((one for one in walk.translations if one.gateway == nat.id), None)
    subnet = walk.topology.subnets.get(nat.subnet)
    entered = flow.entered("nat", nat.id)
    if known is None or subnet is None or entered is None:
        why = f"{nat.id} lets in only replies to connections that began behind it"
        yield Outcome("denied_in", why, flow, nat.id)
        return
    fields = {"dst": known.src}
    if flow.now.protocol != Intervals.point(ICMP):
        fields["port"] = known.source_port
    if known.version == 6:
        fields["src"] = flow.now.src.shifted(NAT64)
    back = entered.rewritten(**fields).as_version(known.version)
    yield from walk.leave(back.step(nat.id, "translates back"), subnet)


def balanced(walk: Walk, flow: Flow, interface: Interface, balancer: LoadBalancer) -> Iterator[Outcome]:
    """Send what a listener takes to healthy targets, from its own address unless it keeps the source."""
    rest = flow.now.port
    for listener in balancer.listeners:
        mine = flow.now.port & Intervals.point(listener.port)
        protocols = flow.now.protocol & Intervals.of((one, one) for one in listener.protocols)
        if not mine or not protocols:
            continue
        rest = rest - mine
        taken = flow.narrowed(replace(flow.now, port=mine, protocol=protocols))
        taken = taken.step(balancer.name, "listens", f"listener on port {listener.port}")
        yield from _to_targets(walk, taken, interface, (balancer, listener))
    if rest:
        left = flow.narrowed(replace(flow.now, port=rest))
        yield Outcome("denied_in", f"{balancer.name} has no listener on that port", left, interface.id)


def _to_targets(walk: Walk, flow: Flow, interface: Interface, by: tuple[LoadBalancer, Listener]) -> Iterator[Outcome]:
    balancer, listener = by
    if not listener.backends:
        yield Outcome("accepted", f"{balancer.name} answers it itself", flow, interface.id)
        return
    for backend in listener.backends:
        address = _address(walk, backend.target)
        if not backend.healthy:
            why = f"target {backend.target} of {balancer.name} is unhealthy"
            yield Outcome("neighbor_unreachable", why, flow, interface.id)
        elif address is None:
            yield Outcome("accepted", f"{balancer.name} hands it to {backend.target}", flow, interface.id)
        else:
            port = Intervals.point(backend.port or listener.port)
            fields = {"dst": Intervals.point(address), "port": port}
            onward = _towards(flow, interface, balancer, fields=fields, keeps=backend.keeps_source)
            yield from walk.emit(onward, replace(interface, checked=False))


def _towards(
    flow: Flow, interface: Interface, balancer: LoadBalancer, *, fields: dict[str, Intervals], keeps: bool
) -> Flow:
    """Return the balancer's packets to one target; it keeps the client's address or puts its own."""
    now = flow.now
    kept = interface.id if keeps and now.version == 4 else ""
    if not kept:
        fields = {"src": own([interface], 4), "source_port": TRANSLATED_PORTS} | fields
    known = Translation(balancer.arn, now.src, now.source_port, now.version, now.dst, now.port, kept)
    flow = replace(flow, translations=(*flow.translations, known))
    return flow.rewritten(**fields).as_version(4).step(balancer.name, "balances")


def _address(walk: Walk, target: str) -> int | None:
    """Return a target's IPv4 address; None for one without, such as a function."""
    if target.startswith("i-"):
        instance = walk.topology.instances.get(target)
        found = [walk.topology.interfaces[name] for name in (instance.interfaces if instance else ())]
        mine = own(found, 4)
        return mine.lowest if mine else None
    try:
        address = ip_address(target)
    except ValueError:
        return None
    return int(address) if address.version == 4 else None
