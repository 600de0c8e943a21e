"""Subnets, gateways, routes, filters, endpoints and flow logs keep the resource contract on a real store."""

import pytest

from twin.address import Address
from twin.resources.aws.endpoint import VpcEndpoint
from twin.resources.aws.flow_log import FlowLog
from twin.resources.aws.nat import ElasticIp, NatGateway
from twin.resources.aws.network_acl import AclEntry, NetworkAcl
from twin.resources.aws.route_table import Route, RouteTable
from twin.resources.aws.security_group import SecurityGroup, SecurityRule
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import InternetGateway, Vpc
from twin.resources.call import Refused
from twin.resources.resource import Wanted

VPC = "${aws.ec2.vpc.main.id}"
A = "${aws.ec2.subnet.a.id}"
B = "${aws.ec2.subnet.b.id}"


@pytest.fixture
def net(bench):
    """A VPC with an internet gateway and a subnet in each of two zones."""
    bench.create("main", Vpc(cidr_block="10.0.0.0/16"))
    bench.create("main", InternetGateway(vpc=VPC))
    for name, part in (("a", 0), ("b", 1)):
        bench.create(
            name,
            Subnet(vpc=VPC, cidr_block=f"10.0.{part}.0/24", availability_zone=f"us-east-1{name}", tags={"n": name}),
        )
    return bench


def nat(net):
    """Make a NAT gateway in the first subnet."""
    net.create("a", ElasticIp())
    gateway = NatGateway(
        subnet=A, elastic_ip="${aws.ec2.elastic_ip.a.id}", internet_gateway="${aws.ec2.internet_gateway.main.id}"
    )
    net.create("a", gateway)
    return gateway


def test_subnet_lives_and_dies(net):
    """A subnet is made, gets public addresses and another tag, and is deleted."""
    common = {"vpc": VPC, "cidr_block": "10.0.9.0/24", "availability_zone": "us-east-1c"}
    net.lifecycle(
        "c",
        Subnet(**common, tags={"tier": "private", "old": "x"}),
        Subnet(**common, public_ip_on_launch=True, tags={"tier": "public"}),
        Subnet(**common, tags={"tier": "public"}),
    )


def test_subnet_takes_one_call(net):
    """A private subnet costs one call."""
    net.sent.clear()
    net.create("c", Subnet(vpc=VPC, cidr_block="10.0.9.0/24", availability_zone="us-east-1c"))
    assert net.sent == ["ec2:CreateSubnet"]


def test_elastic_ip_lives_and_dies(bench):
    """An address is allocated, tagged and released."""
    bench.lifecycle("a", ElasticIp(tags={"zone": "a"}), ElasticIp(tags={"zone": "b"}))


def test_nat_gateway_lives_and_dies(net):
    """A NAT gateway is made on an address, becomes ready, is tagged and deleted; then its address can go."""
    net.create("a", ElasticIp())
    common = {
        "subnet": A,
        "elastic_ip": "${aws.ec2.elastic_ip.a.id}",
        "internet_gateway": "${aws.ec2.internet_gateway.main.id}",
    }
    net.lifecycle("a", NatGateway(**common), NatGateway(**common, tags={"zone": "a"}))
    gateway = next(outputs["id"] for address, outputs in net.outputs.items() if address.type == NatGateway.TYPE)
    assert net.run(NatGateway.ready(net.scope, gateway)) is False
    net.delete(Address("aws.ec2.elastic_ip", "a"), ElasticIp())


def test_nat_gateway_is_ready_when_available(net):
    """A NAT gateway that is available can be used."""
    gateway = nat(net)
    seen = net.observe(Address(NatGateway.TYPE, "a"), gateway)
    assert net.run(NatGateway.ready(net.scope, seen.id)) is True


def test_route_table_owns_its_routes_and_subnets(net):
    """A route table is made whole; routes are replaced, added and removed, subnets come and go."""
    nat(net)
    out = Route(destination="0.0.0.0/0", gateway="${aws.ec2.internet_gateway.main.id}")
    back = Route(destination="0.0.0.0/0", nat_gateway="${aws.ec2.nat_gateway.a.id}")
    extra = Route(destination="192.168.0.0/16", nat_gateway="${aws.ec2.nat_gateway.a.id}")
    net.lifecycle(
        "main",
        RouteTable(vpc=VPC, routes=[out], subnets=[A]),
        RouteTable(vpc=VPC, routes=[extra, back], subnets=[B, A]),
        RouteTable(vpc=VPC, routes=[extra], subnets=[B], tags={"x": "y"}),
        RouteTable(vpc=VPC),
    )


def test_route_table_takes_a_subnet_from_another(net):
    """A subnet that another table holds moves, rather than staying where it is."""
    one = net.create("one", RouteTable(vpc=VPC, subnets=[A]))
    two = net.create("two", RouteTable(vpc=VPC))
    wanted = RouteTable(vpc=VPC, subnets=[A])
    seen = net.observe(two, wanted)
    net.run(net.resolved(wanted).update(net.scope, two, seen, frozenset({"subnets"})))
    assert net.differences(two, wanted) == {}
    assert net.differences(one, RouteTable(vpc=VPC)) == {}


def test_rogue_route_is_a_difference(net):
    """A route made by hand shows, and an update removes it; an endpoint's route does not show."""
    table = RouteTable(vpc=VPC)
    address = net.create("main", table)
    id_ = net.outputs[address]["id"]
    net.create(
        "s3",
        VpcEndpoint(vpc=VPC, service="com.amazonaws.us-east-1.s3", route_tables=["${aws.ec2.route_table.main.id}"]),
    )
    assert net.differences(address, table) == {}
    gateway = next(o["id"] for a, o in net.outputs.items() if a.type == "aws.ec2.internet_gateway")
    net.aws.client("ec2").create_route(RouteTableId=id_, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    assert set(net.differences(address, table)) == {"routes"}
    net.run(net.resolved(table).update(net.scope, address, net.observe(address, table), frozenset({"routes"})))
    assert net.differences(address, table) == {}


def test_main_route_table_is_built_in(net):
    """The table that comes with a VPC is shown as the vendor's own."""
    found = net.run(RouteTable.read(net.scope, Wanted()))
    assert any(item.builtin for item in found)
    assert all(item.builtin for item in found if item.owner is None)


def test_network_acl_owns_its_entries_and_subnets(net):
    """An ACL is made whole; entries are replaced, added and removed, subnets go back to the default ACL."""
    web = AclEntry(number=100, action="allow", protocol="tcp", from_port=443, to_port=443, cidr="0.0.0.0/0")
    ping = AclEntry(number=110, action="allow", protocol="icmp", cidr="10.0.0.0/8")
    everything = AclEntry(number=100, action="allow", cidr="0.0.0.0/0")
    net.lifecycle(
        "main",
        NetworkAcl(vpc=VPC, ingress=[web], egress=[everything], subnets=[A]),
        NetworkAcl(vpc=VPC, ingress=[ping, web], egress=[everything], subnets=[A, B]),
        NetworkAcl(vpc=VPC, ingress=[everything], egress=[], subnets=[B], tags={"x": "y"}),
    )


def test_security_group_owns_its_rules(net):
    """A group is made whole; rules are added, renamed and revoked, by range, group, itself and prefix list."""
    net.create("web", SecurityGroup(vpc=VPC, name="web", description="web"))
    web = SecurityRule(from_port=80, to_port=80, group="${aws.ec2.security_group.web.id}")
    home = SecurityRule(protocol="udp", from_port=53, to_port=54, group="self")
    six = SecurityRule(from_port=443, to_port=443, ipv6_cidr="::/0", description="v6")
    ping = SecurityRule(protocol="icmp", cidr="10.0.0.0/8", description="ping")
    pong = SecurityRule(protocol="icmp", cidr="10.0.0.0/8", description="pong")
    lists = SecurityRule(from_port=443, to_port=443, prefix_list="pl-68a54001")
    common = {"vpc": VPC, "name": "app", "description": "app"}
    net.lifecycle(
        "app",
        SecurityGroup(**common, ingress=[web, home, ping]),
        SecurityGroup(**common, ingress=[pong, six, web], egress=[lists]),
        SecurityGroup(**common, ingress=[], egress=[], tags={"x": "y"}),
        SecurityGroup(**common),
    )


def test_security_group_without_egress_loses_the_default_rule(net):
    """EC2's own allow-all egress rule is revoked when it is not wanted, and costs nothing when it is."""
    closed = SecurityGroup(vpc=VPC, name="closed", description="closed", egress=[])
    net.sent.clear()
    address = net.create("closed", closed)
    assert net.sent == ["ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupEgress"]
    assert net.observe(address, closed).fields["egress"] == []
    net.sent.clear()
    net.create("open", SecurityGroup(vpc=VPC, name="open", description="open"))
    assert net.sent == ["ec2:CreateSecurityGroup"]


def test_rogue_rule_is_a_difference(net):
    """A rule opened by hand shows as a difference and is revoked."""
    group = SecurityGroup(vpc=VPC, name="app", description="app")
    address = net.create("app", group)
    net.aws.client("ec2").authorize_security_group_ingress(
        GroupId=net.outputs[address]["id"], IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    assert set(net.differences(address, group)) == {"ingress"}
    net.run(net.resolved(group).update(net.scope, address, net.observe(address, group), frozenset({"ingress"})))
    assert net.differences(address, group) == {}


def test_gateway_endpoint_lives_and_dies(net):
    """A gateway endpoint follows its route tables and its policy."""
    net.create("one", RouteTable(vpc=VPC))
    net.create("two", RouteTable(vpc=VPC))
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}],
    }
    common = {"vpc": VPC, "service": "com.amazonaws.us-east-1.s3", "route_tables": ["${aws.ec2.route_table.one.id}"]}
    net.lifecycle("s3", VpcEndpoint(**common), VpcEndpoint(**common, policy=policy, tags={"x": "y"}))


def test_gateway_endpoint_follows_its_route_tables(net):
    """An endpoint leaves one route table and enters another in one call."""
    net.create("one", RouteTable(vpc=VPC))
    net.create("two", RouteTable(vpc=VPC))
    common = {"vpc": VPC, "service": "com.amazonaws.us-east-1.s3"}
    first = VpcEndpoint(**common, route_tables=["${aws.ec2.route_table.one.id}"])
    address = net.create("s3", first)
    seen = net.observe(address, first)
    second = VpcEndpoint(**common, route_tables=["${aws.ec2.route_table.two.id}"])
    net.sent.clear()
    net.run(net.resolved(second).update(net.scope, address, seen, frozenset({"route_tables"})))
    assert net.sent == ["ec2:ModifyVpcEndpoint"]
    assert net.differences(address, second) == {}


def test_interface_endpoint_lives_and_dies(net):
    """An interface endpoint follows its subnets."""
    net.create("web", SecurityGroup(vpc=VPC, name="web", description="web"))
    common = {
        "vpc": VPC,
        "kind": "Interface",
        "service": "com.amazonaws.us-east-1.ec2",
        "security_groups": ["${aws.ec2.security_group.web.id}"],
        "private_dns": True,
    }
    net.lifecycle("ec2", VpcEndpoint(**common, subnets=[A]), VpcEndpoint(**common, subnets=[A, B]))


def test_flow_log_lives_and_dies(net):
    """A flow log to a log group is made and deleted; only its tags change."""
    net.aws.client("logs").create_log_group(logGroupName="flows")
    common = {"vpc": VPC, "log_group": "flows", "role": "arn:aws:iam::123456789012:role/flows", "interval": 60}
    net.lifecycle("main", FlowLog(**common), FlowLog(**common, tags={"x": "y"}))


def test_refused_flow_log_is_an_error(net):
    """A refusal that EC2 hides in a successful reply is raised."""
    with pytest.raises(Refused, match="nowhere"):
        net.create("main", FlowLog(vpc=VPC, destination_type="s3", bucket="arn:aws:s3:::nowhere"))
