"""Whether a load balancer's nodes get through to a target: the security groups of both, as the store has them."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, ip_address, ip_network
from typing import Any

ANY = "-1"
TCP = "tcp"


def admitted(ec2: Any, balancer: Any, target: Any, *, port: int, subnets: Iterable[Any]) -> bool:
    """Tell whether TCP from every node of a load balancer reaches a port of a network interface.

    The target's groups admit a node by its group or by its subnet's range; the balancer's groups, if it has any, let
    its packets out. Groups are stateful, so replies need no rule.
    """
    groups = set(balancer.security_groups or ())
    owners = {group.id for group in target.group_set}
    inward = list(_rules(ec2, owners, "ingress_rules"))
    outward = list(_rules(ec2, groups, "egress_rules"))
    there = ip_network(target.private_ip_address)
    goes_out = not groups or any(_matches(rule, port, owners, there) for rule in outward)
    return goes_out and all(
        any(_matches(rule, port, groups, ip_network(subnet.cidr_block)) for rule in inward) for subnet in subnets
    )


def _rules(ec2: Any, ids: set[str], kind: str) -> Iterator[Any]:
    for group_id in sorted(ids):
        group = ec2.get_security_group_from_id(group_id)
        if group is not None:
            yield from getattr(group, kind)


def _matches(rule: Any, port: int, groups: set[str], network: Any) -> bool:
    fits = rule.ip_protocol == TCP and int(rule.from_port) <= port <= int(rule.to_port)
    if rule.ip_protocol != ANY and not fits:
        return False
    if (rule.source_group or {}).get("GroupId") in groups:
        return True
    cidr = (rule.ip_range or {}).get("CidrIp")
    return bool(cidr) and isinstance(network, IPv4Network) and network.subnet_of(IPv4Network(cidr, strict=False))


def interface_of(ec2: Any, address: str) -> Any:
    """Return the network interface that has a private address; None when none has."""
    return next((eni for eni in ec2.enis.values() if eni.private_ip_address == address), None)


def inside(ec2: Any, vpc_id: str, address: str) -> bool:
    """Tell whether an address belongs to a VPC."""
    vpc = ec2.vpcs.get(vpc_id)
    return vpc is not None and ip_address(address) in ip_network(vpc.cidr_block)
