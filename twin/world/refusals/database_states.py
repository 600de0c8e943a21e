"""What RDS refuses because of the state in which a database is, or because of what it is."""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.rds_instances import is_member, named_instance, where_of

USABLE = ("available", "storage-optimization")
RECOVERABLE = "inaccessible-encryption-credentials-recoverable"
STORAGE = frozenset({"AllocatedStorage", "Iops", "StorageThroughput", "StorageType"})
# A DB instance in these states is deleted without a last snapshot:
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
BROKEN = ("failed", "incompatible-network", "incompatible-restore", RECOVERABLE, "inaccessible-encryption-credentials")


def _wrong(message: str) -> Refusal:
    return Refusal("InvalidDBInstanceState", message)


def _named(asked: Asked, parameter: str = "DBInstanceIdentifier") -> Any:
    name = asked.parameters.get(parameter)
    return named_instance(name, where_of(asked.call)) if name else None


@refuses("rds", "RebootDBInstance", "PromoteReadReplica")
def usable(asked: Asked) -> None:
    """A DB instance is rebooted or promoted when it is available."""
    database = _named(asked)
    if database is not None and database.status not in USABLE:
        raise _wrong(f"Database instance {database.resource_id} is not in available state.")


@refuses("rds", "PromoteReadReplica")
def a_replica(asked: Asked) -> None:
    """Only a replica is promoted."""
    database = _named(asked)
    if database is not None and not database.source_db_instance_identifier:
        raise _wrong(f"DB Instance {database.resource_id} is not a read replica.")


@refuses("rds", "StopDBInstance")
def stoppable(asked: Asked) -> None:
    """An available DB instance stops, unless it replicates or belongs to a cluster.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html
    """
    database = _named(asked)
    if database is None:
        return
    if is_member(database):
        raise Refusal("InvalidDBClusterStateFault", "The instance belongs to a DB cluster; stop the cluster instead.")
    if database.source_db_instance_identifier or database.replicas:
        raise _wrong(f"Cannot stop DB instance {database.resource_id}: it has a read replica or is one.")
    if database.status != "available":
        raise _wrong(f"Instance {database.resource_id} is not in available state.")


@refuses("rds", "StartDBInstance")
def startable(asked: Asked) -> None:
    """A stopped DB instance starts, and one whose key works again."""
    database = _named(asked)
    if database is not None and database.status not in ("stopped", RECOVERABLE):
        raise _wrong(f"Instance {database.resource_id} is not stopped, it cannot be started.")


@refuses("rds", "ModifyDBInstance")
def modifiable(asked: Asked) -> None:
    """An available DB instance is modified; the protection against deletion is switched at any time."""
    database = _named(asked)
    if database is None:
        return
    wanted = asked.parameters.keys() - {"DBInstanceIdentifier", "ApplyImmediately"}
    if wanted <= {"DeletionProtection"} and database.status != "deleting":
        return
    if database.status == "storage-optimization" and not wanted & STORAGE:
        return
    if database.status != "available":
        raise _wrong(f"Database instance {database.resource_id} is not in available state.")
    name = asked.parameters.get("NewDBInstanceIdentifier")
    if name and name.lower() != database.resource_id and name in asked.state().databases:
        raise Refusal("DBInstanceAlreadyExists", "DB instance already exists")


@refuses("rds", "ModifyDBInstance")
def storage_grows(asked: Asked) -> None:
    """Storage only grows."""
    database, wanted = _named(asked), asked.parameters.get("AllocatedStorage")
    if database is not None and wanted is not None and wanted < database.allocated_storage:
        raise Refusal("InvalidParameterCombination", f"Requested storage size ({wanted}) cannot be less than the "
                      f"current storage size ({database.allocated_storage}).")  # fmt: skip


@refuses("rds", "CreateDBInstance", "CreateDBInstanceReadReplica", "RestoreDBInstanceFromDBSnapshot",
         "RestoreDBInstanceToPointInTime")  # fmt: skip
def zone_of_one(asked: Asked) -> None:
    """Only a Single-AZ database is asked for in a zone."""
    if asked.parameters.get("MultiAZ") and asked.parameters.get("AvailabilityZone"):
        raise Refusal("InvalidParameterCombination", "Requesting a specific availability zone is not valid for "
                      "Multi-AZ instances.")  # fmt: skip


@refuses("rds", "CreateDBSnapshot")
def snapshot(asked: Asked) -> None:
    """A snapshot is taken of an available DB instance."""
    database = _named(asked)
    if database is not None and database.status not in USABLE:
        raise _wrong(f"Cannot create a snapshot because the database instance {database.resource_id} is not currently "
                     "in the available state.")  # fmt: skip


@refuses("rds", "CreateDBInstanceReadReplica")
def replicated(asked: Asked) -> None:
    """A source is there, is available and keeps automated backups; its replica has a name of its own."""
    if asked.parameters["DBInstanceIdentifier"] in asked.state().databases:
        raise Refusal("DBInstanceAlreadyExists", "DB instance already exists")
    name = asked.parameters.get("SourceDBInstanceIdentifier") or ""
    source = _named(asked, "SourceDBInstanceIdentifier")
    if source is None:
        raise Refusal("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
    if not source.backup_retention_period and not source.source_db_instance_identifier:
        raise _wrong("Automated backups are not enabled for this database instance. To enable automated backups, use "
                     "ModifyDBInstance to set the backup retention period to a non-zero value.")  # fmt: skip
    if source.status not in USABLE:
        raise _wrong(f"Database instance {source.resource_id} is not in available state.")


@refuses("rds", "DeleteDBInstance")
def deletable(asked: Asked) -> None:
    """A DB instance is deleted once, unprotected, and with a last snapshot or expressly without."""
    database, wanted = _named(asked), asked.parameters
    if database is None:
        return
    skip, last = bool(wanted.get("SkipFinalSnapshot")), wanted.get("FinalDBSnapshotIdentifier")
    if database.status == "deleting":
        raise _wrong(f"Instance {database.resource_id} is already being deleted.")
    if database.deletion_protection:
        raise Refusal("InvalidParameterCombination", "Cannot delete protected DB Instance, please disable deletion "
                      "protection and try again.")  # fmt: skip
    if skip and last:
        raise Refusal("InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when "
                      "SkipFinalSnapshot is enabled.")  # fmt: skip
    single = is_member(database) or database.source_db_instance_identifier
    if last and single:
        raise Refusal("InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when deleting a "
                      "replica or cluster instance.")  # fmt: skip
    if not skip and not last and not single:
        raise Refusal("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot "
                      "is specified.")  # fmt: skip
    if last and database.status in BROKEN:
        raise _wrong(f"Cannot create a final snapshot of {database.resource_id}, which is {database.status}.")
    if last and last in asked.state().database_snapshots:
        raise Refusal("DBSnapshotAlreadyExists", f"Cannot create the snapshot because a snapshot with the identifier "
                      f"{last} already exists.")  # fmt: skip


@refuses("rds", "DeleteDBSnapshot", "CopyDBSnapshot")
def finished_snapshot(asked: Asked) -> None:
    """A snapshot is there and available; an automated one is deleted only by RDS."""
    copying = asked.call.operation == "CopyDBSnapshot"
    name = asked.parameters["SourceDBSnapshotIdentifier" if copying else "DBSnapshotIdentifier"]
    held = None if name.startswith("arn:") else asked.state().database_snapshots.get(name)
    if held is None:
        return
    if held.status != "available":
        raise Refusal("InvalidDBSnapshotState", f"The DB snapshot {name} is not in available state.")
    if not copying and held.snapshot_type == "automated":
        raise Refusal("InvalidDBSnapshotState", f"The automated snapshot {name} cannot be deleted.")
