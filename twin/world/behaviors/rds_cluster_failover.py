"""An Aurora cluster promotes one of its readers, when asked to or when its writer dies."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens, watches
from twin.world.behaviors.rds_course import happened, notes
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_power import dropped
from twin.world.behaviors.rds_reachability import primary_alive
from twin.world.scene import Happening, Scene
from twin.world.stores.rds_instances import backend, find_cluster, find_instance, is_member, where_is, where_of
from twin.world.stores.rds_replies import told

PROVIDES = {"rds-cluster-failover": "an Aurora cluster promotes a reader within a minute"}


@answers("rds", "FailoverDBCluster")
def fail_over(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Promote the reader that is named, or the best one."""
    name, target = asked.parameters["DBClusterIdentifier"], asked.parameters.get("TargetDBInstanceIdentifier")
    cluster = backend(where_of(asked.call)).clusters.get(name)
    if cluster is None:
        raise AwsError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
    if cluster.status != "available":
        raise AwsError("InvalidDBClusterStateFault", f"DBCluster {name} is not in available state.")
    readers = ready_readers(scene, cluster)
    if target:
        readers = [reader for reader in readers if reader.resource_id == target.lower()]
    if not readers and target:
        raise AwsError("InvalidDBInstanceState", f"Instance {target} cannot be promoted in cluster {name}.")
    if not readers:
        raise AwsError("InvalidDBClusterStateFault", f"Database cluster:{name} should have at least two database "
                       "instances in valid states for failover")  # fmt: skip
    begin(scene, cluster, readers[0])
    return told("DBCluster", cluster)


def ready_readers(scene: Scene, cluster: Any) -> list[Any]:
    """Return the readers that could be promoted, best first: by tier, then by name."""
    readers = [
        member
        for member in cluster.members
        if not member.is_cluster_writer and member.status == "available" and primary_alive(scene, member)
        and not notes(scene, str(member.arn)).get("down")
    ]  # fmt: skip
    return sorted(readers, key=lambda member: (member.promotion_tier, member.resource_id))


def begin(scene: Scene, cluster: Any, reader: Any) -> None:
    """Begin to promote a reader."""
    writer = cluster.writer
    cluster.status = "failing-over"
    across = writer.availability_zone != reader.availability_zone
    tell(scene, cluster, "RDS-EVENT-0073" if across else "RDS-EVENT-0072", to=reader.resource_id)
    held = notes(scene, str(cluster.arn))
    held["failing_over"] = {"since": scene.now(), "from": writer.resource_id, "to": reader.resource_id}
    if not notes(scene, str(writer.arn)).get("down"):
        dropped(scene, writer, "its cluster fails over")
    scene.after(scene.delay("rds.cluster_failover"), "rds.cluster_failed_over", arn=str(cluster.arn))


@happens("rds.cluster_failed_over")
def failed_over(scene: Scene, *, arn: str) -> None:
    """Make the reader the writer, if it still lives; else try the next."""
    cluster = find_cluster(arn)
    began = notes(scene, arn).pop("failing_over", None)
    if cluster is None or began is None:
        return
    cluster.status = "available"
    reader = next((held for held in ready_readers(scene, cluster) if held.resource_id == began["to"]), None)
    if reader is None:
        promote_next(scene, cluster)
        return
    cluster.failover(reader)
    tell(scene, cluster, "RDS-EVENT-0071", to=reader.resource_id)
    seconds = (scene.now() - began["since"]).total_seconds()
    facts = {"from": began["from"], "to": began["to"], "seconds": seconds}
    happened(scene, cluster, "rds.cluster.failover.completed", **facts)


def promote_next(scene: Scene, cluster: Any) -> None:
    """Promote the best reader that is left, if there is one."""
    readers = ready_readers(scene, cluster)
    if readers:
        begin(scene, cluster, readers[0])


@watches("rds.connections.dropped")
def writer_lost(scene: Scene, happening: Happening) -> None:
    """Promote a reader when the writer of a cluster dies."""
    member = find_instance(happening.facts["arn"])
    if member is None or not is_member(member) or not member.is_cluster_writer:
        return
    cluster = backend(where_is(member)).clusters.get(member.db_cluster_identifier)
    if notes(scene, str(member.arn)).get("down") and cluster.status == "available":
        promote_next(scene, cluster)


@watches("rds.instance.recovered")
def reader_back(scene: Scene, happening: Happening) -> None:
    """Promote a reader that came back while its cluster had no living writer."""
    member = find_instance(happening.facts["arn"])
    if member is None or not is_member(member) or member.is_cluster_writer:
        return
    cluster = backend(where_is(member)).clusters.get(member.db_cluster_identifier)
    if cluster.status == "available" and notes(scene, str(cluster.writer.arn)).get("down"):
        promote_next(scene, cluster)
