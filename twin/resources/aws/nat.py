"""Elastic IP addresses and the NAT gateways that use them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, listed, outputs, owned, remove, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.aws.quota import beyond
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import InternetGateway
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

GONE = frozenset({"deleting", "deleted", "failed"})


class ElasticIp(Resource):
    """A public IPv4 address that is ours until released."""

    TYPE: ClassVar[str] = "aws.ec2.elastic_ip"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "public_ip")

    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all addresses with one DescribeAddresses."""
        found = []
        for item in (yield from describe("DescribeAddresses", "Addresses")):
            id_ = item["AllocationId"]
            more = {**outputs(scope, "elastic-ip", id_), "public_ip": item["PublicIp"]}
            found.append(owned(scope, item, id_, {}, more))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Allocate the address."""
        tags = tag_specification("elastic-ip", scope, address, self.tags)
        reply = yield aws("ec2", "AllocateAddress", {"Domain": "vpc", "TagSpecifications": tags})
        return {**outputs(scope, "elastic-ip", reply["AllocationId"]), "public_ip": reply["PublicIp"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the tags."""
        yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Release the address."""
        yield remove("ReleaseAddress", "AllocationId", observed.id, ["InvalidAllocationID.NotFound"])

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A Region has a quota of addresses."""
        limit = facts("network")["elastic_ips_per_region"]
        yield from beyond(limit, address, peers.beside(address), what="the Elastic IP addresses of the Region")


class NatGateway(Resource):
    """A public NAT gateway: the way from private subnets to the internet."""

    TYPE: ClassVar[str] = "aws.ec2.nat_gateway"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    subnet: Annotated[str, RefTo("aws.ec2.subnet"), IMMUTABLE] = Field(description="The id of the subnet it stands in")
    elastic_ip: Annotated[str, RefTo("aws.ec2.elastic_ip"), IMMUTABLE] = Field(description="The id of its address")
    internet_gateway: Annotated[str, RefTo("aws.ec2.internet_gateway")] = Field(
        description="The id of the internet gateway of its VPC, which must be attached before"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all NAT gateways with one DescribeNatGateways; deleted ones are shown for an hour and left out."""
        found = []
        exits = {
            attached["VpcId"]: gateway["InternetGatewayId"]
            for gateway in (yield from describe("DescribeInternetGateways", "InternetGateways"))
            for attached in gateway.get("Attachments", ())
        }
        for item in (yield from describe("DescribeNatGateways", "NatGateways")):
            if item["State"] in GONE:
                continue
            id_ = item["NatGatewayId"]
            addresses = [a["AllocationId"] for a in item.get("NatGatewayAddresses", ()) if a.get("AllocationId")]
            fields = {
                "subnet": item["SubnetId"],
                "elastic_ip": addresses[0] if addresses else None,
                "internet_gateway": exits.get(item["VpcId"]),
            }
            found.append(owned(scope, item, id_, fields, outputs(scope, "natgateway", id_)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the gateway."""
        reply = yield aws(
            "ec2",
            "CreateNatGateway",
            {
                "SubnetId": self.subnet,
                "AllocationId": self.elastic_ip,
                "TagSpecifications": tag_specification("natgateway", scope, address, self.tags),
            },
        )
        return outputs(scope, "natgateway", reply["NatGateway"]["NatGatewayId"])

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the tags; that the VPC has another internet gateway changes nothing here."""
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the gateway; its address and interface stay in use until EC2 is done."""
        yield remove(
            "DeleteNatGateway", "NatGatewayId", observed.id, ["NatGatewayNotFound", "InvalidNatGatewayID.NotFound"]
        )

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """A NAT gateway carries traffic when it is available."""
        reply = yield aws("ec2", "DescribeNatGateways", {"NatGatewayIds": [id_]})
        return any(item["State"] == "available" for item in listed(reply, "NatGateways"))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A public NAT gateway needs an internet gateway in its VPC, an address of its own, and room in its zone."""
        subnet = peers.get(self.subnet)
        for other, _ in peers.having(self.TYPE, "elastic_ip", self.elastic_ip):
            if other < address:
                yield Problem("TW0412", f"the address is already used by {other}", "elastic_ip")
        if not isinstance(subnet, Subnet):
            return
        gateway = peers.get(self.internet_gateway)
        if isinstance(gateway, InternetGateway) and gateway.vpc != subnet.vpc:
            yield Problem("TW0412", "the internet gateway is attached to another VPC", "internet_gateway")

        zone = subnet.availability_zone
        members = [(other, gateway) for other, gateway in peers.of(self.TYPE) if _zone(gateway, peers) == zone]
        limit = facts("network")["nat_gateways_per_zone"]
        yield from beyond(limit, address, members, what=f"the NAT gateways of {zone}")


def _zone(gateway: Resource, peers: Peers) -> str | None:
    place = peers.get(gateway.subnet) if isinstance(gateway, NatGateway) else None
    return place.availability_zone if isinstance(place, Subnet) else None
