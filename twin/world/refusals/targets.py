"""What Elastic Load Balancing refuses about targets: instances that are not there, addresses where none belong.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html; messages as users met
them: https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/272, 328, 561 and 3714, and
https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/5037.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.elsewhere import ELSEWHERE

INSTANCE = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-type
PRIVATE = [ip_network(each) for each in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")]
ALL = "all"


@refuses("elbv2", "RegisterTargets")
def targets_that_are_there(asked: Asked) -> None:
    """A group by instance takes running ones of its VPC, one by address private ones of its kind placed right."""
    group = asked.state().target_groups.get(asked.parameters.get("TargetGroupArn"))
    if group is None or "ec2" in ELSEWHERE:
        return
    for target in asked.parameters.get("Targets") or ():
        port = target.get("Port")
        if port is not None and not 1 <= int(port) <= 65_535:
            raise _invalid(f"Port '{port}' must be between 1 and 65535")
    if group.target_type == "ip":
        for target in asked.parameters.get("Targets") or ():
            _address(asked, group, target)
    elif group.target_type in (None, "instance"):
        _instances(asked, group, [str(each["Id"]) for each in asked.parameters.get("Targets") or ()])


def _instances(asked: Asked, group: Any, wanted: list[str]) -> None:
    for name in wanted:
        if not INSTANCE.fullmatch(name):
            raise _invalid(f"Instance ID '{name}' is not valid")
    held = {one.id: one for reserved in asked.state("ec2").reservations.values() for one in reserved.instances}
    if missing := [name for name in wanted if name not in held or held[name].state == "terminated"]:
        raise Refusal("InvalidTarget", f"The following instances do not exist: {_quoted(missing)}")
    if strange := [name for name in wanted if held[name].vpc_id != group.vpc_id]:
        told = f"The following targets are not in the target group VPC '{group.vpc_id}': {_quoted(strange)}"
        raise Refusal("InvalidTarget", told)
    if idle := [name for name in wanted if held[name].state != "running"]:
        told = f"The following targets are not in a running state and cannot be registered: {_quoted(idle)}"
        raise Refusal("InvalidTarget", told)


def _address(asked: Asked, group: Any, target: dict[str, Any]) -> None:
    name, zone = str(target["Id"]), target.get("AvailabilityZone")
    address = _read(name, group.ip_address_type or "ipv4")
    subnets = [each for kept in asked.state("ec2").subnets.values() for each in kept.values()]
    home = next((each for each in subnets if each.vpc_id == group.vpc_id and _holds(each, address)), None)
    if home is None and zone is None:
        raise _invalid(f"The Availability Zone is required for IP address '{name}' because it is not in the VPC")
    if home is not None and zone == ALL:
        raise _invalid(f"The IP address '{name}' is within the VPC, and cannot have its Availability Zone overridden "
                       f"to 'all' from '{home.availability_zone}'")  # fmt: skip
    if home is None and isinstance(address, IPv4Address) and not any(address in each for each in PRIVATE):
        # The words are assumed; the page tells that such an address is refused.
        raise _invalid(f"The IP address '{name}' is publicly routable and cannot be registered")


def _read(name: str, kind: str) -> IPv4Address | IPv6Address:
    try:
        return IPv6Address(name) if kind == "ipv6" else IPv4Address(name)
    except ValueError:
        version = "IPv6" if kind == "ipv6" else "IPv4"
        raise _invalid(f"The IP address '{name}' is not a valid {version} address") from None


def _holds(subnet: Any, address: IPv4Address | IPv6Address) -> bool:
    blocks = (subnet.cidr_block, *(one["ipv6CidrBlock"] for one in subnet.ipv6_cidr_block_association_set))
    return any(address in ip_network(block) for block in blocks if block)


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _invalid(message: str) -> Refusal:
    return Refusal("ValidationError", message)
