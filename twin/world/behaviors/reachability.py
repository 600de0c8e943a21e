"""Which instances, load balancer nodes and NAT gateways answer now, and if not, why: queries for traffic."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from twin.world.scene import Scene


@dataclass(frozen=True, slots=True)
class Node:
    """A load balancer's node in one zone."""

    zone: str
    subnet: str
    works: bool


def instances() -> Iterator[Any]:
    """Yield the store's instances of every account and Region."""
    for backend in _backends():
        for reservation in list(backend.reservations.values()):
            yield from list(reservation.instances)


def find_instance(instance_id: str) -> Any:
    """Return the store's instance of an id, of whichever account; None when there is none."""
    for fresh in (False, True):
        for backend in _backends():
            index = backend.__dict__.get("instances_by_id")
            if fresh or index is None:
                index = backend.instances_by_id = {i.id: i for r in backend.reservations.values() for i in r.instances}
            if instance_id in index:
                return index[instance_id]
    return None


def _backends() -> list[Any]:
    from twin.world.stores.moto_store import backends

    return [backend for regions in list(backends("ec2").values()) for backend in list(regions.values())]


def dead(scene: Scene, instance: Any) -> bool:
    """Tell whether an instance has lost its zone or, unless it was recovered on another, its host."""
    if scene.conditions.broken("zone", instance.placement.zone):
        return True
    return scene.conditions.broken("host", instance.id) and not getattr(instance, "recovered", False)


def has_capacity(scene: Scene, zone: str) -> bool:
    """Tell whether something new can start in a zone."""
    return not (scene.conditions.broken("capacity", zone) or scene.conditions.broken("zone", zone))


def answering(scene: Scene, instance_id: str) -> tuple[bool, str]:
    """Tell whether an instance's system answers the network, and why not: whether it may be asked is for filters."""
    instance = find_instance(instance_id)
    if instance is None:
        return False, "the instance does not exist"
    if instance.state != "running":
        return False, f"the instance is {instance.state}"
    if scene.conditions.broken("zone", instance.placement.zone):
        return False, f"{instance.placement.zone} is lost"
    if dead(scene, instance):
        return False, "the instance's host is lost"
    from_ = getattr(instance, "answers_from", None)
    if from_ is not None and from_ > scene.now():
        return False, "the instance boots"
    return True, "the instance runs"


def load_balancer_nodes(scene: Scene, balancer: Any) -> list[Node]:
    """Return the nodes of the store's load balancer, one per enabled zone; those of a lost zone do not work."""
    return [
        Node(subnet.availability_zone, subnet.id, not scene.conditions.broken("zone", subnet.availability_zone))
        for subnet in balancer.subnets
    ]


def nat_works(scene: Scene, nat_id: str) -> tuple[bool, str]:
    """Tell whether a NAT gateway passes packets, and why not."""
    for backend in _backends():
        gateway = backend.nat_gateways.get(nat_id)
        if gateway is None:
            continue
        zone = backend.get_subnet(gateway.subnet_id).availability_zone
        if gateway.state != "available":
            return False, f"the NAT gateway is {gateway.state}"
        if scene.conditions.broken("zone", zone):
            return False, f"{zone} is lost"
        return True, "the NAT gateway is available"
    return False, "the NAT gateway does not exist"
