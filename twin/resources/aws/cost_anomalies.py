"""Cost Anomaly Detection: monitors that look for unusual costs, and subscriptions that tell of them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.tagging import CE
from twin.resources.aws.tags import tags_of
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

NO_MONITOR, NO_SUBSCRIPTION = ("UnknownMonitorException",), ("UnknownSubscriptionException",)
IMPACT = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"


class AnomalyMonitor(Resource):
    """A monitor of what each service of AWS costs; an account has one."""

    TYPE: ClassVar[str] = "aws.ce.anomaly_monitor"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: str = Field(min_length=1, max_length=1024)
    dimension: Annotated[Literal["SERVICE"], IMMUTABLE] = "SERVICE"
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all monitors of services with one GetAnomalyMonitors, their tags one by one."""
        reply = yield aws("ce", "GetAnomalyMonitors", pages=True)
        made = {one["MonitorArn"]: one for one in reply["AnomalyMonitors"] if one.get("MonitorDimension") == "SERVICE"}
        tags = yield from tags_of(scope, made, CE.read)
        found = []
        for arn, one in made.items():
            own = tags.get(arn, {})
            fields = {"name": one["MonitorName"], "dimension": one["MonitorDimension"], "tags": user_tags(own)}
            found.append(Observed(arn, fields, {"id": arn, "arn": arn}, scope.own(own), other=scope.other(own)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the monitor."""
        told = {"MonitorName": self.name, "MonitorType": "DIMENSIONAL", "MonitorDimension": self.dimension}
        params = {"AnomalyMonitor": told, "ResourceTags": scope.tag_list(address, self.tags)}
        arn = (yield aws("ce", "CreateAnomalyMonitor", params))["MonitorArn"]
        return {"id": arn, "arn": arn}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Rename the monitor, then tag it."""
        if "name" in changed:
            yield aws("ce", "UpdateAnomalyMonitor", {"MonitorArn": observed.id, "MonitorName": self.name})
        if changed & {"tags", "owner"}:
            yield from CE.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the monitor."""
        yield aws("ce", "DeleteAnomalyMonitor", {"MonitorArn": observed.id}, absent=NO_MONITOR)


class AnomalySubscription(Resource):
    """Who hears of the anomalies of monitors: topics at once, addresses by the day or the week."""

    TYPE: ClassVar[str] = "aws.ce.anomaly_subscription"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: str = Field(min_length=1, max_length=1024)
    monitors: Annotated[list[str], RefTo("aws.ce.anomaly_monitor"), UNORDERED] = Field(description="ARNs of monitors")
    frequency: Literal["IMMEDIATE", "DAILY", "WEEKLY"] = "DAILY"
    emails: Annotated[list[str], UNORDERED] = Field(default_factory=list)
    topics: Annotated[list[str], RefTo("aws.sns.topic"), UNORDERED] = Field(
        default_factory=list, description="ARNs of SNS topics"
    )
    above: float = Field(description="US dollars that an anomaly has cost too much before it is told")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all subscriptions with one GetAnomalySubscriptions, their tags one by one."""
        reply = yield aws("ce", "GetAnomalySubscriptions", pages=True)
        made = {one["SubscriptionArn"]: one for one in reply["AnomalySubscriptions"]}
        tags = yield from tags_of(scope, made, CE.read)
        found = []
        for arn, one in made.items():
            own = tags.get(arn, {})
            told: dict[str, list[str]] = {"EMAIL": [], "SNS": []}
            for who in one["Subscribers"]:
                told[who["Type"]].append(who["Address"])
            fields = {"name": one["SubscriptionName"], "monitors": one["MonitorArnList"], "above": _above(one)}
            fields |= {"frequency": one["Frequency"], "emails": told["EMAIL"], "topics": told["SNS"]}
            fields["tags"] = user_tags(own)
            found.append(Observed(arn, fields, {"id": arn, "arn": arn}, scope.own(own), other=scope.other(own)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the subscription."""
        params = {"AnomalySubscription": self._told(), "ResourceTags": scope.tag_list(address, self.tags)}
        arn = (yield aws("ce", "CreateAnomalySubscription", params))["SubscriptionArn"]
        return {"id": arn, "arn": arn}

    def _told(self) -> dict[str, Any]:
        whom = [{"Type": "EMAIL", "Address": one} for one in self.emails]
        whom += [{"Type": "SNS", "Address": one} for one in self.topics]
        impact = {"Key": IMPACT, "MatchOptions": ["GREATER_THAN_OR_EQUAL"], "Values": [f"{self.above:.12g}"]}
        told = {"SubscriptionName": self.name, "MonitorArnList": self.monitors, "Frequency": self.frequency}
        return {**told, "Subscribers": whom, "ThresholdExpression": {"Dimensions": impact}}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the subscription, then tag it."""
        if changed - {"tags", "owner"}:
            yield aws("ce", "UpdateAnomalySubscription", {**self._told(), "SubscriptionArn": observed.id})
        if changed & {"tags", "owner"}:
            yield from CE.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the subscription."""
        yield aws("ce", "DeleteAnomalySubscription", {"SubscriptionArn": observed.id}, absent=NO_SUBSCRIPTION)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Somebody is told, and each as often as Cost Anomaly Detection tells such receivers."""
        if not self.monitors:
            yield Problem("TW0494", "a subscription of no monitor tells nothing", "monitors", "name a monitor")
        if not self.emails and not self.topics:
            yield Problem("TW0494", "a subscription tells nobody", "emails", "give emails or topics")
        elif self.frequency == "IMMEDIATE" and self.emails:
            yield Problem("TW0494", "only topics are told at once", "emails", "tell addresses with DAILY")
        elif self.frequency != "IMMEDIATE" and self.topics:
            message = f"topics are told at once only, not {self.frequency}"
            yield Problem("TW0494", message, "topics", "set `frequency` to IMMEDIATE")
        if self.above < 0:
            yield Problem("TW0475", f"an impact is not less than nothing, not {self.above:g}", "above")


def _above(one: Mapping[str, Any]) -> float | None:
    """Return the impact in US dollars from which on a subscription tells; None where it goes by something else."""
    told = (one.get("ThresholdExpression") or {}).get("Dimensions") or {}
    if told:
        return float(told["Values"][0]) if told["Key"] == IMPACT else None
    return float(one["Threshold"]) if one.get("Threshold") is not None else None
