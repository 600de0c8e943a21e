"""DB instances go through their states in time, and refuse what AWS refuses meanwhile."""

from datetime import timedelta

import pytest
from databases import COMBINATION, IN_STATE, WANTED, kinds, make, messages, shown, slow_world, status, zones
from mounted import Clients
from refused import refusal

from twin.world.behaviors.rds_changes import next_window
from twin.world.behaviors.rds_reachability import reachable
from twin.world.delays import delay
from twin.world.world import World


@pytest.fixture
def slow(clock):
    """A world in which creation takes its time."""
    made = slow_world(clock)
    yield made
    made.close()


@pytest.fixture
def rds(clients):
    """RDS of the world that provisions at once."""
    return clients("rds")


def most(*names):
    """Return the longest that some delays take together."""
    return sum(delay(f"rds.{name}").most for name in names)


def test_creation_takes_its_time(slow, clock):
    """A DB instance is creating without an endpoint, backing up, and then available; the agenda is empty after it."""
    rds = Clients(slow)("rds")
    made = make(rds)
    assert made["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in shown(rds)
    assert refusal(rds.reboot_db_instance, DBInstanceIdentifier="db") == IN_STATE
    assert refusal(rds.create_db_snapshot, DBInstanceIdentifier="db", DBSnapshotIdentifier="s") == IN_STATE
    seen = set()
    for _ in range(60):
        clock.advance(15)
        seen.add(status(rds))
    assert seen == {"creating", "backing-up", "available"}
    assert shown(rds)["Endpoint"]["Port"] == 5432
    assert slow.agenda.entries() == []
    assert messages(rds, SourceType="db-instance") == [
        "DB instance created", "Backing up DB instance", "Finished DB Instance backup",
    ]  # fmt: skip


def test_creation_is_at_once_for_an_applier(rds, world):
    """By default what was created can be used, and nothing is left on the agenda."""
    assert make(rds)["DBInstanceStatus"] == "available"
    assert shown(rds)["Endpoint"]["Address"].startswith("db.")
    assert world.agenda.entries() == []


def test_each_instance_has_a_resource_id_of_its_own(rds):
    """Two DB instances differ; the same seed would give the same two again."""
    assert make(rds)["DbiResourceId"] != make(rds, "other")["DbiResourceId"]


def test_the_name_of_a_managed_secret_follows_from_the_seed(clock):
    """Two worlds of one seed draw the same, and another seed another."""
    arns = []
    for seed in (1, 1, 2):
        other = World(seed, clock)
        asked = {name: value for name, value in WANTED.items() if name != "MasterUserPassword"}
        made = Clients(other)("rds").create_db_instance(
            DBInstanceIdentifier="db", ManageMasterUserPassword=True, **asked
        )
        arns.append(made["DBInstance"]["MasterUserSecret"]["SecretArn"])
        other.close()
    assert arns[0] == arns[1] != arns[2]
    assert ":secret:rds!db-" in arns[0]


def test_stopped_instance_restarts_after_seven_days(rds, clock, world):
    """It stops and starts in time, and RDS starts it when seven days are over, not before."""
    make(rds)
    assert refusal(rds.start_db_instance, DBInstanceIdentifier="db") == IN_STATE
    assert rds.stop_db_instance(DBInstanceIdentifier="db")["DBInstance"]["DBInstanceStatus"] == "stopping"
    assert refusal(rds.stop_db_instance, DBInstanceIdentifier="db") == IN_STATE
    clock.advance(most("stopping"))
    assert status(rds) == "stopped"
    clock.advance(6.9 * 86_400)
    assert status(rds) == "stopped"
    clock.advance(0.1 * 86_400 + most("starting"))
    assert status(rds) == "available"
    assert "DB instance is being started due to it exceeding the maximum allowed time being stopped." in messages(rds)
    assert kinds(world)[-1] == "rds.instance.started"


def test_started_instance_is_not_started_again(rds, clock, world):
    """One that somebody started leaves nothing on the agenda."""
    make(rds)
    rds.stop_db_instance(DBInstanceIdentifier="db", DBSnapshotIdentifier="before")
    clock.advance(most("stopping"))
    rds.start_db_instance(DBInstanceIdentifier="db")
    clock.advance(most("starting"))
    assert status(rds) == "available"
    assert world.agenda.entries() == []
    assert rds.describe_db_snapshots(DBSnapshotIdentifier="before")["DBSnapshots"][0]["Status"] == "available"


def test_deferred_change_waits_for_the_maintenance_window(rds, clock):
    """Without ApplyImmediately a class is pending until the window; the retention changes at once."""
    make(rds, PreferredMaintenanceWindow="tue:03:00-tue:04:00", BackupRetentionPeriod=3)
    change = {"DBInstanceIdentifier": "db", "DBInstanceClass": "db.r6g.large", "BackupRetentionPeriod": 7}
    answered = rds.modify_db_instance(**change)["DBInstance"]
    assert answered["PendingModifiedValues"] == {"DBInstanceClass": "db.r6g.large"}
    assert (answered["DBInstanceClass"], answered["BackupRetentionPeriod"]) == ("db.m6g.large", 7)
    clock.advance(86_400)
    assert shown(rds)["DBInstanceClass"] == "db.m6g.large"
    clock.advance(86_400)
    changed = shown(rds)
    assert (changed["DBInstanceClass"], changed["PendingModifiedValues"]) == ("db.r6g.large", {})


def test_window_is_the_next_one(clock):
    """From a Sunday at noon, Tuesday's is two days off, and today's earlier one a week."""
    now = clock.now()
    assert next_window(now, "tue:03:00-tue:04:00") == now.replace(hour=3) + timedelta(days=2)
    assert next_window(now, "sun:03:00-sun:04:00") == now.replace(hour=3) + timedelta(days=7)


def test_immediate_change_takes_what_was_pending_along(slow, clock):
    """ApplyImmediately makes all pending changes; storage is optimised after it, in which storage stays as it is."""
    rds = Clients(slow)("rds")
    make(rds)
    clock.advance(most("creating", "first_backup"))
    rds.modify_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.r6g.large")
    rds.modify_db_instance(DBInstanceIdentifier="db", AllocatedStorage=40, ApplyImmediately=True)
    assert status(rds) == "modifying"
    assert refusal(rds.modify_db_instance, DBInstanceIdentifier="db", MultiAZ=True) == IN_STATE
    assert shown(rds)["AllocatedStorage"] == 20
    clock.advance(most("modifying_class"))
    changed = shown(rds)
    assert changed["DBInstanceStatus"] == "storage-optimization"
    assert (changed["DBInstanceClass"], changed["AllocatedStorage"]) == ("db.r6g.large", 40)
    assert refusal(rds.modify_db_instance, DBInstanceIdentifier="db", AllocatedStorage=60) == IN_STATE
    rds.modify_db_instance(DBInstanceIdentifier="db", DeletionProtection=True)
    clock.advance(most("storage_optimization"))
    assert status(rds) == "available"


def test_storage_and_version_only_go_up(rds):
    """Less storage and an older version are refused; a new major version needs leave."""
    make(rds, EngineVersion="16.9", AllocatedStorage=40)
    change = {"DBInstanceIdentifier": "db", "ApplyImmediately": True}
    for wrong in ({"AllocatedStorage": 30}, {"EngineVersion": "15.13"}, {"EngineVersion": "17.6"}):
        assert refusal(rds.modify_db_instance, **wrong, **change) == COMBINATION
    rds.modify_db_instance(AllocatedStorage=60, **change)
    rds.modify_db_instance(EngineVersion="16.10", **change)
    rds.modify_db_instance(EngineVersion="17", AllowMajorVersionUpgrade=True, **change)
    assert shown(rds)["EngineVersion"].startswith("17.")


def test_new_class_comes_with_an_outage(slow, clock):
    """A Multi-AZ DB instance changes zones with it, a Single-AZ one restarts in its own."""
    rds = Clients(slow)("rds")
    arns = [make(rds, "multi", MultiAZ=True)["DBInstanceArn"], make(rds, "single")["DBInstanceArn"]]
    clock.advance(most("creating", "first_backup"))
    before = [zones(rds, name) for name in ("multi", "single")]
    for name in ("multi", "single"):
        rds.modify_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.r6g.large", ApplyImmediately=True)
    reasons = set()
    for _ in range(80):
        clock.advance(10)
        slow.settle()
        reasons |= {reachable(slow.scene, arn)[1] for arn in arns}
    assert reasons == {"it is modifying", "it changes its class", "it is available"}
    assert [zones(rds, name) for name in ("multi", "single")] == [before[0][::-1], before[1]]
    assert kinds(slow).count("rds.failover.completed") == 1


def test_renamed_instance_goes_on_under_its_new_name(rds):
    """The old name is free, the new one must be."""
    make(rds)
    make(rds, "other")
    change = {"DBInstanceIdentifier": "db", "ApplyImmediately": True}
    taken = ("DBInstanceAlreadyExists", 400)
    assert refusal(rds.modify_db_instance, NewDBInstanceIdentifier="other", **change) == taken
    assert rds.modify_db_instance(NewDBInstanceIdentifier="db-old", **change)["DBInstance"]["DBInstanceIdentifier"] == (
        "db-old"
    )
    assert refusal(rds.reboot_db_instance, DBInstanceIdentifier="db") == ("DBInstanceNotFound", 404)
    rds.reboot_db_instance(DBInstanceIdentifier="db-old")


def test_deletion_wants_a_last_word_on_snapshots(rds):
    """A last snapshot or expressly none, never both, and no protection."""
    make(rds, DeletionProtection=True)
    gone = {"DBInstanceIdentifier": "db", "SkipFinalSnapshot": True}
    assert refusal(rds.delete_db_instance, **gone) == COMBINATION
    rds.modify_db_instance(DBInstanceIdentifier="db", DeletionProtection=False)
    assert refusal(rds.delete_db_instance, DBInstanceIdentifier="db") == COMBINATION
    assert refusal(rds.delete_db_instance, FinalDBSnapshotIdentifier="last", **gone) == COMBINATION
    rds.delete_db_instance(DBInstanceIdentifier="db", FinalDBSnapshotIdentifier="last")
    assert rds.describe_db_instances()["DBInstances"] == []
    kept = rds.describe_db_snapshots()["DBSnapshots"]
    assert [(s["DBSnapshotIdentifier"], s["SnapshotType"], s["Status"]) for s in kept] == [
        ("last", "manual", "available")
    ]


def test_deletion_takes_its_time(slow, clock):
    """A DB instance that is being deleted is there, cannot be deleted twice, and then is gone."""
    rds = Clients(slow)("rds")
    make(rds)
    clock.advance(most("creating", "first_backup"))
    gone = {"DBInstanceIdentifier": "db", "SkipFinalSnapshot": True}
    assert rds.delete_db_instance(**gone)["DBInstance"]["DBInstanceStatus"] == "deleting"
    assert status(rds) == "deleting"
    assert refusal(rds.delete_db_instance, **gone) == IN_STATE
    clock.advance(most("deleting"))
    assert refusal(rds.describe_db_instances, DBInstanceIdentifier="db") == ("DBInstanceNotFound", 404)
