"""VPC endpoints: private ways to AWS services, as routes (gateway) or as network interfaces."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, listed, outputs, owned, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.aws.quota import beyond, too_many
from twin.resources.aws.subnet import strangers, zones_of
from twin.resources.aws.vpc import Vpc
from twin.resources.call import Steps, aws
from twin.resources.canonical import DOCUMENT, UNORDERED, document, text
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

GONE = frozenset({"deleting", "deleted", "failed", "rejected", "expired"})
MEMBERS = {
    "route_tables": ("AddRouteTableIds", "RemoveRouteTableIds"),
    "subnets": ("AddSubnetIds", "RemoveSubnetIds"),
    "security_groups": ("AddSecurityGroupIds", "RemoveSecurityGroupIds"),
}


class VpcEndpoint(Resource):
    """A gateway endpoint (S3, DynamoDB) or an interface endpoint of a VPC."""

    TYPE: ClassVar[str] = "aws.ec2.vpc_endpoint"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    vpc: Annotated[str, RefTo("aws.ec2.vpc"), IMMUTABLE] = Field(description="The id of its VPC")
    service: Annotated[str, IMMUTABLE] = Field(description="The service's name, as in com.amazonaws.us-east-1.s3")
    kind: Annotated[Literal["Gateway", "Interface"], IMMUTABLE] = "Gateway"
    route_tables: Annotated[list[str], RefTo("aws.ec2.route_table"), UNORDERED] = Field(
        default_factory=list, description="Gateway: the ids of the route tables that lead to it"
    )
    subnets: Annotated[list[str], RefTo("aws.ec2.subnet"), UNORDERED] = Field(
        default_factory=list, description="Interface: the ids of its subnets, one for each zone"
    )
    security_groups: Annotated[list[str], RefTo("aws.ec2.security_group"), UNORDERED] = Field(
        default_factory=list, description="Interface: the ids of its security groups"
    )
    private_dns: bool | None = Field(default=None, description="Interface: whether the service's own name leads here")
    policy: Annotated[dict[str, Any] | None, DOCUMENT] = Field(default=None, description="The endpoint policy")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all endpoints with one DescribeVpcEndpoints."""
        found = []
        for item in (yield from describe("DescribeVpcEndpoints", "VpcEndpoints")):
            if str(item.get("State", "")).lower() in GONE:
                continue
            policy = item.get("PolicyDocument")
            fields = {
                "vpc": item["VpcId"],
                "service": item["ServiceName"],
                "kind": item["VpcEndpointType"],
                "route_tables": sorted(item.get("RouteTableIds", ())),
                "subnets": sorted(item.get("SubnetIds", ())),
                "security_groups": sorted(group["GroupId"] for group in item.get("Groups", ())),
                "private_dns": item.get("PrivateDnsEnabled"),
                "policy": document(policy) if policy else None,
            }
            id_ = item["VpcEndpointId"]
            found.append(owned(scope, item, id_, fields, outputs(scope, "vpc-endpoint", id_)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the endpoint."""
        reply = yield aws(
            "ec2",
            "CreateVpcEndpoint",
            {
                "VpcEndpointType": self.kind,
                "VpcId": self.vpc,
                "ServiceName": self.service,
                "RouteTableIds": self.route_tables or None,
                "SubnetIds": self.subnets or None,
                "SecurityGroupIds": self.security_groups or None,
                "PrivateDnsEnabled": self.private_dns,
                "PolicyDocument": None if self.policy is None else text(self.policy),
                "TagSpecifications": tag_specification("vpc-endpoint", scope, address, self.tags),
            },
        )
        return outputs(scope, "vpc-endpoint", reply["VpcEndpoint"]["VpcEndpointId"])

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Add and remove members, change the policy and the private names, in one call."""
        params: dict[str, Any] = {}
        for name in sorted(changed & MEMBERS.keys()):
            wanted, present = set(getattr(self, name)), set(observed.fields[name])
            add, remove = MEMBERS[name]
            params |= {add: sorted(wanted - present) or None, remove: sorted(present - wanted) or None}
        if "policy" in changed and self.policy is not None:
            params["PolicyDocument"] = text(self.policy)
        if "private_dns" in changed:
            params["PrivateDnsEnabled"] = self.private_dns
        if params:
            yield aws("ec2", "ModifyVpcEndpoint", {"VpcEndpointId": observed.id, **params})
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the endpoint."""
        yield aws(
            "ec2", "DeleteVpcEndpoints", {"VpcEndpointIds": [observed.id]}, absent=("InvalidVpcEndpointId.NotFound",)
        )

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """An endpoint can be used when it is available."""
        reply = yield aws("ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [id_]})
        return any(item["State"].lower() == "available" for item in listed(reply, "VpcEndpoints"))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A gateway endpoint has route tables, an interface endpoint subnets and groups, both in its VPC."""
        yield from self._check_service(peers)
        yield from self._check_members(peers)
        if self.policy is not None:
            limit = facts("network")["endpoint_policy_characters"]
            if (size := len(json.dumps(self.policy))) > limit:
                yield Problem("TW0418", f"the policy has {size} characters, {limit} are allowed", "policy")
        gateway = self.kind == "Gateway"
        limit = facts("network")["gateway_endpoints_per_region" if gateway else "interface_endpoints_per_vpc"]
        place = "Region" if gateway else "VPC"

        members = [
            (other, endpoint)
            for other, endpoint in peers.having(self.TYPE, "kind", self.kind)
            if isinstance(endpoint, VpcEndpoint)
            and (other.region == address.region if gateway else endpoint.vpc == self.vpc)
        ]
        what = f"the {self.kind.lower()} endpoints of the {place}"
        yield from beyond(limit, address, members, what=what)

    def _check_service(self, peers: Peers) -> Iterable[Problem]:
        if unknown(self.service):
            return
        name = self.service.rpartition(".")[2]
        known = facts("network")["gateway_endpoint_services"]
        if self.service.startswith("com.amazonaws.") and f".{peers.scope.region}." not in self.service:
            help_ = f"com.amazonaws.{peers.scope.region}.{name}"
            yield Problem("TW0418", f"{self.service} is not a service of {peers.scope.region}", "service", help_)
        if self.kind == "Gateway" and name not in known:
            yield Problem("TW0418", f"gateway endpoints exist for {', '.join(known)} only", "kind", "use Interface")

    def _check_members(self, peers: Peers) -> Iterable[Problem]:
        foreign = ("subnets", "security_groups", "private_dns") if self.kind == "Gateway" else ("route_tables",)
        for name in foreign:
            if getattr(self, name):
                yield Problem("TW0418", f"a {self.kind.lower()} endpoint has no {name}", name)
        for name in MEMBERS:
            yield from strangers(self.vpc, getattr(self, name), peers, field=name, what=name)
        yield from too_many(
            "security_groups_per_interface", len(self.security_groups), what="groups", field="security_groups"
        )
        zones = zones_of(self.subnets, peers) or []
        if len(set(zones)) < len(zones):
            yield Problem("TW0418", "an interface endpoint takes one subnet in each zone", "subnets")
        vpc = peers.get(self.vpc)
        if self.private_dns and isinstance(vpc, Vpc) and not (vpc.dns_support and vpc.dns_hostnames):
            yield Problem("TW0410", "private DNS needs the VPC's dns_support and dns_hostnames", "private_dns")
