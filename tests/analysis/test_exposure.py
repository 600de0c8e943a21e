"""Findings about a network: none where it is sound, and each where one thing is changed."""

import pytest
from small_network import EDGE, interface, of, replies, table, tcp, topology

from twin.analysis.exposure.findings import RULES, findings


def found(told):
    """The findings by rule."""
    result = {}
    for one in findings(topology(told)):
        result.setdefault(one.rule, []).append(one)
    return result


def group(told, name):
    """A security group."""
    return of(told, "SecurityGroups", "GroupId", f"sg-{name}")


def bastion(told):
    """Put a machine with a public address beside the balancers."""
    end = interface(
        "bastion", "public-a", "10.0.0.77", "web", held={"Association": {"PublicIp": "198.51.100.77"}}
    )  # fmt: skip
    told["Reservations"][0]["Instances"].append(
        {"InstanceId": "i-bastion", "State": {"Name": "running"}, "NetworkInterfaces": [end]}
    )


def open_ssh(told):
    """Let everyone in on port 22, to a machine with a public address."""
    bastion(told)
    group(told, "web")["IpPermissions"].append(tcp(22, "0.0.0.0/1", "128.0.0.0/1"))


def public_database(told):
    """Make the database public, in subnets that lead to the internet."""
    told["DBInstances"][0]["PubliclyAccessible"] = True
    told["RouteTables"] = [one for one in told["RouteTables"] if one["RouteTableId"] != "rtb-data"]
    of(told, "RouteTables", "RouteTableId", "rtb-public")["Associations"] += [
        {"SubnetId": "subnet-data-a"}, {"SubnetId": "subnet-data-b"}
    ]  # fmt: skip
    group(told, "data")["IpPermissions"].append(tcp(5432, "203.0.113.0/24"))


def public_api(told):
    """Make a cluster whose API server answers everyone."""
    told["cluster"] = {"name": "apps", "resourcesVpcConfig": {"vpcId": "vpc-1", "endpointPublicAccess": True}}


def one_gateway(told):
    """Lead both zones out by one NAT gateway."""
    told["RouteTables"] = [one for one in told["RouteTables"] if one["RouteTableId"] != "rtb-web-b"]
    of(told, "RouteTables", "RouteTableId", "rtb-web-a")["Associations"].append({"SubnetId": "subnet-web-b"})


def vpn(told):
    """Let an office in by VPN to the database's port."""
    told["VpnGateways"] = [{"VpnGatewayId": "vgw-1", "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]}]
    group(told, "data")["IpPermissions"].append(tcp(5432, "192.168.0.0/16"))


def uneven(told):
    """Move both servers into one zone."""
    end = told["Reservations"][0]["Instances"][1]["NetworkInterfaces"][0]
    end.update(SubnetId="subnet-web-a", PrivateIpAddresses=[{"PrivateIpAddress": "10.0.10.11"}])


def cluster(told, zones):
    """The database is an Aurora cluster with an instance in each of some zones."""
    [one] = told["DBInstances"]
    one |= {"Engine": "aurora-postgresql", "DBClusterIdentifier": "orders", "MultiAZ": False}
    del one["SecondaryAvailabilityZone"]
    names = ["orders", *(f"orders-{number}" for number in range(2, len(zones) + 1))]
    told["DBInstances"] = [
        {**one, "DBInstanceIdentifier": name, "AvailabilityZone": f"us-east-1{zone}"}
        for name, zone in zip(names, zones, strict=True)
    ]
    members = [{"DBInstanceIdentifier": name, "IsClusterWriter": name == "orders"} for name in names]
    told["DBClusters"] = [{"DBClusterIdentifier": "orders", "DBClusterMembers": members}]


def no_room(told):
    """Make the second zone's subnet too small for what the first one loses."""
    of(told, "Subnets", "SubnetId", "subnet-web-b")["CidrBlock"] = "10.0.11.0/29"
    for number in range(11, 13):
        told["NetworkInterfaces"].append(interface(f"x{number}", "web-b", f"10.0.11.{number - 6}", "web"))
    of(told, "NetworkInterfaces", "NetworkInterfaceId", "eni-x11")["SubnetId"] = "subnet-web-b"
    told["Reservations"][0]["Instances"][1]["NetworkInterfaces"][0]["PrivateIpAddresses"] = [
        {"PrivateIpAddress": "10.0.11.4"}
    ]  # fmt: skip


CHANGES = [
    ("network.admin-ports-open", open_ssh, "high", "sg-web"),
    ("network.admin-ports-open", lambda t: group(t, "data")["IpPermissions"].append(tcp(5432, "0.0.0.0/0")), "medium",
     "sg-data"),
    ("network.private-from-internet", public_database, "high", "orders"),
    ("network.private-from-internet", public_api, "medium", "apps"),
    ("network.data-beyond-app", bastion, "high", "i-bastion"),
    ("network.data-beyond-app", vpn, "high", "vgw-1"),
    ("network.origin-beside-edge",
     lambda t: group(t, "front")["IpPermissions"].append(tcp(443, "203.0.113.0/24")), "high", "www.acme.example"),
    ("network.origin-beside-edge", lambda t: t["CloudflareRecords"].append(
        {**t["CloudflareRecords"][0], "id": "r2", "name": "direct.acme.example", "proxied": False}), "medium",
     "direct.acme.example"),
    ("network.nat-per-zone", one_gateway, "medium", "nat-a"),
    ("network.subnet-group-zones", lambda t: t["DBSubnetGroups"][0]["Subnets"].pop(), "medium", "orders"),
    ("network.subnet-group-zones", lambda t: t["DBInstances"][0].pop("SecondaryAvailabilityZone"), "medium", "orders"),
    ("network.subnet-group-zones", lambda t: cluster(t, "aa"), "medium", "orders"),
    ("network.subnet-group-zones", lambda t: t["AutoScalingGroups"][0].update(VPCZoneIdentifier="subnet-web-a"),
     "medium", "web"),
    ("network.headroom", uneven, "medium", "web"),
    ("network.headroom", no_room, "medium", "web"),
]  # fmt: skip
IDS = [f"{rule} {number}" for number, (rule, *_) in enumerate(CHANGES)]


def test_sound_network_has_no_finding():
    """Nothing to say of a network that keeps every rule."""
    assert findings(topology()) == []


@pytest.mark.parametrize(("rule", "change", "severity", "about"), CHANGES, ids=IDS)
def test_one_change_is_found_with_what_shows_it(rule, change, severity, about):
    """The rule that it breaks, what it is about, a witness and a mend."""
    told = replies()
    change(told)
    mine = [one for one in found(told).get(rule, []) if about in one.about]
    assert {one.severity for one in mine} == {severity}
    assert all(one.witness and one.mend for one in mine)
    assert findings(topology(told)) == findings(topology(told))


def test_every_rule_is_tried():
    """No rule without a change that it finds."""
    assert set(RULES) == {rule for rule, *_ in CHANGES}


def test_readers_in_other_zones_are_what_an_aurora_cluster_has_for_a_standby():
    """The writer stands in one zone, and the cluster goes on without it."""
    told = replies()
    cluster(told, "ab")
    assert findings(topology(told)) == []
    assert {one.id: one.replica_of for one in topology(told).databases.values()} == {"orders": "", "orders-2": "orders"}


def test_mend_names_the_rule_that_lets_in():
    """For a way that should not be there: the rule whose removal ends it, and the others are spared."""
    told = replies()
    vpn(told)
    [one] = found(told)["network.data-beyond-app"]
    assert one.mend == "take away sg-data ingress tcp 5432 from 192.168.0.0/16"
    assert one.witness[0].startswith("vgw-1 enters the VPC")


def test_origin_that_only_the_edge_reaches_is_sound():
    """Cloudflare's ranges, all of them, are no finding; one address beside them is."""
    told = replies()
    group(told, "front")["IpPermissions"] = [tcp(443, *EDGE, "131.0.72.0/22")]
    assert "network.origin-beside-edge" not in found(told)
    group(told, "front")["IpPermissions"] = [tcp(443, *EDGE, "131.0.72.0/21")]
    assert "network.origin-beside-edge" in found(told)


def test_a_zone_without_a_way_out_is_no_nat_finding():
    """Isolated subnets have no NAT gateway to lose."""
    told = replies()
    told["RouteTables"] = [one for one in told["RouteTables"] if not one["RouteTableId"].startswith("rtb-web")]
    told["RouteTables"].append(table("web", {"10.0.0.0/16": "local"}, "web-a", "web-b"))
    assert "network.nat-per-zone" not in found(told)
