"""An encrypted cluster needs its key as a DB instance does."""

from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens
from twin.world.behaviors.rds_clusters import later, set_status, still
from twin.world.behaviors.rds_course import happened
from twin.world.behaviors.rds_keys import LOST, RECOVERABLE, key_of, key_works
from twin.world.behaviors.rds_power import dropped
from twin.world.scene import Scene
from twin.world.stores.kms_keys import find_key
from twin.world.stores.rds_instances import clusters, find_cluster, where_of


@follows("kms", "DisableKey", "ScheduleKeyDeletion", "DeleteImportedKeyMaterial")
def key_lost(done: Done, scene: Scene) -> None:
    """Have RDS notice, in its time, that a key does not work."""
    key = find_key(done.parameters["KeyId"], where_of(done.call))
    for cluster in clusters():
        if key is not None and cluster.storage_encrypted and key_of(cluster) is key:
            scene.after(scene.delay("rds.key_noticed"), "rds.cluster_key_missed", arn=str(cluster.arn))


@happens("rds.cluster_key_missed")
def missed(scene: Scene, *, arn: str) -> None:
    """Shut a cluster off if its key still does not work."""
    cluster: Any = find_cluster(arn)
    if cluster is None or key_works(cluster) or cluster.status in (RECOVERABLE, LOST):
        return
    for member in cluster.members:
        dropped(scene, member, "its key cannot be used")
    set_status(cluster, RECOVERABLE)
    happened(scene, cluster, "rds.cluster.inaccessible", key=cluster.kms_key_id)
    later(scene, cluster, scene.delay("rds.key_recoverable"), "rds.cluster_key_gone")


@happens("rds.cluster_key_gone")
def gone(scene: Scene, *, arn: str, course: int) -> None:
    """Give a cluster up: it can only be restored from a backup."""
    if (cluster := still(scene, arn, course)) is not None:
        set_status(cluster, LOST)
        happened(scene, cluster, "rds.cluster.lost", key=cluster.kms_key_id)
