"""A zone in which nothing new starts: whatever the launch says of its place, it is refused in EC2's own words."""

import pytest
from moto.ec2.models.amis import AMIS
from mounted import Clients
from refused import refusal

ONCE = {"retries": {"total_max_attempts": 1}}
ZONE = "us-east-1a"


@pytest.fixture
def clients(world):
    """Clients that send each call once, so that a count of refusals is one of calls."""
    made = Clients(world)
    return lambda service, **more: made(service, **{**ONCE, **more})


def image():
    """Return an AMI that exists."""
    return AMIS[0]["ami_id"]


def launched(clients, zone=None, kind="t3.micro"):
    """Start an instance, in a zone or where AWS will."""
    more = {"Placement": {"AvailabilityZone": zone}} if zone else {}
    reply = clients("ec2").run_instances(ImageId=image(), MinCount=1, MaxCount=1, InstanceType=kind, **more)
    return reply["Instances"][0]


@pytest.mark.parametrize("kind", ["zone-loss", "capacity-shortage"])
def test_nothing_starts_in_a_full_zone(world, clients, kind):
    """EC2's own code and status; other zones, and a launch that names none, find room; healed, the zone has room."""
    id_ = world.faults.inject(kind, {"zone": ZONE})
    code = refusal(launched, clients, ZONE)
    assert code == ("InsufficientInstanceCapacity", 500)
    launched(clients, "us-east-1b")
    assert world.faults.effects(id_).refused == 1
    world.faults.heal(id_)
    launched(clients, ZONE)


def test_zone_is_found_by_subnet_and_launch_template(world, clients):
    """The zone of a launch is that of its subnet; what a template says counts too."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone=ZONE)["Subnet"]["SubnetId"]
    ami = image()
    ec2.create_launch_template(
        LaunchTemplateName="t",
        LaunchTemplateData={"ImageId": ami, "InstanceType": "t3.micro", "Placement": {"AvailabilityZone": ZONE}},
    )
    world.faults.inject("capacity-shortage", {"zone": ZONE})
    launch = {"ImageId": ami, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"}
    assert refusal(ec2.run_instances, SubnetId=subnet, **launch)[0] == "InsufficientInstanceCapacity"
    template = {"LaunchTemplateName": "t"}
    assert refusal(ec2.run_instances, LaunchTemplate=template, MinCount=1, MaxCount=1)[0] == (
        "InsufficientInstanceCapacity"
    )


def test_stopped_instance_does_not_start_in_a_full_zone(world, clients):
    """Its capacity went to others while it was stopped."""
    id_ = launched(clients, ZONE)["InstanceId"]
    clients("ec2").stop_instances(InstanceIds=[id_])
    world.faults.inject("capacity-shortage", {"zone": ZONE})
    assert refusal(clients("ec2").start_instances, InstanceIds=[id_])[0] == "InsufficientInstanceCapacity"


def test_shortage_of_one_type_leaves_the_others(world, clients):
    """Only the types that are named run out."""
    world.faults.inject("capacity-shortage", {"zone": ZONE, "types": ["m5.large"]})
    assert refusal(launched, clients, ZONE, "m5.large")[0] == "InsufficientInstanceCapacity"
    launched(clients, ZONE, "t3.micro")
    assert world.scene.conditions.broken("capacity", f"{ZONE}/m5.large")
    assert not world.scene.conditions.broken("capacity", ZONE)
