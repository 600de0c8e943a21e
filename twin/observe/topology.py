"""A snapshot becomes one typed topology."""

from pathlib import Path

from twin.errors import UsageError
from twin.observe import balancers, places, routing, rules, transit, workloads
from twin.observe.snapshot import Snapshot, read
from twin.observe.standing import Standing
from twin.observe.values import Malformed
from twin.semantics.network.topology import Topology

MOST = 50
"""How many malformed objects are told at once."""


def observe(folder: Path) -> Topology:
    """Read a folder of saved describe replies; UsageError names what is malformed."""
    return assemble(read(folder))


def assemble(snapshot: Snapshot) -> Topology:
    """Put the described objects together; what is passed over is in the topology's notes.

    One UsageError names every object that is malformed, with its file and place.
    """
    try:
        return _assembled(snapshot)
    except Malformed as first:
        wrong, rest = [str(first)], snapshot.without(first.item)
    while len(wrong) < MOST:
        try:
            _assembled(rest)
            break
        except Malformed as other:
            wrong.append(str(other))
            rest = rest.without(other.item)
    raise UsageError("\n".join(sorted(set(wrong))))


def _assembled(snapshot: Snapshot) -> Topology:
    vpcs = places.vpcs(snapshot)
    lists = rules.prefix_lists(snapshot)
    groups, group_notes = rules.security_groups(snapshot, lists)
    tables, table_notes = routing.route_tables(snapshot, vpcs, lists)
    subnets = places.subnets(snapshot)
    nat_gateways, ends = places.nat_gateways(snapshot, subnets)
    told = {**places.interfaces(snapshot), **ends}
    placed = {name: one for name, one in told.items() if one.subnet in subnets}
    lost = [f"{name}: its subnet {one.subnet} was not told" for name, one in told.items() if name not in placed]
    standing = Standing(subnets, placed)
    standing.balancers(snapshot)
    databases = standing.databases(workloads.databases(snapshot, placed))
    functions = standing.functions(workloads.functions(snapshot, placed))
    interfaces = standing.interfaces
    instances = places.instances(snapshot, placed)
    attachments = transit.attachments(snapshot)
    load_balancers, balancer_notes = balancers.load_balancers(snapshot, interfaces)
    return Topology(
        vpcs=vpcs,
        subnets=subnets,
        interfaces=interfaces,
        instances=instances,
        route_tables=tables,
        acls=rules.acls(snapshot),
        groups=groups,
        internet_gateways=routing.internet_gateways(snapshot),
        nat_gateways=nat_gateways,
        endpoints=routing.endpoints(snapshot),
        peerings=routing.peerings(snapshot),
        vpn_gateways=routing.vpn_gateways(snapshot),
        vpn_connections=routing.vpn_connections(snapshot),
        transit_gateways=transit.transit_gateways(snapshot),
        attachments=attachments,
        transit_tables=transit.transit_tables(snapshot, attachments, vpcs),
        load_balancers=load_balancers,
        databases=databases,
        clusters=workloads.clusters(snapshot),
        functions=functions,
        fleets=workloads.fleets(snapshot, instances),
        records=workloads.records(snapshot),
        names=workloads.names(snapshot),
        notes=(*snapshot.notes, *group_notes, *table_notes, *balancer_notes, *lost, *standing.notes),
    )
