"""A Multi-AZ DB instance fails over to its standby: when its primary dies, or with a reboot that forces it."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens
from twin.world.behaviors.rds_course import happened, notes, start
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_power import dropped
from twin.world.delays import delay
from twin.world.scene import Scene
from twin.world.stores.rds_instances import find_instance, named_instance, where_of
from twin.world.stores.rds_replies import told

PROVIDES = {
    "rds-failover": "a Multi-AZ DB instance changes to its standby's zone, after its time, when forced or when its "
    "primary's zone or host dies",
}


@answers("rds", "RebootDBInstance")
def reboot(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Reboot a DB instance, through a failover if that is asked for and there is a standby."""
    database = named_instance(asked.parameters["DBInstanceIdentifier"], where_of(asked.call))
    if database is None:
        return None
    forced = bool(asked.parameters.get("ForceFailover"))
    if forced and not database.multi_az:
        raise AwsError("InvalidParameterCombination", "ForceFailover cannot be specified since the instance is not "
                       "configured for either MultiAZ or High Availability.")  # fmt: skip
    if forced and not standby_ready(scene, database):
        raise AwsError("InvalidDBInstanceState", f"Database instance {database.resource_id} has no standby to fail "
                       "over to.")  # fmt: skip
    dropped(scene, database, "it is rebooted")
    if forced and _recently(scene, str(database.arn)):
        tell(scene, database, "RDS-EVENT-0034")
        forced = False
    if forced:
        fail_over(scene, database, reason="forced")
    else:
        start(scene, database, [
            {"status": "rebooting", "events": ["RDS-EVENT-0004"], "lasts": "rds.reboot"},
            {"status": "available", "events": ["RDS-EVENT-0006"], "task": "rds.rebooted"},
        ])  # fmt: skip
    return told("DBInstance", database)


@happens("rds.rebooted")
def rebooted(scene: Scene, *, arn: str) -> None:
    """Tell that a DB instance is back in its zone."""
    happened(scene, find_instance(arn), "rds.instance.rebooted")


def standby_ready(scene: Scene, database: Any) -> bool:
    """Tell whether a DB instance has a standby that could take over now."""
    zone = database.secondary_availability_zone
    if not database.multi_az or not zone or notes(scene, str(database.arn)).get("standby_missing"):
        return False
    return not scene.conditions.broken("zone", zone)


def fail_over(scene: Scene, database: Any, *, reason: str) -> None:
    """Begin a failover to the standby."""
    held = notes(scene, str(database.arn))
    held.pop("switching", None)
    held["failing_over"] = {"since": scene.now(), "reason": reason, "status": database.status}
    events = ["RDS-EVENT-0006"] if reason == "forced" else []
    start(scene, database, [
        {"status": "rebooting", "events": ["RDS-EVENT-0013"], "lasts": "rds.failover"},
        {"task": "rds.failed_over"},
        {"events": events},
    ])  # fmt: skip


@happens("rds.failed_over")
def failed_over(scene: Scene, *, arn: str) -> None:
    """Exchange primary and standby, unless the standby died meanwhile."""
    database, held = find_instance(arn), notes(scene, arn)
    began = held.pop("failing_over")
    database.status = "available"
    if not standby_ready(scene, database):
        held["down"] = True
        happened(scene, database, "rds.failover.failed", reason="the standby is lost too")
        return
    before, after = database.availability_zone, database.secondary_availability_zone
    database.availability_zone, database.secondary_availability_zone = after, before
    held["failed_over"], database.logs_until = scene.now(), None
    held.pop("down", None)
    host_lost = scene.conditions.broken("host", arn)
    if host_lost:
        held["moved"] = True
    if host_lost or scene.conditions.broken("zone", before):
        held["standby_missing"] = True
        if host_lost and not scene.conditions.broken("zone", before):
            rebuild_standby(scene, database)
    tell(scene, database, "RDS-EVENT-0015")
    tell(scene, database, "RDS-EVENT-0049")
    seconds = (scene.now() - began["since"]).total_seconds()
    facts = {"from": before, "to": after, "seconds": seconds, "reason": began["reason"]}
    happened(scene, database, "rds.failover.completed", **facts)


def rebuild_standby(scene: Scene, database: Any) -> None:
    """Begin to make a new standby in the standby's zone."""
    tell(scene, database, "RDS-EVENT-0052")
    scene.after(scene.delay("rds.standby_rebuild"), "rds.standby_rebuilt", arn=str(database.arn))


@happens("rds.standby_rebuilt")
def standby_rebuilt(scene: Scene, *, arn: str) -> None:
    """Have the new standby take its place, if its zone still stands."""
    database, held = find_instance(arn), notes(scene, arn)
    if database is None or not held.get("standby_missing"):
        return
    if scene.conditions.broken("zone", database.secondary_availability_zone):
        return
    held.pop("standby_missing")
    tell(scene, database, "RDS-EVENT-0053")
    happened(scene, database, "rds.standby.restored", zone=database.secondary_availability_zone)


def _recently(scene: Scene, arn: str) -> bool:
    last = notes(scene, arn).get("failed_over")
    return last is not None and (scene.now() - last).total_seconds() < delay("rds.failover_cooldown").least
