"""Security groups and network ACLs: which of some packets pass, and by which rule.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
and https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
"""

from collections.abc import Iterator
from functools import cache

from twin.semantics.network.flow import Flow
from twin.semantics.network.headers import (
    ALL_ADDRESSES,
    ALL_PORTS,
    ALL_PROTOCOLS,
    ICMP,
    ICMPV6,
    NAMES,
    PORTED,
    Headers,
    block,
    subtract,
)
from twin.semantics.network.index import Index
from twin.semantics.network.intervals import EMPTY, Intervals, networks
from twin.semantics.network.topology import AclEntry, Interface, Match, NetworkAcl, Permission, SecurityGroup

Passed = tuple[Headers, str]


@cache
def fields(match: Match) -> tuple[Intervals, Intervals, Intervals]:
    """Return the protocols, source ports and ports that a rule matches (ICMP: codes and types)."""
    if match.protocol is None:
        return ALL_PROTOCOLS, ALL_PORTS, ALL_PORTS
    protocol = Intervals.point(match.protocol)
    low, high = match.ports
    if match.protocol in (ICMP, ICMPV6):
        type_ = ALL_PORTS if low is None else Intervals.point(low)
        code = ALL_PORTS if high is None else Intervals.point(high)
        return protocol, code, type_
    if match.protocol in PORTED and low is not None:
        return protocol, ALL_PORTS, Intervals.span(low, low if high is None else high)
    return protocol, ALL_PORTS, ALL_PORTS


def describe(match: Match) -> str:
    """Name what a rule matches, as `tcp 443` or `all`."""
    if match.protocol is None:
        return "all"
    name = NAMES.get(match.protocol, str(match.protocol))
    low, high = match.ports
    if match.protocol in (ICMP, ICMPV6):
        return f"{name} type {'any' if low is None else low} code {'any' if high is None else high}"
    if low is None:
        return name
    return f"{name} {low}" if high in (None, low) else f"{name} {low}-{high}"


def narrow(headers: Headers, match: Match, *, src: Intervals | None = None, dst: Intervals | None = None) -> Headers:
    """Keep the packets that a rule matches."""
    protocol, source_port, port = fields(match)
    return Headers(
        headers.version,
        headers.src if src is None else headers.src & src,
        headers.dst if dst is None else headers.dst & dst,
        headers.protocol & protocol,
        headers.source_port & source_port,
        headers.port & port,
    )


def through_groups(index: Index, flow: Flow, interface: Interface, *, egress: bool) -> Iterator[Passed]:
    """Yield the packets that some rule of the interface's security groups allows, with that rule.

    An interface that can be without any (of a NAT gateway, of a network load balancer made so) is not filtered.
    """
    if unguarded(interface):
        yield flow.now, "no security group"
        return
    for name in interface.groups:
        group = index.topology.groups.get(name)
        if group is None:
            continue
        for permission in group.egress if egress else group.ingress:
            yield from _allowed(index, flow, (interface, group, permission), egress=egress)


def unguarded(interface: Interface) -> bool:
    """Whether no security group filters the interface; an instance's always has one, told or not."""
    return not interface.groups and not interface.instance


def _allowed(
    index: Index, flow: Flow, rule: tuple[Interface, SecurityGroup, Permission], *, egress: bool
) -> Iterator[Passed]:
    interface, group, permission = rule
    version = flow.now.version
    peers = [(other, peer_addresses(index, flow, interface, other, egress=egress)) for other in permission.groups]
    sides = [(listed(permission), networks(permission.blocks, version)), *peers]
    for text, addresses in sides:
        if not addresses:
            continue
        passed = narrow(flow.now, permission.match, **{"dst" if egress else "src": addresses})
        if passed:
            yield passed, group_label(group.id, permission, text, egress=egress)


def group_label(group: str, permission: Permission, peers: str, *, egress: bool) -> str:
    """Name one side of a permission, its blocks or a group that it refers to, as hops show it."""
    way = ("egress", "to") if egress else ("ingress", "from")
    return f"{group} {way[0]} {describe(permission.match)} {way[1]} {peers}"


def listed(permission: Permission) -> str:
    """Write a permission's blocks."""
    return ", ".join(str(one) for one in permission.blocks)


def peer_addresses(index: Index, flow: Flow, interface: Interface, group: str, *, egress: bool) -> Intervals:
    """Return the addresses that a reference to a group stands for at this interface.

    They are the private addresses of its members in this VPC, in a peered VPC of the same Region, or behind a transit
    gateway that supports references. Behind an internet gateway, a NAT gateway or an appliance there are none.
    """
    version = flow.now.version
    if egress:
        vpcs = {interface.vpc, *referable(index, interface.vpc)}
        found = EMPTY
        for vpc in vpcs:
            found = found | index.addresses(group, vpc, version)
        return found
    if flow.sender is None:
        return EMPTY
    if group in flow.sender.groups and flow.sender.id in index.balancer_at:
        return ALL_ADDRESSES[version]  # a balancer that keeps the client's address still sends as itself
    origin = flow.sender.vpc
    if origin == interface.vpc or origin in referable(index, interface.vpc, flow.way):
        return index.addresses(group, origin, version)
    return EMPTY


def referable(index: Index, vpc: str, way: str = "") -> set[str]:
    """Return the other VPCs whose groups a rule can refer to, by any way or by the given one."""
    found: set[str] = set()
    if way in ("", "peering"):
        found |= {peer for peer in index.peers.get(vpc, ()) if _same_region(index, vpc, peer)}
    if way in ("", "transit"):
        topology = index.topology
        ours = [one for one in topology.attachments.values() if one.resource == vpc and one.group_references]
        for mine in ours:
            gateway = topology.transit_gateways.get(mine.gateway)
            if gateway is not None and gateway.group_references:
                found |= {
                    other.resource
                    for other in topology.attachments.values()
                    if other.gateway == mine.gateway and other.kind == "vpc" and other.group_references
                }
    return found


def _same_region(index: Index, one: str, other: str) -> bool:
    regions = {vpc.region for name in (one, other) if (vpc := index.topology.vpcs.get(name)) and vpc.region}
    return len(regions) < 2


def through_acl(acl: NetworkAcl | None, headers: Headers, *, egress: bool) -> tuple[list[Passed], list[Passed]]:
    """Return what passes and what does not, each with its rule: the first entry in order decides."""
    if acl is None:
        return [(headers, "no network ACL observed")], []
    passed: list[Passed] = []
    refused: list[Passed] = []
    rest = [headers]
    for entry in ordered(acl, egress=egress):
        if entry.block.version != headers.version:
            continue
        addresses = block(entry.block)
        label = entry_label(acl.id, entry)
        after: list[Headers] = []
        for piece in rest:
            hit = narrow(piece, entry.match, **{"dst" if egress else "src": addresses})
            if not hit:
                after.append(piece)
                continue
            (passed if entry.allow else refused).append((hit, label))
            if hit != piece:
                after.extend(subtract([piece], hit))
        rest = after
        if not rest:
            break
    direction = "egress" if egress else "ingress"
    refused.extend((piece, f"{acl.id} {direction} * deny all") for piece in rest)
    return passed, refused


def entry_label(acl: str, entry: AclEntry) -> str:
    """Name an entry as hops show it."""
    number = "*" if entry.number >= 32767 else str(entry.number)
    verdict = "allow" if entry.allow else "deny"
    return f"{acl} {'egress' if entry.egress else 'ingress'} {number} {verdict} {describe(entry.match)} {entry.block}"


def ordered(acl: NetworkAcl, *, egress: bool) -> list[AclEntry]:
    """Return the entries of one direction in the order of evaluation."""
    return sorted((entry for entry in acl.entries if entry.egress == egress), key=lambda entry: entry.number)
