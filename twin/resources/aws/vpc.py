"""VPCs and their internet gateways."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, outputs, owned, remove, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.aws.ip_range import range_problems, size_problems
from twin.resources.aws.quota import beyond
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
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    cidr_block: Annotated[str, IMMUTABLE] = Field(description="The IPv4 range, /16 to /28")
    dns_support: bool = Field(default=True, description="Whether the Amazon DNS server answers in the VPC")
    dns_hostnames: bool = Field(default=True, description="Whether instances get DNS names; endpoints need it")
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
                outputs(scope, "vpc", vpc["VpcId"]),
                builtin=vpc.get("IsDefault", False),
            )
            if item.owner or item.id in wanted.ids:
                item = replace(item, fields={**item.fields, **(yield from _attributes(item.id))})
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
        return outputs(scope, "vpc", id_)

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
        """A VPC's range is a network of a certain size, and names need the DNS server."""
        yield from range_problems(self.cidr_block, "cidr_block", version=4)
        yield from size_problems(
            self.cidr_block, "cidr_block", bounds=facts("network")["vpc_prefix"], what="a VPC's range"
        )
        if self.dns_hostnames and not self.dns_support:
            yield Problem("TW0410", "DNS hostnames need DNS support", "dns_hostnames", "turn dns_support on as well")
        yield from beyond(
            facts("network")["vpcs_per_region"], address, peers.beside(address), what="the VPCs of the Region"
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
                    outputs(scope, "internet-gateway", item["InternetGatewayId"]),
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
        return outputs(scope, "internet-gateway", id_)

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

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A VPC has one internet gateway."""
        for other, _ in peers.having(self.TYPE, "vpc", self.vpc):
            if other < address:
                yield Problem("TW0411", f"the VPC already has an internet gateway, {other}", "vpc")
        yield from beyond(
            facts("network")["internet_gateways_per_region"],
            address,
            peers.beside(address),
            what="the internet gateways of the Region",
        )


def _detach(observed: Observed) -> Call:
    return aws(
        "ec2",
        "DetachInternetGateway",
        {"InternetGatewayId": observed.id, "VpcId": observed.fields["vpc"]},
        absent=("Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"),
    )
