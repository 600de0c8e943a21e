"""A new class comes with a failover to the standby that has it already, or with a restart where there is none."""

from twin.world.behaviors import happens
from twin.world.behaviors.rds_course import happened, notes
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_failover import standby_ready
from twin.world.behaviors.rds_power import dropped
from twin.world.scene import Scene
from twin.world.stores.rds_instances import find_instance, is_member

MODIFIED = "modified"


@happens("rds.switching")
def switching(scene: Scene, *, arn: str) -> None:
    """Drop the connections: the DB instance moves to hardware of its new class."""
    database = find_instance(arn)
    notes(scene, arn)["switching"] = scene.now()
    dropped(scene, database, "its class changes")
    if standby_ready(scene, database):
        tell(scene, database, "RDS-EVENT-0013")


@happens("rds.switched")
def switched(scene: Scene, *, arn: str) -> None:
    """Let clients in again, at the standby if there is one.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html: a modification by the
    customer is a reason of failovers.
    """
    database = find_instance(arn)
    began = notes(scene, arn).pop("switching")
    if not standby_ready(scene, database) or is_member(database):
        tell(scene, database, "RDS-EVENT-0006")
        return
    before, after = database.availability_zone, database.secondary_availability_zone
    database.availability_zone, database.secondary_availability_zone = after, before
    tell(scene, database, "RDS-EVENT-0015")
    tell(scene, database, "RDS-EVENT-0049")
    facts = {"from": before, "to": after, "seconds": (scene.now() - began).total_seconds(), "reason": MODIFIED}
    happened(scene, database, "rds.failover.completed", **facts)
