"""A DB instance is restored to a point in time or from a snapshot: a new one, which takes its time."""

from datetime import UTC, datetime
from typing import Any

from botocore import xform_name

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.rds_course import Step, made_of
from twin.world.behaviors.rds_creation import begin
from twin.world.behaviors.rds_placement import require_capacity
from twin.world.behaviors.rds_roles import inherit_roles
from twin.world.scene import Scene
from twin.world.stores.rds_backups import inherited, retained, window
from twin.world.stores.rds_instances import as_refused, backend, find_snapshot, named_instance, where_of
from twin.world.stores.rds_replies import told

PROVIDES = {"rds-point-in-time-restore": "a DB instance is restored to any second of its window, as a new one"}
# Parameters of the restores that are no properties of the new DB instance.
ABOUT = frozenset({
    "DBClusterSnapshotIdentifier", "DBInstanceIdentifier", "DBSnapshotIdentifier", "RestoreTime",
    "SourceDBInstanceAutomatedBackupsArn", "SourceDBInstanceIdentifier", "SourceDbiResourceId",
    "TargetDBInstanceIdentifier", "UseDefaultProcessorFeatures", "UseLatestRestorableTime",
})  # fmt: skip


@answers("rds", "RestoreDBInstanceToPointInTime")
def to_point_in_time(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make a DB instance of the automated backups of another, as it was at a time."""
    wanted = asked.parameters
    source = _source(asked, scene)
    time = _time(wanted, source, scene.now())
    event: Step = {
        "events": ["RDS-EVENT-0019"],
        "values": {"source": source.resource_id, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ")},
    }
    name = wanted["TargetDBInstanceIdentifier"]
    reply = _restore(asked, scene, properties=inherited(source, time), name=name, event=event)
    restored = named_instance(name, where_of(asked.call))
    made_of(scene, restored, origin=str(source.arn), until=time)
    inherit_roles(restored, source, time)
    return reply


@answers("rds", "RestoreDBInstanceFromDBSnapshot")
def from_snapshot(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Make a DB instance of a snapshot, of this account or shared with it."""
    wanted = asked.parameters
    identifier = str(wanted.get("DBSnapshotIdentifier") or "")
    own = backend(where_of(asked.call)).database_snapshots
    snapshot = find_snapshot(identifier) if identifier.startswith("arn:") else own.get(identifier)
    if snapshot is None or snapshot.region != asked.call.region or not _may_use(snapshot, asked.call.account):
        raise AwsError("DBSnapshotNotFound", f"DBSnapshot not found: {identifier}", 404)
    if snapshot.status != "available":
        raise AwsError("InvalidDBSnapshotState", f"Snapshot {identifier} is not in available state.")
    properties = inherited(snapshot.database, _utc(snapshot.created))
    properties |= {"allocated_storage": snapshot.allocated_storage, "engine_version": snapshot.engine_version}
    properties |= {"storage_encrypted": snapshot.encrypted, "kms_key_id": snapshot.kms_key_id}
    event: Step = {"events": ["RDS-EVENT-0043"], "values": {"snapshot": snapshot.resource_id}}
    name = wanted["DBInstanceIdentifier"]
    reply = _restore(asked, scene, properties=properties, name=name, event=event)
    restored, taken = named_instance(name, where_of(asked.call)), _utc(snapshot.created)
    made_of(scene, restored, origin=str(snapshot.database.arn), until=taken)
    inherit_roles(restored, snapshot.database, taken)
    return reply


def _may_use(snapshot: Any, account: str) -> bool:
    return snapshot.account_id == account or bool({account, "all"} & set(snapshot.attributes["restore"]))


def _restore(asked: Asked, scene: Scene, *, properties: dict[str, Any], name: str, event: Step) -> dict[str, Any]:
    wanted = asked.parameters
    given = {xform_name(key): value for key, value in wanted.items() if key not in ABOUT and value is not None}
    if given.get("allocated_storage", properties["allocated_storage"]) < properties["allocated_storage"]:
        raise AwsError("InvalidParameterValue", "The allocated storage size can't be less than the source snapshot or "
                       "backup size.")  # fmt: skip
    require_capacity(
        scene,
        asked,
        group=wanted.get("DBSubnetGroupName"),
        multi_az=bool(wanted.get("MultiAZ")),
        zone=wanted.get("AvailabilityZone"),
    )
    with as_refused():
        database = asked.state().create_db_instance({**properties, **given, "db_instance_identifier": name})
    begin(scene, database, zone=wanted.get("AvailabilityZone"), lasts="rds.restoring", made=event)
    return told("DBInstance", database)


def _source(asked: Asked, scene: Scene) -> Any:
    wanted, where = asked.parameters, where_of(asked.call)
    kept = retained(where, scene.now())
    if name := wanted.get("SourceDBInstanceIdentifier"):
        found = named_instance(name, where)
        if found is None:
            raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
        return found
    resource = wanted.get("SourceDbiResourceId") or ""
    arn = wanted.get("SourceDBInstanceAutomatedBackupsArn") or ""
    for source in (*backend(where).databases.values(), *kept):
        if source.dbi_resource_id == resource or (arn and backups_arn(source) == arn):
            return source
    raise AwsError("DBInstanceAutomatedBackupNotFound", f"Automated backup not found: {resource or arn}", 404)


def backups_arn(source: Any) -> str:
    """Return the ARN of a DB instance's automated backups."""
    digits = source.dbi_resource_id.removeprefix("db-").lower()
    return f"arn:aws:rds:{source.region}:{source.account_id}:auto-backup:ab-{digits}"


def _time(wanted: dict[str, Any], source: Any, now: datetime) -> datetime:
    time, latest = wanted.get("RestoreTime"), bool(wanted.get("UseLatestRestorableTime"))
    if time is not None and latest:
        raise AwsError("InvalidParameterCombination", "RestoreTime and UseLatestRestorableTime cannot both be "
                       "specified.")  # fmt: skip
    if time is None and not latest:
        raise AwsError(
            "InvalidParameterCombination", "Either RestoreTime or UseLatestRestorableTime must be specified."
        )
    if not source.backup_retention_period:
        raise AwsError("PointInTimeRestoreNotEnabled", f"The DB instance {source.resource_id} has automated backups "
                       "disabled: its backup retention period is 0.")  # fmt: skip
    held = window(source, now)
    if held is None:
        raise AwsError("InvalidRestoreFault", f"The DB instance {source.resource_id} has no backup yet.")
    if latest:
        return held[1]
    wished: datetime = _utc(time or held[1])
    if not held[0] <= wished <= held[1]:
        first, last, asked = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (*held, wished))
        raise AwsError("InvalidRestoreFault", f"The restore time {asked} is not between the earliest restorable time "
                       f"{first} and the latest restorable time {last}.")  # fmt: skip
    return wished


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
