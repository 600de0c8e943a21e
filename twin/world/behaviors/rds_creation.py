"""A new DB instance is placed, created, backed up for the first time, and then available."""

from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.rds_course import Step, happened, start
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_placement import place, require_capacity
from twin.world.scene import Scene
from twin.world.stores.kms_keys import find_key
from twin.world.stores.rds_instances import backend, find_instance, is_member, named_instance, where_is, where_of
from twin.world.stores.rds_replies import told

PROVIDES = {"rds-states": "DB instances go through creating, backing-up, modifying, stopping and so on, each in time"}

MADE: Step = {"events": ["RDS-EVENT-0005"]}


@answers("rds", "CreateDBInstance")
def capacity(asked: Asked, scene: Scene) -> None:
    """Refuse a DB instance for which no zone of its subnet group has room."""
    wanted = asked.parameters
    require_capacity(
        scene,
        asked,
        group=wanted.get("DBSubnetGroupName") or _clusters_group(asked),
        multi_az=bool(wanted.get("MultiAZ")) and not wanted.get("DBClusterIdentifier"),
        zone=wanted.get("AvailabilityZone"),
    )


def _clusters_group(asked: Asked) -> str | None:
    """Return the subnet group of the cluster that a new DB instance joins, which is its own then."""
    cluster = backend(where_of(asked.call)).clusters.get(asked.parameters.get("DBClusterIdentifier") or "")
    return cluster.db_subnet_group_name if cluster is not None else None


@follows("rds", "CreateDBInstance")
def created(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Place the DB instance and set it on its course."""
    database = named_instance(done.parameters["DBInstanceIdentifier"], where_of(done.call))
    if is_member(database) and database.cluster.db_subnet_group_name in database.backend.subnet_groups:
        database.db_subnet_group_name = database.cluster.db_subnet_group_name
    begin(scene, database, zone=done.parameters.get("AvailabilityZone"))
    return told("DBInstance", database)


def begin(
    scene: Scene,
    database: Any,
    *,
    zone: str | None = None,
    lasts: str = "rds.creating",
    made: Step = MADE,
) -> None:
    """Place a DB instance that was just made, and let it be created and backed up."""
    place(scene, database, wanted=zone)
    key = find_key(database.kms_key_id, where_is(database)) if database.kms_key_id else None
    if key is not None and not is_member(database):
        database.kms_key_id = key.arn
    database.logs_until = None
    first: Step = {"status": "creating", "lasts": lasts, "task": "rds.being_created"}
    steps: list[Step] = [first, made]
    if backed_up(database):
        steps.append({"status": "backing-up", "events": ["RDS-EVENT-0001"], "lasts": "rds.first_backup"})
        steps += [{"task": "rds.backed_up"}, {"events": ["RDS-EVENT-0002"]}]
    start(scene, database, [*steps, {"status": "available", "task": "rds.created"}])


def backed_up(database: Any) -> bool:
    """Tell whether RDS keeps automated backups of a DB instance by itself."""
    return not is_member(database) and int(database.backup_retention_period or 0) > 0


@happens("rds.being_created")
def being_created(scene: Scene, *, arn: str) -> None:
    """Note that there is nothing to restore yet."""
    database = find_instance(arn)
    database.backups_since = database.backed_up_until = None


@happens("rds.backed_up")
def first_backup(scene: Scene, *, arn: str) -> None:
    """Keep an automated snapshot: from here on the DB instance can be restored to any time."""
    database = find_instance(arn)
    take_automated_snapshot(scene, database)
    database.backups_since = scene.now()


def take_automated_snapshot(scene: Scene, database: Any) -> None:
    """Take the snapshot of an automated backup."""
    name = f"rds:{database.db_instance_identifier}-{scene.now():%Y-%m-%d-%H-%M}"
    if name in database.backend.database_snapshots:
        return
    snapshot = database.backend.create_db_snapshot(database.db_instance_identifier, name, snapshot_type="automated")
    snapshot.created = snapshot.original_snapshot_create_time = scene.now()
    tell(scene, snapshot, "RDS-EVENT-0090")
    tell(scene, snapshot, "RDS-EVENT-0091")


@happens("rds.created")
def ready(scene: Scene, *, arn: str) -> None:
    """Tell that a DB instance can be used."""
    happened(scene, find_instance(arn), "rds.instance.created")
