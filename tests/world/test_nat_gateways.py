"""NAT gateways belong to their zone, take their time, and leave black holes behind."""

import pytest
from groups import ZONES, network
from mounted import Clients
from refused import refusal

from twin.world.behaviors.reachability import nat_works
from twin.world.world import World

A, B, _ = ZONES


def gateway(clients, zone=A):
    """A NAT gateway in a zone of a new VPC, a route table that leads to it, and its address."""
    ec2 = clients("ec2")
    vpc, subnets = network(clients)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=subnets[zone], AllocationId=address)["NatGateway"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    return made, table, address


def state(clients, nat):
    """The state of a NAT gateway."""
    return clients("ec2").describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"]


def test_gateway_is_pending_for_its_time(clock):
    """Where creation takes time; in a lost zone it fails."""
    world = World(2, clock, provisioning="real")
    clients = Clients(world)
    made, _, _ = gateway(clients)
    nat = made["NatGatewayId"]
    assert (made["State"], state(clients, nat)) == ("pending", "pending")
    assert nat_works(world.scene, nat) == (False, "the NAT gateway is pending")
    clock.advance(151)
    assert state(clients, nat) == "available"
    world.scene.break_("zone", A)
    failed, _, _ = gateway(clients)
    clock.advance(151)
    [told] = clients("ec2").describe_nat_gateways(NatGatewayIds=[failed["NatGatewayId"]])["NatGateways"]
    assert (told["State"], told["FailureCode"]) == ("failed", "InternalError")
    world.close()


def test_gateway_dies_with_its_zone_and_is_told_to_be_available(clients, world):
    """One in another zone passes packets."""
    lost, kept = (gateway(clients, zone)[0]["NatGatewayId"] for zone in (A, B))
    assert nat_works(world.scene, lost) == (True, "the NAT gateway is available")
    world.scene.break_("zone", A)
    assert nat_works(world.scene, lost) == (False, "us-east-1a is lost")
    assert nat_works(world.scene, kept)[0]
    assert state(clients, lost) == "available"
    world.scene.mend("zone", A)
    assert nat_works(world.scene, lost)[0]


def test_route_to_a_deleted_gateway_is_a_black_hole(clients, world, clock):
    """Its address is free again; the gateway is told of for an hour."""
    ec2 = clients("ec2")
    made, table, address = gateway(clients)
    nat = made["NatGatewayId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)

    def route():
        [found] = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
        return next(r["State"] for r in found["Routes"] if r["DestinationCidrBlock"] == "0.0.0.0/0")

    assert route() == "active"
    ec2.delete_nat_gateway(NatGatewayId=nat)
    assert (route(), state(clients, nat)) == ("blackhole", "deleted")
    assert nat_works(world.scene, nat) == (False, "the NAT gateway is deleted")
    ec2.release_address(AllocationId=address)
    clock.advance(3601)
    assert refusal(ec2.describe_nat_gateways, NatGatewayIds=[nat]) == ("NatGatewayNotFound", 400)
    assert refusal(ec2.delete_nat_gateway, NatGatewayId=nat) == ("NatGatewayNotFound", 400)


@pytest.mark.parametrize(("action", "told"), [("stop_instances", "blackhole"), ("reboot_instances", "active")])
def test_route_to_an_instance_holds_while_it_runs(clients, clock, action, told):
    """A stopped one is a black hole."""
    ec2 = clients("ec2")
    vpc, subnets = network(clients)
    image = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["amazon-eks-node-linux"]}])
    made = ec2.run_instances(
        ImageId=image["Images"][0]["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnets[A]
    )["Instances"][0]["InstanceId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", InstanceId=made)
    getattr(ec2, action)(InstanceIds=[made])
    clock.advance(61)
    [found] = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert found["Routes"][-1]["State"] == told
