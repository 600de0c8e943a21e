"""Two peered VPCs as `aws ec2 describe-*` would really tell them: every member, own interfaces of NAT gateways."""

import json
from pathlib import Path
from typing import Any

Snap = dict[str, list[dict[str, Any]]]
OWNER = "111122223333"
ANYWHERE = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
EVERYTHING = [{"IpProtocol": "-1", "PrefixListIds": [], "UserIdGroupPairs": [], **ANYWHERE}]


def permission(protocol: str, ports: tuple[int, int] | None, *sources: Any) -> dict[str, Any]:
    """Return a rule; a source is a block, a prefix list, or a group with what stands beside it."""
    found: dict[str, Any] = {"IpProtocol": protocol}
    found |= {"FromPort": ports[0], "ToPort": ports[1]} if ports else {}
    texts = [one for one in sources if isinstance(one, str)]
    found["IpRanges"] = [{"CidrIp": one} for one in texts if "/" in one and ":" not in one]
    found["Ipv6Ranges"] = [{"CidrIpv6": one} for one in texts if ":" in one]
    found["PrefixListIds"] = [{"PrefixListId": one} for one in texts if one.startswith("pl-")]
    pairs = [{"GroupId": one} for one in texts if one.startswith("sg-")] + [one for one in sources if one not in texts]
    found["UserIdGroupPairs"] = [{"UserId": OWNER, **one} for one in pairs]
    return found


def group(name: str, vpc: str, *ingress: dict[str, Any]) -> dict[str, Any]:
    """Return a security group that lets everything out."""
    return {
        "GroupId": name, "GroupName": name, "VpcId": vpc, "OwnerId": OWNER, "Description": "",
        "IpPermissions": list(ingress), "IpPermissionsEgress": EVERYTHING,
    }  # fmt: skip


def interface(name: str, where: str, address: str, *groups: str, public: str = "", **more: Any) -> dict[str, Any]:
    """Return an interface in a subnet, attached to the instance of its name."""
    known = {"Association": {"PublicIp": public, "IpOwnerId": "amazon"}} if public else {}
    return {
        "NetworkInterfaceId": f"eni-{name}", "VpcId": "vpc-2" if where == "subnet-far" else "vpc-1", "SubnetId": where,
        "PrivateIpAddress": address, "Status": "in-use", "SourceDestCheck": True, "InterfaceType": "interface",
        "Description": "", "Groups": [{"GroupId": one, "GroupName": one} for one in groups], "Ipv6Addresses": [],
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address, **known}], **known,
        "Attachment": {"DeviceIndex": 0, "InstanceId": f"i-{name}", "Status": "attached"},
    } | more  # fmt: skip


def table(name: str, vpc: str, routes: dict[str, dict[str, str]], *subnets: str) -> dict[str, Any]:
    """Return a route table; without subnets it is the main one."""
    block = "10.1.0.0/16" if vpc == "vpc-2" else "10.0.0.0/16"
    told = {block: {"GatewayId": "local", "Origin": "CreateRouteTable"}} | routes
    held: list[dict[str, Any]] = [{"Main": False, "SubnetId": one} for one in subnets] or [{"Main": True}]
    return {
        "RouteTableId": name, "VpcId": vpc, "Associations": held, "PropagatingVgws": [],
        "Routes": [{"DestinationCidrBlock": to, "State": "active", **by} for to, by in told.items()],
    }  # fmt: skip


def entries(*allowed: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of an ACL, the last rule of each way among them."""
    last = [{"RuleNumber": 32767, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}]
    return [*allowed, *({**one, "Egress": way} for one in last for way in (True, False))]


def entry(number: int, way: str, protocol: str = "-1", ports: tuple[int, int] | None = None) -> dict[str, Any]:
    """Return an entry that allows; of ICMP the ports are type and code."""
    found: dict[str, Any] = {"RuleNumber": number, "Egress": way == "out", "RuleAction": "allow", "Protocol": protocol}
    found["CidrBlock"] = "0.0.0.0/0"
    if ports is not None:
        icmp = protocol == "1"
        names = ("IcmpTypeCode", "Type", "Code") if icmp else ("PortRange", "From", "To")
        found[names[0]] = {names[1]: ports[0], names[2]: ports[1]}
    return found


def acl(name: str, vpc: str, *subnets: str) -> dict[str, Any]:
    """Return an ACL that lets everything through."""
    return {
        "NetworkAclId": name, "VpcId": vpc, "IsDefault": True, "Entries": entries(entry(100, "in"), entry(100, "out")),
        "Associations": [{"NetworkAclId": name, "SubnetId": one} for one in subnets],
    }  # fmt: skip


def subnet(name: str, vpc: str, block: str, zone: str) -> dict[str, Any]:
    """Return a subnet."""
    return {"SubnetId": name, "VpcId": vpc, "CidrBlock": block, "AvailabilityZoneId": zone, "State": "available"}


def estate() -> Snap:
    """Return the two VPCs: a public web server, an application behind NAT, a database beyond a peering."""
    enis = [
        interface("web", "subnet-pub", "10.0.0.10", "sg-web", public="54.1.1.1"),
        interface("app", "subnet-prv", "10.0.1.10", "sg-app"),
        interface("far", "subnet-far", "10.1.0.10", "sg-far"),
    ]
    nat = interface("nat", "subnet-pub", "10.0.0.200", public="54.2.2.2", InterfaceType="nat_gateway",
                    RequesterManaged=True, SourceDestCheck=False)  # fmt: skip
    nat["Attachment"] = {"DeviceIndex": 1, "InstanceOwnerId": "amazon-aws", "Status": "attached"}
    ends = {"RequesterVpcInfo": "vpc-1", "AccepterVpcInfo": "vpc-2"}
    from_app = {"GroupId": "sg-app", "VpcId": "vpc-1", "VpcPeeringConnectionId": "pcx-1", "PeeringStatus": "active"}
    peer = {"VpcPeeringConnectionId": "pcx-1"}
    return {
        "Vpcs": [{"VpcId": f"vpc-{n}", "CidrBlock": f"10.{n - 1}.0.0/16", "OwnerId": OWNER} for n in (1, 2)],
        "Subnets": [
            subnet("subnet-pub", "vpc-1", "10.0.0.0/24", "use1-az1"),
            subnet("subnet-prv", "vpc-1", "10.0.1.0/24", "use1-az2"),
            subnet("subnet-far", "vpc-2", "10.1.0.0/24", "use1-az1"),
        ],
        "RouteTables": [
            table("rtb-pub", "vpc-1", {"0.0.0.0/0": {"GatewayId": "igw-1"}}, "subnet-pub"),
            table("rtb-prv", "vpc-1", {"0.0.0.0/0": {"NatGatewayId": "nat-1"}, "10.1.0.0/16": peer}, "subnet-prv"),
            table("rtb-far", "vpc-2", {"10.0.0.0/16": peer}),
        ],
        "NetworkAcls": [acl("acl-1", "vpc-1", "subnet-pub", "subnet-prv"), acl("acl-2", "vpc-2", "subnet-far")],
        "SecurityGroups": [
            group("sg-web", "vpc-1", permission("tcp", (443, 443), "0.0.0.0/0")),
            group("sg-app", "vpc-1", permission("tcp", (8080, 8080), "sg-web")),
            group("sg-far", "vpc-2", permission("tcp", (5432, 5432), from_app)),
        ],
        "NetworkInterfaces": [*enis, nat],
        "Reservations": [
            {"Instances": [{"InstanceId": one["Attachment"]["InstanceId"], "State": {"Code": 16, "Name": "running"},
                            "NetworkInterfaces": [one]}]} for one in enis
        ],
        "InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"State": "available", "VpcId": "vpc-1"}]}],
        "NatGateways": [
            {"NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-pub", "State": "available",
             "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-nat", "PrivateIp": "10.0.0.200",
                                      "PublicIp": "54.2.2.2"}]}
        ],
        "VpcPeeringConnections": [
            {"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"},
             **{side: {"VpcId": vpc, "Region": "us-east-1"} for side, vpc in ends.items()}}
        ],
    }  # fmt: skip


def transit() -> Snap:
    """Return the two VPCs with a transit gateway and its default route table in the peering's place."""
    told = estate()
    del told["VpcPeeringConnections"]
    for name in ("rtb-prv", "rtb-far"):
        for route in one(told, "RouteTables", name)["Routes"]:
            if route.pop("VpcPeeringConnectionId", None):
                route["TransitGatewayId"] = "tgw-1"
    one(told, "SecurityGroups", "sg-far")["IpPermissions"] = [permission("tcp", (5432, 5432), "10.0.0.0/16")]
    default = {"AssociationDefaultRouteTableId": "tgw-rtb-1", "PropagationDefaultRouteTableId": "tgw-rtb-1"}
    default |= dict.fromkeys(("DefaultRouteTableAssociation", "DefaultRouteTablePropagation"), "enable")
    told["TransitGateways"] = [{"TransitGatewayId": "tgw-1", "State": "available", "Options": default}]
    told["TransitGatewayAttachments"] = [
        {"TransitGatewayAttachmentId": f"tgw-attach-{n}", "TransitGatewayId": "tgw-1", "ResourceType": "vpc",
         "ResourceId": f"vpc-{n}", "State": "available",
         "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"}} for n in (1, 2)
    ]  # fmt: skip
    told["TransitGatewayVpcAttachments"] = [
        {"TransitGatewayAttachmentId": f"tgw-attach-{n}", "TransitGatewayId": "tgw-1", "VpcId": f"vpc-{n}",
         "State": "available", "SubnetIds": [where]} for n, where in ((1, "subnet-prv"), (2, "subnet-far"))
    ]  # fmt: skip
    told["TransitGatewayRouteTables"] = [
        {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1", "State": "available",
         "DefaultAssociationRouteTable": True, "DefaultPropagationRouteTable": True}
    ]  # fmt: skip
    return told


def one(told: Snap, kind: str, name: str) -> dict[str, Any]:
    """Return the described object that has this id."""
    return next(found for found in told[kind] if name in found.values())


def save(told: Snap, folder: Path) -> Path:
    """Write a file per kind."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, listed in told.items():
        (folder / f"{kind}.json").write_text(json.dumps({kind: listed}))
    return folder
