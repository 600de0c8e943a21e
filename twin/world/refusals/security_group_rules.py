"""What EC2 refuses about the ports of security group rules."""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
TOP_PORT, TOP_TYPE, ANY_TYPE = 65535, 255, -1
PORTED = {"tcp", "udp", "6", "17"}
ICMP = {"icmp", "icmpv6", "1", "58"}
ALL = "-1"
NAMED = {"tcp", "udp", "icmp", "icmpv6", "all"}
CHANGES = (
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
)


@refuses("ec2", *CHANGES)
def ports(asked: Asked) -> None:
    """A port is 0 to 65535, and a range does not run backwards."""
    permissions = list(asked.parameters.get("IpPermissions", ()))
    if "IpProtocol" in asked.parameters:
        permissions.append(asked.parameters)
    for permission in permissions:
        _check(permission, str(permission.get("IpProtocol", ALL)).lower())


@refuses("ec2", "ModifySecurityGroupRules")
def changed_ports(asked: Asked) -> None:
    """The same for rules that are changed in place."""
    for update in asked.parameters.get("SecurityGroupRules", ()):
        rule = update.get("SecurityGroupRule", {})
        _check(rule, str(rule.get("IpProtocol", ALL)).lower())


@refuses("ec2", "CreateSecurityGroup")
def vpc_of_a_group(asked: Asked) -> None:
    """A group is made in a VPC that there is."""
    vpc = asked.parameters.get("VpcId")
    if vpc and vpc not in asked.state().vpcs:
        raise Refusal("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist")


@refuses("ec2", "ModifyInstanceAttribute")
def groups_of_an_instance(asked: Asked) -> None:
    """An instance gets groups that there are."""
    known = {id_ for vpc in asked.state().groups.values() for id_ in vpc}
    for id_ in asked.parameters.get("Groups") or ():
        if id_ not in known:
            raise Refusal("InvalidGroup.NotFound", f"The security group '{id_}' does not exist")


def _check(rule: dict[str, Any], protocol: str) -> None:
    if not protocol.lstrip("-").isdigit() and protocol not in NAMED:
        raise Refusal("InvalidParameterValue", f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")
    if protocol in PORTED:
        _ported(rule)
    elif protocol in ICMP:
        for value in (rule.get("FromPort"), rule.get("ToPort")):
            if value is not None and not ANY_TYPE <= value <= TOP_TYPE:
                raise Refusal("InvalidParameterValue", f"ICMP type or code ({value}) out of range")


def _ported(rule: dict[str, Any]) -> None:
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if first is None or last is None:
        raise Refusal(
            "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        )
    for end, port in (("from", first), ("to", last)):
        if not 0 <= port <= TOP_PORT:
            raise Refusal("InvalidParameterValue", f"TCP/UDP ({end}) port ({port}) out of range")
    if first > last:
        raise Refusal("InvalidParameterValue", f"Invalid TCP/UDP port range ({first}:{last})")
