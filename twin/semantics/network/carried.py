"""What routes and network ACLs carry from a class of subnets, before any security group of sender or receiver."""

from dataclasses import dataclass, replace

from twin.semantics.network.filters import through_acl
from twin.semantics.network.flow import Flow, Way
from twin.semantics.network.headers import everything
from twin.semantics.network.index import Index
from twin.semantics.network.intervals import Intervals
from twin.semantics.network.masks import Masks, Slot
from twin.semantics.network.walk import Walk


@dataclass(frozen=True, slots=True)
class Carried:
    """Packets that arrive in a subnet: from which senders, to which addresses (a bitset), of which service.

    `direct` says that references to the sender's groups still hold; `source` is a new source, where one was put.
    """

    mask: int
    src: Intervals
    protocol: Intervals
    port: Intervals
    way: Way
    direct: bool
    source: int | None = None


def carried(index: Index, masks: Masks, slot: Slot) -> list[Carried]:
    """Follow all packets from the subnets of the slot's class to all addresses that are held."""
    subnet = index.topology.subnets[slot.interface.subnet]
    table = index.route_table(subnet.id)
    walk = Walk(index, filtering=False)
    packets = replace(everything(slot.version), src=masks.class_space(slot), dst=masks.held_space(slot.version))
    flow = Flow(packets, sender=slot.interface, zone=subnet.zone)
    # No subnet of the class is inside its own walk: neighbours are met without routes and ACLs.
    anywhere = subnet if masks.alone(subnet.id) else replace(subnet, id="")
    found: dict[tuple[Intervals, Intervals, Intervals, Way, bool, int | None], int] = {}
    passed, _ = through_acl(index.acl(subnet.id), packets, egress=True)
    for piece, _ in passed:
        sent = flow.narrowed(piece)
        for outcome in walk.by_table(sent, table, anywhere) if table else walk.without_table(sent, anywhere):
            if outcome.disposition != "accepted" or outcome.at not in index.topology.subnets:
                continue
            end = outcome.flow
            mask = masks.in_subnet(outcome.at, end.now.dst, slot.version)
            if mask and end.now.version == slot.version and "dst" not in end.before:
                source = end.now.src.lowest if "src" in end.before else None
                direct = end.sender is not None
                alike = (end.original.src, end.now.protocol, end.now.port, end.way, direct, source)
                found[alike] = found.get(alike, 0) | mask
    return [Carried(mask, *alike) for alike, mask in found.items()]
