"""DB snapshots take their time to be taken and copied, and are encrypted as their source or under the copy's key."""

from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.rds_course import notes
from twin.world.behaviors.rds_events import tell
from twin.world.scene import Scene
from twin.world.stores.rds_instances import (
    as_refused,
    backend,
    find_instance,
    find_snapshot,
    named_instance,
    parts,
    where_is,
    where_of,
)
from twin.world.stores.rds_replies import told

PROVIDES = {"rds-snapshots": "DB snapshots are taken, copied across Regions and restored, each in time"}


@answers("rds", "CreateDBSnapshot")
def create(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Take a manual snapshot; meanwhile the DB instance is backing up."""
    wanted = asked.parameters
    database = named_instance(wanted["DBInstanceIdentifier"], where_of(asked.call))
    if database is None:
        return None
    with as_refused():
        database.backend.validate_db_snapshot_identifier(wanted["DBSnapshotIdentifier"], "DBSnapshotIdentifier")
    snapshot = take_manual_snapshot(scene, database, wanted["DBSnapshotIdentifier"], tags=wanted.get("Tags"))
    return told("DBSnapshot", snapshot)


def take_manual_snapshot(scene: Scene, database: Any, name: str, *, tags: list[dict[str, str]] | None = None) -> Any:
    """Begin a snapshot of a DB instance, and return it."""
    with as_refused():
        snapshot = database.backend.create_db_snapshot(database.db_instance_identifier, name, tags=tags)
    snapshot.status, snapshot.availability_zone = "creating", database.availability_zone
    tell(scene, snapshot, "RDS-EVENT-0040")
    arn, seconds = str(snapshot.arn), scene.delay("rds.snapshot")
    if seconds and database.status == "available":
        database.status = "backing-up"
        notes(scene, str(database.arn))["snapshotting"] = arn
    if seconds:
        scene.after(seconds, "rds.snapshot_taken", arn=arn, database=str(database.arn))
    else:
        taken(scene, arn=arn, database=str(database.arn))
    return snapshot


@happens("rds.snapshot_taken")
def taken(scene: Scene, *, arn: str, database: str) -> None:
    """Finish a snapshot."""
    snapshot, source = find_snapshot(arn), find_instance(database)
    if snapshot is not None:
        snapshot.status = "available"
        tell(scene, snapshot, "RDS-EVENT-0042")
    if source is not None and notes(scene, database).get("snapshotting") == arn:
        notes(scene, database).pop("snapshotting")
        if source.status == "backing-up":
            source.status = "available"


@follows("rds", "CopyDBSnapshot")
def copied(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Let a copy take its time; a copy is a manual snapshot of the Region in which it was asked for."""
    wanted = done.parameters
    copy = backend(where_of(done.call)).database_snapshots[wanted["TargetDBSnapshotIdentifier"]]
    where, _, source = parts(wanted["SourceDBSnapshotIdentifier"])
    region = where.region or done.call.region
    across = region != copy.region
    copy.status, copy.source_region = "creating", region if across else None
    copy.source_db_snapshot_identifier = wanted["SourceDBSnapshotIdentifier"]
    began, ends = ("RDS-EVENT-0059", "RDS-EVENT-0060") if across else ("RDS-EVENT-0196", "RDS-EVENT-0197")
    tell(scene, copy, began, source=source, region=region)
    seconds = scene.delay("rds.snapshot_copy")
    values = {"source": source, "region": region, "minutes": str(max(1, round(seconds / 60)))}
    scene.after(seconds, "rds.snapshot_copied", arn=str(copy.arn), event=ends, values=values)
    return told("DBSnapshot", copy)


@happens("rds.snapshot_copied")
def copy_finished(scene: Scene, *, arn: str, event: str, values: dict[str, str]) -> None:
    """Finish a copy."""
    copy = find_snapshot(arn)
    if copy is not None and copy.status == "creating":
        copy.status = "available"
        tell(scene, copy, event, **values)


@answers("rds", "DeleteDBSnapshot")
def deleted(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Delete a snapshot, and tell it."""
    kept = backend(where_of(asked.call)).database_snapshots
    snapshot = kept.get(asked.parameters["DBSnapshotIdentifier"])
    if snapshot is None:
        return None
    del kept[snapshot.db_snapshot_identifier]
    snapshot.status = "deleted"
    tell(scene, snapshot, "RDS-EVENT-0041")
    where = where_is(snapshot)
    scene.emit(
        "rds.snapshot.deleted",
        account=where.account,
        region=where.region,
        id=snapshot.resource_id,
        arn=str(snapshot.arn),
    )
    return told("DBSnapshot", snapshot)
