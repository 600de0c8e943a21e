"""VPCs and their internet gateways."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, owned, remove, retag, tag_specification
from twin.resources.call import Call, Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

ATTRIBUTES = {"dns_support": "EnableDnsSupport", "dns_hostnames": "EnableDnsHostnames"}


class Vpc(Resource):
    """A virtual private cloud.

    DNS attributes are read one by one (EC2 has no batch read for them), so only for the VPCs that we own.
    """

    TYPE: ClassVar[str] = "aws.ec2.vpc"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "default_network_acl", "default_security_group")

    cidr_block: Annotated[str, IMMUTABLE] = Field(description="The IPv4 range, /16 to /28")
    dns_support: bool = Field(True, description="Whether the Amazon DNS server answers in the VPC")
    dns_hostnames: bool = Field(True, description="Whether instances get public DNS names; interface endpoints need it")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all VPCs with one DescribeVpcs, and the DNS attributes of ours."""
        found = []
        for vpc in (yield from describe("DescribeVpcs", "Vpcs")):
            item = owned(
                scope,
                vpc,
                vpc["VpcId"],
                {"cidr_block": vpc["CidrBlock"]},
                {"arn": scope.arn("ec2", f"vpc/{vpc['VpcId']}")},
                builtin=vpc.get("IsDefault", False),
            )
            if item.owner or item.id in wanted.ids:
                item = Observed(item.id, {**item.fields, **(yield from _attributes(item.id))}, item.outputs, item.owner)
            found.append(item)
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the VPC and set the DNS attributes that differ from EC2's defaults."""
        reply = yield aws(
            "ec2",
            "CreateVpc",
            {"CidrBlock": self.cidr_block, "TagSpecifications": tag_specification("vpc", scope, address, self.tags)},
        )
        id_ = reply["Vpc"]["VpcId"]
        for name, default in (("dns_support", True), ("dns_hostnames", False)):
            if getattr(self, name) != default:
                yield _modify(id_, name, getattr(self, name))
        return {"id": id_, "arn": scope.arn("ec2", f"vpc/{id_}")}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change DNS attributes and tags."""
        for name in sorted(changed & ATTRIBUTES.keys()):
            yield _modify(observed.id, name, getattr(self, name))
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the VPC."""
        yield remove("DeleteVpc", "VpcId", observed.id, ["InvalidVpcID.NotFound"])

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A VPC's range is a /16 to /28 network (VPC user guide, "VPC CIDR blocks", read 2026-11-23)."""
        try:
            network = ipaddress.IPv4Network(self.cidr_block)
        except ValueError as error:
            yield Problem("TW0401", f"{self.cidr_block!r} is not an IPv4 range: {error}", "cidr_block")
            return
        if not 16 <= network.prefixlen <= 28:
            yield Problem(
                "TW0402", f"a VPC's range is between /16 and /28, this is a /{network.prefixlen}", "cidr_block"
            )


def _attributes(id_: str) -> Steps[dict[str, bool]]:
    values: dict[str, bool] = {}
    for name, attribute in ATTRIBUTES.items():
        key = attribute[0].lower() + attribute[1:]
        reply = yield aws("ec2", "DescribeVpcAttribute", {"VpcId": id_, "Attribute": key})
        values[name] = reply[attribute]["Value"]
    return values


def _modify(id_: str, name: str, value: bool) -> Call:
    return aws("ec2", "ModifyVpcAttribute", {"VpcId": id_, ATTRIBUTES[name]: {"Value": value}})


class InternetGateway(Resource):
    """The way between a VPC and the internet; attached to one VPC."""

    TYPE: ClassVar[str] = "aws.ec2.internet_gateway"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    vpc: Annotated[str, RefTo("aws.ec2.vpc")] = Field(description="The VPC to which it is attached")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all internet gateways with one DescribeInternetGateways."""
        items = yield from describe("DescribeInternetGateways", "InternetGateways")
        vpcs = yield from describe("DescribeVpcs", "Vpcs")
        default = {vpc["VpcId"] for vpc in vpcs if vpc.get("IsDefault")}
        found = []
        for item in items:
            attached = [a["VpcId"] for a in item.get("Attachments", ()) if a.get("State") != "detached"]
            found.append(
                owned(
                    scope,
                    item,
                    item["InternetGatewayId"],
                    {"vpc": attached[0] if attached else None},
                    {"arn": scope.arn("ec2", f"internet-gateway/{item['InternetGatewayId']}")},
                    builtin=bool(default & set(attached)),
                )
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the gateway and attach it."""
        reply = yield aws(
            "ec2",
            "CreateInternetGateway",
            {"TagSpecifications": tag_specification("internet-gateway", scope, address, self.tags)},
        )
        id_ = reply["InternetGateway"]["InternetGatewayId"]
        yield aws("ec2", "AttachInternetGateway", {"InternetGatewayId": id_, "VpcId": self.vpc})
        return {"id": id_, "arn": scope.arn("ec2", f"internet-gateway/{id_}")}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Attach to another VPC, change tags."""
        if "vpc" in changed:
            if observed.fields["vpc"]:
                yield _detach(observed)
            yield aws("ec2", "AttachInternetGateway", {"InternetGatewayId": observed.id, "VpcId": self.vpc})
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Detach and delete the gateway."""
        if observed.fields.get("vpc"):
            yield _detach(observed)
        yield remove("DeleteInternetGateway", "InternetGatewayId", observed.id, ["InvalidInternetGatewayID.NotFound"])


def _detach(observed: Observed) -> Call:
    return aws(
        "ec2",
        "DetachInternetGateway",
        {"InternetGatewayId": observed.id, "VpcId": observed.fields["vpc"]},
        absent=("Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"),
    )
