"""Read replicas: of any Region, promoted in time, and left on their own when their source is deleted."""

import pytest
from databases import COMBINATION, IN_STATE, facts, kinds, make, shown, status
from refused import refusal

from twin.world.behaviors.rds_reachability import reachable
from twin.world.delays import delay

PROMOTED = sum(delay(f"rds.{name}").most for name in ("promotion", "reboot"))


@pytest.fixture
def rds(clients):
    """RDS of the world's first Region."""
    return clients("rds")


@pytest.fixture
def west(clients):
    """RDS of another Region."""
    return clients("rds", region="us-west-2")


@pytest.fixture
def source(rds):
    """The ARN of a source."""
    return make(rds, BackupRetentionPeriod=7)["DBInstanceArn"]


def link(rds, name):
    """Return the source of a replica as RDS tells it."""
    return shown(rds, name).get("ReadReplicaSourceDBInstanceIdentifier")


def test_replica_needs_a_source_with_backups(rds):
    """Retention 0 is refused, as are a source that is not there and a name that is taken."""
    make(rds, BackupRetentionPeriod=0)
    replica = {"DBInstanceIdentifier": "r", "SourceDBInstanceIdentifier": "db"}
    assert refusal(rds.create_db_instance_read_replica, **replica) == IN_STATE
    rds.modify_db_instance(DBInstanceIdentifier="db", BackupRetentionPeriod=1, ApplyImmediately=True)
    missing = replica | {"SourceDBInstanceIdentifier": "nobody"}
    assert refusal(rds.create_db_instance_read_replica, **missing) == ("DBInstanceNotFound", 404)
    rds.create_db_instance_read_replica(**replica)
    assert refusal(rds.create_db_instance_read_replica, **replica) == ("DBInstanceAlreadyExists", 400)


def test_replica_is_a_database_of_its_own(rds, source):
    """It has its own id, no backups and no tags of its source, and both know each other."""
    rds.add_tags_to_resource(ResourceName=source, Tags=[{"Key": "a", "Value": "b"}])
    rds.create_db_instance_read_replica(DBInstanceIdentifier="r", SourceDBInstanceIdentifier="db")
    replica, primary = shown(rds, "r"), shown(rds)
    assert replica["DbiResourceId"] != primary["DbiResourceId"]
    assert (replica["BackupRetentionPeriod"], replica["TagList"]) == (0, [])
    assert (link(rds, "r"), primary["ReadReplicaDBInstanceIdentifiers"]) == ("db", ["r"])
    assert refusal(rds.stop_db_instance, DBInstanceIdentifier="r") == IN_STATE
    assert refusal(rds.stop_db_instance, DBInstanceIdentifier="db") == IN_STATE


def test_promotion_cuts_the_link(rds, source, clock, world):
    """It takes its time, turns on backups, and only a replica can be promoted."""
    rds.create_db_instance_read_replica(DBInstanceIdentifier="r", SourceDBInstanceIdentifier="db")
    assert refusal(rds.promote_read_replica, DBInstanceIdentifier="db") == IN_STATE
    rds.promote_read_replica(DBInstanceIdentifier="r", BackupRetentionPeriod=3)
    assert link(rds, "r") == "db"
    assert refusal(rds.promote_read_replica, DBInstanceIdentifier="r") == IN_STATE
    clock.advance(PROMOTED)
    promoted = shown(rds, "r")
    assert (promoted["DBInstanceStatus"], promoted["BackupRetentionPeriod"], link(rds, "r")) == ("available", 3, None)
    assert shown(rds)["ReadReplicaDBInstanceIdentifiers"] == []
    assert "LatestRestorableTime" in promoted
    assert facts(world, "rds.replica.promoted")["id"] == "r"
    assert world.agenda.entries() == []


def test_replica_is_promoted_while_its_sources_region_is_lost(rds, west, source, clock, world):
    """The disaster for which it is there: the source is unreachable, the promoted replica serves."""
    made = west.create_db_instance_read_replica(DBInstanceIdentifier="r", SourceDBInstanceIdentifier=source)
    assert shown(rds)["ReadReplicaDBInstanceIdentifiers"] == [made["DBInstance"]["DBInstanceArn"]]
    assert shown(west, "r")["AvailabilityZone"].startswith("us-west-2")
    world.scene.break_("region", "us-east-1")
    west.promote_read_replica(DBInstanceIdentifier="r")
    clock.advance(PROMOTED)
    world.settle()
    assert reachable(world.scene, made["DBInstance"]["DBInstanceArn"])[0]
    assert not reachable(world.scene, source)[0]
    assert link(west, "r") is None


def test_replicas_of_a_deleted_source_stand_alone(rds, west, source, clock):
    """In its Region and in others."""
    rds.create_db_instance_read_replica(DBInstanceIdentifier="r", SourceDBInstanceIdentifier="db")
    west.create_db_instance_read_replica(DBInstanceIdentifier="r", SourceDBInstanceIdentifier=source)
    rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
    clock.advance(delay("rds.reboot").most)
    for region in (rds, west):
        assert (link(region, "r"), status(region, "r")) == (None, "available")


def test_deleted_replica_leaves_its_source(rds, west, source):
    """The source's list is empty again, and a replica has no last snapshot."""
    west.create_db_instance_read_replica(DBInstanceIdentifier="r", SourceDBInstanceIdentifier=source)
    gone = {"DBInstanceIdentifier": "r"}
    assert refusal(west.delete_db_instance, FinalDBSnapshotIdentifier="last", **gone) == COMBINATION
    west.delete_db_instance(**gone)
    assert shown(rds)["ReadReplicaDBInstanceIdentifiers"] == []


def test_encrypted_replica_needs_a_key_of_its_region(clients, rds, west, clock, world):
    """Elsewhere a key is named; where that key dies, the replica is out and cannot be promoted."""
    source = make(rds, StorageEncrypted=True, KmsKeyId=clients("kms").create_key()["KeyMetadata"]["Arn"])
    kms = clients("kms", region="us-west-2")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    replica = {"DBInstanceIdentifier": "r", "SourceDBInstanceIdentifier": source["DBInstanceArn"]}
    assert refusal(west.create_db_instance_read_replica, **replica) == COMBINATION
    west.create_db_instance_read_replica(KmsKeyId=key, **replica)
    assert shown(west, "r")["KmsKeyId"] == key
    kms.disable_key(KeyId=key)
    clock.advance(delay("rds.key_noticed").most)
    assert refusal(west.promote_read_replica, DBInstanceIdentifier="r") == IN_STATE
    assert "rds.instance.inaccessible" in kinds(world)
    other = {"DBInstanceIdentifier": "r2", "SourceDBInstanceIdentifier": "db", "KmsKeyId": key}
    assert refusal(rds.create_db_instance_read_replica, **other)[1] == 400
    open_source = make(rds, "plain")["DBInstanceIdentifier"]
    assert refusal(rds.create_db_instance_read_replica, **other | {"SourceDBInstanceIdentifier": open_source})[1] == 400
