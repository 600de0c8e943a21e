"""A sound network in two zones, as its describe replies tell it: balancer, two web servers, a database."""

from copy import deepcopy
from pathlib import Path

from twin.observe.snapshot import collected
from twin.observe.topology import assemble

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/front/1a2b"
GROUP = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/web/3c4d"
LISTENER = BALANCER.replace("loadbalancer/", "listener/") + "/5e6f"
EDGE = ["173.245.48.0/20", "103.21.244.0/22"]
BLOCKS = {
    "public-a": "10.0.0.0/24", "public-b": "10.0.1.0/24", "web-a": "10.0.10.0/24", "web-b": "10.0.11.0/24",
    "data-a": "10.0.20.0/24", "data-b": "10.0.21.0/24",
}  # fmt: skip
ANY = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def tcp(port, *peers):
    """A permission for one port: from blocks, or from groups."""
    return {
        "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
        "IpRanges": [{"CidrIp": one} for one in peers if "/" in one],
        "UserIdGroupPairs": [{"GroupId": one} for one in peers if "/" not in one],
    }  # fmt: skip


def group(name, *ingress, egress=(ANY,)):
    """A security group."""
    return {
        "GroupId": f"sg-{name}", "GroupName": name, "VpcId": "vpc-1", "IpPermissions": list(ingress),
        "IpPermissionsEgress": list(egress),
    }  # fmt: skip


def table(name, routes, *subnets):
    """A route table."""
    listed = [
        {"DestinationCidrBlock": block, "NatGatewayId" if to.startswith("nat-") else "GatewayId": to, "State": "active"}
        for block, to in routes.items()
    ]
    return {
        "RouteTableId": f"rtb-{name}", "VpcId": "vpc-1", "Routes": listed,
        "Associations": [{"SubnetId": f"subnet-{one}"} for one in subnets],
    }  # fmt: skip


def interface(name, subnet, address, *groups, **more):
    """An interface."""
    return {
        "NetworkInterfaceId": f"eni-{name}", "VpcId": "vpc-1", "SubnetId": f"subnet-{subnet}",
        "PrivateIpAddresses": [{"PrivateIpAddress": address, **more.pop("held", {})}],
        "Groups": [{"GroupId": f"sg-{one}"} for one in groups], **more,
    }  # fmt: skip


def instance(name, zone):
    """A running web server."""
    end = interface(name, f"web-{zone}", f"10.0.1{'ab'.index(zone)}.10", "web")
    return {
        "InstanceId": f"i-{name}", "State": {"Name": "running"}, "NetworkInterfaces": [end],
        "Tags": [{"Key": "Name", "Value": name}],
    }  # fmt: skip


def _ways():
    """The VPC, its subnets, and where their routes lead."""
    local, zones = {"10.0.0.0/16": "local"}, {"a": "us-east-1a", "b": "us-east-1b"}
    return {
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "Tags": [{"Key": "Name", "Value": "main"}]}],
        "Subnets": [
            {"SubnetId": f"subnet-{name}", "VpcId": "vpc-1", "CidrBlock": block, "AvailabilityZone": zones[name[-1]]}
            for name, block in BLOCKS.items()
        ],
        "InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]}],
        "NatGateways": [
            {
                "NatGatewayId": f"nat-{zone}", "VpcId": "vpc-1", "SubnetId": f"subnet-public-{zone}",
                "State": "available",
                "NatGatewayAddresses": [{"PrivateIp": f"10.0.{n}.9", "PublicIp": f"198.51.100.{n + 1}"}],
            }
            for n, zone in enumerate("ab")
        ],
        "RouteTables": [
            table("public", {**local, "0.0.0.0/0": "igw-1"}, "public-a", "public-b"),
            table("web-a", {**local, "0.0.0.0/0": "nat-a"}, "web-a"),
            table("web-b", {**local, "0.0.0.0/0": "nat-b"}, "web-b"),
            table("data", local, "data-a", "data-b"),
        ],
    }  # fmt: skip


def _ends():
    """What has an address, and the groups that guard it."""
    return {
        "SecurityGroups": [
            group("front", tcp(443, *EDGE), egress=(tcp(8080, "sg-web"),)),
            group("web", tcp(8080, "sg-front")),
            group("data", tcp(5432, "sg-web"), egress=()),
        ],
        "NetworkInterfaces": [
            interface(
                f"front-{zone}", f"public-{zone}", f"10.0.{n}.20", "front", Description="ELB app/front/1a2b",
                held={"Association": {"PublicIp": f"198.51.100.{n + 10}"}},
            )
            for n, zone in enumerate("ab")
        ],
        "Reservations": [{"Instances": [instance("web-a", "a"), instance("web-b", "b")]}],
    }  # fmt: skip


def _balancer():
    """The balancer, and where it sends what it takes."""
    return {
        "LoadBalancers": [
            {
                "LoadBalancerArn": BALANCER, "LoadBalancerName": "front", "Type": "application",
                "Scheme": "internet-facing", "VpcId": "vpc-1", "SecurityGroups": ["sg-front"],
                "DNSName": "front-1.us-east-1.elb.amazonaws.com",
                "AvailabilityZones": [{"SubnetId": f"subnet-public-{zone}"} for zone in "ab"],
            }
        ],
        "TargetGroups": [{"TargetGroupArn": GROUP, "TargetType": "instance", "Protocol": "HTTP"}],
        "Listeners": [
            {
                "ListenerArn": LISTENER, "LoadBalancerArn": BALANCER, "Port": 443, "Protocol": "HTTPS",
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": GROUP}],
            }
        ],
        "TargetHealthDescriptions": [
            {"Target": {"Id": f"i-web-{zone}", "Port": 8080}, "TargetHealth": {"State": "healthy"}} for zone in "ab"
        ],
    }  # fmt: skip


def _servers():
    """The group that keeps two web servers, and the database behind them."""
    return {
        "AutoScalingGroups": [
            {
                "AutoScalingGroupName": "web", "MinSize": 2, "DesiredCapacity": 2, "MaxSize": 4,
                "VPCZoneIdentifier": "subnet-web-a,subnet-web-b",
                "Instances": [{"InstanceId": f"i-web-{zone}"} for zone in "ab"],
            }
        ],
        "DBSubnetGroups": [
            {
                "DBSubnetGroupName": "data", "VpcId": "vpc-1",
                "Subnets": [{"SubnetIdentifier": f"subnet-data-{zone}"} for zone in "ab"],
            }
        ],
        "DBInstances": [
            {
                "DBInstanceIdentifier": "orders", "Engine": "postgres", "Endpoint": {"Port": 5432},
                "AvailabilityZone": "us-east-1a", "SecondaryAvailabilityZone": "us-east-1b", "MultiAZ": True,
                "DBSubnetGroup": {"DBSubnetGroupName": "data"},
                "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-data"}],
            }
        ],
    }  # fmt: skip


def _edge():
    """The name that leads to the balancer."""
    return {
        "CloudflareZones": [{"id": "z1", "name": "acme.example"}],
        "CloudflareRecords": [
            {
                "id": "r1", "zone_id": "z1", "name": "www.acme.example", "type": "CNAME", "proxied": True,
                "content": "front-1.us-east-1.elb.amazonaws.com",
            }
        ],
    }  # fmt: skip


def replies():
    """The replies of every call, fresh: a test may change them."""
    return deepcopy(_ways() | _ends() | _balancer() | _servers() | _edge())


def topology(told=None):
    """Put replies together."""
    told = replies() if told is None else told
    return assemble(collected({Path(f"{kind}.json"): [{kind: listed}] for kind, listed in told.items()}))


def of(told, kind, member, name):
    """The object of a kind with an id."""
    return next(one for one in told[kind] if one[member] == name)
