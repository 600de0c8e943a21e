"""Aurora global databases: clusters of several Regions, of which one writes; the others take over when asked to."""

from typing import Any

from moto.rds.models import GlobalCluster

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens
from twin.world.behaviors.rds_course import happened, notes
from twin.world.behaviors.rds_events import tell
from twin.world.scene import Scene
from twin.world.stores.kms_keys import Where
from twin.world.stores.rds_instances import as_refused, backend, find_cluster
from twin.world.stores.rds_replies import told

PROVIDES = {"rds-global-clusters": "an Aurora global database switches or fails over to another Region"}
HOME = "us-east-1"  # where the store keeps them


def _kept(account: str) -> Any:
    return backend(Where(account, HOME)).global_clusters


def _named(asked: Asked) -> Any:
    name = asked.parameters["GlobalClusterIdentifier"]
    held = _kept(asked.call.account).get(name)
    if held is None:
        raise AwsError("GlobalClusterNotFoundFault", f"Global cluster {name} not found", 404)
    return held


@answers("rds", "CreateGlobalCluster")
def create(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make a global database, empty or around a cluster of any Region."""
    wanted, account = asked.parameters, asked.call.account
    name, source = wanted["GlobalClusterIdentifier"], wanted.get("SourceDBClusterIdentifier")
    if name in _kept(account):
        raise AwsError("GlobalClusterAlreadyExistsFault", f"Global cluster {name} already exists")
    cluster = find_cluster(source) if source else None
    if source and cluster is None:
        raise AwsError("DBClusterNotFoundFault", f"DBCluster {source} not found.", 404)
    if cluster is not None and (cluster.status != "available" or cluster.global_cluster_identifier):
        raise AwsError("InvalidDBClusterStateFault", f"DBCluster {source} is not available, or in a global cluster.")
    if bool(source) == bool(wanted.get("Engine")):
        raise AwsError("InvalidParameterCombination", "Either Engine or SourceDBClusterIdentifier must be specified.")
    with as_refused():
        made = GlobalCluster(
            backend=backend(Where(account, HOME)),
            global_cluster_identifier=name,
            engine=cluster.engine if cluster is not None else wanted["Engine"],
            engine_version=cluster.engine_version if cluster is not None else wanted.get("EngineVersion"),
            storage_encrypted=cluster.storage_encrypted if cluster is not None else wanted.get("StorageEncrypted"),
            deletion_protection=wanted.get("DeletionProtection"),
        )
    _kept(account)[name] = made
    if cluster is not None:
        made.members.append(cluster)
        cluster.global_cluster_identifier, cluster.is_writer = made.global_cluster_identifier, True
    return told("GlobalCluster", made)


@answers("rds", "RemoveFromGlobalCluster")
def remove(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Cut a cluster off, which writes for itself from then on."""
    held = _named(asked)
    cluster = _member(held, asked.parameters["DbClusterIdentifier"])
    if cluster.is_writer and len(held.members) > 1:
        raise AwsError("InvalidGlobalClusterStateFault", "The primary cluster is removed last.")
    held.members.remove(cluster)
    cluster.global_cluster_identifier, cluster.is_writer = None, False
    happened(scene, cluster, "rds.global.detached", global_cluster=held.global_cluster_identifier)
    return told("GlobalCluster", held)


@answers("rds", "DeleteGlobalCluster")
def delete(asked: Asked, scene: Scene) -> None:
    """Refuse to delete a global database that is protected or has members; the store deletes the others."""
    held = _named(asked)
    if held.deletion_protection:
        raise AwsError("InvalidParameterCombination", "Cannot delete protected Global Cluster, please disable deletion "
                       "protection and try again.")  # fmt: skip


@answers("rds", "FailoverGlobalCluster")
def fail_over(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make another Region's cluster the writer, with loss of data if that is allowed, else as a switchover."""
    loss, switch = bool(asked.parameters.get("AllowDataLoss")), bool(asked.parameters.get("Switchover"))
    if loss and switch:
        raise AwsError("InvalidParameterCombination", "AllowDataLoss and Switchover cannot both be specified.")
    return _change(asked, scene, loss=loss)


@answers("rds", "SwitchoverGlobalCluster")
def switch_over(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Make another Region's cluster the writer while the old one is healthy."""
    return _change(asked, scene, loss=False)


def _change(asked: Asked, scene: Scene, *, loss: bool) -> dict[str, Any]:
    held = _named(asked)
    target = _member(held, asked.parameters["TargetDbClusterIdentifier"])
    writer = next((cluster for cluster in held.members if cluster.is_writer), None)
    if held.status != "available":
        raise AwsError("InvalidGlobalClusterStateFault", f"Global cluster {held.resource_id} is {held.status}.")
    if writer is None or target is writer or target.status != "available" or _lost(scene, target):
        raise AwsError("InvalidDBClusterStateFault", f"DBCluster {target.arn} cannot become the primary.")
    if not loss and (_lost(scene, writer) or writer.status != "available"):
        raise AwsError("InvalidDBClusterStateFault", f"The primary DBCluster {writer.arn} is not healthy: allow data "
                       "loss to fail over without it.")  # fmt: skip
    held.status = "failing-over" if loss else "switching-over"
    held.failover_state = {
        "Status": "failing-over" if loss else "switching-over",
        "FromDbClusterArn": str(writer.arn),
        "ToDbClusterArn": str(target.arn),
        "IsDataLossAllowed": loss,
    }
    tell(scene, target, "RDS-EVENT-0181", to=target.resource_id, region=target.region)
    notes(scene, str(target.arn))["taking_over"] = scene.now()
    delay = scene.delay("rds.global_failover" if loss else "rds.global_switchover")
    scene.after(delay, "rds.global_changed", account=asked.call.account, name=held.resource_id)
    return told("GlobalCluster", held)


@happens("rds.global_changed")
def changed(scene: Scene, *, account: str, name: str) -> None:
    """Exchange the writer."""
    held = _kept(account).get(name)
    if held is None:
        return
    state, held.failover_state = held.failover_state, None
    held.status = "available"
    target = find_cluster(state["ToDbClusterArn"])
    if target is None or _lost(scene, target):
        return
    for cluster in held.members:
        cluster.is_writer = cluster is target
    began = notes(scene, str(target.arn)).pop("taking_over")
    tell(scene, target, "RDS-EVENT-0185", to=target.resource_id, region=target.region)
    facts = {"from": state["FromDbClusterArn"], "to": state["ToDbClusterArn"], "global_cluster": name}
    seconds = (scene.now() - began).total_seconds()
    happened(scene, target, "rds.global.failover.completed", seconds=seconds, **facts)


def _member(held: Any, name: str) -> Any:
    for cluster in held.members:
        if name in (str(cluster.arn), cluster.resource_id):
            return cluster
    raise AwsError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)


def _lost(scene: Scene, cluster: Any) -> bool:
    return scene.conditions.broken("region", cluster.region)
