"""Security groups with all their rules."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, outputs, owned, remove, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.aws.ip_range import range_problems
from twin.resources.aws.made_by_eks import made_by_eks
from twin.resources.aws.network_acl import traffic_problems
from twin.resources.aws.quota import beyond, too_many_of_a_version
from twin.resources.aws.subnet import strangers
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags

SELF = "self"
PEERS = {
    "cidr": ("IpRanges", "CidrIp"),
    "ipv6_cidr": ("Ipv6Ranges", "CidrIpv6"),
    "group": ("UserIdGroupPairs", "GroupId"),
    "prefix_list": ("PrefixListIds", "PrefixListId"),
}
"""For each kind of peer: the list of EC2's permission that holds it and the key there."""
Plain = Mapping[str, Any]


class SecurityRule(BaseModel):
    """One rule: a protocol, its ports and exactly one peer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: str = Field(default="tcp", description="all, tcp, udp, icmp, icmpv6 or an IANA number")
    from_port: int | None = None
    to_port: int | None = None
    cidr: str | None = None
    ipv6_cidr: str | None = None
    group: str | None = Field(default=None, description="The id of another security group, or `self`")
    prefix_list: str | None = None
    description: str | None = None

    @property
    def peers(self) -> list[str]:
        """Return the peers given."""
        return [value for kind in PEERS if (value := getattr(self, kind)) is not None]


EVERYWHERE = SecurityRule(protocol="all", cidr="0.0.0.0/0")
"""The egress rule that EC2 puts into every new group."""
Rules = Annotated[list[SecurityRule], RefTo("aws.ec2.security_group"), UNORDERED]


class SecurityGroup(Resource):
    """A stateful packet filter of network interfaces; its rules are owned whole."""

    TYPE: ClassVar[str] = "aws.ec2.security_group"
    KEY: ClassVar[tuple[str, ...]] = ("vpc", "name")
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    vpc: Annotated[str, RefTo("aws.ec2.vpc"), IMMUTABLE] = Field(description="The id of its VPC")
    name: Annotated[str, IMMUTABLE] = Field(description="Unique in the VPC")
    description: Annotated[str, IMMUTABLE] = Field(description="EC2 wants one and never changes it")
    ingress: Rules = Field(default_factory=list)
    egress: Rules = Field(default_factory=lambda: [EVERYWHERE])
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all security groups with one DescribeSecurityGroups; a VPC's default one and EKS's are built in."""
        found = []
        for item in (yield from describe("DescribeSecurityGroups", "SecurityGroups")):
            id_ = item["GroupId"]
            fields = {
                "vpc": item["VpcId"],
                "name": item["GroupName"],
                "description": item["Description"],
                "ingress": _rules(id_, item["IpPermissions"]),
                "egress": _rules(id_, item["IpPermissionsEgress"]),
            }
            more = outputs(scope, "security-group", id_)
            name, tags = item["GroupName"], plain_tags(item.get("Tags"))
            builtin = name == "default" or made_by_eks(name, tags)
            found.append(owned(scope, item, id_, fields, more, builtin=builtin))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the group with its rules; EC2's own egress rule stays only when it is wanted."""
        reply = yield aws(
            "ec2",
            "CreateSecurityGroup",
            {
                "GroupName": self.name,
                "Description": self.description,
                "VpcId": self.vpc,
                "TagSpecifications": tag_specification("security-group", scope, address, self.tags),
            },
        )
        id_ = reply["GroupId"]
        yield from _bring(id_, "Ingress", [], _plain(self.ingress))
        yield from _bring(id_, "Egress", _plain([EVERYWHERE]), _plain(self.egress))
        return outputs(scope, "security-group", id_)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Authorise the rules that lack, then revoke those that nobody declared."""
        for name in ("ingress", "egress"):
            if name in changed:
                yield from _bring(observed.id, name.title(), observed.fields[name], _plain(getattr(self, name)))
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the group."""
        yield remove("DeleteSecurityGroup", "GroupId", observed.id, ["InvalidGroup.NotFound"])

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Names and rules are as EC2 takes them, and within its quotas."""
        if not unknown(self.name) and not _name_fits(self.name):
            yield Problem("TW0417", f"{self.name!r} cannot be a group's name", "name", "not sg-…, not `default`")
        if not unknown(self.description) and not re.fullmatch(
            facts("network")["security_group_name"], self.description
        ):
            yield Problem("TW0417", "the description has characters that EC2 refuses", "description")
        for name in ("ingress", "egress"):
            rules = getattr(self, name)
            yield from too_many_of_a_version(
                "rules_per_security_group", rules, what=f"{name} rules in the group", field=name
            )
            identities = [_identity(rule) for rule in _plain(rules)]
            if len(set(identities)) < len(identities):
                yield Problem("TW0409", f"the same {name} rule is there twice", name)
            for rule in rules:
                yield from _check_rule(rule, name)
            groups = [rule.group for rule in rules if rule.group]
            yield from strangers(self.vpc, groups, peers, field=name, what="group")
        limit = facts("network")["security_groups_per_region"]
        yield from beyond(limit, address, peers.beside(address), what="the security groups of the Region")


def _name_fits(name: str) -> bool:
    pattern = facts("network")["security_group_name"]
    return bool(re.fullmatch(pattern, name)) and not name.startswith("sg-") and name.lower() != "default"


def _check_rule(rule: SecurityRule, field: str) -> Iterable[Problem]:
    if len(rule.peers) != 1:
        count = len(rule.peers) or "none"
        yield Problem("TW0409", f"a rule has one peer ({', '.join(PEERS)}), this one has {count}", field)
    yield from traffic_problems(rule.protocol, rule.from_port, rule.to_port, field)
    yield from range_problems(rule.cidr, field, version=4)
    yield from range_problems(rule.ipv6_cidr, field, version=6)


def _plain(rules: Iterable[SecurityRule]) -> list[Plain]:
    return [rule.model_dump(exclude_none=True) for rule in rules]


def _identity(rule: Plain) -> tuple[Any, ...]:
    """Return what EC2 tells rules apart by: everything but the description."""
    return tuple(rule.get(name) for name in ("protocol", "from_port", "to_port", *PEERS))


def _bring(id_: str, direction: str, old: Iterable[Plain], new: Iterable[Plain]) -> Steps[None]:
    """Turn one direction's rules from the old into the new, in at most three calls."""
    before, after = ({_identity(rule): rule for rule in rules} for rules in (old, new))
    added = [rule for key, rule in after.items() if key not in before]
    gone = [rule for key, rule in before.items() if key not in after]
    renamed = [
        rule
        for key, rule in after.items()
        if key in before and rule.get("description") != before[key].get("description")
    ]
    if added:
        yield _change(f"AuthorizeSecurityGroup{direction}", id_, added)
    if renamed:
        yield _change(f"UpdateSecurityGroupRuleDescriptions{direction}", id_, renamed)
    if gone:
        yield _change(f"RevokeSecurityGroup{direction}", id_, gone, absent=("InvalidPermission.NotFound",))


def _change(operation: str, id_: str, rules: Iterable[Plain], **options: Any) -> Call:
    permissions = [_permission(id_, rule) for rule in rules]
    return aws("ec2", operation, {"GroupId": id_, "IpPermissions": permissions}, **options)


def _permission(id_: str, rule: Plain) -> dict[str, Any]:
    # For ICMP, EC2 keeps the type and the code where the ports are; -1 is all of them.
    anything = -1 if rule["protocol"] in ("icmp", "icmpv6") else None
    ports = {"FromPort": rule.get("from_port", anything), "ToPort": rule.get("to_port", anything)}
    found = {"IpProtocol": "-1" if rule["protocol"] == "all" else rule["protocol"]}
    found |= {name: port for name, port in ports.items() if port is not None}
    for kind, (list_, key) in PEERS.items():
        if kind in rule:
            peer = {key: id_ if kind == "group" and rule[kind] == SELF else rule[kind]}
            found[list_] = [peer | ({"Description": rule["description"]} if rule.get("description") else {})]
    return found


def _rules(id_: str, permissions: Iterable[Plain]) -> list[dict[str, Any]]:
    """Take EC2's grouped permissions apart into rules with one peer each."""
    rules = []
    for permission in permissions:
        protocol = "all" if permission["IpProtocol"] == "-1" else permission["IpProtocol"]
        found: dict[str, Any] = {"protocol": protocol}
        if protocol in ("tcp", "udp"):
            found |= {"from_port": permission["FromPort"], "to_port": permission["ToPort"]}
        for kind, (list_, key) in PEERS.items():
            for peer in permission.get(list_) or ():
                value = SELF if kind == "group" and peer.get(key) == id_ else peer.get(key)
                description = {"description": peer["Description"]} if peer.get("Description") else {}
                rules.append({**found, kind: value, **description})
    return rules
