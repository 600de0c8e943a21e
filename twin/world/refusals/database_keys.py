"""What RDS refuses about the keys of encrypted databases and snapshots."""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import ENABLED, Where, find_key, is_managed
from twin.world.stores.rds_instances import backend, find_snapshot, named_instance, parts, where_of

DEFAULT = "default_kms_key_id"


def _inaccessible(name: str) -> Refusal:
    return Refusal("KMSKeyNotAccessibleFault", f"The specified KMS key [{name}] does not exist, is not enabled or you "
                   "do not have permissions to access it.")  # fmt: skip


def must_work(name: str | None, where: Where) -> None:
    """Refuse what needs a key that is not there or not enabled."""
    if not name or name == DEFAULT or is_managed(name):
        return
    key = find_key(name, where)
    if key is None or key.key_state != ENABLED:
        raise _inaccessible(name)


@refuses("rds", "StartDBInstance", "RebootDBInstance")
def running(asked: Asked) -> None:
    """A database starts when its key works."""
    database = named_instance(asked.parameters["DBInstanceIdentifier"], where_of(asked.call))
    if database is not None:
        must_work(database.kms_key_id, where_of(asked.call))


@refuses("rds", "RestoreDBInstanceToPointInTime")
def restored(asked: Asked) -> None:
    """A database is restored when the key of its source works."""
    name = asked.parameters.get("SourceDBInstanceIdentifier")
    source = named_instance(name, where_of(asked.call)) if name else None
    if source is not None:
        must_work(source.kms_key_id, where_of(asked.call))


@refuses("rds", "RestoreDBInstanceFromDBSnapshot")
def from_snapshot(asked: Asked) -> None:
    """A database is restored when the key of the snapshot works."""
    snapshot = _snapshot(asked, asked.parameters.get("DBSnapshotIdentifier") or "")
    if snapshot is not None:
        must_work(snapshot.kms_key_id, Where(snapshot.account_id, snapshot.region))


@refuses("rds", "CopyDBSnapshot")
def copied(asked: Asked) -> None:
    """A copy needs the source's key, and a key of its own Region when it goes to another."""
    wanted = asked.parameters
    source, key = _snapshot(asked, wanted["SourceDBSnapshotIdentifier"]), wanted.get("KmsKeyId")
    must_work(key, where_of(asked.call))
    if source is None:
        return
    must_work(source.kms_key_id, Where(source.account_id, source.region))
    if source.encrypted and not key and source.region != asked.call.region:
        raise Refusal("InvalidParameterCombination", "KmsKeyId must be specified when copying an encrypted snapshot to "
                      "another region.")  # fmt: skip


@refuses("rds", "CreateDBInstanceReadReplica")
def replicated(asked: Asked) -> None:
    """A replica has its source's key in its Region, a key of its own Region in another, and none of an open source."""
    wanted, where = asked.parameters, where_of(asked.call)
    source, key = named_instance(wanted.get("SourceDBInstanceIdentifier") or "", where), wanted.get("KmsKeyId")
    if source is None:
        return
    must_work(source.kms_key_id, Where(source.account_id, source.region))
    if not source.storage_encrypted and key:
        raise Refusal("InvalidParameterCombination", "Cannot create an encrypted read replica from an unencrypted DB "
                      "instance.")  # fmt: skip
    across = source.region != where.region
    if source.storage_encrypted and across and not key:
        raise Refusal("InvalidParameterCombination", "KmsKeyId must be specified for an encrypted read replica in "
                      "another region.")  # fmt: skip
    if key and not across and find_key(key, where) is not find_key(source.kms_key_id, where):
        raise Refusal("InvalidParameterCombination", "A read replica in the same region has the KMS key of its source.")


@refuses("rds", "ModifyDBSnapshotAttribute")
def shared(asked: Asked) -> None:
    """An encrypted snapshot is never public, and one under the account's default key is not shared at all.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html
    """
    added = asked.parameters.get("ValuesToAdd") or ()
    snapshot = _snapshot(asked, asked.parameters["DBSnapshotIdentifier"])
    if snapshot is None or not snapshot.encrypted or not added:
        return
    if "all" in added:
        raise Refusal("InvalidParameterValue", "Encrypted snapshots cannot be shared publicly.")
    if snapshot.kms_key_id == DEFAULT or is_managed(snapshot.kms_key_id):
        raise Refusal("InvalidParameterValue", "Cannot share a snapshot that is encrypted with the default KMS key.")


def _snapshot(asked: Asked, name: str) -> Any:
    if name.startswith("arn:"):
        return find_snapshot(name) if parts(name)[1] == "snapshot" else None
    return backend(where_of(asked.call)).database_snapshots.get(name)
