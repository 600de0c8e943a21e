"""Launches that find no room: which calls start something in a zone, and how EC2 and RDS say that there is none."""

from typing import Any

from twin.world.aws_call import Call
from twin.world.census import zones_of
from twin.world.failures import FaultRefusal
from twin.world.scene import Scene


def launch(call: Call, scene: Scene) -> tuple[str, str] | None:
    """Return the zone and type that a call asks for; None for a call that starts nothing, or leaves the zone to AWS."""
    if (call.service, call.operation) == ("ec2", "RunInstances"):
        asked = call.parse()
        zone = _zone(asked, scene.state("ec2", call.account, call.region))
        return (zone, str(asked.get("InstanceType", "m1.small"))) if zone else None
    if (call.service, call.operation) == ("ec2", "StartInstances"):
        return _restarted(call, scene)
    if (call.service, call.operation) in (("rds", "CreateDBInstance"), ("rds", "CreateDBInstanceReadReplica")):
        asked = call.parse()
        zone = asked.get("AvailabilityZone")
        return (str(zone), str(asked.get("DBInstanceClass", ""))) if zone else None
    return None


def no_room(call: Call, zone: str, kind: str, full: list[str]) -> FaultRefusal:
    """Return the refusal of a launch in a zone; the zones of `full` are not offered instead.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
    """
    if call.service == "rds":
        return FaultRefusal(
            "InsufficientDBInstanceCapacity", f"Cannot create a {kind} because the requested zone {zone} is full.", 400
        )
    others = ", ".join(name for name in zones_of(call.region) if name not in full)
    told = (
        f"We currently do not have sufficient {kind} capacity in the Availability Zone you requested ({zone}). Our "
        "system will be working on provisioning additional capacity."
    )
    if others:
        told += (
            f" You can currently get {kind} capacity by not specifying an Availability Zone in your request or "
            f"choosing {others}."
        )
    return FaultRefusal("InsufficientInstanceCapacity", told, 500)


def _zone(asked: dict[str, Any], ec2: Any) -> str | None:
    template = asked.get("LaunchTemplate")
    inner = _template(template, ec2) if template else {}
    placement = asked.get("Placement") or inner.get("Placement") or {}
    if placement.get("AvailabilityZone"):
        return str(placement["AvailabilityZone"])
    subnet = asked.get("SubnetId")
    interfaces = asked.get("NetworkInterfaces") or inner.get("NetworkInterfaces") or []
    for interface in interfaces if not subnet else []:
        subnet = subnet or interface.get("SubnetId")
    kept = next((zone[subnet] for zone in ec2.subnets.values() if subnet in zone), None)
    return str(kept.availability_zone) if kept is not None else None


def _template(asked: dict[str, Any], ec2: Any) -> dict[str, Any]:
    wanted = asked.get("LaunchTemplateId"), asked.get("LaunchTemplateName")
    for template in ec2.launch_templates.values():
        if template.id == wanted[0] or template.name == wanted[1]:
            version = asked.get("Version", "$Default")
            numbers = {"$Latest": template.latest_version_number, "$Default": template.default_version_number}
            found: dict[str, Any] = template.get_version(int(numbers.get(version, version))).data
            return found
    return {}


def _restarted(call: Call, scene: Scene) -> tuple[str, str] | None:
    ec2 = scene.state("ec2", call.account, call.region)
    wanted = call.parse().get("InstanceIds") or ()
    for reservation in ec2.reservations.values():
        for instance in reservation.instances:
            if instance.id in wanted:
                return str(instance.availability_zone), str(instance.instance_type)
    return None
