"""Transit gateways, as their describe replies tell them: attachments, associations, routes and propagations.

The routes of a table (`search-transit-gateway-routes`), its propagations and its associations name the table beside
them or in their file's name. A table whose routes were not told gets those of its propagations; without any of these,
attachments propagate to the gateway's default table as its options say.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from twin.observe.places import GONE
from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import Malformed, identity, inside, network, objects, texts
from twin.semantics.network.intervals import Network
from twin.semantics.network.topology import Vpc
from twin.semantics.network.transit import Attachment, TransitGateway, TransitRoute, TransitTable


def transit_gateways(snapshot: Snapshot) -> dict[str, TransitGateway]:
    """Return the transit gateways with their default tables."""
    found: dict[str, TransitGateway] = {}
    for item in snapshot.of("TransitGateways"):
        name = identity(item, "TransitGatewayId")
        options = item.data.get("Options") or {}
        association = options.get("DefaultRouteTableAssociation") == "enable"
        propagation = options.get("DefaultRouteTablePropagation") == "enable"
        found[name] = TransitGateway(
            name,
            str(options.get("AssociationDefaultRouteTableId") or "") if association else "",
            str(options.get("PropagationDefaultRouteTableId") or "") if propagation else "",
            options.get("SecurityGroupReferencingSupport") == "enable",
        )
    return found


def attachments(snapshot: Snapshot) -> dict[str, Attachment]:
    """Return the attachments by id; those of a peering, whose two sides share it, by id and gateway."""
    found: dict[str, Attachment] = {}
    for item in snapshot.of("TransitGatewayAttachments"):
        one = _attachment(item)
        told = found.get(one.id)
        # The account of a shared gateway's VPC sees no association; it does not take away what the owner sees.
        found[one.id] = replace(one, table=one.table or (told.table if told else ""))
    for item in snapshot.of("TransitGatewayVpcAttachments"):
        name = identity(item, "TransitGatewayAttachmentId")
        told = found.get(name) or Attachment(
            name, identity(item, "TransitGatewayId"), "vpc", identity(item, "VpcId"), available=_available(item)
        )
        options = item.data.get("Options") or {}
        found[name] = replace(
            told,
            subnets=texts(item, "SubnetIds"),
            appliance=options.get("ApplianceModeSupport") == "enable",
            group_references=options.get("SecurityGroupReferencingSupport") != "disable",
        )
    for item in snapshot.of("TransitGatewayPeeringAttachments"):
        _peering(item, found)
    return _associated(snapshot, found)


def _available(item: Item) -> bool:
    return item.data.get("State") in (None, "available", "modifying")


def _attachment(item: Item) -> Attachment:
    name, gateway = identity(item, "TransitGatewayAttachmentId"), identity(item, "TransitGatewayId")
    kind = str(item.data.get("ResourceType") or "vpc").lower()
    kind = "peering" if kind in ("tgw-peering", "peering") else kind
    association = inside(item.data, "Association") or {}
    held = association.get("State") in (None, "associated", "associating")
    table = str(association.get("TransitGatewayRouteTableId") or "") if held else ""
    key = f"{name}/{gateway}" if kind == "peering" else name
    return Attachment(key, gateway, kind, str(item.data.get("ResourceId") or ""), table, (), _available(item))


def _peering(item: Item, found: dict[str, Attachment]) -> None:
    """Add both sides of a peering; only the sides that were not told by themselves."""
    name = identity(item, "TransitGatewayAttachmentId")
    ends = [str(inside(item.data, side, "TransitGatewayId") or "") for side in ("RequesterTgwInfo", "AccepterTgwInfo")]
    for mine, other in (ends, reversed(ends)):
        key = f"{name}/{mine}"
        if mine and key not in found:
            found[key] = Attachment(key, mine, "peering", other, available=_available(item))


def _table_of(item: Item) -> str:
    name = item.data.get("TransitGatewayRouteTableId") or item.beside.get("TransitGatewayRouteTableId")
    if not isinstance(name, str):
        raise Malformed(item, "of no named transit gateway route table; put its id (tgw-rtb-…) in the file's name")
    return name


def _associated(snapshot: Snapshot, found: dict[str, Attachment]) -> dict[str, Attachment]:
    tables = {
        str(item.data.get("TransitGatewayRouteTableId")): str(item.data.get("TransitGatewayId"))
        for item in snapshot.of("TransitGatewayRouteTables")
    }
    for item in snapshot.of("Associations"):
        if item.data.get("State") not in (None, "associated", "associating"):
            continue
        table = _table_of(item)
        name = str(item.data.get("TransitGatewayAttachmentId"))
        for key in (name, f"{name}/{tables.get(table, '')}"):
            if key in found:
                found[key] = replace(found[key], table=table)
    return found


def transit_tables(
    snapshot: Snapshot, held: Mapping[str, Attachment], vpcs: Mapping[str, Vpc]
) -> dict[str, TransitTable]:
    """Return the route tables with their routes, told or propagated."""
    routes: dict[str, list[TransitRoute]] = defaultdict(list)
    searched: set[str] = set()
    for item in snapshot.of("Routes"):
        table = _table_of(item)
        route = _route(item)
        if route is not None:
            routes[table].append(route)
            searched |= {table} if route.propagated else set()
    propagated = _propagations(snapshot, held, set(routes))
    networks = _networks(snapshot, vpcs)
    # A table that was not told by itself is one that an attachment is associated with.
    owners = {one.table: one.gateway for one in held.values() if one.table}
    for item in snapshot.of("TransitGatewayRouteTables"):
        name = identity(item, "TransitGatewayRouteTableId")
        owners[name] = "" if item.data.get("State") in GONE else identity(item, "TransitGatewayId")
    tables: dict[str, TransitTable] = {}
    for name, gateway in owners.items():
        told = routes.get(name, [])
        if name not in searched:
            told = [*told, *_propagated(propagated.get(name, ()), held, networks)]
        if gateway:
            tables[name] = TransitTable(name, gateway, tuple(told))
    return tables


def _route(item: Item) -> TransitRoute | None:
    data = item.data
    if data.get("State") in ("deleted", "deleting"):
        return None
    block = data.get("DestinationCidrBlock")
    if not block:
        return None  # a route of a prefix list is told once more for each of its blocks
    active = data.get("State") != "blackhole"
    names = tuple(
        str(one.get("TransitGatewayAttachmentId")) for one in objects(item, data, "TransitGatewayAttachments")
    )
    return TransitRoute(network(item, block), names if active else (), data.get("Type") == "propagated", active)


def _propagations(snapshot: Snapshot, held: Mapping[str, Attachment], told: set[str]) -> dict[str, list[str]]:
    """Return the attachments that propagate to each table."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in snapshot.of("TransitGatewayRouteTablePropagations"):
        if item.data.get("State") in (None, "enabled", "enabling"):
            found[_table_of(item)].append(str(item.data.get("TransitGatewayAttachmentId")))
    if snapshot.of("TransitGatewayRouteTablePropagations"):
        return found
    defaults = {one.id: one.default_propagation for one in transit_gateways(snapshot).values()}
    for item in snapshot.of("TransitGatewayRouteTables"):
        if item.data.get("DefaultPropagationRouteTable"):
            defaults.setdefault(str(item.data.get("TransitGatewayId")), identity(item, "TransitGatewayRouteTableId"))
    for gateway, table in defaults.items():
        if table and table not in told:
            found[table] += [one.id for one in held.values() if one.gateway == gateway and one.kind != "peering"]
    return found


def _networks(snapshot: Snapshot, vpcs: Mapping[str, Vpc]) -> dict[str, tuple[Network, ...]]:
    """Return what each resource propagates: a VPC its blocks, a VPN its static routes."""
    found = {vpc.id: vpc.cidrs for vpc in vpcs.values()}
    for item in snapshot.of("VpnConnections"):
        blocks = (one.get("DestinationCidrBlock") for one in objects(item, item.data, "Routes"))
        found[identity(item, "VpnConnectionId")] = tuple(network(item, one) for one in blocks if one)
    return found


def _propagated(
    names: Any, held: Mapping[str, Attachment], networks: Mapping[str, tuple[Network, ...]]
) -> Iterator[TransitRoute]:
    for name in names:
        attachment = held.get(name)
        for block in networks.get(attachment.resource, ()) if attachment else ():
            yield TransitRoute(block, (name,), propagated=True)
