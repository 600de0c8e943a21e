"""The lines of a picture: who serves whom, which way leads out, where data is copied."""

from collections.abc import Iterator, Mapping

from twin.analysis.passage.passages import View
from twin.report.picture.boxes import Line
from twin.semantics.network.topology import Topology


def lines(view: View, homes: Mapping[str, str]) -> Iterator[Line]:
    """Yield the lines between boxes that are drawn, each once."""
    seen: set[Line] = set()
    for one in _all(view):
        start, end = homes.get(one.start, ""), homes.get(one.end, "")
        line = Line(start, end, one.kind)
        if start and end and start != end and line not in seen:
            seen.add(line)
            yield line


def _all(view: View) -> Iterator[Line]:
    yield from _edge(view.topology)
    yield from _balancers(view.topology)
    yield from _ways_out(view)
    yield from _data(view)
    yield from _private(view.topology)


def _edge(topology: Topology) -> Iterator[Line]:
    by_name = {one.dns.lower(): one.name for one in topology.load_balancers.values() if one.dns}
    zones = set()
    for record in topology.records.values():
        target = by_name.get(record.content.rstrip(".").lower())
        if target is not None:
            zones.add(record.zone)
            yield Line(record.id, target, "dns")
    for zone in sorted(zones):
        yield Line("internet", f"edge {zone}", "traffic")
    for gateway in topology.internet_gateways.values():
        yield Line("internet", gateway.id, "traffic")


def _balancers(topology: Topology) -> Iterator[Line]:
    holders = {str(held.address): one.id for one in topology.interfaces.values() for held in one.addresses}
    for balancer in topology.load_balancers.values():
        for listener in balancer.listeners:
            for backend in listener.backends:
                yield Line(balancer.name, holders.get(backend.target, backend.target), "traffic")


def _ways_out(view: View) -> Iterator[Line]:
    for subnet in view.topology.subnets.values():
        table = view.index.route_table(subnet.id)
        for route in table.routes if table else ():
            if route.active and route.target in view.topology.nat_gateways:
                yield Line(subnet.id, route.target, "route")


def _data(view: View) -> Iterator[Line]:
    topology = view.topology
    for database in topology.databases.values():
        writer = database.interfaces[:1]
        for instance in topology.instances.values():
            if any(view.matrix.reaches(one, end) for one in instance.interfaces for end in writer):
                yield Line(instance.id, database.id, "data")
        for end in database.interfaces:
            yield Line(database.id, end, "replication")
        if database.replica_of in topology.databases:
            yield Line(database.replica_of, database.id, "replication")


def _private(topology: Topology) -> Iterator[Line]:
    for peering in topology.peerings.values():
        if peering.active:
            yield Line(peering.requester, peering.accepter, "private")
    for attachment in topology.attachments.values():
        if attachment.kind in ("vpc", "vpn") and attachment.available:
            yield Line(attachment.resource, attachment.gateway, "private")
    for connection in topology.vpn_connections.values():
        yield Line(connection.id, connection.gateway, "private")
