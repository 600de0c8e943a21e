"""What EC2 refuses about the ports of security group rules."""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
TOP_PORT, TOP_TYPE, ANY_TYPE = 65535, 255, -1
PORTED = {"tcp", "udp", "6", "17"}
ICMP = {"icmp", "icmpv6", "1", "58"}
ALL = "-1"
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


def _check(rule: dict[str, Any], protocol: str) -> None:
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
