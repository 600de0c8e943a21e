"""Multi-AZ DB instances fail over, forced or because their primary died; Single-AZ ones wait."""

import pytest
from databases import (
    COMBINATION,
    IN_STATE,
    facts,
    kinds,
    make,
    messages,
    shown,
    slow_world,
    status,
    subnet_group,
    zones,
)
from mounted import NOW, Clients
from refused import refusal

from twin.clock import VirtualClock
from twin.world.behaviors.rds_reachability import reachable
from twin.world.delays import delay

FAILOVER = delay("rds.failover")


@pytest.fixture
def rds(clients):
    """RDS of the world."""
    return clients("rds")


@pytest.fixture
def multi(clients, rds):
    """The ARN of a Multi-AZ DB instance in three zones."""
    subnet_group(clients, "abc")
    return make(rds, MultiAZ=True, DBSubnetGroupName="group")["DBInstanceArn"]


@pytest.fixture
def single(clients, rds):
    """The ARN of a Single-AZ DB instance in two zones."""
    subnet_group(clients, "ab", name="two")
    return make(rds, "single", DBSubnetGroupName="two")["DBInstanceArn"]


def test_primary_and_standby_are_in_two_zones_of_the_subnet_group(clients, rds, multi):
    """Of a group of two zones both are used; a Single-AZ DB instance has no standby."""
    subnet_group(clients, "de", name="two")
    make(rds, "pair", MultiAZ=True, DBSubnetGroupName="two")
    assert set(zones(rds, "pair")) == {"us-east-1d", "us-east-1e"}
    assert len(set(zones(rds))) == 2
    make(rds, "single", DBSubnetGroupName="two")
    assert zones(rds, "single")[1] is None
    wrong = {"DBSubnetGroupName": "two", "AvailabilityZone": "us-east-1a"}
    assert refusal(make, rds, "x", **wrong) == ("InvalidVPCNetworkStateFault", 400)
    assert refusal(make, rds, "x", MultiAZ=True, **wrong | {"AvailabilityZone": "us-east-1d"}) == COMBINATION


def test_placement_needs_capacity(clients, rds, world):
    """A zone that is lost or has no capacity is passed over; two are needed for Multi-AZ."""
    subnet_group(clients, "ab")
    world.scene.break_("capacity", "us-east-1a")
    short = ("InsufficientDBInstanceCapacity", 400)
    assert refusal(make, rds, "m", MultiAZ=True, DBSubnetGroupName="group") == short
    for number in range(4):
        make(rds, f"s{number}", DBSubnetGroupName="group")
        assert zones(rds, f"s{number}") == ("us-east-1b", None)
    world.scene.break_("zone", "us-east-1b")
    assert refusal(make, rds, "t", DBSubnetGroupName="group") == short
    world.scene.mend("capacity", "us-east-1a")
    world.scene.mend("zone", "us-east-1b")
    make(rds, "m", MultiAZ=True, DBSubnetGroupName="group")


def test_forced_failover_exchanges_the_zones(rds, multi, clock, world):
    """After 60 to 120 seconds, not before; connections drop at once, and all of it is told."""
    before = zones(rds)
    forced = rds.reboot_db_instance(DBInstanceIdentifier="db", ForceFailover=True)["DBInstance"]
    assert forced["DBInstanceStatus"] == "rebooting"
    assert kinds(world)[-1] == "rds.connections.dropped"
    assert reachable(world.scene, multi) == (False, "it is failing over")
    clock.advance(FAILOVER.least - 1)
    assert (zones(rds), status(rds)) == (before, "rebooting")
    clock.advance(FAILOVER.most - FAILOVER.least + 1)
    assert (zones(rds), status(rds)) == (before[::-1], "available")
    assert reachable(world.scene, multi) == (True, "it is available")
    told = facts(world, "rds.failover.completed")
    assert (told["from"], told["to"], told["arn"]) == (*before, multi)
    assert FAILOVER.least <= told["seconds"] <= FAILOVER.most
    assert "Multi-AZ instance failover completed" in messages(rds, EventCategories=["failover"])


def test_plain_reboot_keeps_the_zone(rds, multi, single, clock, world):
    """So does one of a Single-AZ DB instance, whose failover cannot be forced."""
    before = zones(rds)
    rds.reboot_db_instance(DBInstanceIdentifier="db")
    assert reachable(world.scene, multi) == (False, "it is rebooting")
    clock.advance(delay("rds.reboot").most)
    assert (zones(rds), status(rds)) == (before, "available")
    assert refusal(rds.reboot_db_instance, DBInstanceIdentifier="single", ForceFailover=True) == COMBINATION
    assert "rds.failover.completed" not in kinds(world)


def test_failover_is_abandoned_right_after_another(rds, multi, clock):
    """RDS reboots in place and tells that it does not fail over again so soon; later it does."""
    before = zones(rds)
    for wait, expected in ((1, before[::-1]), (600, before[::-1]), (600, before)):
        rds.reboot_db_instance(DBInstanceIdentifier="db", ForceFailover=True)
        clock.advance(FAILOVER.most)
        assert zones(rds) == expected
        clock.advance(wait)
    assert sum("Abandoning" in message for message in messages(rds)) == 1


@pytest.mark.parametrize("part", ["zone", "host"])
def test_lost_primary_fails_over_by_itself(rds, multi, clock, world, part):
    """The loss of the primary's zone or host has the standby take over."""
    primary, standby = zones(rds)
    world.scene.break_(part, primary if part == "zone" else multi)
    assert not reachable(world.scene, multi)[0]
    clock.advance(FAILOVER.most)
    assert zones(rds) == (standby, primary)
    assert reachable(world.scene, multi)[0]
    told = facts(world, "rds.failover.completed")
    assert told["to"] == standby


@pytest.mark.parametrize("name", ["us-east-1f", "us-west-2a"])
def test_loss_elsewhere_changes_nothing(rds, multi, clock, world, name):
    """A zone that has neither primary nor standby is none of its business."""
    before = zones(rds)
    world.scene.break_("zone", name)
    clock.advance(FAILOVER.most)
    assert (zones(rds), reachable(world.scene, multi)[0]) == (before, True)
    assert "rds.connections.dropped" not in kinds(world)


def test_without_a_standby_there_is_no_failover(rds, multi, clock, world):
    """While the standby's zone is lost, nothing takes over; a new standby comes after the zone is back."""
    primary, standby = zones(rds)
    world.scene.break_("zone", standby)
    assert reachable(world.scene, multi)[0]
    assert refusal(rds.reboot_db_instance, DBInstanceIdentifier="db", ForceFailover=True) == IN_STATE
    world.scene.break_("zone", primary)
    clock.advance(3600)
    world.settle()
    assert reachable(world.scene, multi) == (False, f"its zone {primary} is lost")
    world.scene.mend("zone", standby)
    world.scene.mend("zone", primary)
    clock.advance(delay("rds.standby_rebuild").most)
    rds.reboot_db_instance(DBInstanceIdentifier="db", ForceFailover=True)
    clock.advance(FAILOVER.most)
    assert zones(rds) == (standby, primary)


def test_failed_over_instance_gets_its_standby_back(rds, multi, clock, world):
    """After the lost zone is restored a new standby is built in it, and only then can one fail back."""
    primary, standby = zones(rds)
    world.scene.break_("zone", primary)
    clock.advance(3600)
    assert refusal(rds.reboot_db_instance, DBInstanceIdentifier="db", ForceFailover=True) == IN_STATE
    world.scene.mend("zone", primary)
    clock.advance(1)
    assert refusal(rds.reboot_db_instance, DBInstanceIdentifier="db", ForceFailover=True) == IN_STATE
    clock.advance(delay("rds.standby_rebuild").most)
    rds.reboot_db_instance(DBInstanceIdentifier="db", ForceFailover=True)
    clock.advance(FAILOVER.most)
    assert zones(rds) == (primary, standby)
    assert world.agenda.entries() == []


def test_single_zone_instance_waits_for_its_zone(rds, single, clock, world):
    """It is out until the zone is back and its engine has recovered, and stays in its zone."""
    zone = zones(rds, "single")[0]
    world.scene.break_("zone", zone)
    clock.advance(3600)
    world.settle()
    assert reachable(world.scene, single) == (False, f"its zone {zone} is lost")
    assert world.agenda.entries() == []
    world.scene.mend("zone", zone)
    assert reachable(world.scene, single) == (False, "it is recovering")
    clock.advance(delay("rds.recovery").most)
    world.settle()
    assert reachable(world.scene, single)[0]
    assert zones(rds, "single") == (zone, None)


def test_single_zone_instance_gets_another_host(rds, single, clock, world):
    """A dead host is replaced in the same zone, but not where there is no capacity."""
    zone = zones(rds, "single")[0]
    world.scene.break_("capacity", zone)
    world.scene.break_("host", single)
    clock.advance(delay("rds.host_replacement").most + delay("rds.recovery").most)
    world.settle()
    assert reachable(world.scene, single) == (False, "its host is lost")
    world.scene.mend("capacity", zone)
    clock.advance(delay("rds.host_replacement").most + delay("rds.recovery").most)
    world.settle()
    assert reachable(world.scene, single)[0]
    assert zones(rds, "single") == (zone, None)


def test_lost_region_stops_everything_in_it(rds, multi, single, clock, world):
    """No standby helps; when the Region is back, so are the DB instances, where they were."""
    before = zones(rds)
    world.scene.break_("region", "us-east-1")
    clock.advance(600)
    world.settle()
    assert not reachable(world.scene, multi)[0]
    assert not reachable(world.scene, single)[0]
    world.scene.mend("region", "us-east-1")
    clock.advance(3600)
    world.settle()
    assert reachable(world.scene, multi)[0]
    assert reachable(world.scene, single)[0]
    assert zones(rds) == before


def test_conversion_makes_and_drops_the_standby(rds, single):
    """Multi-AZ brings a standby in the other zone, Single-AZ takes it away."""
    change = {"DBInstanceIdentifier": "single", "ApplyImmediately": True}
    rds.modify_db_instance(MultiAZ=True, **change)
    assert set(zones(rds, "single")) == {"us-east-1a", "us-east-1b"}
    assert shown(rds, "single")["MultiAZ"]
    rds.modify_db_instance(MultiAZ=False, **change)
    assert zones(rds, "single")[1] is None


def test_same_seed_fails_over_alike():
    """What happened has no other randomness than the seed's."""
    told = []
    for _ in range(2):
        clock = VirtualClock(NOW)
        world = slow_world(clock)
        rds = Clients(world)("rds")
        make(rds, MultiAZ=True)
        clock.advance(3600)
        rds.reboot_db_instance(DBInstanceIdentifier="db", ForceFailover=True)
        clock.advance(600)
        world.settle()
        told.append([(h.time, h.kind, dict(h.facts)) for h in world.scene.happenings])
        world.close()
    assert told[0] == told[1]
    assert "rds.failover.completed" in [kind for _, kind, _ in told[0]]


def test_a_strangers_database_is_drilled(clients, clock, world):
    """A database made by boto3 alone, in the default VPC, fails over and comes back; nothing of a spec is needed."""
    stranger = clients("rds")
    arn = make(stranger, "theirs", MultiAZ=True, Engine="mysql")["DBInstanceArn"]
    primary, standby = zones(stranger, "theirs")
    world.scene.break_("zone", primary)
    outage = 0
    while not reachable(world.scene, arn)[0]:
        clock.advance(5)
        outage += 5
        world.settle()
    assert FAILOVER.least <= outage <= FAILOVER.most
    assert zones(stranger, "theirs") == (standby, primary)
    world.scene.mend("zone", primary)
    clock.advance(3600)
    world.settle()
    assert world.agenda.entries() == []
