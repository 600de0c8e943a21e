"""What EC2 refuses about networks."""

from collections.abc import Iterator

from twin.world.refusals import Asked, Refusal, refuses

# Including the default VPC: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
VPCS_PER_REGION = 5
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-eips
ADDRESSES_PER_REGION = 5


@refuses("ec2", "CreateRoute", "ReplaceRoute")
def nat_gateway_exists(asked: Asked) -> None:
    """A route needs a NAT gateway that is there."""
    wanted = asked.parameters.get("NatGatewayId")
    if wanted is None:
        return
    found = asked.state().nat_gateways.get(wanted)
    if found is None or found.state == "deleted":
        raise Refusal("InvalidNatGatewayID.NotFound", f"The natGateway ID '{wanted}' does not exist")


@refuses("ec2", "CreateRoute", "ReplaceRoute")
def gateway_exists(asked: Asked) -> None:
    """A route needs an internet or private gateway that is there."""
    wanted = asked.parameters.get("GatewayId")
    state = asked.state()
    if wanted and wanted.startswith(("igw-", "vgw-")) and wanted not in {*state.internet_gateways, *state.vpn_gateways}:
        raise Refusal("InvalidGatewayID.NotFound", f"The gateway ID '{wanted}' does not exist")


@refuses("ec2", "CreateVpc")
def vpc_quota(asked: Asked) -> None:
    """A Region holds five VPCs."""
    if len(asked.state().vpcs) >= VPCS_PER_REGION:
        raise Refusal("VpcLimitExceeded", "The maximum number of VPCs has been reached.")


@refuses("ec2", "AllocateAddress")
def address_quota(asked: Asked) -> None:
    """A Region holds five Elastic IP addresses."""
    if len(asked.state().addresses) >= ADDRESSES_PER_REGION:
        raise Refusal("AddressLimitExceeded", "The maximum number of addresses has been reached.")


@refuses("ec2", "DeleteSubnet")
def subnet_unused(asked: Asked) -> None:
    """A subnet goes when no interface and no instance is in it any more."""
    name, state = asked.parameters.get("SubnetId"), asked.state()
    here = any(eni.subnet is not None and eni.subnet.id == name for eni in state.enis.values())
    instances = (one for reserved in state.reservations.values() for one in reserved.instances)
    if here or any(one.subnet_id == name and one.state != "terminated" for one in instances):
        raise Refusal("DependencyViolation", f"The subnet '{name}' has dependencies and cannot be deleted.")


@refuses("ec2", "DeleteSecurityGroup")
def security_group_unused(asked: Asked) -> None:
    """A security group that something uses stays."""
    wanted = asked.parameters.get("GroupId")
    if wanted is None:
        group = asked.state().get_security_group_from_name(asked.parameters.get("GroupName", ""))
        wanted = group.id if group is not None else None
    if wanted is not None and any(wanted in used for used in _groups_in_use(asked, wanted)):
        raise Refusal("DependencyViolation", f"resource {wanted} has a dependent object")


def _groups_in_use(asked: Asked, wanted: str) -> Iterator[set[str]]:
    state = asked.state()
    for interface in state.enis.values():
        yield {group.id for group in interface.group_set}
    for endpoint in state.vpc_end_points.values():
        yield set(endpoint.security_group_ids) if endpoint.state != "deleted" else set()
    for groups in state.groups.values():
        for group in groups.values():
            if group.id != wanted:
                rules = (*group.ingress_rules, *group.egress_rules)
                yield {rule.source_group["GroupId"] for rule in rules if "GroupId" in (rule.source_group or {})}
    for balancer in asked.state("elbv2").load_balancers.values():
        yield set(balancer.security_groups or ())
    for database in asked.state("rds").databases.values():
        yield set(database.vpc_security_group_ids or ())


@refuses("ec2", "DeleteNatGateway", "DescribeNatGateways")
def nat_gateway_known(asked: Asked) -> None:
    """A NAT gateway that is asked for is there."""
    named = asked.parameters.get("NatGatewayIds") or [asked.parameters.get("NatGatewayId")]
    for name in named:
        if name is not None and name not in asked.state().nat_gateways:
            raise Refusal("NatGatewayNotFound", f"NAT gateway {name} was not found")
