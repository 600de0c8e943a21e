"""Route tables and the gateways of VPCs, as their describe replies tell them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from twin.observe.places import GONE
from twin.observe.rules import PrefixLists
from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import identity, inside, network, objects, texts
from twin.semantics.network.intervals import Network
from twin.semantics.network.topology import (
    Endpoint,
    InternetGateway,
    Peering,
    Route,
    RouteKind,
    RouteTable,
    Vpc,
    VpnConnection,
    VpnGateway,
)

TARGETS = (
    "GatewayId", "NatGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "NetworkInterfaceId", "InstanceId",
    "EgressOnlyInternetGatewayId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn", "VpcEndpointId",
)  # fmt: skip


def route_tables(
    snapshot: Snapshot, vpcs: Mapping[str, Vpc], lists: PrefixLists
) -> tuple[dict[str, RouteTable], list[str]]:
    """Return the route tables, prefix lists expanded, and a note on each list that was not told."""
    found: dict[str, RouteTable] = {}
    notes: list[str] = []
    for item in snapshot.of("RouteTables"):
        name, vpc = identity(item, "RouteTableId"), identity(item, "VpcId")
        routes = [_route(item, one, lists, notes) for one in objects(item, item.data, "Routes")]
        routes += _local(vpcs[vpc].cidrs if vpc in vpcs else (), routes)
        associations = [
            one
            for one in objects(item, item.data, "Associations")
            if inside(one, "AssociationState", "State") in (None, "associated", "associating")
        ]
        found[name] = RouteTable(
            name,
            vpc,
            tuple(routes),
            tuple(str(one["SubnetId"]) for one in associations if one.get("SubnetId")),
            tuple(str(one["GatewayId"]) for one in associations if one.get("GatewayId")),
            any(one.get("Main") for one in associations),
        )
    return found, notes


def _local(cidrs: Iterable[Network], routes: list[Route]) -> Iterator[Route]:
    """Yield the local routes that every table has, for blocks that no told route is about."""
    told = {destination for route in routes for destination in route.destinations}
    for cidr in cidrs:
        if cidr not in told:
            yield Route((cidr,), "local", "local", label=str(cidr))


def _route(item: Item, data: Mapping[str, Any], lists: PrefixLists, notes: list[str]) -> Route:
    target = next((str(data[member]) for member in TARGETS if data.get(member)), "")
    text = data.get("DestinationCidrBlock") or data.get("DestinationIpv6CidrBlock")
    kind: RouteKind = "local" if target == "local" else "static"
    if text:
        destinations: tuple[Network, ...] = (network(item, text),)
        if data.get("Origin") == "EnableVgwRoutePropagation":
            kind = "propagated"
    else:
        text = str(data.get("DestinationPrefixListId") or "")
        destinations, kind = lists.get(text, ()), "prefix-list"
        if text not in lists:
            notes.append(f"{item.path}: the entries of {text} were not told; its route is taken to match nothing")
    active = data.get("State", "active") != "blackhole"
    return Route(destinations, target, kind, active, str(text))


def internet_gateways(snapshot: Snapshot) -> dict[str, InternetGateway]:
    """Return internet gateways and egress-only ones."""
    found: dict[str, InternetGateway] = {}
    for kind, member, egress_only in (
        ("InternetGateways", "InternetGatewayId", False),
        ("EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId", True),
    ):
        for item in snapshot.of(kind):
            name = identity(item, member)
            found[name] = InternetGateway(name, _attached(item, "Attachments"), egress_only)
    for item in snapshot.of("RouteTables"):
        for name in _led_to(item) - found.keys():
            found[name] = InternetGateway(name, (str(item.data.get("VpcId") or ""),), name.startswith("eigw-"))
    return found


def _led_to(item: Item) -> set[str]:
    """Return the internet gateways to which a table's active routes lead: such a route needs one that is attached."""
    routes = [one for one in objects(item, item.data, "Routes") if one.get("State") in (None, "active")]
    targets = {str(one.get(member) or "") for one in routes for member in ("GatewayId", "EgressOnlyInternetGatewayId")}
    return {one for one in targets if one.startswith(("igw-", "eigw-"))}


def _attached(item: Item, member: str) -> tuple[str, ...]:
    return tuple(
        str(one["VpcId"])
        for one in objects(item, item.data, member)
        if one.get("VpcId") and one.get("State") in (None, "available", "attached", "attaching")
    )


def endpoints(snapshot: Snapshot) -> dict[str, Endpoint]:
    """Return the VPC endpoints."""
    found: dict[str, Endpoint] = {}
    for item in snapshot.of("VpcEndpoints"):
        name = identity(item, "VpcEndpointId")
        found[name] = Endpoint(
            name,
            identity(item, "VpcId"),
            str(item.data.get("VpcEndpointType") or "Gateway"),
            str(item.data.get("ServiceName") or ""),
            texts(item, "SubnetIds"),
            texts(item, "NetworkInterfaceIds"),
            str(item.data.get("State") or "available").lower() in ("available", "pending"),
        )
    return found


def peerings(snapshot: Snapshot) -> dict[str, Peering]:
    """Return the peering connections; seen from both sides, either one's word counts when it is active."""
    found: dict[str, Peering] = {}
    for item in snapshot.of("VpcPeeringConnections"):
        name = identity(item, "VpcPeeringConnectionId")
        ends = [str(inside(item.data, side, "VpcId") or "") for side in ("RequesterVpcInfo", "AccepterVpcInfo")]
        active = inside(item.data, "Status", "Code") in (None, "active")
        one = Peering(name, ends[0], ends[1], active)
        found[name] = replace(one, active=active or (name in found and found[name].active))
    return found


def vpn_gateways(snapshot: Snapshot) -> dict[str, VpnGateway]:
    """Return the virtual private gateways."""
    found: dict[str, VpnGateway] = {}
    for item in snapshot.of("VpnGateways"):
        if item.data.get("State") not in GONE:
            name = identity(item, "VpnGatewayId")
            found[name] = VpnGateway(name, _attached(item, "VpcAttachments"))
    return found


def vpn_connections(snapshot: Snapshot) -> dict[str, VpnConnection]:
    """Return the VPN connections."""
    found: dict[str, VpnConnection] = {}
    for item in snapshot.of("VpnConnections"):
        if item.data.get("State") not in GONE:
            name = identity(item, "VpnConnectionId")
            gateway = item.data.get("VpnGatewayId") or item.data.get("TransitGatewayId") or ""
            found[name] = VpnConnection(name, str(gateway))
    return found
