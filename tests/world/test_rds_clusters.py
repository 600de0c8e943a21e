"""Aurora clusters fail over to a reader; global databases to another Region."""

from datetime import timedelta

import pytest
from databases import COMBINATION, facts, messages, shown, slow_world, subnet_group
from mounted import Clients
from refused import refusal

from twin.errors import NothingToBreak
from twin.world.behaviors.rds_course import notes
from twin.world.behaviors.rds_reachability import reachable
from twin.world.delays import delay

FAILOVER = delay("rds.cluster_failover")
WRONG = ("InvalidDBClusterStateFault", 400)
AURORA = {"Engine": "aurora-postgresql", "EngineVersion": "16.9"}


@pytest.fixture
def rds(clients):
    """RDS of the world's first Region."""
    return clients("rds")


def make_cluster(rds, name="c", members=2, **changes):
    """Create a cluster with members, and return its ARN."""
    owner = {} if "GlobalClusterIdentifier" in changes else {"MasterUsername": "u", "MasterUserPassword": "password1"}
    made = rds.create_db_cluster(DBClusterIdentifier=name, **AURORA | owner | changes)["DBCluster"]
    for number in range(members):
        add_member(rds, f"{name}-{number}", name)
    return made["DBClusterArn"]


def add_member(rds, name, cluster, **changes):
    """Add a member to a cluster, and return its ARN."""
    made = rds.create_db_instance(
        DBInstanceIdentifier=name, DBClusterIdentifier=cluster, DBInstanceClass="db.r6g.large", Engine=AURORA["Engine"],
        **changes,
    )  # fmt: skip
    return made["DBInstance"]["DBInstanceArn"]


def writer(rds, name="c"):
    """Return the writer of a cluster."""
    [cluster] = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    [found] = [member["DBInstanceIdentifier"] for member in cluster["DBClusterMembers"] if member["IsClusterWriter"]]
    return found


def status(rds, name="c"):
    """Return the status of a cluster."""
    return rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"]


def test_members_are_spread_over_zones(clients, rds):
    """Three members stand in the three zones of their cluster's subnet group."""
    subnet_group(clients, "def")
    make_cluster(rds, members=3, DBSubnetGroupName="group")
    made = [shown(rds, f"c-{number}") for number in range(3)]
    assert {one["AvailabilityZone"] for one in made} == {"us-east-1d", "us-east-1e", "us-east-1f"}
    assert {one["DBSubnetGroup"]["DBSubnetGroupName"] for one in made} == {"group"}


def test_failover_promotes_a_reader(rds, clock, world):
    """Within a minute, not at once; the one that is named, and only a member that can."""
    arn = make_cluster(rds, members=3)
    assert rds.failover_db_cluster(DBClusterIdentifier="c")["DBCluster"]["Status"] == "failing-over"
    assert writer(rds) == "c-0"
    assert refusal(rds.failover_db_cluster, DBClusterIdentifier="c") == WRONG
    assert not reachable(world.scene, arn)[0]
    clock.advance(FAILOVER.most)
    assert (writer(rds), status(rds)) == ("c-1", "available")
    assert FAILOVER.most <= 60
    told = facts(world, "rds.cluster.failover.completed")
    assert (told["from"], told["to"]) == ("c-0", "c-1")
    rds.failover_db_cluster(DBClusterIdentifier="c", TargetDBInstanceIdentifier="c-2")
    clock.advance(FAILOVER.most)
    assert writer(rds) == "c-2"
    bad = ("InvalidDBInstanceState", 400)
    assert refusal(rds.failover_db_cluster, DBClusterIdentifier="c", TargetDBInstanceIdentifier="c-2") == bad
    assert any("failover to DB instance: c-2" in message for message in messages(rds, SourceType="db-cluster"))


def test_lone_writer_cannot_fail_over(rds):
    """Nor a cluster that is not there."""
    make_cluster(rds, members=1)
    assert refusal(rds.failover_db_cluster, DBClusterIdentifier="c") == WRONG
    assert refusal(rds.failover_db_cluster, DBClusterIdentifier="x") == ("DBClusterNotFoundFault", 404)


def test_lost_zone_of_the_writer_promotes_the_reader_of_the_best_tier(clients, rds, clock, world):
    """A cluster with one member only waits for its zone."""
    subnet_group(clients, "abc")
    arn = make_cluster(rds, members=1, DBSubnetGroupName="group")
    add_member(rds, "low", "c", PromotionTier=9)
    add_member(rds, "high", "c", PromotionTier=0)
    alone = make_cluster(rds, "alone", members=1, DBSubnetGroupName="group")
    for zone in {shown(rds, "c-0")["AvailabilityZone"], shown(rds, "alone-0")["AvailabilityZone"]}:
        world.scene.break_("zone", zone)
    clock.advance(2 * FAILOVER.most)
    world.settle()
    assert writer(rds) in ("high", "low")
    assert reachable(world.scene, arn)[0]
    assert not reachable(world.scene, alone)[0]


def test_dead_host_of_the_writer_promotes_a_reader(rds, clock, world):
    """The dead member comes back as a reader."""
    arn = make_cluster(rds)
    world.scene.break_("host", "arn:aws:rds:us-east-1:123456789012:db:c-0")
    clock.advance(FAILOVER.most)
    assert writer(rds) == "c-1"
    assert reachable(world.scene, arn)[0]
    clock.advance(3600)
    world.settle()
    assert reachable(world.scene, "arn:aws:rds:us-east-1:123456789012:db:c-0")[0]
    assert world.agenda.entries() == []


def test_cluster_stops_and_starts_as_one(rds, clock):
    """With its members, for seven days at most; a member alone does not stop."""
    make_cluster(rds)
    assert refusal(rds.stop_db_instance, DBInstanceIdentifier="c-0") == WRONG
    assert refusal(rds.start_db_cluster, DBClusterIdentifier="c") == WRONG
    rds.stop_db_cluster(DBClusterIdentifier="c")
    clock.advance(delay("rds.stopping").most)
    assert (status(rds), shown(rds, "c-1")["DBInstanceStatus"]) == ("stopped", "stopped")
    assert refusal(rds.stop_db_cluster, DBClusterIdentifier="c") == WRONG
    clock.advance(7 * 86_400 + delay("rds.starting").most)
    assert (status(rds), shown(rds, "c-1")["DBInstanceStatus"]) == ("available", "available")


def test_cluster_creation_takes_its_time(clock):
    """It is creating until it is not, however often it is looked at."""
    world = slow_world(clock)
    rds = Clients(world)("rds")
    make_cluster(rds, members=0)
    assert [status(rds), status(rds)] == ["creating", "creating"]
    assert "ScalingConfigurationInfo" not in rds.describe_db_clusters()["DBClusters"][0]
    clock.advance(delay("rds.cluster_creating").most)
    assert status(rds) == "available"
    world.close()


def test_cluster_deletion_wants_a_last_word_on_snapshots(rds):
    """And no members."""
    make_cluster(rds, members=1)
    assert refusal(rds.create_db_cluster, DBClusterIdentifier="c", **AURORA) == ("DBClusterAlreadyExistsFault", 400)
    assert refusal(rds.delete_db_cluster, DBClusterIdentifier="c") == COMBINATION
    gone = {"DBClusterIdentifier": "c", "SkipFinalSnapshot": True}
    assert refusal(rds.delete_db_cluster, **gone) == WRONG
    rds.delete_db_instance(DBInstanceIdentifier="c-0")
    rds.delete_db_cluster(**gone)


def test_cluster_without_its_key_is_inaccessible(clients, rds, clock):
    """It starts again once the key works within seven days, and is lost after them."""
    kms = clients("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    for name in ("c", "plain"):
        make_cluster(rds, name, members=1, **({"StorageEncrypted": True, "KmsKeyId": key} if name == "c" else {}))
    kms.disable_key(KeyId=key)
    clock.advance(delay("rds.key_noticed").most)
    assert (status(rds), status(rds, "plain")) == ("inaccessible-encryption-credentials-recoverable", "available")
    assert shown(rds, "c-0")["DBInstanceStatus"] == "inaccessible-encryption-credentials-recoverable"
    assert refusal(rds.start_db_cluster, DBClusterIdentifier="c") == ("KMSKeyNotAccessibleFault", 400)
    kms.enable_key(KeyId=key)
    rds.start_db_cluster(DBClusterIdentifier="c")
    clock.advance(8 * 86_400)
    assert status(rds) == "available"
    kms.disable_key(KeyId=key)
    clock.advance(8 * 86_400)
    assert status(rds) == "inaccessible-encryption-credentials"


def test_cluster_is_restored_within_what_is_kept(rds, clock):
    """Neither before it was made nor to the future; the restored one has no members."""
    make_cluster(rds, BackupRetentionPeriod=2)
    clock.advance(86_400)
    restore = {"DBClusterIdentifier": "new", "SourceDBClusterIdentifier": "c"}
    for wrong in (clock.now() - timedelta(days=1.5), clock.now() + timedelta(minutes=1)):
        outside = ("InvalidRestoreFault", 400)
        assert refusal(rds.restore_db_cluster_to_point_in_time, RestoreToTime=wrong, **restore) == outside
    rds.restore_db_cluster_to_point_in_time(RestoreToTime=clock.now() - timedelta(hours=1), **restore)
    assert status(rds, "new") == "available"
    assert rds.describe_db_clusters(DBClusterIdentifier="new")["DBClusters"][0]["DBClusterMembers"] == []


@pytest.fixture
def west(clients):
    """RDS of another Region."""
    return clients("rds", region="us-west-2")


@pytest.fixture
def pair(rds, west):
    """The ARNs of the clusters of a global database, the writing one first."""
    first = make_cluster(rds)
    rds.create_global_cluster(GlobalClusterIdentifier="g", SourceDBClusterIdentifier=first)
    return first, make_cluster(west, "w", GlobalClusterIdentifier="g")


def primary(rds):
    """Return the ARN of the cluster that writes."""
    [held] = rds.describe_global_clusters(GlobalClusterIdentifier="g")["GlobalClusters"]
    [found] = [member["DBClusterArn"] for member in held["GlobalClusterMembers"] if member["IsWriter"]]
    return found


def test_switchover_exchanges_the_regions(rds, west, pair, clock, world):
    """In its time, while both are healthy, and not to the one that writes already."""
    change = {"GlobalClusterIdentifier": "g"}
    assert refusal(rds.switchover_global_cluster, TargetDbClusterIdentifier=pair[0], **change) == WRONG
    held = west.switchover_global_cluster(TargetDbClusterIdentifier=pair[1], **change)["GlobalCluster"]
    assert (held["Status"], held["FailoverState"]["ToDbClusterArn"]) == ("switching-over", pair[1])
    assert primary(rds) == pair[0]
    clock.advance(delay("rds.global_switchover").most)
    assert primary(rds) == pair[1]
    assert facts(world, "rds.global.failover.completed")["from"] == pair[0]


def test_failover_without_the_primary_needs_leave_to_lose_data(west, pair, clock, world):
    """With the primary's Region lost, a switchover is refused and a failover with AllowDataLoss works."""
    world.scene.break_("region", "us-east-1")
    change = {"GlobalClusterIdentifier": "g", "TargetDbClusterIdentifier": pair[1]}
    assert refusal(west.switchover_global_cluster, **change) == WRONG
    assert refusal(west.failover_global_cluster, **change) == WRONG
    assert refusal(west.failover_global_cluster, AllowDataLoss=True, Switchover=True, **change) == COMBINATION
    west.failover_global_cluster(AllowDataLoss=True, **change)
    clock.advance(delay("rds.global_failover").most)
    assert primary(west) == pair[1]


def test_removed_cluster_stands_alone(rds, west, pair):
    """The primary leaves last; then the global database can be deleted."""
    gone = {"GlobalClusterIdentifier": "g"}
    assert refusal(rds.delete_global_cluster, **gone) == ("InvalidGlobalClusterStateFault", 400)
    first = ("InvalidGlobalClusterStateFault", 400)
    assert refusal(rds.remove_from_global_cluster, DbClusterIdentifier=pair[0], **gone) == first
    assert refusal(west.delete_db_cluster, DBClusterIdentifier="w", SkipFinalSnapshot=True) == WRONG
    west.remove_from_global_cluster(DbClusterIdentifier=pair[1], **gone)
    rds.remove_from_global_cluster(DbClusterIdentifier=pair[0], **gone)
    rds.delete_global_cluster(**gone)
    missing = ("GlobalClusterNotFoundFault", 404)
    assert refusal(rds.delete_global_cluster, **gone) == missing
    unsupported = ("TwinUnsupportedOperation", 400)
    assert refusal(rds.modify_global_cluster, **gone) == unsupported


def test_faults_of_a_cluster_hit_its_writer_and_what_all_instances_share(world, rds, clock):
    """Its host's loss is the writer's, until a reader writes; dropped tables are dropped for every name of it."""
    arn = make_cluster(rds)
    id_ = world.faults.inject("database-host-loss", {"database": "c"})
    clock.advance(FAILOVER.most)
    assert (writer(rds), reachable(world.scene, arn)[0]) == ("c-1", True)
    world.faults.heal(id_)
    clock.advance(3600)
    world.settle()
    with pytest.raises(NothingToBreak, match="it is a reader of its cluster"):
        world.faults.inject("bad-migration", {"database": "c-0"})
    world.faults.inject("bad-migration", {"database": "c"})
    members = [shown(rds, f"c-{number}")["DBInstanceArn"] for number in (0, 1)]
    assert all(notes(world.scene, one).get("damaged") for one in (arn, *members))


def test_cluster_goes_with_the_last_of_its_instances(clock):
    """It may be deleted while they are, and not while one of them stays."""
    world = slow_world(clock)
    rds = Clients(world)("rds")
    make_cluster(rds)
    clock.advance(3600)
    rds.delete_db_instance(DBInstanceIdentifier="c-0", SkipFinalSnapshot=True)
    assert refusal(rds.delete_db_cluster, DBClusterIdentifier="c", SkipFinalSnapshot=True) == WRONG
    rds.delete_db_instance(DBInstanceIdentifier="c-1", SkipFinalSnapshot=True)
    gone = rds.delete_db_cluster(DBClusterIdentifier="c", FinalDBSnapshotIdentifier="last")
    assert gone["DBCluster"]["Status"] == "deleting"
    assert [one["Status"] for one in rds.describe_db_clusters()["DBClusters"]] == ["deleting"]
    clock.advance(3600)
    assert rds.describe_db_clusters()["DBClusters"] == []
    assert len(rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="last")["DBClusterSnapshots"]) == 1
    world.close()


def test_cluster_changes_what_its_request_names(rds):
    """IAM log-ins, exported logs, storage and a major version by its newest minor; standard storage has no name."""
    make_cluster(rds, members=0, EnableCloudwatchLogsExports=["postgresql"], EngineVersion="16.8")
    changed = rds.modify_db_cluster(
        DBClusterIdentifier="c", ApplyImmediately=True, EnableIAMDatabaseAuthentication=True,
        StorageType="aurora-iopt1",
        CloudwatchLogsExportConfiguration={"EnableLogTypes": ["instance"], "DisableLogTypes": ["postgresql"]},
        EngineVersion="17", AllowMajorVersionUpgrade=True,
    )["DBCluster"]  # fmt: skip
    assert changed["IAMDatabaseAuthenticationEnabled"] is True
    assert changed["EnabledCloudwatchLogsExports"] == ["instance"]
    assert (changed["StorageType"], changed["EngineVersion"].partition(".")[0]) == ("aurora-iopt1", "17")
    plain = rds.modify_db_cluster(DBClusterIdentifier="c", StorageType="aurora", ApplyImmediately=True)["DBCluster"]
    assert "StorageType" not in plain
