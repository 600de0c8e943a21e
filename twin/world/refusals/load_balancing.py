"""What Elastic Load Balancing refuses about subnets."""

from twin.world.refusals import Asked, Refusal, refuses


@refuses("elbv2", "CreateLoadBalancer", "SetSubnets")
def two_zones(asked: Asked) -> None:
    """An application load balancer spans two Availability Zones, one subnet in each."""
    if _kind(asked) != "application":
        return
    named = [*asked.parameters.get("Subnets", ())]
    named += [mapping["SubnetId"] for mapping in asked.parameters.get("SubnetMappings", ())]
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
