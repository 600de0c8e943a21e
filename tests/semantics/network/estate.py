"""An estate of four VPCs with every kind of gateway, as the describe replies would tell it."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from twin.observe.snapshot import Item, Snapshot
from twin.observe.topology import assemble
from twin.semantics.network.index import Index

Replies = dict[str, list[dict[str, Any]]]


def vpc(name: str, cidr: str, v6: str = "") -> dict[str, Any]:
    """Return a described VPC."""
    six = [{"Ipv6CidrBlock": v6, "Ipv6CidrBlockState": {"State": "associated"}}] if v6 else []
    return {"VpcId": f"vpc-{name}", "CidrBlock": cidr, "Ipv6CidrBlockAssociationSet": six}


def subnet(name: str, cidr: str, zone: str = "az1", v6: str = "") -> dict[str, Any]:
    """Return a described subnet of the VPC that its name begins with."""
    six = [{"Ipv6CidrBlock": v6, "Ipv6CidrBlockState": {"State": "associated"}}] if v6 else []
    return {
        "SubnetId": f"subnet-{name}", "VpcId": f"vpc-{name[0]}", "CidrBlock": cidr, "AvailabilityZoneId": zone,
        "Ipv6CidrBlockAssociationSet": six,
    }  # fmt: skip


def table(name: str, routes: Mapping[str, str], *subnets: str, main: bool = False, **more: Any) -> dict[str, Any]:
    """Return a described route table; a target with `!` is a blackhole, one with `~` is propagated."""
    listed = []
    for destination, target in routes.items():
        key = "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock"
        key = "DestinationPrefixListId" if destination.startswith("pl-") else key
        route = {key: destination, "State": "blackhole" if "!" in target else "active"}
        route["Origin"] = "EnableVgwRoutePropagation" if "~" in target else "CreateRoute"
        target = target.strip("!~")
        members = {
            "nat": "NatGatewayId", "tgw": "TransitGatewayId", "pcx": "VpcPeeringConnectionId",
            "eni": "NetworkInterfaceId", "eigw": "EgressOnlyInternetGatewayId",
        }  # fmt: skip
        route[members.get(target.partition("-")[0], "GatewayId")] = target
        listed.append(route)
    associations = [{"SubnetId": f"subnet-{one}", "Main": False} for one in subnets] + [{"Main": True}] * main
    associations += [{"GatewayId": one, "Main": False} for one in more.get("gateways", ())]
    return {"RouteTableId": f"rtb-{name}", "VpcId": f"vpc-{name[0]}", "Routes": listed, "Associations": associations}


def interface(name: str, where: str, addresses: str, *groups: str, **more: Any) -> dict[str, Any]:
    """Return a described interface; `addresses` reads `10.0.1.10=198.51.100.10 2001:db8::1`."""
    four, six = [], []
    for text in addresses.split():
        private, _, public = text.partition("=")
        if ":" in private:
            six.append({"Ipv6Address": private})
        else:
            four.append({"PrivateIpAddress": private} | ({"Association": {"PublicIp": public}} if public else {}))
    found = {
        "NetworkInterfaceId": f"eni-{name}", "SubnetId": f"subnet-{where}", "VpcId": f"vpc-{where[0]}",
        "PrivateIpAddresses": four, "Ipv6Addresses": six, "Groups": [{"GroupId": f"sg-{one}"} for one in groups],
        "SourceDestCheck": True, "Attachment": {"InstanceId": f"i-{name}"},
    }  # fmt: skip
    return found | more


def rule(protocol: str, ports: str = "", *sources: str) -> dict[str, Any]:
    """Return a permission: `rule("tcp", "443", "0.0.0.0/0", "sg-web", "pl-office")`."""
    low, _, high = ports.partition("..")
    found: dict[str, Any] = {"IpProtocol": protocol}
    found |= {"FromPort": int(low), "ToPort": int(high or low)} if ports else {}
    found["IpRanges"] = [{"CidrIp": one} for one in sources if "/" in one and ":" not in one]
    found["Ipv6Ranges"] = [{"CidrIpv6": one} for one in sources if ":" in one]
    found["UserIdGroupPairs"] = [{"GroupId": one} for one in sources if one.startswith("sg-")]
    found["PrefixListIds"] = [{"PrefixListId": one} for one in sources if one.startswith("pl-")]
    return found


ANY = rule("-1", "", "0.0.0.0/0", "::/0")


def group(name: str, *ingress: dict[str, Any], egress: tuple[dict[str, Any], ...] = (ANY,)) -> dict[str, Any]:
    """Return a described security group."""
    return {
        "GroupId": f"sg-{name}", "VpcId": "vpc-a", "IpPermissions": list(ingress), "IpPermissionsEgress": list(egress)
    }  # fmt: skip


def acl(name: str, entries: list[str], *subnets: str, default: bool = False) -> dict[str, Any]:
    """Return a described network ACL; an entry reads `in 100 allow tcp 443 10.0.0.0/8`."""
    listed = []
    for text in entries:
        way, number, action, protocol, ports, block = text.split()
        entry: dict[str, Any] = {"RuleNumber": int(number), "Egress": way == "out", "RuleAction": action}
        entry["Protocol"] = {"all": "-1", "tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}[protocol]
        entry["Ipv6CidrBlock" if ":" in block else "CidrBlock"] = block
        low, _, high = ports.partition("-")
        if protocol in ("tcp", "udp"):
            entry["PortRange"] = {"From": int(low), "To": int(high or low)}
        elif protocol.startswith("icmp"):
            entry["IcmpTypeCode"] = {"Type": int(low), "Code": -1}
        listed.append(entry)
    star = [
        {"RuleNumber": 32767, "Egress": way, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}
        for way in (True, False)
    ]
    return {
        "NetworkAclId": f"acl-{name}", "VpcId": f"vpc-{name[0]}", "Entries": listed + star, "IsDefault": default,
        "Associations": [{"SubnetId": f"subnet-{one}"} for one in subnets],
    }  # fmt: skip


OPEN = [
    "in 100 allow all - 0.0.0.0/0", "out 100 allow all - 0.0.0.0/0", "in 101 allow all - ::/0",
    "out 101 allow all - ::/0",
]  # fmt: skip
ARN = "arn:aws:elasticloadbalancing:us-east-1:111122223333"
ALB, NLB = f"{ARN}:loadbalancer/app/shop/50dc", f"{ARN}:loadbalancer/net/pipe/60ee"
WEB, OLD, RAW = (f"{ARN}:targetgroup/{name}/1" for name in ("web", "old", "raw"))


def attachment(name: str, kind: str, resource: str, table_: str) -> dict[str, Any]:
    """Return a described attachment of the one transit gateway."""
    return {
        "TransitGatewayAttachmentId": f"tgw-attach-{name}", "TransitGatewayId": "tgw-1", "ResourceType": kind,
        "ResourceId": resource, "State": "available",
        "Association": {"TransitGatewayRouteTableId": table_, "State": "associated"},
    }  # fmt: skip


def transit_route(block: str, name: str, kind: str = "propagated") -> dict[str, Any]:
    """Return a searched route; no name is a blackhole."""
    attached = [{"TransitGatewayAttachmentId": f"tgw-attach-{name}"}] if name else []
    return {
        "DestinationCidrBlock": block, "Type": kind, "State": "active" if name else "blackhole",
        "TransitGatewayAttachments": attached, "TransitGatewayRouteTableId": "tgw-rtb-1",
    }  # fmt: skip


def listener(arn: str, port: int, protocol: str, *groups: str) -> dict[str, Any]:
    """Return a described listener."""
    action: dict[str, Any] = {"Type": "forward" if groups else "fixed-response"}
    action |= {"ForwardConfig": {"TargetGroups": [{"TargetGroupArn": one} for one in groups]}} if groups else {}
    name = f"{arn.replace(':loadbalancer/', ':listener/')}/{port}"
    return {"ListenerArn": name, "LoadBalancerArn": arn, "Port": port, "Protocol": protocol, "DefaultActions": [action]}


def health(group_: str, target: str, port: int, state: str = "healthy") -> dict[str, Any]:
    """Return a described target."""
    return {"Target": {"Id": target, "Port": port}, "TargetHealth": {"State": state}, "TargetGroupArn": group_}


def replies() -> Replies:
    """Return the estate; each call makes a copy that a test may change."""
    return deepcopy(ESTATE)


ESTATE: Replies = {
    "Vpcs": [
        vpc("a", "10.0.0.0/16", "2001:db8:a::/56"), vpc("b", "10.1.0.0/16", "2001:db8:b::/56"), vpc("c", "10.2.0.0/16"),
        vpc("d", "10.3.0.0/16"),
    ],
    "Subnets": [
        subnet("a-pub", "10.0.1.0/24", v6="2001:db8:a:1::/64"), subnet("a-app", "10.0.2.0/24", v6="2001:db8:a:2::/64"),
        subnet("a-db", "10.0.3.0/24"), subnet("a-app2", "10.0.4.0/24", "az2"), subnet("a-acl", "10.0.5.0/24"),
        subnet("a-tgw", "10.0.6.0/28"), subnet("a-fw", "10.0.7.0/24"), subnet("a-insp", "10.0.8.0/24"),
        subnet("a-six", "10.0.9.0/24", v6="2001:db8:a:9::/64"), subnet("b-1", "10.1.1.0/24", v6="2001:db8:b:1::/64"),
        subnet("c-1", "10.2.1.0/24"), subnet("d-1", "10.3.1.0/24"),
    ],
    "RouteTables": [
        table("a-main", {"10.0.0.0/16": "local", "2001:db8:a::/56": "local"}, main=True),
        table("a-pub", {
            "10.0.0.0/16": "local", "0.0.0.0/0": "igw-a", "::/0": "igw-a", "10.1.0.0/16": "pcx-ab",
            "10.9.0.0/16": "vgw-a~", "10.9.5.0/24": "nat-gone!", "10.9.6.0/24": "pcx-pending",
            "10.0.128.0/17": "vgw-a~", "10.9.7.0/24": "vgw-a~", "10.9.8.0/24": "nat-broken",
        }, "a-pub"),
        table("a-app", {
            "10.0.0.0/16": "local", "0.0.0.0/0": "nat-a", "::/0": "eigw-a", "10.2.0.0/16": "tgw-1",
            "10.3.0.0/16": "tgw-1", "10.8.0.0/16": "tgw-1", "10.7.0.0/16": "tgw-1", "10.1.0.0/16": "pcx-ab",
            "pl-s3": "vpce-s3", "172.31.0.0/16": "nat-gone!", "64:ff9b::/96": "nat-a", "2001:db8:b::/56": "pcx-ab",
        }, "a-app", "a-app2"),
        table("a-insp", {"10.0.0.0/16": "local", "10.0.2.0/24": "eni-fw", "10.0.3.0/24": "eni-strict"}, "a-insp"),
        table("a-six", {"::/0": "igw-a", "0.0.0.0/0": "igw-other"}, "a-six"),
        table("b-1", {"10.0.0.0/16": "pcx-ab", "10.2.0.0/16": "pcx-bc", "2001:db8:a::/56": "pcx-ab",
                      "0.0.0.0/0": "pcx-ab"}, "b-1", main=True),
        table("c-1", {"10.0.0.0/8": "tgw-1", "10.1.0.0/16": "pcx-bc"}, "c-1", main=True),
        table("d-1", {"10.0.0.0/8": "tgw-1"}, "d-1", main=True),
    ],
    "NetworkAcls": [
        acl("a-open", OPEN, default=True), acl("b-open", OPEN, default=True), acl("c-open", OPEN, default=True),
        acl("d-open", OPEN, default=True),
        acl("a-db", ["in 100 allow tcp 5432 10.0.2.0/24", "out 100 allow tcp 1024-65535 10.0.2.0/24"], "a-db"),
        acl("a-mixed", [
            "in 90 deny tcp 22 10.0.1.0/24", "in 100 allow tcp 22 10.0.0.0/16", "in 110 allow tcp 80-90 0.0.0.0/0",
            "in 120 deny tcp 85 0.0.0.0/0", "in 130 allow icmp 8 0.0.0.0/0", "in 140 allow udp 53 0.0.0.0/0",
            "in 150 allow tcp 1024-65535 10.0.1.0/24",
            "out 100 allow tcp 1024-65535 10.0.2.0/24", "out 110 allow tcp 443 0.0.0.0/0",
            "out 120 allow icmp 0 0.0.0.0/0",
        ], "a-acl"),
    ],
    "SecurityGroups": [
        group("all", ANY), group("none"), group("mute", ANY, egress=()),
        group("web", rule("tcp", "443", "0.0.0.0/0", "::/0"), rule("tcp", "22", "pl-office"),
              rule("icmp", "8..-1", "0.0.0.0/0")),
        group("app", rule("tcp", "8080", "sg-web"), rule("tcp", "9000..9010", "10.0.0.0/8"),
              rule("tcp", "7000", "sg-app"), rule("tcp", "8080", "sg-alb"), rule("tcp", "6000", "sg-peer")),
        group("db", rule("tcp", "5432", "sg-app"), rule("tcp", "22", "0.0.0.0/0")),
        group("narrow", ANY, egress=(rule("tcp", "443", "0.0.0.0/0"), rule("tcp", "5432", "sg-db"))),
        group("peer", rule("tcp", "443", "sg-app"), rule("icmp", "-1..-1", "10.0.0.0/16"),
              rule("tcp", "80", "10.0.0.0/16"), rule("tcp", "80", "2001:db8:a::/56")),
        group("far", rule("tcp", "443", "sg-app"), rule("tcp", "80", "10.0.0.0/8")),
        group("vpce", rule("tcp", "443", "10.0.0.0/16")), group("alb", rule("tcp", "80..443", "0.0.0.0/0")),
        group("esp", rule("50", "", "10.0.0.0/16"), rule("icmpv6", "-1..-1", "::/0")),
    ],
    "PrefixLists": [
        {"PrefixListId": "pl-s3", "PrefixListName": "com.amazonaws.us-east-1.s3", "Cidrs": ["52.216.0.0/15"]},
        {"PrefixListId": "pl-office", "PrefixListName": "office", "Cidrs": ["203.0.113.0/24"]},
    ],
    "NetworkInterfaces": [
        interface("web", "a-pub", "10.0.1.10=198.51.100.10 2001:db8:a:1::10", "web"),
        interface("plain", "a-pub", "10.0.1.11", "all"), interface("shut", "a-pub", "10.0.1.12=198.51.100.12", "none"),
        interface("two", "a-pub", "10.0.1.20=198.51.100.20 10.0.1.21", "all"),
        interface("mute", "a-app", "10.0.2.13", "mute"), interface("narrow", "a-app", "10.0.2.14", "narrow"),
        interface("app", "a-app", "10.0.2.10 2001:db8:a:2::10", "app"), interface("app2", "a-app2", "10.0.4.10", "app"),
        interface("appb", "a-app", "10.0.2.11", "app"),
        interface("db", "a-db", "10.0.3.10", "db"), interface("db2", "a-db", "10.0.3.11=198.51.100.31", "all"),
        interface("acl", "a-acl", "10.0.5.10", "all"), interface("acl2", "a-acl", "10.0.5.11", "all"),
        interface("fw", "a-fw", "10.0.7.10", "all", SourceDestCheck=False),
        interface("strict", "a-fw", "10.0.7.11", "all"), interface("insp", "a-insp", "10.0.8.10", "all"),
        interface("six", "a-six", "10.0.9.10=198.51.100.90 2001:db8:a:9::10", "all"),
        interface("esp", "a-app", "10.0.2.60 2001:db8:a:2::60", "esp"), interface("off", "a-app", "10.0.2.61", "all"),
        interface("peer", "b-1", "10.1.1.10 2001:db8:b:1::10", "peer"), interface("far", "c-1", "10.2.1.10", "far"),
        interface("lone", "d-1", "10.3.1.10", "all"),
        interface("ssm", "a-app", "10.0.2.50", "vpce", InterfaceType="vpc_endpoint", Attachment={}),
        interface("alb", "a-pub", "10.0.1.80=198.51.100.80", "alb", Description="ELB app/shop/50dc", Attachment={}),
        interface("nlb", "a-pub", "10.0.1.81=198.51.100.81", Description="ELB net/pipe/60ee", Attachment={}),
    ],
    "Reservations": [
        {"Instances": [{"InstanceId": "i-off", "State": {"Name": "stopped"},
                        "NetworkInterfaces": [{"NetworkInterfaceId": "eni-off", "SubnetId": "subnet-a-app",
                                               "VpcId": "vpc-a", "PrivateIpAddress": "10.0.2.61"}]}]
         + [{"InstanceId": f"i-{one}", "State": {"Name": "running"}, "NetworkInterfaces": []}
            for one in ("web", "app", "appb", "db", "two", "far", "peer", "plain")]},
    ],
    "InternetGateways": [
        {"InternetGatewayId": "igw-a", "Attachments": [{"VpcId": "vpc-a", "State": "available"}]},
        {"InternetGatewayId": "igw-other", "Attachments": []},
    ],
    "EgressOnlyInternetGateways": [
        {"EgressOnlyInternetGatewayId": "eigw-a", "Attachments": [{"VpcId": "vpc-a", "State": "attached"}]}
    ],
    "NatGateways": [
        {"NatGatewayId": "nat-a", "VpcId": "vpc-a", "SubnetId": "subnet-a-pub", "State": "available",
         "NatGatewayAddresses": [{"PrivateIp": "10.0.1.200", "PublicIp": "198.51.100.200",
                                  "NetworkInterfaceId": "eni-nat"}]},
        {"NatGatewayId": "nat-broken", "VpcId": "vpc-a", "SubnetId": "subnet-a-pub", "State": "failed",
         "NatGatewayAddresses": []},
    ],
    "VpcEndpoints": [
        {"VpcEndpointId": "vpce-s3", "VpcId": "vpc-a", "VpcEndpointType": "Gateway", "State": "available",
         "ServiceName": "com.amazonaws.us-east-1.s3"},
        {"VpcEndpointId": "vpce-ssm", "VpcId": "vpc-a", "VpcEndpointType": "Interface", "State": "available",
         "NetworkInterfaceIds": ["eni-ssm"]},
    ],
    "VpcPeeringConnections": [
        {"VpcPeeringConnectionId": name, "Status": {"Code": code}, "RequesterVpcInfo": {"VpcId": one},
         "AccepterVpcInfo": {"VpcId": other}}
        for name, code, one, other in (
            ("pcx-ab", "active", "vpc-a", "vpc-b"), ("pcx-bc", "active", "vpc-b", "vpc-c"),
            ("pcx-pending", "pending-acceptance", "vpc-a", "vpc-d"),
        )
    ],
    "VpnGateways": [{"VpnGatewayId": "vgw-a", "VpcAttachments": [{"VpcId": "vpc-a", "State": "attached"}]}],
    "VpnConnections": [{"VpnConnectionId": "vpn-a", "VpnGatewayId": "vgw-a", "State": "available"}],
    "TransitGateways": [{"TransitGatewayId": "tgw-1", "Options": {}}],
    "TransitGatewayAttachments": [
        attachment("a", "vpc", "vpc-a", "tgw-rtb-1"), attachment("c", "vpc", "vpc-c", "tgw-rtb-1"),
        attachment("d", "vpc", "vpc-d", "tgw-rtb-2"), attachment("vpn", "vpn", "vpn-t", "tgw-rtb-1"),
    ],
    "TransitGatewayVpcAttachments": [
        {"TransitGatewayAttachmentId": f"tgw-attach-{name}", "TransitGatewayId": "tgw-1", "VpcId": f"vpc-{name}",
         "SubnetIds": [where]}
        for name, where in (("a", "subnet-a-tgw"), ("c", "subnet-c-1"), ("d", "subnet-d-1"))
    ],
    "TransitGatewayRouteTables": [
        {"TransitGatewayRouteTableId": name, "TransitGatewayId": "tgw-1", "State": "available"}
        for name in ("tgw-rtb-1", "tgw-rtb-2")
    ],
    "Routes": [
        transit_route("10.0.0.0/16", "a"), transit_route("10.2.0.0/16", "c"),
        transit_route("10.2.128.0/17", "", "static"), transit_route("10.3.0.0/16", "d"),
        transit_route("10.3.0.0/16", "", "static"), transit_route("10.8.0.0/16", "vpn", "static"),
    ],
    "LoadBalancers": [
        {"LoadBalancerArn": ALB, "LoadBalancerName": "shop", "Type": "application"},
        {"LoadBalancerArn": NLB, "LoadBalancerName": "pipe", "Type": "network"},
    ],
    "Listeners": [
        listener(ALB, 443, "HTTPS", WEB), listener(ALB, 80, "HTTP"), listener(ALB, 81, "HTTP", OLD),
        listener(NLB, 9000, "TCP", RAW),
    ],
    "TargetGroups": [
        {"TargetGroupArn": WEB, "TargetType": "instance"}, {"TargetGroupArn": OLD, "TargetType": "instance"},
        {"TargetGroupArn": RAW, "TargetType": "instance"},
    ],
    "TargetHealthDescriptions": [
        health(WEB, "i-app", 8080), health(OLD, "i-app", 8080, "unhealthy"), health(RAW, "i-app", 9000),
    ],
}  # fmt: skip


def snapshot(told: Replies) -> Snapshot:
    """Return replies as a snapshot that was read."""
    return Snapshot({kind: tuple(Item(one, Path("estate.json")) for one in listed) for kind, listed in told.items()})


def index(told: Replies | None = None) -> Index:
    """Return the estate, or changed replies, ready to be asked."""
    return Index(assemble(snapshot(replies() if told is None else told)))
