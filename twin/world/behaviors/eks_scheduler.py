"""On which node a pod is put: a pure decision over ready nodes, what they hold, and how the workload is spread."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

Spread = Literal["none", "prefer", "require"]
# Kubernetes' and EKS's own share of a node: CPU per core in millicores, then memory in MiB per pod and for the rest.
# https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
CORE_SHARES, OTHER_CORES = (60, 10, 5, 5), 2.5
MEMORY_PER_POD, MEMORY_BASE, EVICTION = 11, 255, 100
MOST_PODS = 110


@dataclass(frozen=True, slots=True)
class Node:
    """A node as the scheduler sees it: what it can give, in millicores, MiB and pods."""

    id: str
    zone: str
    ready: bool
    cpu: float
    memory: float
    slots: int


@dataclass(frozen=True, slots=True)
class Load:
    """A pod as the scheduler sees it; `node` is "" while it waits."""

    workload: str
    cpu: float
    memory: float
    spread: Spread
    node: str = ""


def allocatable(kind: Mapping[str, Any]) -> tuple[float, float, int]:
    """Return what a node of an EC2 instance type gives to pods: millicores, MiB, pods."""
    network = kind["NetworkInfo"]
    slots = int(network["MaximumNetworkInterfaces"]) * (int(network["Ipv4AddressesPerInterface"]) - 1) + 2
    slots = min(slots, MOST_PODS)
    cores, memory = int(kind["VCpuInfo"]["DefaultVCpus"]), int(kind["MemoryInfo"]["SizeInMiB"])
    kept = sum(CORE_SHARES[:cores]) + OTHER_CORES * max(0, cores - len(CORE_SHARES))
    return cores * 1000 - kept, memory - MEMORY_PER_POD * slots - MEMORY_BASE - EVICTION, slots


def choose(pod: Load, nodes: Sequence[Node], placed: Sequence[Load], chance: Random) -> str:
    """Return the node of a pod, or "" when none takes it.

    `require` keeps zones within one pod of each other, counting zones whose nodes are not ready as Kubernetes does by
    default; `prefer` takes the zone and the node with the fewest of its kind; `none` takes any that fits.
    """
    fitting = [node for node in nodes if node.ready and _fits(pod, node, placed)]
    if not fitting:
        return ""
    zone_of = {node.id: node.zone for node in nodes}
    own = [load.node for load in placed if load.workload == pod.workload and load.node in zone_of]
    zones, hosts = Counter(zone_of[id_] for id_ in own), Counter(own)
    if pod.spread == "require":
        least = min(zones[zone] for zone in zone_of.values())
        fitting = [node for node in fitting if zones[node.zone] <= least]
        if not fitting:
            return ""
    if pod.spread != "none":
        best = min((zones[node.zone], hosts[node.id]) for node in fitting)
        fitting = [node for node in fitting if (zones[node.zone], hosts[node.id]) == best]
    return chance.choice(sorted(node.id for node in fitting))


def _fits(pod: Load, node: Node, placed: Sequence[Load]) -> bool:
    held = [load for load in placed if load.node == node.id]
    return (
        len(held) < node.slots
        and sum(load.cpu for load in held) + pod.cpu <= node.cpu
        and sum(load.memory for load in held) + pod.memory <= node.memory
    )
