"""A DB instance stops, starts, and is started by RDS when it has been stopped for seven days."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.behaviors import answers, happens
from twin.world.behaviors.rds_course import happened, notes, start
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_placement import insufficient, open_zones
from twin.world.behaviors.rds_snapshots import take_manual_snapshot
from twin.world.scene import Scene
from twin.world.stores.rds_backups import take_due
from twin.world.stores.rds_instances import find_instance, named_instance, where_of
from twin.world.stores.rds_replies import told


@answers("rds", "StopDBInstance")
def stop(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Stop a DB instance, with a snapshot before it if one is asked for."""
    database = named_instance(asked.parameters["DBInstanceIdentifier"], where_of(asked.call))
    if database is None:
        return None
    if snapshot := asked.parameters.get("DBSnapshotIdentifier"):
        take_manual_snapshot(scene, database, snapshot)
    take_due(database, scene.now())
    start(scene, database, [
        {"status": "stopping", "lasts": "rds.stopping"},
        {"status": "stopped", "events": ["RDS-EVENT-0087"], "task": "rds.stopped"},
    ])  # fmt: skip
    dropped(scene, database, "it is stopped")
    return told("DBInstance", database)


@answers("rds", "StartDBInstance")
def started(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Start a stopped DB instance in its zone."""
    database = named_instance(asked.parameters["DBInstanceIdentifier"], where_of(asked.call))
    if database is None:
        return None
    if not open_zones(scene, [database.availability_zone]):
        raise insufficient()
    power_on(scene, database)
    return told("DBInstance", database)


def power_on(scene: Scene, database: Any) -> None:
    """Set a DB instance on the course from stopped to available."""
    if (task := notes(scene, str(database.arn)).pop("week_over", None)) is not None:
        scene.agenda.cancel(task)
    start(scene, database, [
        {"status": "starting", "lasts": "rds.starting"},
        {"status": "available", "events": ["RDS-EVENT-0088"], "task": "rds.started"},
    ])  # fmt: skip


@happens("rds.stopped")
def at_rest(scene: Scene, *, arn: str) -> None:
    """Remember when RDS will start the DB instance again."""
    database = find_instance(arn)
    database.logs_until = scene.now()
    notes(scene, arn)["week_over"] = scene.after(scene.delay("rds.longest_stop"), "rds.week_over", arn=arn)
    happened(scene, database, "rds.instance.stopped")


@happens("rds.started")
def running(scene: Scene, *, arn: str) -> None:
    """Tell that a DB instance runs again."""
    database = find_instance(arn)
    database.logs_until, database.backed_up_until = None, scene.now()
    happened(scene, database, "rds.instance.started")


@happens("rds.week_over")
def week_over(scene: Scene, *, arn: str) -> None:
    """Start a DB instance that has been stopped for as long as RDS allows."""
    database = find_instance(arn)
    if database is not None and database.status == "stopped":
        notes(scene, arn).pop("week_over", None)
        tell(scene, database, "RDS-EVENT-0154")
        power_on(scene, database)


def dropped(scene: Scene, database: Any, reason: str) -> None:
    """Tell that the clients of a DB instance lost their connections."""
    happened(scene, database, "rds.connections.dropped", reason=reason)
