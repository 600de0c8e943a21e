"""A DB cluster whose instances are all on their way out goes with the last of them."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.behaviors import answers, watches
from twin.world.scene import Happening, Scene
from twin.world.stores.rds_instances import as_refused, backend, clusters, where_is, where_of
from twin.world.stores.rds_replies import told

GOING = "deleting"


@answers("rds", "DeleteDBCluster")
def delete(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Let a cluster wait for its last instance; one that has none goes at once, one with others stays."""
    held, name = backend(where_of(asked.call)), asked.parameters["DBClusterIdentifier"]
    cluster = held.clusters.get(name)
    going = [member.status == GOING for member in cluster.members] if cluster is not None else []
    if cluster is None or cluster.deletion_protection or not going or not all(going):
        return None
    if last := asked.parameters.get("FinalDBSnapshotIdentifier"):
        with as_refused():
            held.create_db_cluster_snapshot(name, last)
    cluster.status = GOING
    return told("DBCluster", cluster)


@watches("rds.instance.deleted")
def last_one_gone(scene: Scene, happening: Happening) -> None:
    """Take the clusters out of the store that waited for this."""
    for cluster in clusters():
        if cluster.status == GOING and not cluster.members:
            backend(where_is(cluster)).delete_db_cluster(cluster.resource_id)
