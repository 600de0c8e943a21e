"""CloudWatch metric alarms."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import at_most, matches
from twin.resources.aws.tagging import CLOUDWATCH
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

PARAMETERS = {
    "name": "AlarmName",
    "description": "AlarmDescription",
    "namespace": "Namespace",
    "metric": "MetricName",
    "statistic": "Statistic",
    "extended_statistic": "ExtendedStatistic",
    "period": "Period",
    "evaluation_periods": "EvaluationPeriods",
    "datapoints_to_alarm": "DatapointsToAlarm",
    "threshold": "Threshold",
    "comparison": "ComparisonOperator",
    "treat_missing_data": "TreatMissingData",
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
    "actions_enabled": "ActionsEnabled",
}
BILLING, BILLING_REGION = "AWS/Billing", "us-east-1"
DAY = 86_400
TRACKING = "TargetTracking-"
"""What the names of the alarms begin with that target tracking makes and unmakes by itself."""


class Alarm(Resource):
    """An alarm on one metric."""

    TYPE: ClassVar[str] = "aws.cloudwatch.alarm"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    description: str = ""
    namespace: str
    metric: str
    dimensions: dict[str, str] = Field(default_factory=dict)
    statistic: Literal["SampleCount", "Average", "Sum", "Minimum", "Maximum"] | None = None
    extended_statistic: str | None = Field(None, description="A percentile such as p99, instead of a statistic")
    period: int = Field(description="Seconds: 10, 20, 30, or a multiple of 60")
    evaluation_periods: int = 1
    datapoints_to_alarm: int | None = None
    threshold: float
    comparison: Literal[
        "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
    ]
    treat_missing_data: Literal["breaching", "notBreaching", "ignore", "missing"] = "missing"
    alarm_actions: Annotated[list[str], RefTo("aws.sns.topic", "aws.autoscaling.policy"), UNORDERED] = Field(
        default_factory=list, description="ARNs"
    )
    ok_actions: Annotated[list[str], RefTo("aws.sns.topic"), UNORDERED] = Field(
        default_factory=list, description="ARNs"
    )
    actions_enabled: bool = True
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all metric alarms with one DescribeAlarms, their tags with the tagging API."""
        reply = yield aws("cloudwatch", "DescribeAlarms", {"AlarmTypes": ["MetricAlarm"]}, pages=True)
        # An alarm over a metric expression has `Metrics` in place of one metric; it is not ours to compare.
        alarms = {item["AlarmName"]: item for item in reply.get("MetricAlarms") or () if item.get("MetricName")}
        names = sought(wanted) & alarms.keys()
        tags = yield from tags_of(scope, (alarms[name]["AlarmArn"] for name in names), CLOUDWATCH.read)
        found = []
        for name, item in alarms.items():
            own = tags.get(item["AlarmArn"], {})
            fields = {field: item.get(parameter) for field, parameter in PARAMETERS.items()}
            fields |= {
                "description": item.get("AlarmDescription", ""),
                "treat_missing_data": item.get("TreatMissingData", "missing"),
                "dimensions": {d["Name"]: d["Value"] for d in item.get("Dimensions") or ()},
                "tags": user_tags(own),
            }
            outputs = {"id": name, "arn": item["AlarmArn"]}
            made = name.startswith(TRACKING)
            found.append(Observed(name, fields, outputs, scope.own(own), other=scope.other(own), builtin=made))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("cloudwatch", f"alarm:{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the alarm in one call."""
        yield self._put(Tags=scope.tag_list(address, self.tags))
        return self.predict(scope)

    def _put(self, **more: Any) -> Call:
        params = {parameter: getattr(self, field) for field, parameter in PARAMETERS.items()}
        dimensions = [{"Name": k, "Value": v} for k, v in sorted(self.dimensions.items())]
        return aws("cloudwatch", "PutMetricAlarm", {**params, "Dimensions": dimensions, **more})

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Put the alarm anew, which CloudWatch does in place; then tags, which that call would not change."""
        if changed - {"tags", "owner"}:
            yield self._put()
        if changed & {"tags", "owner"}:
            yield from CLOUDWATCH.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the alarm."""
        yield aws("cloudwatch", "DeleteAlarms", {"AlarmNames": [observed.id]}, absent=("ResourceNotFound",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """One statistic, a period that CloudWatch has, and billing metrics where they are."""
        yield from matches("services", "cloudwatch.alarm_name", self.name, "name")
        yield from self._check_statistic()
        if self.period not in facts("services")["cloudwatch.short_periods"] and (self.period < 1 or self.period % 60):
            yield Problem("TW0483", f"a period is 10, 20, 30 or a multiple of 60 seconds, not {self.period}", "period")
        elif self.period >= 60 and self.period * self.evaluation_periods > 7 * DAY:
            yield Problem("TW0483", "an alarm looks back at most seven days", "evaluation_periods")
        elif self.period < 3600 and self.period * self.evaluation_periods > DAY:
            yield Problem(
                "TW0483", "an alarm with a period under an hour looks back at most a day", "evaluation_periods"
            )
        if not 1 <= (self.datapoints_to_alarm or 1) <= self.evaluation_periods:
            yield Problem("TW0475", "datapoints_to_alarm is between 1 and evaluation_periods", "datapoints_to_alarm")
        if self.namespace == BILLING and peers.scope is not None and peers.scope.region != BILLING_REGION:
            yield Problem(
                "TW0484", f"billing metrics are in {BILLING_REGION} only, this is {peers.scope.region}", "namespace"
            )
        for field in ("alarm_actions", "ok_actions"):
            yield from at_most("services", "cloudwatch.actions", len(getattr(self, field)), field)

    def _check_statistic(self) -> Iterable[Problem]:
        if (self.statistic is None) == (self.extended_statistic is None):
            yield Problem("TW0482", "an alarm has a statistic or an extended_statistic, one of the two", "statistic")
        yield from matches("services", "cloudwatch.extended_statistic", self.extended_statistic, "extended_statistic")
