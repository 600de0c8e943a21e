"""Packet filters: the network ACLs and security groups that a spec writes out."""

from collections.abc import Iterable
from typing import Any

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.network import VPC, subnets_of
from twin.resources.aws.network_acl import AclEntry, NetworkAcl
from twin.resources.aws.security_group import SELF, SecurityGroup, SecurityRule
from twin.spec.model.network import AclRule
from twin.spec.model.network import SecurityRule as RuleIntent
from twin.spec.model.values import TOP_PORT, Ports

AT = ("network",)
STEP = 10
"""Entries of an ACL are numbered in steps, as consoles do, so that numbers tell of the order alone."""


def build(blueprint: Blueprint) -> None:
    """Declare the ACLs and the groups."""
    network = blueprint.org.network
    if network is None:
        return
    for name, acl in network.acls.items():
        at = (*AT, "acls", name)
        filter_ = NetworkAcl(
            vpc=VPC,
            ingress=list(_entries(acl.ingress)),
            egress=list(_entries(acl.egress)),
            subnets=[subnet for tier in acl.tiers for subnet in subnets_of(blueprint, tier)],
        )
        places = {"ingress": (*at, "ingress"), "egress": (*at, "egress"), "subnets": (*at, "tiers")}
        blueprint.add(name, filter_, at, places)
    for name, intent in network.security_groups.items():
        at = (*AT, "security_groups", name)
        group = SecurityGroup(
            vpc=VPC,
            name=blueprint.name(name),
            description=intent.description,
            ingress=[_rule(name, rule) for rule in intent.ingress],
            egress=[_rule(name, rule) for rule in intent.egress],
        )
        blueprint.add(name, group, at, {field: (*at, field) for field in ("description", "ingress", "egress")})


def _entries(rules: Iterable[AclRule]) -> Iterable[AclEntry]:
    for place, rule in enumerate(rules, 1):
        yield AclEntry(
            number=place * STEP,
            action=rule.action,
            protocol=rule.protocol,
            cidr=str(rule.cidr),
            **_ports(rule.protocol, rule.ports),
        )


def _rule(own: str, rule: RuleIntent) -> SecurityRule:
    group = ref("aws.ec2.security_group", rule.group) if rule.group else None
    return SecurityRule(
        protocol=rule.protocol,
        cidr=str(rule.cidr) if rule.cidr else None,
        group=SELF if rule.group == own else group,
        description=rule.description,
        **_ports(rule.protocol, rule.ports),
    )


def _ports(protocol: str, ports: Ports | None) -> dict[str, Any]:
    if protocol not in ("tcp", "udp"):
        return {}
    return {"from_port": ports.first if ports else 0, "to_port": ports.last if ports else TOP_PORT}
