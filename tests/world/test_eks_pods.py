"""Pods of declared workloads follow their nodes: late, by their tolerations, where there is room."""

from random import Random

import pytest
from clusters import cluster, nodes
from groups import ZONES, spread, told
from hypothesis import given
from hypothesis import strategies as st

from twin.world.behaviors.eks_pods import declare_workload, pods
from twin.world.behaviors.eks_scheduler import Load, Node, allocatable, choose

A, B, C = ZONES
WHERE = {"account": "123456789012", "region": "us-east-1", "cluster": "main"}
GRACE, TOLERATION, START = 50, 300, 30


@pytest.fixture
def shop(clients, world):
    """A cluster with three nodes; a function that declares a workload on it."""
    subnets, _ = cluster(clients)
    nodes(clients, subnets, instanceTypes=["t3.large"])

    def declare(name="shop", **settings):
        declare_workload(world.scene, WHERE, name, **settings)

    return declare


def zones(world, workload="shop"):
    """The zones of a workload's pods, sorted; "" for one that waits."""
    return sorted(pod.zone for pod in pods(world.scene, **WHERE) if pod.workload == workload)


def kinds(world):
    """How often what happened to nodes and pods."""
    found = [h.kind for h in world.scene.happenings if h.kind.startswith(("eks.node.", "eks.pod."))]
    return {kind: found.count(kind) for kind in found}


def suspend(clients):
    """Keep the Auto Scaling group from replacing what dies."""
    autoscaling = clients("autoscaling")
    [group] = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    autoscaling.suspend_processes(AutoScalingGroupName=group["AutoScalingGroupName"])
    return group["AutoScalingGroupName"]


def lost_pod(world):
    """The pod in the zone that is lost."""
    return next(pod for pod in pods(world.scene, **WHERE) if pod.zone == A)


def test_pods_run_where_they_are_spread(shop, world):
    """One in each zone; those that are too many go; a cluster that is not there has none."""
    shop(replicas=3)
    assert zones(world) == [A, B, C]
    assert all(pod.serving and pod.answers for pod in pods(world.scene, **WHERE))
    shop(replicas=1)
    assert len(zones(world)) == 1
    with pytest.raises(KeyError):
        declare_workload(world.scene, {**WHERE, "cluster": "none"}, "shop", replicas=1)


def test_pod_is_evicted_after_grace_and_toleration(shop, world, clients, clock):
    """It serves without answering until its node is not ready, and is placed anew when it tolerates no more."""
    shop(replicas=3)
    suspend(clients)
    before = lost_pod(world)
    world.scene.break_("zone", A)
    clock.advance(GRACE - 1)
    world.settle()
    assert (lost_pod(world).serving, lost_pod(world).answers) == (True, False)
    clock.advance(2)
    world.settle()
    assert (lost_pod(world).serving, lost_pod(world).answers) == (False, False)
    clock.advance(TOLERATION - 2)
    world.settle()
    assert lost_pod(world).name == before.name
    clock.advance(2)
    world.settle()
    assert sorted(zones(world)) in ([B, B, C], [B, C, C])
    assert sum(pod.serving for pod in pods(world.scene, **WHERE)) == 2
    clock.advance(START)
    assert all(pod.serving and pod.answers for pod in pods(world.scene, **WHERE))
    assert kinds(world)["eks.pod.evicted"] == 1


def test_short_toleration_moves_sooner(shop, world, clients, clock):
    """And a node that is back in time keeps its pods."""
    shop(replicas=3, toleration=10)
    shop("slow", replicas=3)
    suspend(clients)
    world.scene.break_("zone", A)
    clock.advance(GRACE + 10 + 1)
    world.settle()
    assert A not in zones(world)
    assert A in zones(world, "slow")
    world.scene.mend("zone", A)
    clock.advance(600)
    world.settle()
    assert A in zones(world, "slow")
    assert kinds(world)["eks.pod.evicted"] == 1
    assert all(pod.serving for pod in pods(world.scene, **WHERE))


def test_pod_that_must_be_spread_waits(shop, world, clients, clock):
    """No zone but the lost one may have it; it runs when the zone is back."""
    shop(replicas=3, spread="require")
    suspend(clients)
    world.scene.break_("zone", A)
    clock.advance(GRACE + TOLERATION + 1)
    world.settle()
    assert zones(world) == ["", B, C]
    world.scene.mend("zone", A)
    clock.advance(600)
    world.settle()
    assert zones(world) == [A, B, C]


def test_pod_waits_for_room(shop, world, clients, clock):
    """The nodes are full without the lost one; a new node takes it."""
    shop(replicas=3, cpu=1500)
    shop("more", replicas=1, cpu=1500)
    assert zones(world, "more") == [""]
    eks = clients("eks")
    eks.update_nodegroup_config(clusterName="main", nodegroupName="general", scalingConfig={"desiredSize": 4})
    assert zones(world, "more") != [""]


def test_lost_node_is_replaced_and_its_pods_with_it(shop, world, clients, clock):
    """The group replaces the instance, its node is removed, and nothing waits for the toleration."""
    shop(replicas=3, toleration=10**6)
    world.scene.break_("zone", A)
    clock.advance(3600)
    world.settle()
    assert A not in zones(world)
    assert "" not in zones(world)
    assert kinds(world)["eks.pod.lost"] == 1
    world.scene.mend("zone", A)
    clock.advance(3600)
    world.settle()
    name = told_name(clients)
    assert spread(clients, name) == [A, B, C]
    assert len(told(clients, name)["Instances"]) == 3


def told_name(clients):
    """The name of the only group."""
    return clients("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]["AutoScalingGroupName"]


def test_node_of_an_older_version_has_less_grace(clients, world, clock):
    """40 seconds before Kubernetes 1.32."""
    subnets, _ = cluster(clients, version="1.31")
    nodes(clients, subnets)
    world.scene.break_("zone", A)
    clock.advance(41)
    world.settle()
    assert kinds(world)["eks.node.not_ready"] == 1


def test_room_of_a_node_follows_its_type():
    """As EKS reserves it: 35 pods on a t3.large, and a bit less than its two cores and 8 GiB."""
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    cpu, memory, slots = allocatable(INSTANCE_TYPES["t3.large"])
    assert (cpu, slots) == (1930, 35)
    assert memory == 8192 - 11 * 35 - 255 - 100


@given(st.lists(st.integers(100, 900), max_size=12), st.lists(st.booleans(), min_size=1, max_size=5), st.integers())
def test_no_node_holds_more_than_it_has(requests, ready, seed):
    """Whatever is placed fits, and is on a ready node."""
    offered = [Node(f"n{i}", ZONES[i % 3], up, 1000, 10**6, 3) for i, up in enumerate(ready)]
    placed = []
    for cpu in requests:
        pod = Load("w", cpu, 1, "none")
        node = choose(pod, offered, placed, Random(seed))
        if node:
            placed.append(Load("w", cpu, 1, "none", node))
    for node in offered:
        held = [load for load in placed if load.node == node.id]
        assert sum(load.cpu for load in held) <= 1000
        assert len(held) <= 3
        assert node.ready or not held
