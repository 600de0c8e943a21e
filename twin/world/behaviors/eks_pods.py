"""Pods of declared workloads: placed on ready nodes, evicted from lost ones after their toleration, placed anew.

The Kubernetes API is not there. A scenario declares what runs on a cluster with `declare_workload`, and asks `pods`
where it runs and whether it serves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twin.world.behaviors import happens, watches
from twin.world.behaviors.ec2_instances import AGAIN, NEW
from twin.world.behaviors.eks_readiness import nodes
from twin.world.behaviors.eks_scheduler import Load, Node, Spread, allocatable, choose
from twin.world.behaviors.eks_updates import find_cluster
from twin.world.behaviors.reachability import answering
from twin.world.scene import Happening, Scene

PROVIDES = {"eks-pods": "declared pods follow their nodes: not ready, evicted, placed anew where there is room"}
# https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
TOLERATION = 300


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod: its node ("" while it waits), whether the cluster sends it requests, and whether it answers them."""

    name: str
    workload: str
    node: str
    zone: str
    serving: bool
    answers: bool


def _kept(scene: Scene, account: str, region: str, cluster: str) -> dict[str, Any]:
    every: dict[str, dict[str, Any]] = scene.memory.setdefault("eks.pods", {})
    return every.setdefault(f"{account}/{region}/{cluster}", {"workloads": {}, "pods": {}})


def declare_workload(
    scene: Scene,
    where: Mapping[str, str],
    name: str,
    *,
    replicas: int,
    spread: Spread = "prefer",
    cpu: float = 100,
    memory: float = 128,
    toleration: float = TOLERATION,
) -> None:
    """Say what runs on a cluster: `where` has account, region and cluster; cpu in millicores, memory in MiB.

    Declared again, it has other replicas; those that are too many go. KeyError when there is no such cluster.
    """
    if find_cluster(**where) is None:
        raise KeyError(f"no cluster {where['cluster']}")
    kept = _kept(scene, **where)
    settings = {"replicas": replicas, "spread": spread, "cpu": cpu, "memory": memory, "toleration": toleration}
    kept["workloads"][name] = settings
    _reconcile(scene, dict(where), pace=NEW)


def pods(scene: Scene, *, account: str, region: str, cluster: str) -> list[Pod]:
    """Return the pods of a cluster's declared workloads, by name."""
    known, found = nodes(scene, account, region, cluster), []
    for name, pod in sorted(_kept(scene, account, region, cluster)["pods"].items()):
        node = known.get(pod["node"], {})
        started = bool(pod["node"]) and pod["ready_at"] <= scene.now()
        answers = started and answering(scene, pod["node"])[0]
        told = {"node": pod["node"], "zone": node.get("zone", "")}
        serving = started and bool(node.get("ready"))
        found.append(Pod(name, pod["workload"], **told, serving=serving, answers=answers))
    return found


def _reconcile(scene: Scene, where: dict[str, str], *, pace: str) -> None:
    """Have as many pods as were declared, and place those that wait."""
    kept = _kept(scene, **where)
    for workload, settings in kept["workloads"].items():
        own = sorted(name for name, pod in kept["pods"].items() if pod["workload"] == workload)
        for name in own[settings["replicas"] :]:
            del kept["pods"][name]
        for _ in range(settings["replicas"] - len(own)):
            name = f"{workload}-{scene.ids('eks').word(5, 'bcdfghjklmnpqrstvwxz2456789')}"
            kept["pods"][name] = {"workload": workload, "node": "", "ready_at": None}
    for name in sorted(name for name, pod in kept["pods"].items() if not pod["node"]):
        _place(scene, where, name, pace=pace)


def _place(scene: Scene, where: dict[str, str], name: str, *, pace: str) -> None:
    kept = _kept(scene, **where)
    loads = {pod: _load(kept, record) for pod, record in kept["pods"].items()}
    placed = [load for load in loads.values() if load.node]
    node = choose(loads[name], _nodes(scene, where), placed, scene.chance("eks.pods"))
    if not node:
        return
    ready_at: datetime = scene.now() + timedelta(seconds=scene.delay(f"eks.pod_start{pace}"))
    kept["pods"][name].update(node=node, ready_at=ready_at)
    scene.emit("eks.pod.scheduled", **where, pod=name, workload=loads[name].workload, node=node)


def _load(kept: dict[str, Any], pod: dict[str, Any]) -> Load:
    settings = kept["workloads"][pod["workload"]]
    return Load(pod["workload"], settings["cpu"], settings["memory"], settings["spread"], pod["node"])


def _nodes(scene: Scene, where: dict[str, str]) -> list[Node]:
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    return [
        Node(id_, node["zone"], node["ready"], *allocatable(INSTANCE_TYPES[node["type"]]))
        for id_, node in nodes(scene, **where).items()
    ]


def _where(happening: Happening) -> dict[str, str]:
    return {key: happening.facts[key] for key in ("account", "region", "cluster")}


@watches("eks.node.ready")
def room(scene: Scene, happening: Happening) -> None:
    """Pods that wait are placed on a new node."""
    _reconcile(scene, _where(happening), pace=AGAIN)


@watches("eks.node.not_ready")
def tainted(scene: Scene, happening: Happening) -> None:
    """The pods of a lost node stay as long as they tolerate it."""
    where, node = _where(happening), happening.facts["node"]
    kept = _kept(scene, **where)
    for name, pod in sorted(kept["pods"].items()):
        if pod["node"] == node:
            seconds = kept["workloads"][pod["workload"]]["toleration"]
            since = happening.time.isoformat()
            scene.after(seconds, "eks.pod.evict", **where, pod=name, node=node, since=since)
    known = nodes(scene, **where).get(node)
    if known is not None:
        known["since"] = happening.time.isoformat()


@happens("eks.pod.evict")
def evict(scene: Scene, *, account: str, region: str, cluster: str, pod: str, node: str, since: str) -> None:
    """A pod leaves a node that has been lost all the while, and another takes its place."""
    where = {"account": account, "region": region, "cluster": cluster}
    kept, known = _kept(scene, **where)["pods"], nodes(scene, **where).get(node)
    if known is None or known["ready"] or known.get("since") != since or pod not in kept:
        return
    workload = kept.pop(pod)["workload"]
    scene.emit("eks.pod.evicted", **where, pod=pod, workload=workload, node=node)
    _reconcile(scene, where, pace=AGAIN)


@watches("eks.node.removed")
def removed(scene: Scene, happening: Happening) -> None:
    """The pods of a node that is no more are placed anew at once."""
    where, node = _where(happening), happening.facts["node"]
    kept = _kept(scene, **where)["pods"]
    lost = sorted(name for name, pod in kept.items() if pod["node"] == node)
    for name in lost:
        workload = kept.pop(name)["workload"]
        scene.emit("eks.pod.lost", **where, pod=name, workload=workload, node=node)
    if lost:
        _reconcile(scene, where, pace=AGAIN)


@watches("eks.cluster.deleted")
def gone(scene: Scene, happening: Happening) -> None:
    """Nothing runs on a cluster that is gone."""
    key = "/".join(_where(happening).values())
    scene.memory.get("eks.pods", {}).pop(key, None)
    scene.memory.get("eks.nodes", {}).pop(key, None)
