"""What losing a zone, a host or capacity does to EC2.

An instance that lost its power stays `running` in the API, whose record it is; its status checks fail, and when the
power is back it boots (https://docs.aws.amazon.com/fis/latest/userguide/az-availability-scenario.html: instances shut
down with the zone and reboot after it, and nothing new starts in it). FIS itself has to stop them instead.
"""

from collections.abc import Iterator
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens, watches
from twin.world.behaviors.ec2_instances import AGAIN, boot, whereabouts
from twin.world.behaviors.reachability import dead, find_instance, has_capacity, instances
from twin.world.conditions import region_of
from twin.world.scene import Happening, Scene

PROVIDES = {
    "instance-status": "DescribeInstanceStatus tells what lost its zone or host, after its checks failed",
    "zone-loss": "a zone's instances, load balancer nodes and NAT gateways die with it and come back",
    "capacity-shortage": "launches into a zone without capacity are refused",
}
NO_ADDRESSES = "InsufficientFreeAddressesInSubnet"


@watches("zone.lost", "region.lost", "host.lost")
def lost(scene: Scene, happening: Happening) -> None:
    """Instances die; their status checks find out."""
    for instance in _struck(happening):
        instance.recovered = False
        scene.emit("ec2.instance.unreachable", **whereabouts(instance))
        scene.after(scene.delay("ec2_instances.impaired"), "ec2.checked", instance_id=instance.id)


@watches("zone.restored", "region.restored", "host.restored")
def restored(scene: Scene, happening: Happening) -> None:
    """Instances boot, unless something else keeps them down."""
    for instance in _struck(happening):
        if not dead(scene, instance) and not getattr(instance, "recovered", False):
            boot(scene, instance, pace=AGAIN)
            scene.after(scene.delay("ec2_instances.checks"), "ec2.checked", instance_id=instance.id)


def _struck(happening: Happening) -> Iterator[Any]:
    part, name = happening.kind.partition(".")[0], happening.facts["name"]
    for instance in instances():
        zone = instance.placement.zone
        named = {"zone": zone, "region": region_of(zone), "host": instance.id}[part]
        if named == name and instance.state == "running":
            yield instance


@watches("ec2.instance.impaired")
def recovery(scene: Scene, happening: Happening) -> None:
    """A lost host is left for another by simplified automatic recovery, but not by members of a group."""
    instance = find_instance(happening.facts["instance"])
    zone_lost = scene.conditions.broken("zone", instance.placement.zone)
    if not zone_lost and "aws:autoscaling:groupName" not in {tag["key"] for tag in instance.get_tags()}:
        scene.after(scene.delay("ec2_instances.recovery"), "ec2.recover", instance_id=instance.id)


@happens("ec2.recover")
def recover(scene: Scene, *, instance_id: str) -> None:
    """An instance boots on another host, with its id and addresses."""
    instance = find_instance(instance_id)
    if instance is None or instance.state != "running" or not dead(scene, instance):
        return
    if not has_capacity(scene, instance.placement.zone):
        return
    instance.recovered = True
    boot(scene, instance, pace=AGAIN)
    scene.after(scene.delay("ec2_instances.checks"), "ec2.checked", instance_id=instance_id)


@answers("ec2", "RunInstances")
def run_instances(asked: Asked, scene: Scene) -> None:
    """Refuse a launch into a zone that has no capacity; a launch that names no zone goes where there is some."""
    state = asked.state()
    zones = {zone for zone in _zones(state) if not has_capacity(scene, zone)}
    state.zones_without_capacity = zones
    _addresses(asked, state)
    if not zones:
        return
    named = _named_zone(asked, state)
    if named in zones or (named is None and zones >= set(_zones(state))):
        raise insufficient(_wanted_type(asked, state), named or min(zones), sorted(set(_zones(state)) - zones))


def _addresses(asked: Asked, state: Any) -> None:
    """Refuse more instances than the subnet has free addresses."""
    subnet_id = _named_subnet(asked)
    subnet = next((zone[subnet_id] for zone in state.subnets.values() if subnet_id in zone), None)
    if subnet is not None and subnet.available_ip_address_count < asked.parameters["MinCount"]:
        lacking = f"There are not enough free addresses in subnet '{subnet_id}' to satisfy the requested number of"
        raise AwsError(NO_ADDRESSES, f"{lacking} instances.")


@answers("ec2", "StartInstances")
def start_instances(asked: Asked, scene: Scene) -> None:
    """Refuse to start a stopped instance in a zone that has no capacity."""
    for instance_id in asked.parameters["InstanceIds"]:
        instance = asked.state().get_instance_by_id(instance_id)
        if instance is not None and instance.state == "stopped" and not has_capacity(scene, instance.placement.zone):
            open_zones = [zone for zone in _zones(asked.state()) if has_capacity(scene, zone)]
            raise insufficient(instance.instance_type, instance.placement.zone, open_zones)


def insufficient(kind: str, zone: str, others: list[str]) -> AwsError:
    """Return the error of a launch for which a zone has no capacity."""
    message = (
        f"We currently do not have sufficient {kind} capacity in the Availability Zone you requested ({zone}). "
        "Our system will be working on provisioning additional capacity."
    )
    if others:
        message += (
            f" You can currently get {kind} capacity by not specifying an Availability Zone in your request or "
            f"choosing {', '.join(others)}."
        )
    return AwsError("InsufficientInstanceCapacity", message, 500)


def _zones(state: Any) -> list[str]:
    return [zone.name for zone in state.describe_availability_zones()]


def _named_subnet(asked: Asked) -> str | None:
    interfaces = asked.parameters.get("NetworkInterfaces") or [{}]
    subnet_id = asked.parameters.get("SubnetId") or interfaces[0].get("SubnetId")
    return str(subnet_id) if subnet_id else None


def _named_zone(asked: Asked, state: Any) -> str | None:
    subnet_id = _named_subnet(asked)
    if subnet_id:
        known = {subnet.id: subnet for zone in state.subnets.values() for subnet in zone.values()}
        return str(known[subnet_id].availability_zone) if subnet_id in known else None
    zone = (asked.parameters.get("Placement") or {}).get("AvailabilityZone")
    return str(zone) if zone else None


def _wanted_type(asked: Asked, state: Any) -> str:
    if kind := asked.parameters.get("InstanceType"):
        return str(kind)
    template = asked.parameters.get("LaunchTemplate")
    return str(state._get_template_from_args(template).instance_type) if template else "m1.small"
