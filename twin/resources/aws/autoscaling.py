"""Auto Scaling groups."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.launch_template import DEFAULT
from twin.resources.aws.made_by_eks import made_by_eks
from twin.resources.aws.quota import beyond, too_many
from twin.resources.aws.subnet import strangers
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags, user_tags

KIND = "auto-scaling-group"
NAME = "AutoScalingGroupName"


class AutoScalingGroup(Resource):
    """A group of instances made from a launch template's default version; its tags are the instances' as well."""

    TYPE: ClassVar[str] = "aws.autoscaling.group"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    name: Annotated[str, IMMUTABLE] = Field(description="Unique in the Region")
    launch_template: Annotated[str, RefTo("aws.ec2.launch_template")] = Field(description="The id of its template")
    subnets: Annotated[list[str], RefTo("aws.ec2.subnet"), UNORDERED] = Field(description="The ids of its subnets")
    min: int = Field(description="The fewest instances")
    max: int = Field(description="The most instances")
    desired: int | None = Field(default=None, description="How many instances; None leaves it to scaling policies")
    target_groups: Annotated[list[str], RefTo("aws.elbv2.target_group"), UNORDERED] = Field(
        default_factory=list, description="The ARNs of the target groups in which its instances register"
    )
    health_check: Literal["EC2", "ELB"] = "EC2"
    grace_period: int = Field(default=300, description="Seconds before a new instance is checked")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all groups with one DescribeAutoScalingGroups; those being deleted are left out."""
        reply = yield aws("autoscaling", "DescribeAutoScalingGroups", pages=True)
        return [_observed(scope, item) for item in reply.get("AutoScalingGroups") or () if not item.get("Status")]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the group."""
        params = {NAME: self.name, **self._params(), "Tags": self._tags(scope, address)}
        if self.target_groups:
            params["TargetGroupARNs"] = self.target_groups
        yield aws("autoscaling", "CreateAutoScalingGroup", params)
        return {"id": self.name}

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """A group goes by its name."""
        return {"id": self.name}

    def _params(self) -> dict[str, Any]:
        return {
            "LaunchTemplate": {"LaunchTemplateId": self.launch_template, "Version": DEFAULT},
            "MinSize": self.min,
            "MaxSize": self.max,
            "DesiredCapacity": self.desired,
            "VPCZoneIdentifier": ",".join(self.subnets),
            "HealthCheckType": self.health_check,
            "HealthCheckGracePeriod": self.grace_period,
        }

    def _tags(self, scope: Scope, address: Address) -> list[dict[str, Any]]:
        """Write the tags; those of ownership stay off the instances, which nobody declared."""
        return [
            {
                "ResourceId": self.name,
                "ResourceType": KIND,
                "Key": key,
                "Value": value,
                "PropagateAtLaunch": key in self.tags,
            }
            for key, value in sorted(scope.tags(address, self.tags).items())
        ]

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change sizes and places in one call, then the target groups and the tags."""
        if changed - {"tags", "owner", "target_groups"}:
            yield aws("autoscaling", "UpdateAutoScalingGroup", {NAME: self.name, **self._params()})
        if "target_groups" in changed:
            yield from self._attach(set(observed.fields["target_groups"]))
        if changed & {"tags", "owner"}:
            yield aws("autoscaling", "CreateOrUpdateTags", {"Tags": self._tags(scope, address)})
            gone = sorted(set(observed.fields["tags"]) - set(self.tags))
            if gone:
                tags = [{"ResourceId": self.name, "ResourceType": KIND, "Key": key} for key in gone]
                yield aws("autoscaling", "DeleteTags", {"Tags": tags})

    def _attach(self, present: set[str]) -> Steps[None]:
        wanted = set(self.target_groups)
        for operation, arns in (
            ("AttachLoadBalancerTargetGroups", wanted - present),
            ("DetachLoadBalancerTargetGroups", present - wanted),
        ):
            if arns:
                yield aws("autoscaling", operation, {NAME: self.name, "TargetGroupARNs": sorted(arns)})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the group with its instances; a group that is gone gives a ValidationError like any other."""
        reply = yield aws("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroupNames": [observed.id]})
        if reply["AutoScalingGroups"]:
            yield aws("autoscaling", "DeleteAutoScalingGroup", {NAME: observed.id, "ForceDelete": True})

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Sizes are in order, the subnets and target groups in one VPC."""
        if not unknown(self.name) and not 1 <= len(self.name) <= 255:
            yield Problem("TW0428", "a group's name has 1 to 255 characters", "name")
        if not 0 <= self.min <= self.max:
            yield Problem("TW0428", f"0 <= min <= max does not hold: min {self.min}, max {self.max}", "min")
        elif self.desired is not None and not self.min <= self.desired <= self.max:
            message = f"{self.desired} instances are desired, between {self.min} and {self.max} are allowed"
            yield Problem("TW0428", message, "desired")
        if not self.subnets:
            yield Problem("TW0428", "a group needs a subnet", "subnets")
        if self.grace_period < 0:
            yield Problem("TW0428", "the grace period is not negative", "grace_period")
        if self.health_check == "ELB" and not self.target_groups:
            yield Problem("TW0428", "health checks by a load balancer need a target group", "health_check")
        vpc = next((getattr(peers.get(subnet), "vpc", None) for subnet in self.subnets), None)
        yield from strangers(vpc, self.subnets, peers, field="subnets", what="subnet")
        yield from strangers(vpc, self.target_groups, peers, field="target_groups", what="target group")
        count = len(self.target_groups)
        yield from too_many("target_groups_per_auto_scaling_group", count, what="target groups", field="target_groups")
        limit = facts("network")["auto_scaling_groups_per_region"]
        yield from beyond(limit, address, peers.beside(address), what="the Auto Scaling groups of the Region")


def _observed(scope: Scope, item: Mapping[str, Any]) -> Observed:
    tags = plain_tags(item.get("Tags"))
    template = item.get("LaunchTemplate") or {}
    default = template.get("Version") == DEFAULT
    return Observed(
        id=item[NAME],
        fields={
            "name": item[NAME],
            # Another version than the default one is a template that was not asked for.
            "launch_template": template.get("LaunchTemplateId") if default else None,
            "subnets": sorted(filter(None, (item.get("VPCZoneIdentifier") or "").split(","))),
            "min": item["MinSize"],
            "max": item["MaxSize"],
            "desired": item["DesiredCapacity"],
            "target_groups": sorted(item.get("TargetGroupARNs", ())),
            "health_check": item["HealthCheckType"],
            "grace_period": item.get("HealthCheckGracePeriod", 0),
            "tags": user_tags(tags),
        },
        outputs={"id": item[NAME]},
        owner=scope.own(tags),
        other=scope.other(tags),
        builtin=made_by_eks(item[NAME], tags),
    )
