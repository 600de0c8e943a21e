"""Network ACLs with all their entries and subnets."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, filters, listed, outputs, owned, remove, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.aws.ip_range import port_problems, range_problems
from twin.resources.aws.quota import beyond, too_many_of_a_version
from twin.resources.aws.route_table import claimed_twice
from twin.resources.aws.subnet import strangers
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

PROTOCOLS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58"}
NAMES = {number: name for name, number in PROTOCOLS.items()}
LAST = 32767
"""The number from which EC2's own entries, which deny all, are counted."""


class AclEntry(BaseModel):
    """One numbered entry of a network ACL; the lowest number that matches decides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(description="1 to 32766")
    action: Literal["allow", "deny"]
    protocol: str = Field(default="all", description="all, tcp, udp, icmp, icmpv6 or an IANA number")
    from_port: int | None = None
    to_port: int | None = None
    cidr: str | None = None
    ipv6_cidr: str | None = None


Entries = Annotated[list[AclEntry], UNORDERED]


class NetworkAcl(Resource):
    """A stateless packet filter of subnets; its entries and subnets are owned whole."""

    TYPE: ClassVar[str] = "aws.ec2.network_acl"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    vpc: Annotated[str, RefTo("aws.ec2.vpc"), IMMUTABLE] = Field(description="The id of its VPC")
    ingress: Entries = Field(default_factory=list)
    egress: Entries = Field(default_factory=list)
    subnets: Annotated[list[str], RefTo("aws.ec2.subnet"), UNORDERED] = Field(
        default_factory=list, description="The ids of the subnets that it filters"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all network ACLs with one DescribeNetworkAcls; a VPC's default one is built in."""
        items = yield from describe("DescribeNetworkAcls", "NetworkAcls")
        defaults = {item["VpcId"]: item["NetworkAclId"] for item in items if item["IsDefault"]}
        found = []
        for item in items:
            id_ = item["NetworkAclId"]
            uses = {a["SubnetId"]: a["NetworkAclAssociationId"] for a in item["Associations"]}
            fields = {
                "vpc": item["VpcId"],
                "ingress": [_entry(e) for e in item["Entries"] if not e["Egress"] and e["RuleNumber"] < LAST],
                "egress": [_entry(e) for e in item["Entries"] if e["Egress"] and e["RuleNumber"] < LAST],
                "subnets": sorted(uses),
            }
            more = {
                **outputs(scope, "network-acl", id_),
                "associations": uses,
                "default_acl": defaults.get(item["VpcId"]),
            }
            found.append(owned(scope, item, id_, fields, more, builtin=item["IsDefault"]))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the ACL, fill it, then put the subnets behind it."""
        tags = tag_specification("network-acl", scope, address, self.tags)
        reply = yield aws("ec2", "CreateNetworkAcl", {"VpcId": self.vpc, "TagSpecifications": tags})
        id_ = reply["NetworkAcl"]["NetworkAclId"]
        for name in ("ingress", "egress"):
            for entry in getattr(self, name):
                yield _put("CreateNetworkAclEntry", id_, entry, egress=name == "egress")
        yield from _take(id_, self.subnets)
        return outputs(scope, "network-acl", id_)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Replace entries where they differ, take subnets, give others back to the VPC's default ACL."""
        for name in ("ingress", "egress"):
            if name in changed:
                yield from self._fill(observed, name)
        if "subnets" in changed:
            old = observed.outputs["associations"]
            yield from _give_back(observed, old.keys() - set(self.subnets))
            yield from _take(observed.id, [subnet for subnet in self.subnets if subnet not in old])
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    def _fill(self, observed: Observed, name: str) -> Steps[None]:
        old = {entry["number"]: entry for entry in observed.fields[name]}
        egress = name == "egress"
        for entry in getattr(self, name):
            before = old.pop(entry.number, None)
            if before is None:
                yield _put("CreateNetworkAclEntry", observed.id, entry, egress=egress)
            elif before != entry.model_dump(exclude_none=True):
                yield _put("ReplaceNetworkAclEntry", observed.id, entry, egress=egress)
        for number in sorted(old):
            params = {"NetworkAclId": observed.id, "RuleNumber": number, "Egress": egress}
            yield aws("ec2", "DeleteNetworkAclEntry", params, absent=("InvalidNetworkAclEntry.NotFound",))

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Give the subnets back to the VPC's default ACL and delete this one."""
        yield from _give_back(observed, observed.outputs["associations"])
        yield remove("DeleteNetworkAcl", "NetworkAclId", observed.id, ["InvalidNetworkAclID.NotFound"])

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Numbers are in range and unique per direction, ports fit protocols, each subnet has one ACL."""
        for name in ("ingress", "egress"):
            entries = getattr(self, name)
            what = f"{name} entries in the ACL, EC2's own that denies the rest among them"
            yield from too_many_of_a_version("rules_per_network_acl", entries, what=what, field=name, own=1)
            numbers = [entry.number for entry in entries]
            for number in sorted({n for n in numbers if numbers.count(n) > 1}):
                yield Problem("TW0416", f"two {name} entries have the number {number}", name)
            for entry in entries:
                yield from _check_entry(entry, name)
        yield from strangers(self.vpc, self.subnets, peers, field="subnets", what="subnet")
        yield from claimed_twice(self, address, peers, self.subnets)
        limit = facts("network")["network_acls_per_vpc"]
        members = peers.having(self.TYPE, "vpc", self.vpc)
        yield from beyond(limit, address, members, what="the network ACLs of the VPC")


def _check_entry(entry: AclEntry, field: str) -> Iterable[Problem]:
    low, high = facts("network")["network_acl_rule_number"]
    if not low <= entry.number <= high:
        yield Problem("TW0416", f"entry numbers are {low} to {high}, this is {entry.number}", field)
    yield from traffic_problems(entry.protocol, entry.from_port, entry.to_port, field)
    if (entry.cidr is None) == (entry.ipv6_cidr is None):
        yield Problem("TW0409", f"entry {entry.number} needs one of cidr and ipv6_cidr", field)
    yield from range_problems(entry.cidr, field, version=4)
    yield from range_problems(entry.ipv6_cidr, field, version=6)


def traffic_problems(protocol: str, first: int | None, last: int | None, field: str) -> Iterable[Problem]:
    """Report a protocol that is neither a known name nor an IANA number without a name of its own, or its ports."""
    if protocol in NAMES:
        yield Problem("TW0408", f"protocol {protocol} is called {NAMES[protocol]!r} here", field)
    elif protocol not in PROTOCOLS and not (protocol.isdecimal() and int(protocol) <= 255):
        yield Problem("TW0408", f"{protocol!r} is no protocol", field, f"one of {', '.join(PROTOCOLS)}, or 0 to 255")
    else:
        yield from port_problems(protocol, first, last, field)


def _entry(item: Mapping[str, Any]) -> dict[str, Any]:
    ports = item.get("PortRange") or {}
    entry = {
        "number": item["RuleNumber"],
        "action": item["RuleAction"],
        "protocol": NAMES.get(item["Protocol"], item["Protocol"]),
        "from_port": ports.get("From"),
        "to_port": ports.get("To"),
        "cidr": item.get("CidrBlock"),
        "ipv6_cidr": item.get("Ipv6CidrBlock"),
    }
    return {name: value for name, value in entry.items() if value is not None}


def _put(operation: str, id_: str, entry: AclEntry, *, egress: bool) -> Call:
    ports = None if entry.from_port is None else {"From": entry.from_port, "To": entry.to_port}
    # EC2 wants the type of an ICMP entry; -1 is every type and code.
    icmp = {"Type": -1, "Code": -1} if entry.protocol in ("icmp", "icmpv6") else None
    return aws(
        "ec2",
        operation,
        {
            "NetworkAclId": id_,
            "RuleNumber": entry.number,
            "RuleAction": entry.action,
            "Protocol": PROTOCOLS.get(entry.protocol, entry.protocol),
            "Egress": egress,
            "CidrBlock": entry.cidr,
            "Ipv6CidrBlock": entry.ipv6_cidr,
            "PortRange": ports,
            "IcmpTypeCode": icmp,
        },
    )


def _take(id_: str, subnets: list[str]) -> Steps[None]:
    """Replace the association that each subnet has now; a subnet always has one."""
    if not subnets:
        return
    reply = yield aws("ec2", "DescribeNetworkAcls", {"Filters": filters(association__subnet_id=subnets)})
    for acl in listed(reply, "NetworkAcls"):
        for association in acl["Associations"]:
            if association["SubnetId"] in subnets and acl["NetworkAclId"] != id_:
                yield _replace(association["NetworkAclAssociationId"], id_)


def _give_back(observed: Observed, subnets: Iterable[str]) -> Steps[None]:
    for subnet in sorted(subnets):
        yield _replace(observed.outputs["associations"][subnet], observed.outputs["default_acl"])


def _replace(association: str, id_: str) -> Call:
    return aws("ec2", "ReplaceNetworkAclAssociation", {"AssociationId": association, "NetworkAclId": id_})
