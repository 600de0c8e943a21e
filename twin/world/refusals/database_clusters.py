"""What RDS refuses about DB clusters: by their state, their members and their last snapshot."""

from datetime import UTC, timedelta
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.database_keys import must_work
from twin.world.refusals.database_quotas import quotas
from twin.world.refusals.database_states import RECOVERABLE
from twin.world.stores.kms_keys import Where
from twin.world.stores.rds_instances import backend, where_of


def _cluster(asked: Asked) -> Any:
    return asked.state().clusters.get(asked.parameters.get("DBClusterIdentifier") or "")


def _wrong(message: str) -> Refusal:
    return Refusal("InvalidDBClusterStateFault", message)


@refuses("rds", "CreateDBCluster", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime")
def new_cluster(asked: Asked) -> None:
    """A cluster has a name of its own, and a Region holds so many."""
    clusters = asked.state().clusters
    if asked.parameters["DBClusterIdentifier"] in clusters:
        raise Refusal("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    if len(clusters) >= quotas()["clusters"]:
        raise Refusal("DBClusterQuotaExceededFault", "DB Cluster quota exceeded", 403)


@refuses("rds", "CreateDBCluster")
def global_cluster(asked: Asked) -> None:
    """The global database that a cluster joins is there, and has no cluster in the Region yet."""
    name = asked.parameters.get("GlobalClusterIdentifier")
    if not name:
        return
    held = backend(Where(asked.call.account, "us-east-1")).global_clusters.get(name)
    if held is None:
        raise Refusal("GlobalClusterNotFoundFault", f"Global cluster {name} not found", 404)
    if any(member.region == asked.call.region for member in held.members):
        raise Refusal("InvalidGlobalClusterStateFault", f"Global cluster {name} has a cluster in {asked.call.region}.")


@refuses("rds", "RestoreDBClusterToPointInTime")
def restored(asked: Asked) -> None:
    """A cluster is restored to a time within what is kept of it."""
    from twin.world.stores.moto_store import CLOCK

    name, time = asked.parameters["SourceDBClusterIdentifier"], asked.parameters.get("RestoreToTime")
    source = asked.state().clusters.get(name.rpartition(":")[2])
    if source is None:
        raise Refusal("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
    if source.storage_encrypted:
        must_work(source.kms_key_id, where_of(asked.call))
    if time is None:
        return
    now = CLOCK.now()
    made, asked_for = (moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in (source.created, time))
    earliest = max(made, now - timedelta(days=int(source.backup_retention_period)))
    if not earliest <= asked_for <= now:
        raise Refusal("InvalidRestoreFault", f"The restore time is not between {earliest:%Y-%m-%dT%H:%M:%SZ} and "
                      f"{now:%Y-%m-%dT%H:%M:%SZ}.")  # fmt: skip


@refuses("rds", "StopDBCluster", "ModifyDBCluster")
def stoppable(asked: Asked) -> None:
    """An available cluster stops, or changes."""
    cluster = _cluster(asked)
    if cluster is not None and cluster.status != "available":
        raise _wrong(f"DbCluster {cluster.resource_id} is in {cluster.status} state but expected it to be one of "
                     "available.")  # fmt: skip


@refuses("rds", "StartDBCluster")
def startable(asked: Asked) -> None:
    """A stopped cluster starts, and one whose key works again."""
    cluster = _cluster(asked)
    if cluster is not None and cluster.storage_encrypted:
        must_work(cluster.kms_key_id, where_of(asked.call))
    if cluster is not None and cluster.status not in ("stopped", RECOVERABLE):
        raise _wrong(f"DbCluster {cluster.resource_id} is in {cluster.status} state but expected it to be one of "
                     "stopped,inaccessible-encryption-credentials-recoverable.")  # fmt: skip


@refuses("rds", "DeleteDBCluster")
def deletable(asked: Asked) -> None:
    """A cluster is deleted with a last snapshot or expressly without, and not out of a global database."""
    cluster, wanted = _cluster(asked), asked.parameters
    if cluster is None:
        return
    skip, last = bool(wanted.get("SkipFinalSnapshot")), wanted.get("FinalDBSnapshotIdentifier")
    if cluster.global_cluster_identifier:
        raise _wrong("This cluster is a part of a global cluster, please remove it from globalcluster first")
    if skip and last:
        raise Refusal("InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when "
                      "SkipFinalSnapshot is enabled.")  # fmt: skip
    if not skip and not last:
        raise Refusal("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot "
                      "is specified.")  # fmt: skip
