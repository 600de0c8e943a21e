"""Application and network load balancers."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.elb import attributes, read_all, retag, seen, suffix, tags_by_arn
from twin.resources.aws.facts import facts
from twin.resources.aws.ip_range import network
from twin.resources.aws.quota import beyond, too_many
from twin.resources.aws.subnet import Subnet, strangers, zones_of
from twin.resources.aws.vpc import InternetGateway
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import references, unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

ATTRIBUTES = {
    "deletion_protection": "deletion_protection.enabled",
    "idle_timeout": "idle_timeout.timeout_seconds",
    "drop_invalid_headers": "routing.http.drop_invalid_header_fields.enabled",
}
LOGS = "access_logs.s3"


class AccessLogs(BaseModel):
    """Where a load balancer writes its access logs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bucket: Annotated[str, RefTo("aws.s3.bucket")] = Field(description="The name of the bucket")
    prefix: str = ""


class LoadBalancer(Resource):
    """A load balancer; its attributes are read one by one, so only for those that we own."""

    TYPE: ClassVar[str] = "aws.elbv2.load_balancer"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "dns_name", "zone_id", "suffix")

    name: Annotated[str, IMMUTABLE] = Field(description="Unique in the Region; at most 32 letters, digits and hyphens")
    kind: Annotated[Literal["application", "network"], IMMUTABLE] = "application"
    internal: Annotated[bool, IMMUTABLE] = Field(default=False, description="Whether it has private addresses only")
    subnets: Annotated[list[str], RefTo("aws.ec2.subnet"), UNORDERED] = Field(
        description="The ids of its subnets, each in another zone"
    )
    security_groups: Annotated[list[str], RefTo("aws.ec2.security_group"), UNORDERED] = Field(
        default_factory=list, description="The ids of its security groups"
    )
    deletion_protection: bool = False
    idle_timeout: int | None = Field(default=None, description="application: seconds, 1 to 4000")
    drop_invalid_headers: bool | None = Field(default=None, description="application: whether odd headers are dropped")
    access_logs: Annotated[AccessLogs | None, RefTo("aws.s3.bucket")] = None
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all load balancers with one DescribeLoadBalancers, and the attributes of ours."""
        items = yield from read_all("DescribeLoadBalancers", "LoadBalancers")
        ids = {i["LoadBalancerArn"] for i in items if (i["LoadBalancerName"],) in wanted.keys} | wanted.ids
        tags = yield from tags_by_arn(scope, ids & {i["LoadBalancerArn"] for i in items})
        found = []
        for item in items:
            arn = item["LoadBalancerArn"]
            fields = {
                "name": item["LoadBalancerName"],
                "kind": item["Type"],
                "internal": item["Scheme"] == "internal",
                "subnets": sorted(zone["SubnetId"] for zone in item["AvailabilityZones"]),
                "security_groups": sorted(item.get("SecurityGroups", ())),
            }
            if arn in tags:
                fields |= yield from _attributes(arn)
            more = {"dns_name": item["DNSName"], "zone_id": item["CanonicalHostedZoneId"], "suffix": suffix(arn)}
            found.append(seen(scope, arn, fields, tags.get(arn, {}), outputs=more))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the load balancer; a second call when it has attributes of its own."""
        reply = yield aws(
            "elbv2",
            "CreateLoadBalancer",
            {
                "Name": self.name,
                "Type": self.kind,
                "Scheme": "internal" if self.internal else "internet-facing",
                "Subnets": self.subnets,
                "SecurityGroups": self.security_groups or None,
                "Tags": scope.tag_list(address, self.tags),
            },
        )
        made = reply["LoadBalancers"][0]
        arn = made["LoadBalancerArn"]
        given = {name for name in (*ATTRIBUTES, "access_logs") if getattr(self, name) not in (None, False)}
        if self.drop_invalid_headers is False:
            given.add("drop_invalid_headers")
        if given:
            yield self._modify(arn, given)
        more = {"dns_name": made["DNSName"], "zone_id": made["CanonicalHostedZoneId"], "suffix": suffix(arn)}
        return {"id": arn, "arn": arn, **more}

    def beforehand(self, desired: Mapping[Address, Resource]) -> Iterable[Address]:
        """One that is open to the internet needs the internet gateway of its VPC, attached."""
        subnets = [desired.get(one.address) for one in references(self.subnets)] if not self.internal else []
        vpcs = {subnet.vpc for subnet in subnets if isinstance(subnet, Subnet) and subnet.vpc}
        for address, resource in desired.items() if vpcs else ():
            if isinstance(resource, InternetGateway) and resource.vpc in vpcs:
                yield address

    def _modify(self, arn: str, names: Iterable[str]) -> Call:
        values: dict[str, Any] = {ATTRIBUTES[name]: getattr(self, name) for name in names if name in ATTRIBUTES}
        if self.access_logs is not None and "access_logs" in names:
            values |= {
                f"{LOGS}.enabled": True,
                f"{LOGS}.bucket": self.access_logs.bucket,
                f"{LOGS}.prefix": self.access_logs.prefix,
            }
        params = {"LoadBalancerArn": arn, "Attributes": attributes(values)}
        return aws("elbv2", "ModifyLoadBalancerAttributes", params)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change subnets, groups, attributes and tags."""
        if "subnets" in changed:
            yield aws("elbv2", "SetSubnets", {"LoadBalancerArn": observed.id, "Subnets": self.subnets})
        if "security_groups" in changed:
            params = {"LoadBalancerArn": observed.id, "SecurityGroups": self.security_groups}
            yield aws("elbv2", "SetSecurityGroups", params)
        if names := changed & {*ATTRIBUTES, "access_logs"}:
            yield self._modify(observed.id, names)
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Lift the deletion protection and delete the load balancer with its listeners."""
        if observed.fields.get("deletion_protection"):
            off = attributes({ATTRIBUTES["deletion_protection"]: False})
            yield aws("elbv2", "ModifyLoadBalancerAttributes", {"LoadBalancerArn": observed.id, "Attributes": off})
        yield aws("elbv2", "DeleteLoadBalancer", {"LoadBalancerArn": observed.id}, absent=("LoadBalancerNotFound",))

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """A load balancer takes traffic when it is active."""
        items = yield from read_all("DescribeLoadBalancers", "LoadBalancers", {"LoadBalancerArns": [id_]})
        return any(item["State"]["Code"] == "active" for item in items)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name fits, the subnets cover enough zones, attributes are those of its kind."""
        yield from name_problems(self.name, "load balancer")
        yield from self._check_subnets(peers)
        yield from too_many(
            "security_groups_per_interface", len(self.security_groups), what="groups", field="security_groups"
        )
        vpc = next((getattr(peers.get(subnet), "vpc", None) for subnet in self.subnets), None)
        yield from strangers(vpc, self.subnets, peers, field="subnets", what="subnet")
        yield from strangers(vpc, self.security_groups, peers, field="security_groups", what="group")
        if not self.internal and vpc is not None and not peers.having(InternetGateway.TYPE, "vpc", vpc):
            yield Problem("TW0420", "the VPC of this internet-facing load balancer has no internet gateway", "internal")
        yield from self._check_attributes()
        limit = facts("network")["load_balancers_per_region"][self.kind]
        members = [one for one in peers.having(self.TYPE, "kind", self.kind) if one[0].region == address.region]
        yield from beyond(limit, address, members, what=f"the {self.kind} load balancers of the Region")

    def _check_subnets(self, peers: Peers) -> Iterable[Problem]:
        application = self.kind == "application"
        zones = zones_of(self.subnets, peers)
        if application and (len(set(self.subnets)) < 2 or (zones is not None and len(set(zones)) < 2)):
            yield Problem(
                "TW0420",
                "an application load balancer needs subnets in two Availability Zones",
                "subnets",
                "add a subnet of another zone",
            )
        elif not self.subnets:
            yield Problem("TW0420", "a load balancer needs a subnet", "subnets")
        elif zones is not None and len(set(zones)) < len(zones):
            yield Problem("TW0420", "a load balancer takes one subnet in each Availability Zone", "subnets")
        smallest = facts("network")["application_subnet_prefix"]
        for subnet in self.subnets:
            found = peers.get(subnet)
            range_ = network(found.cidr_block) if isinstance(found, Subnet) else None
            if application and range_ is not None and range_.prefixlen > smallest:
                yield Problem(
                    "TW0420", f"a subnet of an application load balancer is a /{smallest} or larger", "subnets"
                )

    def _check_attributes(self) -> Iterable[Problem]:
        if self.kind == "network":
            for name in ("drop_invalid_headers", "idle_timeout"):
                if getattr(self, name) is not None:
                    yield Problem("TW0421", f"a network load balancer has no {name}", name)
        low, high = facts("network")["idle_timeout"]
        if self.idle_timeout is not None and not low <= self.idle_timeout <= high:
            yield Problem("TW0421", f"the idle timeout is {low} to {high} seconds", "idle_timeout")


def name_problems(name: str, what: str) -> Iterable[Problem]:
    """Report a name that Elastic Load Balancing refuses."""
    if unknown(name):
        return
    if not re.fullmatch(facts("network")["load_balancer_name"], name) or name.startswith("internal-"):
        yield Problem(
            "TW0422",
            f"{name!r} cannot be a {what}'s name",
            "name",
            "at most 32 letters, digits and hyphens, no hyphen at an end, not internal-…",
        )


def _attributes(arn: str) -> Steps[dict[str, Any]]:
    items = yield from read_all("DescribeLoadBalancerAttributes", "Attributes", {"LoadBalancerArn": arn})
    values = {item["Key"]: item["Value"] for item in items}
    idle = values.get(ATTRIBUTES["idle_timeout"])
    drop = values.get(ATTRIBUTES["drop_invalid_headers"])
    logs = values.get(f"{LOGS}.enabled") == "true"
    where = {"bucket": values.get(f"{LOGS}.bucket", ""), "prefix": values.get(f"{LOGS}.prefix", "")}
    return {
        "deletion_protection": values.get(ATTRIBUTES["deletion_protection"]) == "true",
        "idle_timeout": None if idle is None else int(idle),
        "drop_invalid_headers": None if drop is None else drop == "true",
        "access_logs": where if logs else None,
    }
