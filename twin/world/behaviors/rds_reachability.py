"""Whether clients reach a database right now, and if not, why: for traffic, health checks and other behaviors."""

from typing import Any

from twin.world.scene import Scene
from twin.world.stores.rds_instances import find_cluster, find_instance

# Statuses in which the engine serves: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
SERVING = frozenset({
    "available", "backing-up", "configuring-enhanced-monitoring", "configuring-iam-database-auth",
    "configuring-log-exports", "modifying", "resetting-master-credentials", "storage-optimization",
})  # fmt: skip


def reachable(scene: Scene, arn: str) -> tuple[bool, str]:
    """Tell whether a DB instance, or the writer of a cluster, answers its clients, and the reason."""
    cluster = find_cluster(arn)
    if cluster is not None:
        return _cluster_reachable(scene, cluster)
    database = find_instance(arn)
    if database is None:
        return False, "it does not exist"
    reason = _why_not(scene, database)
    return reason == "", reason or f"it is {database.status}"


def _cluster_reachable(scene: Scene, cluster: Any) -> tuple[bool, str]:
    if cluster.status != "available":
        return False, f"it is {cluster.status}"
    if cluster.writer is None:
        return False, "it has no instance"
    found, reason = reachable(scene, str(cluster.writer.arn))
    return found, reason if found else f"its writer {cluster.writer.resource_id}: {reason}"


def primary_alive(scene: Scene, database: Any) -> bool:
    """Tell whether the zone and the host of a DB instance's primary work."""
    zone, host = database.availability_zone, str(database.arn)
    held = scene.memory.get("rds", {}).get(host, {})
    on_lost_host = scene.conditions.broken("host", host) and not held.get("moved")
    return not scene.conditions.broken("zone", zone) and not on_lost_host


def _why_not(scene: Scene, database: Any) -> str:
    held = scene.memory.get("rds", {}).get(str(database.arn), {})
    if held.get("failing_over"):
        return "it is failing over"
    if database.status not in SERVING:
        return f"it is {database.status}"
    if scene.conditions.broken("zone", database.availability_zone):
        return f"its zone {database.availability_zone} is lost"
    if not primary_alive(scene, database):
        return "its host is lost"
    if held.get("switching"):
        return "it changes its class"
    return "it is recovering" if held.get("down") else ""
