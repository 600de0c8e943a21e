"""Route tables with all their routes and the subnets that use them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, filters, listed, outputs, owned, remove, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.aws.ip_range import network, range_problems
from twin.resources.aws.quota import beyond, too_many
from twin.resources.aws.subnet import strangers
from twin.resources.aws.vpc import Vpc
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import unknown, whole
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

TARGETS = {
    "gateway": ("GatewayId", ("igw-", "vgw-"), "aws.ec2.internet_gateway"),
    "nat_gateway": ("NatGatewayId", ("nat-",), "aws.ec2.nat_gateway"),
    "transit_gateway": ("TransitGatewayId", ("tgw-",), None),
    "peering": ("VpcPeeringConnectionId", ("pcx-",), None),
    "interface": ("NetworkInterfaceId", ("eni-",), None),
}
"""For each kind of target: EC2's parameter, how its ids begin, and the type that makes it."""


class Route(BaseModel):
    """One route: a destination and exactly one target, by its id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    destination: str = Field(description="An IPv4 or IPv6 range, or the id of a prefix list")
    gateway: str | None = Field(default=None, description="An internet gateway or virtual private gateway")
    nat_gateway: str | None = None
    transit_gateway: str | None = None
    peering: str | None = Field(default=None, description="A VPC peering connection")
    interface: str | None = Field(default=None, description="A network interface")

    @property
    def targets(self) -> dict[str, str]:
        """Return the targets given, by kind."""
        return {kind: value for kind in TARGETS if (value := getattr(self, kind)) is not None}


class RouteTable(Resource):
    """A route table; its routes and subnets are owned whole.

    Not among the routes are the VPC's local ones, those that a gateway endpoint keeps, and propagated ones.
    """

    TYPE: ClassVar[str] = "aws.ec2.route_table"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    vpc: Annotated[str, RefTo("aws.ec2.vpc"), IMMUTABLE] = Field(description="The id of its VPC")
    routes: Annotated[list[Route], RefTo("aws.ec2.internet_gateway", "aws.ec2.nat_gateway"), UNORDERED] = Field(
        default_factory=list
    )
    subnets: Annotated[list[str], RefTo("aws.ec2.subnet"), UNORDERED] = Field(
        default_factory=list, description="The ids of the subnets that use it"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all route tables with one DescribeRouteTables; a VPC's main table is built in."""
        found = []
        for item in (yield from describe("DescribeRouteTables", "RouteTables")):
            id_ = item["RouteTableId"]
            associations = item.get("Associations", ())
            uses = {a["SubnetId"]: a["RouteTableAssociationId"] for a in associations if a.get("SubnetId")}
            fields = {"vpc": item["VpcId"], "routes": list(_routes(item)), "subnets": sorted(uses)}
            more = {**outputs(scope, "route-table", id_), "associations": uses}
            main = any(a.get("Main") for a in associations)
            found.append(owned(scope, item, id_, fields, more, builtin=main))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the table, its routes and its associations."""
        tags = tag_specification("route-table", scope, address, self.tags)
        reply = yield aws("ec2", "CreateRouteTable", {"VpcId": self.vpc, "TagSpecifications": tags})
        id_ = reply["RouteTable"]["RouteTableId"]
        for route in self.routes:
            yield _put("CreateRoute", id_, route)
        for subnet in self.subnets:
            yield aws("ec2", "AssociateRouteTable", {"RouteTableId": id_, "SubnetId": subnet})
        return outputs(scope, "route-table", id_)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Replace routes where they differ, move subnets here, let others go."""
        if "routes" in changed:
            yield from self._route(observed)
        if "subnets" in changed:
            yield from self._associate(observed)
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    def _route(self, observed: Observed) -> Steps[None]:
        old = {route["destination"]: route for route in observed.fields["routes"]}
        for route in self.routes:
            before = old.pop(route.destination, None)
            if before is None:
                yield _put("CreateRoute", observed.id, route)
            elif before != route.model_dump(exclude_none=True):
                yield _put("ReplaceRoute", observed.id, route)
        for destination in sorted(old):
            params = {"RouteTableId": observed.id, **_destination(destination)}
            yield aws("ec2", "DeleteRoute", params, absent=("InvalidRoute.NotFound",))

    def _associate(self, observed: Observed) -> Steps[None]:
        old = observed.outputs["associations"]
        for subnet in sorted(old.keys() - set(self.subnets)):
            yield _disassociate(old[subnet])
        new = [subnet for subnet in self.subnets if subnet not in old]
        if not new:
            return
        reply = yield aws("ec2", "DescribeRouteTables", {"Filters": filters(association__subnet_id=new)})
        present = {
            a["SubnetId"]: a["RouteTableAssociationId"]
            for table in listed(reply, "RouteTables")
            for a in table["Associations"]
            if a.get("SubnetId")
        }
        for subnet in new:
            if subnet in present:
                params = {"AssociationId": present[subnet], "RouteTableId": observed.id}
                yield aws("ec2", "ReplaceRouteTableAssociation", params)
            else:
                yield aws("ec2", "AssociateRouteTable", {"RouteTableId": observed.id, "SubnetId": subnet})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Let the subnets go and delete the table with its routes."""
        for association in sorted(observed.outputs["associations"].values()):
            yield _disassociate(association)
        yield remove("DeleteRouteTable", "RouteTableId", observed.id, ["InvalidRouteTableID.NotFound"])

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Each destination has one existing target, each subnet one table; the VPC's own range is not routed."""
        versions = Counter("IPv6" if ":" in route.destination else "IPv4" for route in self.routes)
        for version, count in sorted(versions.items()):
            yield from too_many("routes_per_route_table", count, what=f"{version} routes in the table", field="routes")
        seen: set[str] = set()
        for route in self.routes:
            yield from self._check_route(route, peers)
            if route.destination in seen:
                yield Problem("TW0414", f"two routes lead to {route.destination}", "routes")
            seen.add(route.destination)
        yield from strangers(self.vpc, self.subnets, peers, field="subnets", what="subnet")
        yield from claimed_twice(self, address, peers, self.subnets)
        limit = facts("network")["route_tables_per_vpc"]
        members = peers.having(self.TYPE, "vpc", self.vpc)
        yield from beyond(limit, address, members, what="the route tables of the VPC")

    def _check_route(self, route: Route, peers: Peers) -> Iterable[Problem]:
        if not route.destination.startswith("pl-"):
            yield from range_problems(route.destination, "routes")
        vpc = peers.get(self.vpc)
        if isinstance(vpc, Vpc) and network(route.destination) == network(vpc.cidr_block):
            yield Problem("TW0414", f"{route.destination} is the VPC's own range, which is always local", "routes")
        if len(route.targets) != 1:
            given = ", ".join(route.targets) or "none"
            yield Problem("TW0413", f"the route to {route.destination} needs one target, it has {given}", "routes")
        for kind, target in route.targets.items():
            yield from _check_target(self.vpc, kind, target, peers)


def _check_target(vpc: str, kind: str, target: str, peers: Peers) -> Iterable[Problem]:
    _, prefixes, type_ = TARGETS[kind]
    reference = whole(target)
    if reference is None and not unknown(target) and not target.startswith(prefixes):
        yield Problem("TW0413", f"{target!r} is no {kind}: its id begins with {' or '.join(prefixes)}", "routes")
    if reference is not None and type_ is not None and reference.address.type != type_:
        yield Problem("TW0413", f"{reference.address} is no {kind}", "routes", f"a {kind} is an {type_}")
        return
    found = peers.get(target)
    if reference is not None and found is None:
        yield Problem("TW0413", f"a route leads to {reference.address}, which does not exist", "routes")
    place = peers.get(getattr(found, "subnet", None)) or found
    if (other := getattr(place, "vpc", None)) is not None and other != vpc:
        yield Problem("TW0437", f"the {kind} {target} is in another VPC", "routes")


def claimed_twice(resource: Resource, address: Address, peers: Peers, subnets: list[str]) -> Iterable[Problem]:
    """Report subnets that an earlier resource of the same type claims too."""
    for other, rival in peers.of(resource.TYPE):
        if other < address:
            for subnet in sorted(set(subnets) & set(getattr(rival, "subnets", ()))):
                yield Problem("TW0415", f"{subnet} is already associated with {other}", "subnets")


def _routes(item: Mapping[str, Any]) -> Iterable[dict[str, str]]:
    for route in item.get("Routes", ()):
        kept = str(route.get("GatewayId", "")).startswith("vpce-") and route.get("DestinationPrefixListId")
        if route.get("Origin") != "CreateRoute" or kept:
            continue
        destination = (
            route.get("DestinationCidrBlock")
            or route.get("DestinationIpv6CidrBlock")
            or route.get("DestinationPrefixListId")
        )
        targets = {kind: route[name] for kind, (name, *_) in TARGETS.items() if route.get(name)}
        yield {"destination": destination, **targets}


def _destination(destination: str) -> dict[str, str]:
    if destination.startswith("pl-"):
        return {"DestinationPrefixListId": destination}
    return {"DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock": destination}


def _put(operation: str, id_: str, route: Route) -> Call:
    targets = {TARGETS[kind][0]: target for kind, target in route.targets.items()}
    return aws("ec2", operation, {"RouteTableId": id_, **_destination(route.destination), **targets})


def _disassociate(association: str) -> Call:
    return aws(
        "ec2", "DisassociateRouteTable", {"AssociationId": association}, absent=("InvalidAssociationID.NotFound",)
    )
