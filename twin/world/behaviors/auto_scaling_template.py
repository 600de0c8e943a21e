"""The RunInstances that an Auto Scaling group makes of its launch template or launch configuration."""

import math
from collections import Counter
from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG


def request(group: Any, zone: str, number: int) -> tuple[str, dict[str, Any]]:
    """Return the subnet (or "") in which instances for a zone go, and the parameters that launch them."""
    subnet = _subnet(group, zone)
    tags = {**group.get_propagated_tags(), ASG_NAME_TAG: group.name}
    params: dict[str, Any] = {
        "MinCount": number,
        "MaxCount": number,
        "TagSpecifications": [
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        ],
    }
    interfaces: list[dict[str, Any]] = []
    if group.ec2_launch_template is not None:
        version = group.ec2_launch_template.get_version(group.launch_template_version)
        interfaces = version.data.get("NetworkInterfaces") or []
        params |= _by_template(group, version)
    else:
        params |= _by_configuration(group.launch_config)
    if subnet and interfaces:
        params["NetworkInterfaces"] = [{**_interface(interfaces[0]), "SubnetId": subnet}]
    elif subnet:
        params["SubnetId"] = subnet
    else:
        params["Placement"] = {"AvailabilityZone": zone}
    return subnet, params


def instances_for(group: Any) -> int:
    """Return how many instances make the desired capacity, by the weight of the first override."""
    overrides = _overrides(group)
    weight = int((overrides[0].get("WeightedCapacity") if overrides else None) or 1)
    return math.ceil((group.desired_capacity or 0) / max(weight, 1))


def _overrides(group: Any) -> list[dict[str, Any]]:
    policy = group.mixed_instances_policy or {}
    found: list[dict[str, Any]] = (policy.get("LaunchTemplate") or {}).get("Overrides") or []
    return found


def _subnet(group: Any, zone: str) -> str:
    """Choose the subnet of a zone in which the group has the fewest instances."""
    if not group.vpc_zone_identifier:
        return ""
    used = Counter(state.instance.subnet_id for state in group.instance_states)
    known = {s.id: s.availability_zone for held in group.ec2_backend.subnets.values() for s in held.values()}
    named = [str(name).strip() for name in group.vpc_zone_identifier.split(",")]
    return min((name for name in named if known.get(name) == zone), key=lambda name: used[name])


def _by_template(group: Any, version: Any) -> dict[str, Any]:
    params: dict[str, Any] = {
        "LaunchTemplate": {"LaunchTemplateId": version.template.id, "Version": str(version.number)},
        "ImageId": version.image_id,
    }
    for name in ("IamInstanceProfile", "MetadataOptions"):
        if version.data.get(name):
            params[name] = dict(version.data[name])
    overrides = _overrides(group)
    if overrides and overrides[0].get("InstanceType"):
        params["InstanceType"] = overrides[0]["InstanceType"]
    return params


def _by_configuration(config: Any) -> dict[str, Any]:
    params: dict[str, Any] = {"ImageId": config.image_id, "InstanceType": config.instance_type}
    groups = [name for name in config.security_groups if name.startswith("sg-")]
    names = [name for name in config.security_groups if not name.startswith("sg-")]
    if groups:
        params["SecurityGroupIds"] = groups
    if names:
        params["SecurityGroups"] = names
    if config.key_name:
        params["KeyName"] = config.key_name
    if config.user_data:
        params["UserData"] = str(config.user_data)
    return params


def _interface(written: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"DeviceIndex": int(written.get("DeviceIndex") or 0)}
    if written.get("Groups"):
        kept["Groups"] = list(written["Groups"])
    if written.get("AssociatePublicIpAddress") is not None:
        kept["AssociatePublicIpAddress"] = str(written["AssociatePublicIpAddress"]).lower() == "true"
    return kept
