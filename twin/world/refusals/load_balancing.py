"""What Elastic Load Balancing refuses about subnets, and about what is protected."""

import re

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.moto_store import bucket_exists

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
LONGEST = 32
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html and
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
RANGES = {
    "idle_timeout.timeout_seconds": (1, 4000), "client_keep_alive.seconds": (60, 604_800),
    "deregistration_delay.timeout_seconds": (0, 3600), "slow_start.duration_seconds": (0, 900),
    "stickiness.lb_cookie.duration_seconds": (1, 604_800), "stickiness.app_cookie.duration_seconds": (1, 604_800),
}  # fmt: skip
OF_GROUPS = (
    "deregistration_delay.", "stickiness.", "load_balancing.", "target_group_health.", "slow_start.", "lambda.",
    "preserve_client_ip.", "proxy_protocol_v2.", "target_failover.", "target_health_state.",
)  # fmt: skip


@refuses("elbv2", "CreateLoadBalancer", "SetSubnets")
def subnets_that_are_there(asked: Asked) -> None:
    """A load balancer stands in subnets that there are."""
    known = {subnet.id for zone in asked.state("ec2").subnets.values() for subnet in zone.values()}
    for name in _named(asked):
        if name not in known:
            raise Refusal("SubnetNotFound", f"The subnet ID '{name}' does not exist")


@refuses("elbv2", "CreateLoadBalancer", "SetSubnets")
def two_zones(asked: Asked) -> None:
    """An application load balancer spans two Availability Zones, one subnet in each."""
    if _kind(asked) != "application":
        return
    named = _named(asked)
    known = {s.id: s.availability_zone for zone in asked.state("ec2").subnets.values() for s in zone.values()}
    zones = [known[name] for name in named if name in known]
    if len(zones) < len(named):
        return
    if len(set(zones)) < len(zones):
        raise Refusal(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    if len(zones) < 2:
        raise Refusal("ValidationError", "At least two subnets in two different Availability Zones must be specified")


@refuses("elbv2", "CreateLoadBalancer", "SetSubnets")
def way_to_the_internet(asked: Asked) -> None:
    """A load balancer that is open to the internet stands in a VPC with an internet gateway."""
    if asked.call.operation == "CreateLoadBalancer":
        scheme = asked.parameters.get("Scheme") or "internet-facing"
    else:
        balancer = asked.state().load_balancers.get(asked.parameters.get("LoadBalancerArn"))
        scheme = balancer.scheme if balancer is not None else ""
    if scheme != "internet-facing" or asked.parameters.get("Type") == "gateway":
        return
    ec2 = asked.state("ec2")
    known = {s.id: s.vpc_id for zone in ec2.subnets.values() for s in zone.values()}
    open_ = {gateway.vpc.id for gateway in ec2.internet_gateways.values() if gateway.vpc is not None}
    for subnet in _named(asked):
        vpc = ec2.vpcs.get(known.get(subnet))
        # The default VPC comes with its gateway, which the store leaves out.
        if vpc is not None and vpc.id not in open_ and str(vpc.is_default).lower() != "true":
            raise Refusal("InvalidSubnet", f"VPC {vpc.id} has no internet gateway")


@refuses("elbv2", "CreateLoadBalancer", "SetSecurityGroups")
def name_and_groups(asked: Asked) -> None:
    """A name does not begin as the DNS names of internal ones do, and the security groups are there."""
    name = str(asked.parameters.get("Name") or "")
    if asked.call.operation == "CreateLoadBalancer" and (wrong := _misnamed(name)) is not None:
        raise Refusal("ValidationError", f"Load balancer name '{name}' {wrong}")
    if name.startswith("internal-"):
        raise Refusal("ValidationError", f"Load balancer name '{name}' cannot begin with 'internal-'")
    known = {id_ for vpc in asked.state("ec2").groups.values() for id_ in vpc}
    missing = [id_ for id_ in asked.parameters.get("SecurityGroups") or () if id_ not in known]
    if missing:
        raise Refusal("InvalidSecurityGroup", f"One or more security groups are invalid: {', '.join(missing)}")


def _misnamed(name: str) -> str | None:
    if len(name) > LONGEST:
        return f"cannot be longer than '{LONGEST}' characters"
    if not re.fullmatch(r"[A-Za-z0-9-]*", name):
        return "can only contain characters that are alphanumeric characters and hyphens(-)"
    return "cannot begin or end with '-'" if name.startswith("-") or name.endswith("-") else None


@refuses("elbv2", "ModifyLoadBalancerAttributes", "ModifyTargetGroupAttributes")
def attributes_within_bounds(asked: Asked) -> None:
    """An attribute is one that there is, and a number lies within its range; logs go to a bucket that is there."""
    given = {each.get("Key"): each.get("Value") for each in asked.parameters.get("Attributes") or ()}
    for name, value in given.items():
        least, most = RANGES.get(str(name), (None, None))
        if least is not None and most is not None and not (str(value).isdigit() and least <= int(value) <= most):
            raise Refusal("ValidationError", f"'{name}' value '{value}' must be between '{least}-{most}' inclusive")
        if asked.call.operation == "ModifyTargetGroupAttributes" and not str(name).startswith(OF_GROUPS):
            raise Refusal("ValidationError", f"Target group attribute key '{name}' is not recognized")
    bucket = given.get("access_logs.s3.bucket")
    if bucket and given.get("access_logs.s3.enabled") == "true" and not bucket_exists(bucket):
        raise Refusal(
            "InvalidConfigurationRequest", f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
        )


@refuses("elbv2", "DeleteRule")
def rule_is_there(asked: Asked) -> None:
    """A rule that goes was there."""
    arn = asked.parameters.get("RuleArn")
    listeners = [one for balancer in asked.state().load_balancers.values() for one in balancer.listeners.values()]
    if not any(arn in one.rules for one in listeners):
        raise Refusal("RuleNotFound", f"One or more rules not found: {arn}")


def _named(asked: Asked) -> list[str]:
    mapped = [mapping["SubnetId"] for mapping in asked.parameters.get("SubnetMappings", ())]
    return [*asked.parameters.get("Subnets", ()), *mapped]


def _kind(asked: Asked) -> str:
    if asked.call.operation == "CreateLoadBalancer":
        return str(asked.parameters.get("Type") or "application")
    balancer = asked.state().load_balancers.get(asked.parameters.get("LoadBalancerArn"))
    return str(balancer.type) if balancer is not None else ""


@refuses("elbv2", "DeleteLoadBalancer")
def deletion_protection(asked: Asked) -> None:
    """A load balancer that is protected from deletion stays."""
    arn = asked.parameters.get("LoadBalancerArn", "")
    balancer = asked.state().load_balancers.get(arn)
    if balancer is not None and str(balancer.attrs.get("deletion_protection.enabled")).lower() == "true":
        raise Refusal(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
