"""A creation that was cut short leaves an object that is known for ours and that an update makes whole."""

import pytest

from twin.address import Address
from twin.resources.aws.load_balancer import LoadBalancer
from twin.resources.aws.nat import ElasticIp
from twin.resources.aws.network_acl import AclEntry, NetworkAcl
from twin.resources.aws.record import Record
from twin.resources.aws.route53 import HostedZone
from twin.resources.aws.route_table import Route, RouteTable
from twin.resources.aws.security_group import SecurityGroup, SecurityRule
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import InternetGateway, Vpc

VPC = "${aws.ec2.vpc.main.id}"
A, B = "${aws.ec2.subnet.a.id}", "${aws.ec2.subnet.b.id}"
OUT = Route(destination="0.0.0.0/0", gateway="${aws.ec2.internet_gateway.main.id}")
WEB = SecurityRule(from_port=443, to_port=443, cidr="0.0.0.0/0")
ENTRY = AclEntry(number=100, action="allow", cidr="0.0.0.0/0")

CASES = {
    "vpc": Vpc(cidr_block="10.9.0.0/16"),
    "internet-gateway": InternetGateway(vpc="${aws.ec2.vpc.spare.id}"),
    "subnet": Subnet(vpc=VPC, cidr_block="10.0.9.0/24", availability_zone="us-east-1a", public_ip_on_launch=True),
    "route-table": RouteTable(vpc=VPC, routes=[OUT], subnets=[A, B]),
    "network-acl": NetworkAcl(vpc=VPC, ingress=[ENTRY], egress=[ENTRY], subnets=[A, B]),
    "security-group": SecurityGroup(vpc=VPC, name="x", description="x", ingress=[WEB], egress=[WEB]),
    "load-balancer": LoadBalancer(name="x", internal=True, subnets=[A, B], idle_timeout=30, deletion_protection=True),
    "zone": HostedZone(name="corp.internal", private=True, vpcs=[VPC, "${aws.ec2.vpc.spare.id}"], tags={"a": "b"}),
}


@pytest.fixture
def net(bench):
    """A VPC with an internet gateway and two subnets, and a spare VPC."""
    bench.create("main", Vpc(cidr_block="10.0.0.0/16"))
    bench.create("spare", Vpc(cidr_block="10.1.0.0/16"))
    bench.create("main", InternetGateway(vpc=VPC))
    for part, name in enumerate("ab"):
        zone = f"us-east-1{name}"
        bench.create(name, Subnet(vpc=VPC, cidr_block=f"10.0.{part}.0/24", availability_zone=zone))
    return bench


def start(net, address, resource, calls):
    """Run the first calls of a creation and then stop as a killed process does; tell whether any were left."""
    steps = net.resolved(resource).create(net.scope, address)
    call = next(steps)
    try:
        for _ in range(calls):
            call = steps.send(net.aws.execute(call))
    except StopIteration:
        return False
    return True


@pytest.mark.parametrize("resource", CASES.values(), ids=CASES.keys())
def test_creation_cut_short_is_mended(net, resource):
    """After each call of the creation but the last, the object is found, differs, and one update makes it whole."""
    for calls in range(1, 20):
        address = Address(resource.TYPE, f"half-{calls}")
        if not start(net, address, resource, calls):
            break
        if changed := frozenset(net.differences(address, resource)):
            seen = net.observe(address, resource)
            net.run(net.resolved(resource).update(net.scope, address, seen, changed))
        assert net.differences(address, resource) == {}
        net.delete(address, resource)
    assert calls > 1, "the creation has several calls"


def test_single_call_creations_leave_nothing_half_made(net):
    """Types made by one call are whole or absent."""
    record = Record(zone="${aws.route53.zone.main.id}", name="www.example.com", type="A", ttl=60, records=["192.0.2.1"])
    net.create("main", HostedZone(name="example.com"))
    for resource in (ElasticIp(), record):
        assert not start(net, Address(resource.TYPE, "x"), resource, 1)
