"""Subnets."""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, outputs, owned, remove, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.aws.ip_range import contains, overlap, range_problems, size_problems
from twin.resources.aws.quota import beyond
from twin.resources.aws.vpc import Vpc
from twin.resources.call import Call, Steps, aws
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class Subnet(Resource):
    """A range of a VPC's addresses in one Availability Zone."""

    TYPE: ClassVar[str] = "aws.ec2.subnet"
    KEY: ClassVar[tuple[str, ...]] = ("vpc", "cidr_block")
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    vpc: Annotated[str, RefTo("aws.ec2.vpc"), IMMUTABLE] = Field(description="The id of its VPC")
    cidr_block: Annotated[str, IMMUTABLE] = Field(description="The IPv4 range, inside the VPC's, /16 to /28")
    availability_zone: Annotated[str, IMMUTABLE] = Field(description="The zone, such as us-east-1a")
    public_ip_on_launch: bool = Field(default=False, description="Whether instances get a public address")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all subnets with one DescribeSubnets."""
        return [
            owned(
                scope,
                item,
                item["SubnetId"],
                {
                    "vpc": item["VpcId"],
                    "cidr_block": item["CidrBlock"],
                    "availability_zone": item["AvailabilityZone"],
                    "public_ip_on_launch": item["MapPublicIpOnLaunch"],
                },
                outputs(scope, "subnet", item["SubnetId"]),
                builtin=item.get("DefaultForAz", False),
            )
            for item in (yield from describe("DescribeSubnets", "Subnets"))
        ]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, str]]:
        """Make the subnet; a second call when instances get public addresses."""
        reply = yield aws(
            "ec2",
            "CreateSubnet",
            {
                "VpcId": self.vpc,
                "CidrBlock": self.cidr_block,
                "AvailabilityZone": self.availability_zone,
                "TagSpecifications": tag_specification("subnet", scope, address, self.tags),
            },
        )
        id_ = reply["Subnet"]["SubnetId"]
        if self.public_ip_on_launch:
            yield self._public(id_)
        return outputs(scope, "subnet", id_)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the public addresses and the tags."""
        if "public_ip_on_launch" in changed:
            yield self._public(observed.id)
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    def _public(self, id_: str) -> Call:
        value = {"Value": self.public_ip_on_launch}
        return aws("ec2", "ModifySubnetAttribute", {"SubnetId": id_, "MapPublicIpOnLaunch": value})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the subnet."""
        yield remove("DeleteSubnet", "SubnetId", observed.id, ["InvalidSubnetID.NotFound"])

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A subnet lies inside its VPC, apart from the VPC's other subnets, in a zone of the Region."""
        yield from range_problems(self.cidr_block, "cidr_block", version=4)
        bounds = facts("network")["subnet_prefix"]
        yield from size_problems(self.cidr_block, "cidr_block", bounds=bounds, what="a subnet's range")
        vpc = peers.get(self.vpc)
        if isinstance(vpc, Vpc) and contains(vpc.cidr_block, self.cidr_block) is False:
            yield Problem("TW0403", f"{self.cidr_block} is outside its VPC, {vpc.cidr_block}", "cidr_block")
        for other, subnet in peers.having(self.TYPE, "vpc", self.vpc):
            if other == address:
                break
            if isinstance(subnet, Subnet) and overlap(subnet.cidr_block, self.cidr_block):
                yield Problem("TW0404", f"{self.cidr_block} overlaps {subnet.cidr_block} of {other}", "cidr_block")
        yield from zone_problems(self.availability_zone, peers.scope.region)
        members = peers.having(self.TYPE, "vpc", self.vpc)
        yield from beyond(facts("network")["subnets_per_vpc"], address, members, what="the subnets of the VPC")


def zone_problems(zone: str, region: str) -> Iterable[Problem]:
    """Report a zone that the Region does not have; a Region that the facts do not list is not judged."""
    letters = facts("network")["zones"].get(region)
    if letters is None or unknown(zone):
        return
    if zone not in {region + letter for letter in letters}:
        known = f"{region}{letters[0]} to {region}{letters[-1]}"
        yield Problem("TW0405", f"{zone} is not a zone of {region}", "availability_zone", f"it has {known}")


def zones_of(subnets: Iterable[str], peers: Peers) -> list[str] | None:
    """Return the zones of subnets, one each; None when one of them is not declared here."""
    found = [peers.get(subnet) for subnet in subnets]
    zones = [item.availability_zone for item in found if isinstance(item, Subnet)]
    return zones if len(zones) == len(found) else None


def strangers(vpc: str | None, members: Iterable[str], peers: Peers, *, field: str, what: str) -> Iterable[Problem]:
    """Report members (subnets, groups, target groups) that are declared in another VPC than `vpc`."""
    if vpc is None:
        return
    for member in members:
        other = getattr(peers.get(member), "vpc", None)
        if other is not None and other != vpc:
            yield Problem("TW0437", f"{what} {member} is in another VPC", field)
