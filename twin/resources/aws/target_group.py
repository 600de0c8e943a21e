"""Target groups: where a load balancer sends requests, and how it tells who is healthy."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.elb import attributes, read_all, retag, seen, suffix, tags_by_arn
from twin.resources.aws.facts import facts
from twin.resources.aws.load_balancer import name_problems
from twin.resources.aws.quota import beyond
from twin.resources.call import Call, Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

HEALTH = {
    "health_protocol": "HealthCheckProtocol",
    "health_port": "HealthCheckPort",
    "health_path": "HealthCheckPath",
    "health_interval": "HealthCheckIntervalSeconds",
    "health_timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
DELAY = "deregistration_delay.timeout_seconds"
WEB = ("HTTP", "HTTPS")


class TargetGroup(Resource):
    """A set of instances or addresses behind a load balancer."""

    TYPE: ClassVar[str] = "aws.elbv2.target_group"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "suffix")

    name: Annotated[str, IMMUTABLE] = Field(description="Unique in the Region; at most 32 letters, digits and hyphens")
    vpc: Annotated[str, RefTo("aws.ec2.vpc"), IMMUTABLE] = Field(description="The id of the VPC of its targets")
    protocol: Annotated[Literal["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"], IMMUTABLE] = "HTTP"
    port: Annotated[int, IMMUTABLE] = Field(default=80, description="1 to 65535")
    target_type: Annotated[Literal["instance", "ip"], IMMUTABLE] = "instance"
    health_protocol: Literal["HTTP", "HTTPS", "TCP"] | None = None
    health_port: str = "traffic-port"
    health_path: str | None = Field(default=None, description="HTTP, HTTPS: the path that is asked for")
    health_interval: int = Field(default=30, description="Seconds between checks, 5 to 300")
    health_timeout: int | None = Field(default=None, description="Seconds until a check fails, 2 to 120")
    healthy_threshold: int = Field(default=5, description="Good checks in a row, 2 to 10")
    unhealthy_threshold: int = Field(default=2, description="Bad checks in a row, 2 to 10")
    health_codes: str | None = Field(
        default=None, description="HTTP, HTTPS: codes that are good: 200, 200-299, 200,302"
    )
    deregistration_delay: int | None = Field(default=None, description="Seconds a target drains, 0 to 3600")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all target groups with one DescribeTargetGroups, and the draining time of ours."""
        items = yield from read_all("DescribeTargetGroups", "TargetGroups")
        ids = {i["TargetGroupArn"] for i in items if (i["TargetGroupName"],) in wanted.keys} | wanted.ids
        tags = yield from tags_by_arn(scope, ids & {i["TargetGroupArn"] for i in items})
        found = []
        for item in items:
            arn = item["TargetGroupArn"]
            fields = {
                "name": item["TargetGroupName"],
                "vpc": item.get("VpcId"),
                "protocol": item.get("Protocol"),
                "port": item.get("Port"),
                "target_type": item["TargetType"],
                "health_codes": item.get("Matcher", {}).get("HttpCode"),
                **{name: item.get(key) for name, key in HEALTH.items()},
            }
            if arn in tags:
                values = yield from read_all("DescribeTargetGroupAttributes", "Attributes", {"TargetGroupArn": arn})
                fields["deregistration_delay"] = next((int(v["Value"]) for v in values if v["Key"] == DELAY), None)
            found.append(seen(scope, arn, fields, tags.get(arn, {}), outputs={"suffix": suffix(arn)}))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the target group; a second call when it has a draining time of its own."""
        reply = yield aws(
            "elbv2",
            "CreateTargetGroup",
            {
                "Name": self.name,
                "VpcId": self.vpc,
                "Protocol": self.protocol,
                "Port": self.port,
                "TargetType": self.target_type,
                **self._health(),
                "Tags": scope.tag_list(address, self.tags),
            },
        )
        arn = reply["TargetGroups"][0]["TargetGroupArn"]
        if self.deregistration_delay is not None:
            yield self._delay(arn)
        return {"id": arn, "arn": arn, "suffix": suffix(arn)}

    def _health(self) -> dict[str, Any]:
        codes = None if self.health_codes is None else {"HttpCode": self.health_codes}
        return {"Matcher": codes, **{key: getattr(self, name) for name, key in HEALTH.items()}}

    def _delay(self, arn: str) -> Call:
        params = {"TargetGroupArn": arn, "Attributes": attributes({DELAY: self.deregistration_delay})}
        return aws("elbv2", "ModifyTargetGroupAttributes", params)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the health check, the draining time and the tags."""
        if changed & {*HEALTH, "health_codes"}:
            yield aws("elbv2", "ModifyTargetGroup", {"TargetGroupArn": observed.id, **self._health()})
        if "deregistration_delay" in changed:
            yield self._delay(observed.id)
        if changed & {"tags", "owner"}:
            yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the target group."""
        yield aws("elbv2", "DeleteTargetGroup", {"TargetGroupArn": observed.id}, absent=("TargetGroupNotFound",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name fits, the port is one, the health check keeps its bounds."""
        yield from name_problems(self.name, "target group")
        if not 1 <= self.port <= 65535:
            yield Problem("TW0407", f"a port is 1 to 65535, this is {self.port}", "port")
        yield from self._check_health()
        low, high = facts("network")["deregistration_delay"]
        if self.deregistration_delay is not None and not low <= self.deregistration_delay <= high:
            yield Problem("TW0424", f"the draining time is {low} to {high} seconds", "deregistration_delay")
        limit = facts("network")["target_groups_per_region"]
        yield from beyond(limit, address, peers.beside(address), what="the target groups of the Region")

    def _check_health(self) -> Iterable[Problem]:
        known = facts("network")
        for name, bounds in (
            ("health_interval", "health_interval"),
            ("health_timeout", "health_timeout"),
            ("healthy_threshold", "health_threshold"),
            ("unhealthy_threshold", "health_threshold"),
        ):
            value, (low, high) = getattr(self, name), known[bounds]
            if value is not None and not low <= value <= high:
                yield Problem("TW0424", f"{name} is {low} to {high}, this is {value}", name)
        if self.health_timeout is not None and self.health_timeout >= self.health_interval:
            yield Problem("TW0424", "a check must fail before the next one: timeout < interval", "health_timeout")
        if self.health_port != "traffic-port" and not _is_port(self.health_port):
            yield Problem("TW0424", "the health port is traffic-port or 1 to 65535", "health_port")
        web = (self.health_protocol or ("HTTP" if self.protocol in WEB else "TCP")) in WEB
        for name in ("health_path", "health_codes"):
            if not web and getattr(self, name) is not None:
                yield Problem("TW0424", f"a TCP health check has no {name}", name)
        if self.protocol in WEB and self.health_protocol == "TCP":
            yield Problem("TW0424", "an HTTP target group is checked by HTTP or HTTPS", "health_protocol")
        path = self.health_path
        if path is not None and (not path.startswith("/") or len(path) > known["health_path_characters"]):
            yield Problem("TW0424", "the health path begins with / and has at most 1024 characters", "health_path")
        kind = "application" if self.protocol in WEB else "network"
        if self.health_codes is not None and not _codes_fit(self.health_codes, kind):
            yield Problem("TW0424", f"{self.health_codes!r} is no list of HTTP codes", "health_codes", "200, 200-299")


def _is_port(text: str) -> bool:
    return text.isdecimal() and 1 <= int(text) <= 65535


def _codes_fit(text: str, kind: str) -> bool:
    if not re.fullmatch(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*", text):
        return False
    low, high = facts("network")["http_matcher"][kind]
    return all(low <= int(code) <= high for code in re.findall(r"\d{3}", text))
