"""DB clusters are created, stopped and started in time, and their members with them."""

from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.behaviors import TASKS, answers, follows, happens
from twin.world.behaviors.rds_course import happened, notes
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_placement import zones_of
from twin.world.behaviors.rds_power import dropped
from twin.world.scene import Scene
from twin.world.stores.rds_instances import backend, find_cluster, where_is, where_of
from twin.world.stores.rds_replies import told

PROVIDES = {"rds-clusters": "DB clusters with members in several zones, stopped and started as one"}
MADE = ("CreateDBCluster", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime")


@follows("rds", *MADE)
def created(done: Done, scene: Scene) -> dict[str, Any]:
    """Place a cluster and let it be created."""
    cluster = backend(where_of(done.call)).clusters[done.parameters["DBClusterIdentifier"]]
    zones = zones_of(done.parameters.get("DBSubnetGroupName"), where_is(cluster))
    cluster.availability_zones = done.parameters.get("AvailabilityZones") or zones[:3]
    cluster.status = "creating"
    later(scene, cluster, scene.delay("rds.cluster_creating"), "rds.cluster_created")
    return told("DBCluster", cluster)


def later(scene: Scene, cluster: Any, seconds: float, task: str) -> None:
    """Have a cluster's next change made in some seconds, in place of any that was to come."""
    number = scene.memory["rds.courses"] = scene.memory.get("rds.courses", 0) + 1
    notes(scene, str(cluster.arn))["course"] = number
    if seconds:
        scene.after(seconds, task, arn=str(cluster.arn), course=number)
    else:
        TASKS[task](scene, arn=str(cluster.arn), course=number)


def still(scene: Scene, arn: str, course: int) -> Any:
    """Return a cluster if the change that was planned for it is still the one to make; else None."""
    cluster = find_cluster(arn)
    return cluster if cluster is not None and notes(scene, arn).get("course") == course else None


@happens("rds.cluster_created")
def ready(scene: Scene, *, arn: str, course: int) -> None:
    """Tell that a cluster can be used."""
    if (cluster := still(scene, arn, course)) is not None:
        cluster.status = "available"
        tell(scene, cluster, "RDS-EVENT-0170")
        happened(scene, cluster, "rds.cluster.created")


@answers("rds", "StopDBCluster")
def stop(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Stop a cluster with all its members."""
    cluster = backend(where_of(asked.call)).clusters.get(asked.parameters["DBClusterIdentifier"])
    if cluster is None:
        return None
    set_status(cluster, "stopping")
    for member in cluster.members:
        dropped(scene, member, "its cluster is stopped")
    later(scene, cluster, scene.delay("rds.stopping"), "rds.cluster_stopped")
    return told("DBCluster", cluster)


@happens("rds.cluster_stopped")
def stopped(scene: Scene, *, arn: str, course: int) -> None:
    """Let a cluster rest, for seven days at most."""
    if (cluster := still(scene, arn, course)) is not None:
        set_status(cluster, "stopped")
        happened(scene, cluster, "rds.cluster.stopped")
        later(scene, cluster, scene.delay("rds.longest_stop"), "rds.cluster_week_over")


@happens("rds.cluster_week_over")
def week_over(scene: Scene, *, arn: str, course: int) -> None:
    """Start a cluster that was stopped for as long as RDS allows."""
    if (cluster := still(scene, arn, course)) is not None:
        power_on(scene, cluster)


@answers("rds", "StartDBCluster")
def start(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Start a stopped cluster with all its members."""
    cluster = backend(where_of(asked.call)).clusters.get(asked.parameters["DBClusterIdentifier"])
    if cluster is None:
        return None
    power_on(scene, cluster)
    return told("DBCluster", cluster)


def power_on(scene: Scene, cluster: Any) -> None:
    """Set a cluster on its way from stopped to available."""
    set_status(cluster, "starting")
    later(scene, cluster, scene.delay("rds.starting"), "rds.cluster_started")


@happens("rds.cluster_started")
def started(scene: Scene, *, arn: str, course: int) -> None:
    """Tell that a cluster runs again."""
    if (cluster := still(scene, arn, course)) is not None:
        set_status(cluster, "available")
        happened(scene, cluster, "rds.cluster.started")


def set_status(cluster: Any, status: str) -> None:
    """Give a cluster and its members a status."""
    cluster.status = status
    for member in cluster.members:
        member.status = status
