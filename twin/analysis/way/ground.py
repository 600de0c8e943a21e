"""The network under a way: its topology, with the interfaces that an account's replies leave out, and who gets through.

Load balancers and databases have interfaces that the owner's account shows in AWS; a store that does not tell them
means one per subnet, which is where they are put.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, ip_network

from twin.observe.site import Balancer, Site
from twin.observe.site_databases import Database
from twin.semantics.network.decide import decide
from twin.semantics.network.headers import TCP
from twin.semantics.network.index import Index
from twin.semantics.network.intervals import Intervals, Network
from twin.semantics.network.question import Destination, Question, Source
from twin.semantics.network.topology import Held, Interface, Topology

OUTSIDE = ip_network("1.1.1.1/32")
"""Some host on the internet."""
FIRST_PUBLIC = int(IPv4Address("54.160.0.10"))
"""Public addresses of load balancer nodes whose own were not told are counted from here (a block of EC2's)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Whether packets get from one place to another and back: `why_not` is "" when they do.

    `dropped` is the end at which a security group or network ACL stops them, or where `replies` is set, their answer.
    """

    why_not: str
    nats: tuple[str, ...] = ()
    dropped: str = ""
    replies: bool = False


class Ground:
    """A topology that answers whether a connection comes about; each question is decided once."""

    def __init__(self, topology: Topology, site: Site, before: "Ground | None" = None) -> None:
        told = {**topology.interfaces, **{one.id: one for one in _added(topology, site)}}
        # A balancer is a stop of its own on a way: packets end at its interface instead of at its targets.
        self.topology = replace(topology, interfaces=told, load_balancers={})
        self.index = Index(self.topology)
        self.interface_of = {name: one.interfaces[0] for name, one in topology.instances.items() if one.interfaces}
        self._known: dict[tuple[str, str, int], Passage] = {}
        if before is not None:
            self._known = {key: found for key, found in before._known.items() if self._same(before, key)}

    def _same(self, before: "Ground", key: tuple[str, str, int]) -> bool:
        ends = [name for name in key[:2] if name in before.topology.interfaces]
        mine, theirs = self.topology.interfaces, before.topology.interfaces
        return all(mine.get(name) == theirs[name] for name in ends)

    def passage(self, source: str, target: str, port: int) -> Passage:
        """Decide whether TCP to a port gets from an interface to another; ends may be networks outside."""
        key = (source, target, port)
        if key not in self._known:
            self._known[key] = self._decide(source, target, port)
        return self._known[key]

    def _decide(self, source: str, target: str, port: int) -> Passage:
        inside = self.topology.interfaces
        from_ = Source("interface", source) if source in inside else Source("internet", "internet", ip_network(source))
        to = Destination("interface", target) if target in inside else Destination(block=ip_network(target))
        question = Question(from_, to, protocol=Intervals.point(TCP), port=Intervals.point(port))
        found = decide(self.index, question)
        nats = tuple(hop.at for hop in found.path if hop.at in self.topology.nat_gateways)
        wanted = "accepted" if target in inside else "exits_network"
        if found.disposition != wanted:
            ends = {} if nats else {"denied_out": source, "denied_in": target}
            return Passage(f"{found.disposition}: {found.because}", nats, ends.get(found.disposition, ""))
        if not found.returns:
            because = found.reply.because if found.reply is not None else "nothing answers"
            ends = {} if nats or found.reply is None else {"denied_out": target, "denied_in": source}
            dropped = ends.get(found.reply.disposition, "") if found.reply is not None else ""
            return Passage(f"its reply does not come back: {because}", nats, dropped, replies=True)
        return Passage("", nats)


def node(balancer: Balancer, zone: str) -> str:
    """Return the interface of a load balancer's node in a zone, as it is put where none was told."""
    return f"eni-of-{balancer.name}-{zone}"


def host(database: Database) -> str:
    """Return the interface of a database's present primary, as it is put where none was told."""
    return f"eni-of-{database.name}-{database.zone}"


def _added(topology: Topology, site: Site) -> Iterator[Interface]:
    taken = {held.address for one in topology.interfaces.values() for held in one.addresses}
    free: dict[str, Iterator[IPv4Address]] = {}
    public = iter(range(FIRST_PUBLIC, FIRST_PUBLIC + 10_000))

    def place(name: str, subnet: str, groups: tuple[str, ...], *, faces_out: bool) -> Interface | None:
        found = topology.subnets.get(subnet)
        block = _block(found.cidrs) if found is not None else None
        if found is None or block is None:
            return None
        if subnet not in free:
            free[subnet] = (one for one in _from_the_end(block) if one not in taken)
        outside = IPv4Address(next(public)) if faces_out else None
        held = (Held(next(free[subnet]), outside),)
        return Interface(name, found.vpc, subnet, held, groups, description="not told, but there")

    for balancer in site.balancers:
        for zone, subnet in balancer.subnets.items():
            one = place(node(balancer, zone), subnet, balancer.groups, faces_out=balancer.scheme == "internet-facing")
            if one is not None:
                yield one
    for database in site.databases:
        for zone, subnet in database.subnets.items():
            one = place(f"eni-of-{database.name}-{zone}", subnet, database.groups, faces_out=False)
            if one is not None:
                yield one


def _block(cidrs: tuple[Network, ...]) -> IPv4Network | None:
    return next((one for one in cidrs if isinstance(one, IPv4Network)), None)


def _from_the_end(block: IPv4Network) -> Iterator[IPv4Address]:
    """Yield addresses from the end of a subnet, past the broadcast address that AWS keeps and one for a NAT gateway."""
    first, last = int(block.network_address) + 4, int(block.broadcast_address) - 2
    return (IPv4Address(value) for value in range(last, first, -1))
