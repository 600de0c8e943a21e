"""What stands at an address behind the edge, as the stores have it."""

import pytest

from twin.semantics.edge import Asked, Broken, Forwarded, Returned


@pytest.fixture
def balancer(clients):
    """A load balancer that listens on port 80 and has no target; returns its DNS name."""
    ec2, elbv2 = clients("ec2"), clients("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    group = elbv2.create_target_group(Name="app", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    made = elbv2.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]
    elbv2.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
    )  # fmt: skip
    return made["DNSName"]


def sent(address, port, scheme="http"):
    """Return a request that the edge forwards."""
    return Forwarded(address, port, scheme, "www.example.com", "www.example.com", Asked("www.example.com"), {})


def test_load_balancer_answers_on_the_ports_that_it_listens_on(world, balancer):
    """Without a target it says 503; another port refuses, and TLS finds nobody who speaks it."""
    found = world.edge.origin(sent(balancer, 80))
    assert isinstance(found, Returned)
    assert found.status == 503
    assert world.edge.origin(sent(balancer, 8443)) == Broken("refused")
    assert world.edge.origin(sent(balancer, 80, "https")) == Broken("handshake")


def test_load_balancer_in_zones_that_are_lost_is_silent(world, balancer):
    """When all of its zones are, and not before."""
    world.faults.inject("zone-loss", {"zone": "us-east-1a"})
    assert isinstance(world.edge.origin(sent(balancer, 80)), Returned)
    world.faults.inject("zone-loss", {"zone": "us-east-1b"})
    assert world.edge.origin(sent(balancer, 80)) == Broken("timeout")
