"""A DB instance is deleted in its time; its replicas become databases of their own, and its backups go or stay."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.behaviors import answers, happens
from twin.world.behaviors.rds_course import forget, happened, notes, start
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_power import dropped
from twin.world.behaviors.rds_replicas import cut, orphan
from twin.world.behaviors.rds_snapshots import take_manual_snapshot
from twin.world.scene import Scene
from twin.world.stores.rds_instances import find_instance, named_instance, where_of
from twin.world.stores.rds_replies import told


@answers("rds", "DeleteDBInstance")
def delete(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Begin to delete a DB instance, after its last snapshot if one is asked for."""
    database = named_instance(asked.parameters["DBInstanceIdentifier"], where_of(asked.call))
    if database is None:
        return None
    if name := asked.parameters.get("FinalDBSnapshotIdentifier"):
        take_manual_snapshot(scene, database, name)
    if database.source_db_instance_identifier:
        cut(scene, database)
    orphan(scene, database)
    database.keep_backups = asked.parameters.get("DeleteAutomatedBackups") is False
    database.status = "deleting"
    reply = told("DBInstance", database)
    dropped(scene, database, "it is deleted")
    start(scene, database, [{"status": "deleting", "lasts": "rds.deleting"}, {"task": "rds.deleted"}])
    return reply


@happens("rds.deleted")
def gone(scene: Scene, *, arn: str) -> None:
    """Take a DB instance out of the store, with its secret and, unless they are to stay, its automated backups."""
    database = find_instance(arn)
    held = database.backend
    if database.manage_master_user_password:
        database.master_user_secret.delete_secret()
    del held.databases[database.db_instance_identifier]
    if database.keep_backups and database.backups_since:
        database.logs_until = scene.now()
        held.retained_backups = [*getattr(held, "retained_backups", []), database]
    else:
        for name, snapshot in list(held.database_snapshots.items()):
            if snapshot.snapshot_type == "automated" and snapshot.dbi_resource_id == database.dbi_resource_id:
                del held.database_snapshots[name]
    tell(scene, database, "RDS-EVENT-0003")
    happened(scene, database, "rds.instance.deleted")
    for waiting in ("week_over", "window"):
        if (task := notes(scene, arn).get(waiting)) is not None:
            scene.agenda.cancel(task)
    forget(scene, arn)
