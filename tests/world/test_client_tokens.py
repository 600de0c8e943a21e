"""A creation with a client token happens once, however often it is asked for."""

import pytest
from people import OTHER
from refused import refusal

from twin.world import client_tokens

MISMATCH, GONE = ("IdempotentParameterMismatch", 400), ("IdempotentInstanceTerminated", 400)


@pytest.fixture
def ec2(clients):
    """A client of EC2."""
    return clients("ec2")


def test_instances_are_launched_once_per_token(ec2, clients, clock):
    """The same reservation is told as it stands; another token, account, Region or none launches anew."""
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    launch = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 2}
    first = ec2.run_instances(**launch, ClientToken="a")
    ids = [each["InstanceId"] for each in first["Instances"]]
    ec2.stop_instances(InstanceIds=ids[:1])
    again = ec2.run_instances(**launch, ClientToken="a")
    assert again["ReservationId"] == first["ReservationId"]
    assert [each["InstanceId"] for each in again["Instances"]] == ids
    states = [each["State"]["Name"] for each in again["Instances"]]
    assert states[0] in ("stopping", "stopped")
    assert states[1] == "running"
    assert again["Instances"][1]["LaunchTime"] == first["Instances"][1]["LaunchTime"]
    assert refusal(ec2.run_instances, **launch | {"MaxCount": 1}, ClientToken="a") == MISMATCH
    others = [(ec2, {"ClientToken": "b"}), (ec2, {}), (ec2, {}), (clients("ec2", account=OTHER), {"ClientToken": "a"})]
    seen = {first["ReservationId"]} | {one.run_instances(**launch, **told)["ReservationId"] for one, told in others}
    assert len(seen) == 5
    clock.advance(25 * 3600)
    assert ec2.run_instances(**launch, ClientToken="a")["ReservationId"] == first["ReservationId"]
    ec2.terminate_instances(InstanceIds=ids)
    assert refusal(ec2.run_instances, **launch, ClientToken="a") == GONE


def test_network_and_volumes_are_made_once_per_token(ec2):
    """What was made is told again, and there is one of each."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    nat = {"SubnetId": subnet, "ConnectivityType": "private", "ClientToken": "t"}
    made = [ec2.create_nat_gateway(**nat)["NatGateway"]["NatGatewayId"] for _ in range(2)]
    assert made == [each["NatGatewayId"] for each in ec2.describe_nat_gateways()["NatGateways"]] * 2
    volume = {"AvailabilityZone": "us-east-1a", "Size": 1, "ClientToken": "t"}
    assert len({ec2.create_volume(**volume)["VolumeId"] for _ in range(2)}) == 1
    assert refusal(ec2.create_volume, **volume | {"Size": 2}) == MISMATCH
    endpoint = {"VpcId": vpc, "ServiceName": "com.amazonaws.us-east-1.s3", "ClientToken": "t"}
    assert len({ec2.create_vpc_endpoint(**endpoint)["VpcEndpoint"]["VpcEndpointId"] for _ in range(2)}) == 1
    assert refusal(ec2.create_vpc_endpoint, **endpoint | {"PolicyDocument": "{}"}) == MISMATCH


def test_a_token_is_known_for_a_day_and_among_the_latest(ec2, clock, world, monkeypatch):
    """Within the day its volume is told again, afterwards it makes a new one; what is forgotten is not held."""
    monkeypatch.setattr(client_tokens, "MOST", 2)

    def made(token):
        return ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, ClientToken=token)["VolumeId"]

    first = made("a")
    clock.advance(23 * 3600)
    assert made("a") == first
    clock.advance(3600)
    second = made("a")
    assert second != first
    made("b")
    assert made("a") == second
    made("c")
    assert made("a") != second
    assert [key[-1] for key in world.scene.memory[client_tokens.KEPT]] == ["c", "a"]
