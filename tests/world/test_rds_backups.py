"""Databases are restored to a point in time and from snapshots, within what is kept and with the keys that it needs."""

from datetime import timedelta

import pytest
from databases import COMBINATION, IN_STATE, make, messages, shown, status, subnet_group, zones
from refused import refusal

from twin.world.delays import delay

RESTORED = delay("rds.restoring").most
NO_KEY = ("KMSKeyNotAccessibleFault", 400)
OUTSIDE = ("InvalidRestoreFault", 400)


@pytest.fixture
def rds(clients):
    """RDS of the world."""
    return clients("rds")


def to_time(rds, target="new", **wanted):
    """Restore `db` to a time."""
    named = {"SourceDBInstanceIdentifier": "db"} if "SourceDbiResourceId" not in wanted else {}
    return rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier=target, **named, **wanted)


def window(rds, name="db"):
    """Return the restore window of a DB instance."""
    found = rds.describe_db_instance_automated_backups(DBInstanceIdentifier=name)["DBInstanceAutomatedBackups"]
    return found[0]["RestoreWindow"]


def test_latest_restorable_time_is_within_five_minutes(rds, clock):
    """It moves on by five minutes, and stands still while the DB instance is stopped."""
    make(rds)
    for seconds in (0, 299, 2, 1000):
        clock.advance(seconds)
        lag = (clock.now() - shown(rds)["LatestRestorableTime"]).total_seconds()
        assert 0 <= lag < 300
    rds.stop_db_instance(DBInstanceIdentifier="db")
    clock.advance(86_400)
    assert clock.now() - shown(rds)["LatestRestorableTime"] > timedelta(hours=23)


def test_restore_is_within_the_window(rds, clock):
    """Before the earliest and after the latest restorable time is refused; so are both kinds of time, and neither."""
    make(rds, BackupRetentionPeriod=2)
    clock.advance(5 * 86_400)
    span = window(rds)
    assert timedelta(days=1, hours=23) < span["LatestTime"] - span["EarliestTime"] <= timedelta(days=2)
    second = timedelta(seconds=1)
    assert refusal(to_time, rds, RestoreTime=span["EarliestTime"] - second) == OUTSIDE
    assert refusal(to_time, rds, RestoreTime=clock.now() + second) == OUTSIDE
    assert refusal(to_time, rds) == COMBINATION
    both = {"RestoreTime": span["LatestTime"], "UseLatestRestorableTime": True}
    assert refusal(to_time, rds, **both) == COMBINATION
    to_time(rds, RestoreTime=span["EarliestTime"] + second)
    to_time(rds, "newest", UseLatestRestorableTime=True)
    assert refusal(to_time, rds, "newest", UseLatestRestorableTime=True) == ("DBInstanceAlreadyExists", 400)


def test_without_backups_there_is_nothing_to_restore(rds):
    """Retention 0 has no latest restorable time and cannot be restored; turned on, it can from then on."""
    make(rds, BackupRetentionPeriod=0)
    assert "LatestRestorableTime" not in shown(rds)
    assert rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"] == []
    disabled = ("PointInTimeRestoreNotEnabled", 400)
    assert refusal(to_time, rds, UseLatestRestorableTime=True) == disabled
    rds.modify_db_instance(DBInstanceIdentifier="db", BackupRetentionPeriod=1, ApplyImmediately=True)
    assert "Enabled automated backups" in messages(rds)
    to_time(rds, UseLatestRestorableTime=True)
    rds.modify_db_instance(DBInstanceIdentifier="db", BackupRetentionPeriod=0, ApplyImmediately=True)
    assert refusal(to_time, rds, "third", UseLatestRestorableTime=True) == disabled


def test_restored_database_is_a_new_one_in_default_places(clients, rds, clock):
    """It takes its time, has the source's settings, but one zone, the default subnets and groups unless told so."""
    subnet_group(clients)
    source = make(rds, MultiAZ=True, DBSubnetGroupName="group", PreferredBackupWindow="05:00-06:00")
    made = to_time(rds, UseLatestRestorableTime=True)["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    clock.advance(RESTORED)
    new = shown(rds, "new")
    assert (new["DBInstanceStatus"], new["MultiAZ"], new["PreferredBackupWindow"]) == (
        "available",
        False,
        "05:00-06:00",
    )
    assert new["DbiResourceId"] != source["DbiResourceId"]
    assert new.get("DBSubnetGroup", {}).get("DBSubnetGroupName") != "group"
    assert any(message.startswith("Restored from DB instance db to 2026-03-01T") for message in messages(rds))
    to_time(rds, "pair", UseLatestRestorableTime=True, MultiAZ=True, DBSubnetGroupName="group")
    clock.advance(RESTORED)
    assert set(zones(rds, "pair")) == {"us-east-1a", "us-east-1b"}


def test_automated_snapshots_are_taken_daily_and_kept_for_their_days(rds, clock, world):
    """One in each backup window while the DB instance is available, none while it is stopped, the old ones dropped."""

    def taken():
        found = rds.describe_db_snapshots(SnapshotType="automated", DBInstanceIdentifier="db")["DBSnapshots"]
        return sorted(snapshot["SnapshotCreateTime"].strftime("%d %H:%M") for snapshot in found)

    make(rds, PreferredBackupWindow="03:00-03:30", BackupRetentionPeriod=3)
    assert taken() == ["01 12:00"]
    clock.advance(2 * 86_400)
    assert taken() == ["01 12:00", "02 03:00", "03 03:00"]
    clock.advance(10 * 86_400)
    assert taken() == ["11 03:00", "12 03:00", "13 03:00"]
    rds.stop_db_instance(DBInstanceIdentifier="db")
    clock.advance(4 * 86_400)
    rds.start_db_instance(DBInstanceIdentifier="db")
    clock.advance(3600)
    world.settle()
    clock.advance(86_400)
    assert taken() == ["18 03:00"]


def test_retained_backups_outlive_their_database(rds, clock):
    """For as long as they were kept; deleted with the DB instance by default."""
    kept = make(rds, BackupRetentionPeriod=2)["DbiResourceId"]
    lost = make(rds, "lost")["DbiResourceId"]
    rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    rds.delete_db_instance(DBInstanceIdentifier="lost", SkipFinalSnapshot=True)
    missing = ("DBInstanceAutomatedBackupNotFound", 404)
    assert refusal(to_time, rds, SourceDbiResourceId=lost, UseLatestRestorableTime=True) == missing
    [backup] = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert (backup["Status"], backup["DbiResourceId"]) == ("retained", kept)
    to_time(rds, SourceDbiResourceId=kept, UseLatestRestorableTime=True)
    clock.advance(2 * 86_400)
    assert refusal(to_time, rds, "late", SourceDbiResourceId=kept, UseLatestRestorableTime=True) == missing


def test_snapshot_is_restored_by_those_who_may(clients, rds, clock):
    """By its own account, and by another when it is shared; a public one by all."""
    make(rds)
    arn = rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="s")["DBSnapshot"]["DBSnapshotArn"]
    other = clients("rds", account="210987654321")
    wanted = {"DBInstanceIdentifier": "theirs", "DBSnapshotIdentifier": arn}
    assert refusal(other.restore_db_instance_from_db_snapshot, **wanted) == ("DBSnapshotNotFound", 404)
    copy = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": "stolen"}
    assert refusal(other.copy_db_snapshot, **copy) == ("DBSnapshotNotFound", 404)
    shared = {"DBSnapshotIdentifier": "s", "AttributeName": "restore"}
    rds.modify_db_snapshot_attribute(ValuesToAdd=["210987654321"], **shared)
    other.restore_db_instance_from_db_snapshot(**wanted)
    other.copy_db_snapshot(**copy)
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="mine", DBSnapshotIdentifier="s")
    clock.advance(RESTORED)
    assert (status(rds, "mine"), status(other, "theirs")) == ("available", "available")
    assert "Restored from snapshot s" in messages(rds)


def test_copy_takes_its_time(rds, clock):
    """A snapshot that is being copied can be neither restored, copied nor deleted."""
    make(rds)
    rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="s")
    rds.copy_db_snapshot(SourceDBSnapshotIdentifier="s", TargetDBSnapshotIdentifier="c")
    wrong = ("InvalidDBSnapshotState", 400)
    restore = {"DBInstanceIdentifier": "new", "DBSnapshotIdentifier": "c"}
    assert refusal(rds.restore_db_instance_from_db_snapshot, **restore) == wrong
    assert refusal(rds.delete_db_snapshot, DBSnapshotIdentifier="c") == wrong
    clock.advance(delay("rds.snapshot_copy").most)
    rds.restore_db_instance_from_db_snapshot(**restore)
    rds.delete_db_snapshot(DBSnapshotIdentifier="c")
    automated = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"][0]["DBSnapshotIdentifier"]
    assert refusal(rds.delete_db_snapshot, DBSnapshotIdentifier=automated) == wrong


def test_snapshots_are_encrypted_with_their_database(clients, rds):
    """A copy to another Region needs a key of that Region, and none is public."""
    key = clients("kms").create_key()["KeyMetadata"]["Arn"]
    make(rds, StorageEncrypted=True, KmsKeyId=key)
    snapshot = rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="s")["DBSnapshot"]
    assert (snapshot["Encrypted"], snapshot["KmsKeyId"]) == (True, key)
    west, kms = clients("rds", region="us-west-2"), clients("kms", region="us-west-2")
    copy = {"SourceDBSnapshotIdentifier": snapshot["DBSnapshotArn"], "TargetDBSnapshotIdentifier": "c"}
    assert refusal(west.copy_db_snapshot, **copy) == COMBINATION
    assert refusal(west.copy_db_snapshot, KmsKeyId=key, **copy) == NO_KEY
    other = kms.create_key()["KeyMetadata"]["Arn"]
    assert west.copy_db_snapshot(KmsKeyId=other, **copy)["DBSnapshot"]["KmsKeyId"] == other
    public = {"DBSnapshotIdentifier": "s", "AttributeName": "restore", "ValuesToAdd": ["all"]}
    assert refusal(rds.modify_db_snapshot_attribute, **public) == ("InvalidParameterValue", 400)
    rds.modify_db_snapshot_attribute(**public | {"ValuesToAdd": ["210987654321"]})


@pytest.mark.parametrize("end", ["disabled", "scheduled"])
def test_database_without_its_key_is_inaccessible(clients, rds, clock, world, end):
    """Soon after the key fails; it starts again once the key is back, within seven days."""
    kms = clients("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    make(rds, StorageEncrypted=True, KmsKeyId=key)
    make(rds, "plain")
    rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="s")
    if end == "disabled":
        kms.disable_key(KeyId=key)
    else:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    clock.advance(delay("rds.key_noticed").most)
    assert status(rds) == "inaccessible-encryption-credentials-recoverable"
    assert status(rds, "plain") == "available"
    assert refusal(rds.start_db_instance, DBInstanceIdentifier="db") == NO_KEY
    assert refusal(to_time, rds, UseLatestRestorableTime=True) == NO_KEY
    restore = {"DBInstanceIdentifier": "new", "DBSnapshotIdentifier": "s"}
    assert refusal(rds.restore_db_instance_from_db_snapshot, **restore) == NO_KEY
    last = {"DBInstanceIdentifier": "db", "FinalDBSnapshotIdentifier": "last"}
    assert refusal(rds.delete_db_instance, **last) == IN_STATE
    clock.advance(6 * 86_400)
    if end == "scheduled":
        kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    rds.start_db_instance(DBInstanceIdentifier="db")
    clock.advance(delay("rds.starting").most)
    assert status(rds) == "available"
    clock.advance(7 * 86_400)
    assert status(rds) == "available"
    assert world.agenda.entries() == []


def test_database_is_lost_after_seven_days_without_its_key(clients, rds, clock):
    """It cannot be started any more; a restore, once the key works, is the way back."""
    kms = clients("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    make(rds, StorageEncrypted=True, KmsKeyId=key, BackupRetentionPeriod=35)
    kms.disable_key(KeyId=key)
    clock.advance(delay("rds.key_noticed").most + delay("rds.key_recoverable").most)
    assert status(rds) == "inaccessible-encryption-credentials"
    kms.enable_key(KeyId=key)
    assert refusal(rds.start_db_instance, DBInstanceIdentifier="db") == IN_STATE
    to_time(rds, UseLatestRestorableTime=True)
    clock.advance(RESTORED)
    assert status(rds, "new") == "available"


def test_key_that_comes_back_at_once_does_no_harm(clients, rds, clock):
    """RDS looks again before it shuts a DB instance off."""
    kms = clients("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    make(rds, StorageEncrypted=True, KmsKeyId=key)
    kms.disable_key(KeyId=key)
    kms.enable_key(KeyId=key)
    clock.advance(delay("rds.key_noticed").most)
    assert status(rds) == "available"
