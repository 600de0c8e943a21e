"""VPCs and subnets, interfaces, instances and NAT gateways, as their describe replies tell them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twin.observe.snapshot import Item, Snapshot
from twin.observe.values import address, identity, inside, network, objects, texts
from twin.semantics.network.intervals import Network
from twin.semantics.network.topology import Held, Instance, Interface, NatGateway, Subnet, Vpc

GONE = frozenset({"deleted", "deleting", "failed", "terminated"})


def _blocks(item: Item, associations: tuple[str, str]) -> tuple[Network, ...]:
    """Return the address blocks of a VPC or subnet: the first one, then those associated with it."""
    found: dict[Network, None] = {}
    if item.data.get("CidrBlock"):
        found[network(item, item.data["CidrBlock"])] = None
    for member, (text, state) in zip(
        associations, (("CidrBlock", "CidrBlockState"), ("Ipv6CidrBlock", "Ipv6CidrBlockState")), strict=True
    ):
        for one in objects(item, item.data, member) if member else ():
            if one.get(text) and inside(one, state, "State") in (None, "associated", "associating"):
                found[network(item, one[text])] = None
    return tuple(found)


PEERS = ("RequesterVpcInfo", "AccepterVpcInfo")


def vpcs(snapshot: Snapshot) -> dict[str, Vpc]:
    """Return the VPCs; where no folder names their Region, peering connections may."""
    ends = [one.data.get(side) or {} for one in snapshot.of("VpcPeeringConnections") for side in PEERS]
    regions = {str(one.get("VpcId")): str(one.get("Region") or "") for one in ends}
    found: dict[str, Vpc] = {}
    for item in snapshot.of("Vpcs"):
        name = identity(item, "VpcId")
        cidrs = _blocks(item, ("CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet"))
        region, account = item.region or regions.get(name, ""), item.account or str(item.data.get("OwnerId") or "")
        found[name] = Vpc(name, cidrs, region, account)
    return found


def subnets(snapshot: Snapshot) -> dict[str, Subnet]:
    """Return the subnets; zones by their id, which means the same in every account, where it is told."""
    found: dict[str, Subnet] = {}
    for item in snapshot.of("Subnets"):
        name = identity(item, "SubnetId")
        zone_name = str(item.data.get("AvailabilityZone") or "")
        zone = item.data.get("AvailabilityZoneId") or zone_name
        cidrs = _blocks(item, ("", "Ipv6CidrBlockAssociationSet"))
        found[name] = Subnet(
            name, identity(item, "VpcId"), cidrs, str(zone), str(item.data.get("AvailabilityZone") or "")
        )
    return found


def interfaces(snapshot: Snapshot) -> dict[str, Interface]:
    """Return the interfaces, told by themselves or by the instance that they belong to."""
    found: dict[str, Interface] = {}
    for item in snapshot.of("NetworkInterfaces"):
        one = _interface(item)
        if one is not None:
            found[one.id] = one
    for item in snapshot.of("Reservations"):
        for instance in objects(item, item.data, "Instances"):
            if inside(instance, "State", "Name") == "terminated":
                continue
            for data in objects(item, instance, "NetworkInterfaces"):
                one = _interface(replace(item, data=data))
                if one is not None:
                    told = found.get(one.id, one)
                    found[one.id] = replace(told, instance=str(instance.get("InstanceId") or ""))
            _own_address(replace(item, data=instance), found)
    _elastic(snapshot, found)
    return _of_services(snapshot, found)


def _of_services(snapshot: Snapshot, found: dict[str, Interface]) -> dict[str, Interface]:
    """Let a service's interfaces be attached, whatever a store says of them; and all, where no instance was told."""
    services = {end for item in snapshot.of("VpcEndpoints") for end in texts(item, "NetworkInterfaceIds")}
    alone = not snapshot.of("Reservations")
    return {
        name: replace(one, attached=True) if alone or name in services or one.description.startswith("ELB ") else one
        for name, one in found.items()
    }


def _own_address(item: Item, found: dict[str, Interface]) -> None:
    """Give an instance whose interfaces were not told one with the addresses and groups that it tells itself."""
    data = item.data
    name = str(data.get("InstanceId") or "")
    if not data.get("PrivateIpAddress") or any(one.instance == name for one in found.values()):
        return
    public = {"Association": {"PublicIp": data["PublicIpAddress"]}} if data.get("PublicIpAddress") else {}
    told = {**data, **public, "NetworkInterfaceId": f"eni-of-{name}", "Groups": data.get("SecurityGroups")}
    one = _interface(replace(item, data={**told, "PrivateIpAddresses": None}))
    if one is not None:
        found[one.id] = replace(one, instance=name)


def _interface(item: Item) -> Interface | None:
    data = item.data
    if not data.get("SubnetId") or not data.get("VpcId"):
        return None  # an instance's interface while it shuts down
    held: dict[Any, Held] = {}
    private = list(objects(item, data, "PrivateIpAddresses"))
    if not private and data.get("PrivateIpAddress"):
        private = [data]
    # Some stores tell the public address of the first private one beside the list only.
    beside = None if any(one.get("Association") for one in private) else inside(data, "Association", "PublicIp")
    for number, one in enumerate(private):
        public = inside(one, "Association", "PublicIp") or (beside if number == 0 else None)
        value = address(item, one.get("PrivateIpAddress"))
        held[value] = Held(value, address(item, public) if public else None)
    for one in objects(item, data, "Ipv4Prefixes"):
        held.update((value, Held(value)) for value in network(item, one.get("Ipv4Prefix")))
    for one in objects(item, data, "Ipv6Addresses"):
        value = address(item, one.get("Ipv6Address"))
        held[value] = Held(value)
    return Interface(
        identity(item, "NetworkInterfaceId"),
        identity(item, "VpcId"),
        identity(item, "SubnetId"),
        tuple(held.values()),
        texts(item, "Groups[].GroupId"),
        data.get("SourceDestCheck") is not False,
        str(inside(data, "Attachment", "InstanceId") or ""),
        str(data.get("InterfaceType") or "interface"),
        str(data.get("Description") or ""),
        data.get("Status") != "available" or bool(data.get("Attachment")) or data.get("RequesterManaged") is True,
    )


def _elastic(snapshot: Snapshot, found: dict[str, Interface]) -> None:
    """Add the elastic addresses that only `describe-addresses` told."""
    for item in snapshot.of("Addresses"):
        name, public = item.data.get("NetworkInterfaceId"), item.data.get("PublicIp")
        if name not in found or not public or not item.data.get("PrivateIpAddress"):
            continue
        private = address(item, item.data["PrivateIpAddress"])
        held = tuple(
            Held(one.address, address(item, public)) if one.address == private else one for one in found[name].addresses
        )
        found[name] = replace(found[name], addresses=held)


def instances(snapshot: Snapshot, held: Mapping[str, Interface]) -> dict[str, Instance]:
    """Return the instances with their interfaces in the order in which they were told; a terminated one has none."""
    found: dict[str, Instance] = {}
    for item in snapshot.of("Reservations"):
        for data in objects(item, item.data, "Instances"):
            state = str(inside(data, "State", "Name") or "running")
            name = identity(replace(item, data=data), "InstanceId")
            told = [str(one.get("NetworkInterfaceId")) for one in objects(item, data, "NetworkInterfaces")]
            others = [one.id for one in held.values() if one.instance == name and one.id not in told]
            found[name] = Instance(name, tuple(one for one in (*told, *others) if one in held), state)
    for one in held.values():
        if one.instance and one.instance not in found and not snapshot.of("Reservations"):
            mine = tuple(other.id for other in held.values() if other.instance == one.instance)
            found[one.instance] = Instance(one.instance, mine)
    return found


def nat_gateways(
    snapshot: Snapshot, subnets: Mapping[str, Subnet]
) -> tuple[dict[str, NatGateway], dict[str, Interface]]:
    """Return the NAT gateways and their interfaces, which no security group guards."""
    found: dict[str, NatGateway] = {}
    ends: dict[str, Interface] = {}
    for item in snapshot.of("NatGateways"):
        name = identity(item, "NatGatewayId")
        state = str(item.data.get("State") or "available")
        addresses = list(objects(item, item.data, "NatGatewayAddresses"))
        first = next((one for one in addresses if one.get("IsPrimary")), addresses[0] if addresses else {})
        private = address(item, first["PrivateIp"]) if first.get("PrivateIp") else None
        public = address(item, first["PublicIp"]) if first.get("PublicIp") else None
        subnet, vpc = str(item.data.get("SubnetId") or ""), str(item.data.get("VpcId") or "")
        private = _in_subnet(private, subnets.get(subnet))
        available = state not in GONE and state != "pending"
        found[name] = NatGateway(name, vpc, subnet, private, public, available)
        if private is not None and subnet and state not in GONE:
            end = str(first.get("NetworkInterfaceId") or name)
            ends[end] = Interface(end, vpc, subnet, (Held(private, public),), (), False, "", "nat_gateway", name)
    return found, ends


def _in_subnet(private: Any, subnet: Subnet | None) -> Any:
    """Return a NAT gateway's private address; a store that made up one outside the subnet means its last but one."""
    block = next((one for one in subnet.cidrs if one.version == 4), None) if subnet else None
    if private is None or block is None or private in block:
        return private
    return block[-2]
