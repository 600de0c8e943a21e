"""What Elastic Load Balancing refuses about subnets, and about what is protected."""

from twin.world.refusals import Asked, Refusal, refuses


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
    if name.startswith("internal-"):
        raise Refusal("ValidationError", f"Load balancer name '{name}' cannot begin with 'internal-'")
    known = {id_ for vpc in asked.state("ec2").groups.values() for id_ in vpc}
    missing = [id_ for id_ in asked.parameters.get("SecurityGroups") or () if id_ not in known]
    if missing:
        raise Refusal("InvalidSecurityGroup", f"One or more security groups are invalid: {', '.join(missing)}")


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
