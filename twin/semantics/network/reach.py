"""All pairs: which interface can send some packet to which, by classes of interfaces and bitsets.

An address is a bit. A row is worked out once for all addresses of one subnet class, set of groups and source class;
it is the union over services of: what the routes and ACLs carry, what the sender's groups let out, what the receivers'
groups let in. Destinations count by the addresses that they hold themselves, not by public ones.
"""

from collections import defaultdict
from dataclasses import replace

from twin.semantics.network.carried import Carried, carried
from twin.semantics.network.filters import unguarded
from twin.semantics.network.flow import Flow
from twin.semantics.network.headers import Headers, everything
from twin.semantics.network.index import Index
from twin.semantics.network.intervals import Intervals
from twin.semantics.network.masks import Masks, Slot
from twin.semantics.network.services import Service, matches, services
from twin.semantics.network.topology import Topology
from twin.semantics.network.walk import Walk


class Matrix:
    """Who reaches whom: `rows` has a bit for each interface of `interfaces`, in their order."""

    def __init__(self, interfaces: tuple[str, ...], rows: dict[str, int]) -> None:
        self.interfaces = interfaces
        self.rows = rows
        self._bits = {name: number for number, name in enumerate(interfaces)}

    def reaches(self, source: str, destination: str) -> bool:
        """Whether some packet from the source's own addresses is accepted at one of the destination's."""
        return bool(self.rows[source] >> self._bits[destination] & 1)

    def count(self) -> int:
        """Return how many ordered pairs are connected."""
        return sum(row.bit_count() for row in self.rows.values())

    def reached(self, source: str) -> list[str]:
        """Return the interfaces that the source reaches."""
        row = self.rows[source]
        return [name for name, bit in self._bits.items() if row >> bit & 1]


def reach(topology: Topology) -> Matrix:
    """Work out all pairs."""
    index = Index(topology)
    masks = Masks(index)
    told = matches(topology)
    kinds = {4: services(told, 4), 6: services(told, 6)}
    ways: dict[tuple[object, ...], list[Carried]] = {}
    rows: dict[tuple[object, ...], int] = {}
    found: dict[str, int] = defaultdict(int)
    for slot in masks.slots:
        if not masks.running(slot.interface):
            continue
        network = masks.network_class(slot)
        key = (network, slot.interface.subnet, unguarded(slot.interface), slot.interface.groups, masks.atom(slot))
        if key not in rows:
            if network not in ways:
                ways[network] = carried(index, masks, slot)
            rows[key] = masks.folded(_row(masks, slot, ways[network], kinds[slot.version]) | _balanced(masks, slot))
        found[slot.interface.id] |= rows[key]
    names = tuple(topology.interfaces)
    return Matrix(names, {name: found[name] & ~(1 << number) for number, name in enumerate(names)})


def _row(masks: Masks, slot: Slot, ways: list[Carried], kinds: list[Service]) -> int:
    """Return the addresses that some service from this address reaches, load balancers apart."""
    row = 0
    mine = [one for one in ways if slot.address in one.src]
    neighbours = masks.neighbours(slot)
    for service in kinds:
        out = masks.let_out(slot, service)
        if not out:
            continue
        row |= out & neighbours & masks.let_in(slot, service, "vpc")
        for one in mine:
            wanted = out & one.mask & ~neighbours & ~row
            if wanted and service.protocol in one.protocol and service.port in one.port:
                row |= wanted & masks.let_in(slot, service, one.way if one.direct else None, one.source)
    return row & masks.plain


def _balanced(masks: Masks, slot: Slot) -> int:
    """Return the load balancers that some packet gets through, each asked by itself."""
    row = 0
    for other in masks.balancers:
        if other.version != slot.version or other.interface.id == slot.interface.id:
            continue
        packets: Headers = replace(
            everything(slot.version), src=Intervals.point(slot.address), dst=Intervals.point(other.address)
        )
        outcomes = Walk(masks.index).emit(Flow(packets), slot.interface)
        if any(one.disposition == "accepted" for one in outcomes):
            row |= other.bit
    return row
