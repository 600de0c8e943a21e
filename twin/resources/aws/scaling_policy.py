"""Scaling policies of Auto Scaling groups."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.call import Call, Steps, aws
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

GONE = ("ValidationError",)
TRACKING, STEP = "TargetTrackingScaling", "StepScaling"
LOW, HIGH, CHANGE = "MetricIntervalLowerBound", "MetricIntervalUpperBound", "ScalingAdjustment"
REQUESTS = "ALBRequestCountPerTarget"


class Part(BaseModel):
    """A part of a policy."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Metric(Part):
    """A metric of one's own that is tracked."""

    namespace: str
    name: str
    statistic: Literal["Average", "Minimum", "Maximum", "SampleCount", "Sum"] = "Average"
    unit: str | None = None
    dimensions: dict[str, str] = Field(default_factory=dict)


class Step(Part):
    """What happens in a range of the breach, which is told from the alarm's threshold on."""

    low: float | None = Field(None, description="Open without it")
    high: float | None = None
    change: int


class Policy(Resource):
    """A policy by which a group follows its load; AWS keeps no tags on it."""

    TYPE: ClassVar[str] = "aws.autoscaling.policy"
    KEY: ClassVar[tuple[str, ...]] = ("group", "name")
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="Unique in its group")
    group: Annotated[str, RefTo("aws.autoscaling.group"), IMMUTABLE] = Field(description="The group's name")
    target: float | None = Field(None, description="What the metric is kept at: target tracking; steps without it")
    predefined: Literal[
        "ASGAverageCPUUtilization", "ASGAverageNetworkIn", "ASGAverageNetworkOut", "ALBRequestCountPerTarget"
    ] | None = None  # fmt: skip
    resource_label: Annotated[str | None, RefTo("aws.elbv2.load_balancer", "aws.elbv2.target_group")] = Field(
        None, description="The suffixes of balancer and target group, with / between, for requests per target"
    )
    metric: Metric | None = Field(None, description="A metric of one's own instead of a predefined one")
    scale_in: bool | None = Field(
        None, description="Whether target tracking takes instances away, as it does unless told"
    )
    adjustment: Literal["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"] | None = Field(
        None, description="What the steps' changes count"
    )
    steps: list[Step] | None = None
    least: int | None = Field(None, description="By how many instances a percentage changes the group at least")
    warmup: int | None = Field(None, description="Seconds for which a new instance is not counted")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all policies with one DescribePolicies; simple and predictive ones are not ours to compare."""
        reply = yield aws("autoscaling", "DescribePolicies", {"PolicyTypes": [TRACKING, STEP]}, pages=True)
        return [_observed(item) for item in reply.get("ScalingPolicies") or ()]

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The id is the key; the ARN has a number of AWS's own."""
        return {"id": f"{self.group}|{self.name}"}

    def beforehand(self, desired: Mapping[Address, Resource]) -> Iterable[Address]:
        """Yield the listeners: requests are counted of target groups to which a balancer sends some."""
        return [one for one in desired if one.type == "aws.elbv2.listener"] if self.resource_label else []

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the policy."""
        reply = yield self._put()
        return {**self.predict(scope), "arn": reply["PolicyARN"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Put the policy anew, which replaces it under its ARN."""
        yield self._put()

    def _put(self) -> Call:
        params: dict[str, Any] = {
            "AutoScalingGroupName": self.group,
            "PolicyName": self.name,
            "PolicyType": STEP if self.target is None else TRACKING,
            "EstimatedInstanceWarmup": self.warmup,
        }
        if self.target is None:
            steps = [{LOW: s.low, HIGH: s.high, CHANGE: s.change} for s in self.steps or ()]
            params |= {
                "AdjustmentType": self.adjustment,
                "MinAdjustmentMagnitude": self.least,
                "StepAdjustments": [{k: v for k, v in step.items() if v is not None} for step in steps],
            }
        else:
            params["TargetTrackingConfiguration"] = self._tracking()
        return aws("autoscaling", "PutScalingPolicy", params)

    def _tracking(self) -> dict[str, Any]:
        told: dict[str, Any] = {"TargetValue": self.target, "DisableScaleIn": self.scale_in is False}
        if self.metric is not None:
            own = {
                "Namespace": self.metric.namespace,
                "MetricName": self.metric.name,
                "Statistic": self.metric.statistic,
                "Unit": self.metric.unit,
                "Dimensions": [{"Name": k, "Value": v} for k, v in sorted(self.metric.dimensions.items())],
            }
            return told | {"CustomizedMetricSpecification": {k: v for k, v in own.items() if v}}
        predefined = {"PredefinedMetricType": self.predefined, "ResourceLabel": self.resource_label}
        return told | {"PredefinedMetricSpecification": {k: v for k, v in predefined.items() if v}}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the policy; one that is gone gives a ValidationError like any other."""
        group, _, name = observed.id.partition("|")
        params = {"AutoScalingGroupName": group, "PolicyName": name}
        yield aws("autoscaling", "DeletePolicy", params, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """One metric and a target, or steps without a gap that are open where the metric breaches."""
        if not unknown(self.name) and not 1 <= len(self.name) <= 255:
            yield Problem("TW0467", "a policy's name has 1 to 255 characters", "name")
        if self.target is None:
            yield from self._check_steps()
        else:
            yield from self._check_target()
        same = [one for one, _ in peers.having(self.TYPE, "group", self.group)]
        limit = facts("network")["scaling_policies_per_group"]
        if len(same) > limit and address == sorted(same)[limit]:
            yield Problem("TW0467", f"a group has up to {limit} scaling policies, this is one more", "group")

    def _check_target(self) -> Iterable[Problem]:
        if (self.predefined is None) == (self.metric is None):
            yield Problem("TW0467", "target tracking looks at one metric, predefined or one's own", "predefined")
        if (self.predefined == REQUESTS) != (self.resource_label is not None):
            yield Problem("TW0467", "a resource label goes with the requests per target", "resource_label")
        if self.target is not None and self.target <= 0:
            yield Problem("TW0467", "a target is above 0", "target")
        if self.steps or self.adjustment:
            yield Problem("TW0467", "a policy tracks a target or has steps, not both", "steps")

    def _check_steps(self) -> Iterable[Problem]:
        steps = sorted(self.steps or (), key=lambda step: float("-inf") if step.low is None else step.low)
        most = facts("network")["steps_per_scaling_policy"]
        if not 1 <= len(steps) <= most or self.adjustment is None:
            yield Problem("TW0467", f"a step policy has 1 to {most} steps, and says what they count", "steps")
        elif any(one.high is None or one.high != after.low for one, after in pairwise(steps)):
            yield Problem("TW0467", "the ranges of steps follow one another without a gap", "steps")
        elif (steps[0].low or 0) < 0 or (steps[-1].high or 0) > 0:
            yield Problem(
                "TW0467", "the outermost range is open towards the side on which the metric breaches", "steps"
            )


def _observed(item: Mapping[str, Any]) -> Observed:
    told = item.get("TargetTrackingConfiguration") or {}
    predefined = told.get("PredefinedMetricSpecification") or {}
    steps = [
        {"low": step.get(LOW), "high": step.get(HIGH), "change": step[CHANGE]}
        for step in item.get("StepAdjustments") or ()
    ]
    fields = {
        "name": item["PolicyName"],
        "group": item["AutoScalingGroupName"],
        "target": told.get("TargetValue"),
        "predefined": predefined.get("PredefinedMetricType"),
        "resource_label": predefined.get("ResourceLabel"),
        "metric": _metric(told.get("CustomizedMetricSpecification")),
        "scale_in": not told.get("DisableScaleIn", False) if told else None,
        "adjustment": item.get("AdjustmentType"),
        "steps": steps or None,
        "least": item.get("MinAdjustmentMagnitude"),
        "warmup": item.get("EstimatedInstanceWarmup"),
    }
    id_ = f"{fields['group']}|{fields['name']}"
    outputs = {"id": id_, "arn": item["PolicyARN"]}
    return Observed(id_, fields, outputs, member_of=("aws.autoscaling.group", fields["group"]))


def _metric(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not told:
        return None
    return {
        "namespace": told.get("Namespace"),
        "name": told.get("MetricName"),
        "statistic": told.get("Statistic"),
        "unit": told.get("Unit"),
        "dimensions": {one["Name"]: one["Value"] for one in told.get("Dimensions") or ()},
    }
