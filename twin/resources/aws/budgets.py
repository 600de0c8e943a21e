"""Budgets."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import at_most, matches, one_of
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

GONE = ("NotFoundException",)


class Notification(BaseModel):
    """Who is told, and at what part of the budget."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["ACTUAL", "FORECASTED"] = "ACTUAL"
    comparison: Literal["GREATER_THAN", "LESS_THAN", "EQUAL_TO"] = "GREATER_THAN"
    threshold: float
    threshold_type: Literal["PERCENTAGE", "ABSOLUTE_VALUE"] = "PERCENTAGE"
    emails: list[str] = Field(default_factory=list)
    topics: list[str] = Field(default_factory=list, description="ARNs of SNS topics")


class Budget(Resource):
    """An amount not to be passed, with its notifications, owned as a whole."""

    TYPE: ClassVar[str] = "aws.budgets.budget"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    amount: float
    unit: str = "USD"
    kind: Literal["COST", "USAGE"] = "COST"
    time_unit: Literal["DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY"] = "MONTHLY"
    filters: dict[str, list[str]] = Field(
        default_factory=dict, description="What it counts, by AWS's names of filters: `TagKeyValue: [user:team$web]`"
    )
    notifications: Annotated[list[Notification], RefTo("aws.sns.topic"), UNORDERED] = Field(default_factory=list)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all budgets with one DescribeBudgets, and the notifications of the wanted ones."""
        reply = yield aws("budgets", "DescribeBudgets", {"AccountId": scope.account}, pages=True)
        found = []
        for item in reply.get("Budgets") or ():
            name, limit = item["BudgetName"], item.get("BudgetLimit") or {}
            fields: dict[str, Any] = {
                "name": name,
                "amount": float(limit["Amount"]) if limit else None,
                "unit": limit.get("Unit"),
                "kind": item["BudgetType"],
                "time_unit": item["TimeUnit"],
                "filters": item.get("CostFilters") or {},
            }
            if name in wanted.ids or (name,) in wanted.keys:
                fields["notifications"] = yield from _notifications(scope, name)
            found.append(Observed(name, fields, {"id": name, "arn": _arn(scope, name)}))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": _arn(scope, self.name)}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the budget with its notifications in one call."""
        told = [{"Notification": _key(n), "Subscribers": _subscribers(n)} for n in self.notifications]
        params = {"AccountId": scope.account, "Budget": self._document(), "NotificationsWithSubscribers": told}
        yield aws("budgets", "CreateBudget", params)
        return self.predict(scope)

    def _document(self) -> dict[str, Any]:
        return {
            "BudgetName": self.name,
            "BudgetLimit": {"Amount": f"{self.amount:.12g}", "Unit": self.unit},
            "BudgetType": self.kind,
            "TimeUnit": self.time_unit,
            **({"CostFilters": self.filters} if self.filters else {}),
        }

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change what is measured and how much of it, and put the notifications that differ anew."""
        if changed & {"amount", "unit", "kind", "time_unit", "filters"}:
            yield aws("budgets", "UpdateBudget", {"AccountId": scope.account, "NewBudget": self._document()})
        if "notifications" in changed:
            before = [Notification(**item) for item in observed.fields.get("notifications") or ()]
            after = [_sorted(item) for item in self.notifications]
            for item in before:
                if item not in after:
                    yield _notify("DeleteNotification", scope, self.name, Notification=_key(item))
            for item in after:
                if item not in before:
                    told = {"Notification": _key(item), "Subscribers": _subscribers(item)}
                    yield _notify("CreateNotification", scope, self.name, **told)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """The subscribers of a notification are in no order."""
        if name == "notifications" and observed is not None:
            desired = [_sorted(Notification(**item)).model_dump() for item in desired]
        return super().same(name, desired, observed)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the budget with its notifications."""
        params = {"AccountId": scope.account, "BudgetName": observed.id}
        yield aws("budgets", "DeleteBudget", params, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The amount is one, and there are no more notifications and subscribers than AWS Budgets takes."""
        yield from matches("services", "budgets.name", self.name, "name")
        if self.amount <= 0:
            yield Problem("TW0475", f"a budget is more than nothing, not {self.amount:g}", "amount")
        if self.kind == "COST" and self.unit != "USD":
            yield Problem("TW0481", f"a cost budget is in USD, not {self.unit}", "unit")
        yield from at_most("services", "budgets.notifications", len(self.notifications), "notifications")
        for name, wanted in self.filters.items():
            yield from one_of("services", "budgets.filters", name, "filters")
            for service in wanted if name == "Service" else ():
                yield from _billed(service)
        keys = [tuple(_key(item).values()) for item in self.notifications]
        if len(keys) != len(set(keys)):
            yield Problem("TW0494", "two notifications differ in their subscribers only", "notifications", "merge them")
        for item in self.notifications:
            yield from at_most("services", "budgets.emails", len(item.emails), "notifications")
            yield from at_most("services", "budgets.topics", len(item.topics), "notifications")
            if not item.emails and not item.topics:
                yield Problem("TW0494", "a notification tells nobody", "notifications", "give emails or topics")
            for email in item.emails:
                yield from matches("services", "budgets.email", email, "notifications")


def _billed(service: str) -> Iterator[Problem]:
    """A budget counts a service by the name that bills have for it."""
    known = facts("services")["budgets.services"]
    if not unknown(service) and service not in known:
        near = difflib.get_close_matches(service, known, 3, 0.4)
        help_ = f"did you mean {', '.join(near)}?" if near else "name it as bills do"
        message = f"no service of AWS is billed as {service!r}, so that nothing would count"
        yield Problem("TW0481", message, "filters", help_)


def _arn(scope: Scope, name: str) -> str:
    return scope.arn("budgets", f"budget/{name}", region="")


def _key(item: Notification) -> dict[str, Any]:
    return {
        "NotificationType": item.kind,
        "ComparisonOperator": item.comparison,
        "Threshold": item.threshold,
        "ThresholdType": item.threshold_type,
    }


def _subscribers(item: Notification) -> list[dict[str, str]]:
    return [
        *({"SubscriptionType": "EMAIL", "Address": address} for address in item.emails),
        *({"SubscriptionType": "SNS", "Address": address} for address in item.topics),
    ]


def _sorted(item: Notification) -> Notification:
    return item.model_copy(update={"emails": sorted(item.emails), "topics": sorted(item.topics)})


def _notify(operation: str, scope: Scope, name: str, **params: Any) -> Call:
    return aws("budgets", operation, {"AccountId": scope.account, "BudgetName": name, **params})


def _notifications(scope: Scope, name: str) -> Steps[list[dict[str, Any]]]:
    params = {"AccountId": scope.account, "BudgetName": name}
    reply = yield aws("budgets", "DescribeNotificationsForBudget", params, pages=True, absent=GONE)
    found = []
    for item in (reply or {}).get("Notifications") or ():
        key = {k: item[k] for k in ("NotificationType", "ComparisonOperator", "Threshold")}
        key["ThresholdType"] = item.get("ThresholdType", "PERCENTAGE")
        told = yield aws(
            "budgets", "DescribeSubscribersForNotification", {**params, "Notification": key}, pages=True, absent=GONE
        )
        addresses: dict[str, list[str]] = {"EMAIL": [], "SNS": []}
        for subscriber in (told or {}).get("Subscribers") or ():
            addresses[subscriber["SubscriptionType"]].append(subscriber["Address"])
        found.append(
            {
                "kind": key["NotificationType"],
                "comparison": key["ComparisonOperator"],
                "threshold": float(key["Threshold"]),
                "threshold_type": key["ThresholdType"],
                "emails": sorted(addresses["EMAIL"]),
                "topics": sorted(addresses["SNS"]),
            }
        )
    return found
