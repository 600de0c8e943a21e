"""EC2 instances: their states take time, they die with their zone or host, and full zones take none."""

import pytest
from mounted import NOW, Clients
from refused import refusal

from twin.clock import VirtualClock
from twin.world.behaviors.reachability import answering
from twin.world.world import World

ZONE = "us-east-1a"


def launch(ec2, **where):
    """The id of one more instance."""
    image = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["amazon-eks-node-linux"]}])
    made = ec2.run_instances(
        ImageId=image["Images"][0]["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1, **where
    )
    assert made["Instances"][0]["State"]["Name"] == "pending"
    return made["Instances"][0]["InstanceId"]


def state(ec2, instance):
    """The state of an instance."""
    return ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"]


def status(ec2, instance):
    """The system and instance status of an instance."""
    [told] = ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
    return told["SystemStatus"]["Status"], told["InstanceStatus"]["Status"]


def happened(world, kind):
    """The instances of which a happening was told, in order."""
    return [h.facts["instance"] for h in world.scene.happenings if h.kind == kind]


@pytest.fixture
def ec2(clients):
    """EC2 of the world, which answers a refusal of its own at once."""
    return clients("ec2", retries={"max_attempts": 0})


@pytest.fixture
def slow(clock):
    """EC2 of a world where creation takes its time, and that world."""
    world = World(3, clock, provisioning="real")
    yield Clients(world)("ec2"), world
    world.close()


def test_new_instance_is_pending_until_its_time(slow, clock):
    """It runs after seconds, its checks pass after minutes, and it answers in between."""
    ec2, world = slow
    made = launch(ec2)
    assert (state(ec2, made), answering(world.scene, made)) == ("pending", (False, "the instance is pending"))
    clock.advance(26)
    assert state(ec2, made) == "running"
    assert status(ec2, made) == ("initializing", "initializing")
    assert answering(world.scene, made) == (False, "the instance boots")
    clock.advance(200)
    assert status(ec2, made) == ("ok", "ok")
    assert answering(world.scene, made)[0]


def test_new_instance_of_an_instant_world_runs_at_once(ec2, world):
    """Nothing is left on the agenda."""
    made = launch(ec2)
    assert world.agenda.entries() == []
    assert (state(ec2, made), status(ec2, made)) == ("running", ("ok", "ok"))
    assert answering(world.scene, made)[0]


def test_stop_and_start_take_their_time(ec2, world, clock):
    """Stopping, stopped, pending, running; each is told to EventBridge."""
    made = launch(ec2)
    ec2.stop_instances(InstanceIds=[made])
    assert state(ec2, made) == "stopping"
    clock.advance(61)
    assert state(ec2, made) == "stopped"
    ec2.start_instances(InstanceIds=[made])
    assert state(ec2, made) == "pending"
    clock.advance(26)
    assert state(ec2, made) == "running"
    told = [h.facts["detail"]["state"] for h in world.scene.happenings if h.kind == "aws.event"]
    assert told == ["pending", "running", "stopping", "stopped", "pending", "running"]


def test_protected_instance_stays(ec2):
    """Termination and stop protection refuse; without them the instance goes, and is forgotten after an hour."""
    made = launch(ec2)
    for attribute in ("DisableApiTermination", "DisableApiStop"):
        ec2.modify_instance_attribute(InstanceId=made, **{attribute: {"Value": True}})
    assert refusal(ec2.terminate_instances, InstanceIds=[made]) == ("OperationNotPermitted", 400)
    assert refusal(ec2.stop_instances, InstanceIds=[made]) == ("OperationNotPermitted", 400)
    ec2.modify_instance_attribute(InstanceId=made, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[made])
    assert state(ec2, made) == "terminated"


def test_terminated_instance_is_forgotten_after_an_hour(ec2, clock):
    """Until then it is told of."""
    made = launch(ec2)
    ec2.terminate_instances(InstanceIds=[made])
    clock.advance(3599)
    assert state(ec2, made) == "terminated"
    clock.advance(2)
    assert refusal(ec2.describe_instances, InstanceIds=[made]) == ("InvalidInstanceID.NotFound", 400)


def test_instance_dies_with_its_zone_and_boots_after_it(ec2, world, clock):
    """It stays running, does not answer, is impaired after its checks failed; one elsewhere is not touched."""
    lost, kept = (launch(ec2, Placement={"AvailabilityZone": zone}) for zone in (ZONE, "us-east-1b"))
    world.scene.break_("zone", ZONE)
    assert (state(ec2, lost), status(ec2, lost)) == ("running", ("ok", "ok"))
    assert answering(world.scene, lost) == (False, "us-east-1a is lost")
    assert answering(world.scene, kept)[0]
    clock.advance(121)
    assert (status(ec2, lost), status(ec2, kept)) == (("impaired", "impaired"), ("ok", "ok"))
    filters = [{"Name": "system-status.status", "Values": ["impaired"]}]
    assert [s["InstanceId"] for s in ec2.describe_instance_status(Filters=filters)["InstanceStatuses"]] == [lost]
    world.scene.mend("zone", ZONE)
    assert answering(world.scene, lost) == (False, "the instance boots")
    clock.advance(181)
    assert status(ec2, lost) == ("ok", "ok")
    assert answering(world.scene, lost)[0]
    assert happened(world, "ec2.instance.impaired") == happened(world, "ec2.instance.recovered") == [lost]
    assert world.agenda.entries() == []


def test_instance_is_recovered_on_another_host(ec2, world, clock):
    """Minutes after its host is lost, without that host's coming back; not when the zone has no other."""
    moved = launch(ec2, Placement={"AvailabilityZone": ZONE})
    world.scene.break_("host", moved)
    assert answering(world.scene, moved) == (False, "the instance's host is lost")
    clock.advance(120 + 300 + 180 + 1)
    assert (status(ec2, moved), answering(world.scene, moved)[0]) == (("ok", "ok"), True)
    world.scene.mend("host", moved)
    assert answering(world.scene, moved)[0]
    world.scene.break_("capacity", ZONE)
    world.scene.break_("host", moved)
    clock.advance(3600)
    assert (status(ec2, moved)[0], answering(world.scene, moved)[0]) == ("impaired", False)


@pytest.mark.parametrize("part", ["zone", "capacity"])
def test_zone_without_capacity_takes_nothing(ec2, world, part):
    """A launch into it is refused with 500 and names the others; one that names no zone goes elsewhere."""
    world.scene.break_(part, ZONE)
    assert refusal(launch, ec2, Placement={"AvailabilityZone": ZONE}) == ("InsufficientInstanceCapacity", 500)
    made = launch(ec2)
    told = ec2.describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]
    assert told["Placement"]["AvailabilityZone"] == "us-east-1b"
    world.scene.mend(part, ZONE)
    assert launch(ec2, Placement={"AvailabilityZone": ZONE})


def test_stopped_instance_does_not_start_in_a_full_zone(ec2, world, clock):
    """It does when there is capacity again."""
    made = launch(ec2, Placement={"AvailabilityZone": ZONE})
    ec2.stop_instances(InstanceIds=[made])
    clock.advance(61)
    world.scene.break_("capacity", ZONE)
    assert refusal(ec2.start_instances, InstanceIds=[made]) == ("InsufficientInstanceCapacity", 500)
    world.scene.mend("capacity", ZONE)
    ec2.start_instances(InstanceIds=[made])
    assert state(ec2, made) == "pending"


def test_full_subnet_takes_no_more(ec2):
    """A /28 has eleven addresses for instances; that of a terminated one is free again."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/28")["Subnet"]["SubnetId"]
    made = [launch(ec2, SubnetId=subnet) for _ in range(11)]
    assert refusal(launch, ec2, SubnetId=subnet) == ("InsufficientFreeAddressesInSubnet", 400)
    ec2.terminate_instances(InstanceIds=made[:1])
    assert launch(ec2, SubnetId=subnet)


def test_same_seed_same_times():
    """Two worlds of one seed tell the same at the same instants."""
    journals = []
    for _ in range(2):
        clock = VirtualClock(NOW)
        world = World(5, clock, provisioning="real")
        launch(Clients(world)("ec2"))
        world.scene.break_("zone", ZONE)
        clock.advance(900)
        world.settle()
        journals.append([(h.time, h.kind, dict(h.facts)) for h in world.scene.happenings])
        world.close()
    assert journals[0] == journals[1]


def test_returned_addresses_are_given_out_in_order(clients):
    """The lowest first, so that the same calls give the same addresses in every process."""
    ec2 = clients("ec2")
    subnet = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": [ZONE]}])["Subnets"][0]["SubnetId"]

    def addresses(count):
        ids = [launch(ec2, SubnetId=subnet) for _ in range(count)]
        told = [r["Instances"][0] for r in ec2.describe_instances(InstanceIds=ids)["Reservations"]]
        return ids, sorted((one["PrivateIpAddress"] for one in told), key=lambda text: int(text.rpartition(".")[2]))

    gone, returned = addresses(12)
    ec2.terminate_instances(InstanceIds=gone)
    assert [addresses(1)[1][0] for _ in returned] == returned
