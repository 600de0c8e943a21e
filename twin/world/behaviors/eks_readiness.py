"""Which instances are ready nodes of a cluster, as its control plane sees it: late, by heartbeats that stay away."""

from typing import Any

from twin.world.behaviors import happens, watches
from twin.world.behaviors.eks_updates import find_cluster
from twin.world.behaviors.reachability import answering, find_instance
from twin.world.scene import Happening, Scene

CLUSTER = "eks:cluster-name"
OLD_GRACE = (1, 31)


def nodes(scene: Scene, account: str, region: str, cluster: str) -> dict[str, dict[str, Any]]:
    """Return a cluster's nodes by instance id: zone, type, and whether they are ready."""
    kept: dict[str, dict[str, dict[str, Any]]] = scene.memory.setdefault("eks.nodes", {})
    return kept.setdefault(f"{account}/{region}/{cluster}", {})


def _node(happening: Happening) -> tuple[Any, dict[str, str]] | None:
    """Return the instance of a happening and the facts of its node; None when it is none of EKS's."""
    instance = find_instance(happening.facts["instance"])
    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
    if CLUSTER not in tags:
        return None
    told = {key: happening.facts[key] for key in ("account", "region")}
    return instance, {**told, "cluster": tags[CLUSTER], "node": instance.id}


@watches("ec2.instance.answering")
def boots(scene: Scene, happening: Happening) -> None:
    """An instance's kubelet joins, or reports again."""
    found = _node(happening)
    if found is None:
        return
    instance, told = found
    seconds = scene.delay(f"eks.node_join{instance.pace}")
    if seconds:
        scene.after(seconds, "eks.node.join", **told)
    else:
        join(scene, **told)


@happens("eks.node.join")
def join(scene: Scene, *, account: str, region: str, cluster: str, node: str) -> None:
    """A node is ready."""
    if not answering(scene, node)[0] or find_cluster(account, region, cluster) is None:
        return
    instance, known = find_instance(node), nodes(scene, account, region, cluster)
    if known.get(node, {}).get("ready"):
        return
    known[node] = {"zone": instance.placement.zone, "type": instance.instance_type, "ready": True}
    scene.emit("eks.node.ready", account=account, region=region, cluster=cluster, node=node)


@watches("ec2.instance.unreachable", "ec2.instance.stopping", "ec2.instance.rebooting")
def silent(scene: Scene, happening: Happening) -> None:
    """A kubelet's heartbeats stay away; the control plane notices after its grace."""
    found = _node(happening)
    if found is None:
        return
    told = found[1]
    cluster = find_cluster(told["account"], told["region"], told["cluster"])
    if cluster is None:
        return
    major, minor = cluster.version.split(".")
    key = "node_grace_before_1_32" if (int(major), int(minor)) <= OLD_GRACE else "node_grace"
    scene.after(scene.delay(f"eks.{key}"), "eks.node.check", **told)


@happens("eks.node.check")
def check(scene: Scene, *, account: str, region: str, cluster: str, node: str) -> None:
    """A node whose heartbeats have stayed away is not ready."""
    known = nodes(scene, account, region, cluster).get(node)
    if known is not None and known["ready"] and not answering(scene, node)[0]:
        known["ready"] = False
        scene.emit("eks.node.not_ready", account=account, region=region, cluster=cluster, node=node)


@watches("ec2.instance.shutting_down")
def removed(scene: Scene, happening: Happening) -> None:
    """A terminated instance is no node any more."""
    found = _node(happening)
    if found is None:
        return
    told = found[1]
    if nodes(scene, told["account"], told["region"], told["cluster"]).pop(told["node"], None) is not None:
        scene.emit("eks.node.removed", **told)
