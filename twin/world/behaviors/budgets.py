"""AWS Budgets: actual and foretold spend as of the last refresh, and notifications when a refresh finds them due."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from twin.semantics.pricing.bill import Bill, cents, forecast
from twin.semantics.pricing.charge import Charge
from twin.semantics.pricing.months import day_start, month_end, month_start
from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.sns_access import publish_as
from twin.world.delays import delay
from twin.world.metering.bills import bill_of, first_used, known_until, to_date, used_by
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

PROVIDES = {"budgets": "Budgets refresh two to three times a day, and tell when spend or forecast passes."}
SERVICE = "budgets.amazonaws.com"
REGION = "us-east-1"
SENT, PLANNED = "budgets.sent", "budgets.planned"
FILTERS = ("Service", "Region", "UsageType", "LinkedAccount", "TagKeyValue")
COMPARES = {
    "GREATER_THAN": lambda value, limit: value > limit,
    "LESS_THAN": lambda value, limit: value < limit,
    "EQUAL_TO": lambda value, limit: value == limit,
}


class Spend(NamedTuple):
    """What a budget's part of the bill came to; no forecast before there is enough history."""

    actual: Decimal
    foretold: Decimal | None


@answers("budgets", "CreateBudget")
def refuse_filters(asked: Asked, scene: Scene) -> None:
    """Refuse by name what the twin cannot tell apart."""
    for name in asked.parameters["Budget"].get("CostFilters") or {}:
        if name not in FILTERS:
            lacking = f"The twin does not filter costs by {name} (budgets:CreateBudget)."
            raise AwsError("TwinUnsupportedOperation", lacking)


@follows("budgets", "CreateBudget", "CreateNotification", "UpdateBudget")
def budget_changed(done: Done, scene: Scene) -> None:
    """Have a budget with notifications looked at when it is refreshed next."""
    told = done.parameters
    name = (told.get("Budget") or told.get("NewBudget") or {}).get("BudgetName") or told["BudgetName"]
    _plan(scene, told["AccountId"], name)


@follows("budgets", "DescribeBudget", "DescribeBudgets")
def budgets_told(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Tell the spend of each cost budget as of its last refresh."""
    result = done.result
    account = done.parameters["AccountId"]
    for budget in [result["Budget"]] if "Budget" in result else result.get("Budgets") or ():
        if budget["BudgetType"] == "COST":
            budget["CalculatedSpend"] = _calculated(scene, account, budget)
    return {name: value for name, value in result.items() if name != "ResponseMetadata"}


def _calculated(scene: Scene, account: str, budget: Mapping[str, Any]) -> dict[str, Any]:
    at = _last_refresh(scene, account, budget, scene.now())
    spend = _spend(scene, account, budget, at) if at else Spend(Decimal(0), None)
    found = {"ActualSpend": {"Amount": str(cents(spend.actual)), "Unit": "USD"}}
    if spend.foretold is not None:
        found["ForecastedSpend"] = {"Amount": str(cents(spend.foretold)), "Unit": "USD"}
    return found


def _refreshes(scene: Scene, account: str, budget: Mapping[str, Any]) -> Iterator[datetime]:
    """Yield the instants at which a budget is refreshed, from its last change on, each drawn from the seed."""
    span = delay("billing.budget_refresh")
    chance = Random(f"twin:{scene.seed}:budgets:{account}:{budget['BudgetName']}")  # noqa: S311 - reproducible, not secret
    time = _changed(budget)
    while True:
        time += timedelta(seconds=span.draw(chance))
        yield time


def _changed(budget: Mapping[str, Any]) -> datetime:
    told = budget["LastUpdatedTime"]
    return told if isinstance(told, datetime) else datetime.fromtimestamp(float(told), UTC)


def _last_refresh(scene: Scene, account: str, budget: Mapping[str, Any], now: datetime) -> datetime | None:
    last = None
    for time in _refreshes(scene, account, budget):
        if time > now:
            return last
        last = time
    return None


def _spend(scene: Scene, account: str, budget: Mapping[str, Any], at: datetime) -> Spend:
    """Return the spend of the period of `at`, as far as usage had reached billing by then."""
    start, _ = period_of(budget["TimeUnit"], at)
    until = known_until(at)
    filters = budget.get("CostFilters") or {}
    actual = Decimal(0)
    if until > start:
        monthly = budget["TimeUnit"] == "MONTHLY"
        bill = to_date(scene, account, until) if monthly else bill_of(scene, account, start, end=until, daily=False)
        actual = _sum(scene, bill, filters)
    began = first_used(scene, account) or at
    if (at - began).total_seconds() < delay("billing.forecast_history").least or budget["TimeUnit"] != "MONTHLY":
        return Spend(actual, None)
    foretold = forecast(used_by(scene, account), scene.prices, max(until, start + timedelta(hours=1)))
    return Spend(actual, _sum(scene, foretold, filters))


def period_of(unit: str, at: datetime) -> tuple[datetime, datetime]:
    """Return the start and the end of a budget's period."""
    first = month_start(at)
    if unit == "DAILY":
        return day_start(at), day_start(at) + timedelta(days=1)
    if unit == "QUARTERLY":
        start = datetime(at.year, (at.month - 1) // 3 * 3 + 1, 1, tzinfo=UTC)
        return start, month_end(month_end(month_end(start)))
    if unit == "ANNUALLY":
        return datetime(at.year, 1, 1, tzinfo=UTC), datetime(at.year + 1, 1, 1, tzinfo=UTC)
    return first, month_end(first)


def _sum(scene: Scene, bill: Bill, filters: Mapping[str, list[str]]) -> Decimal:
    return sum((charge.net for charge in bill.charges if _taken(scene, charge, filters)), Decimal(0))


def _taken(scene: Scene, charge: Charge, filters: Mapping[str, list[str]]) -> bool:
    where, book = charge.where, scene.prices
    tags = scene.meter.tags.get((where.account, where.resource), ())
    values = {
        "Service": {book.services[where.service].name},
        "Region": {where.region},
        "UsageType": {book.usage_type(where.usage, where.region)},
        "LinkedAccount": {where.account},
        "TagKeyValue": {f"user:{key}${value}" for key, value in tags},
    }
    return all(values[name] & set(wanted) for name, wanted in filters.items())


def _plan(scene: Scene, account: str, name: str) -> None:
    budget = _find(account, name)
    planned = scene.memory.setdefault(PLANNED, set())
    if budget is None or not budget.notifications or (account, name) in planned:
        return
    next_ = next(time for time in _refreshes(scene, account, budget.budget) if time > scene.now())
    planned.add((account, name))
    scene.agenda.at(next_, "budgets.refresh", account=account, name=name)


def _find(account: str, name: str) -> Any:
    return backends("budgets")[account]["aws"].budgets[account].get(name)


@happens("budgets.refresh")
def refresh(scene: Scene, *, account: str, name: str) -> None:
    """Look at a budget's notifications, and send those that became due, once in a period."""
    scene.memory[PLANNED].discard((account, name))
    budget = _find(account, name)
    if budget is None:
        return
    now = scene.now()
    spend = _spend(scene, account, budget.budget, now)
    start, _ = period_of(budget.budget["TimeUnit"], now)
    sent = scene.memory.setdefault(SENT, set())
    for notification in budget.notifications:
        told = notification.details
        limit = _limit(budget.budget, told)
        value = spend.actual if told["NotificationType"] == "ACTUAL" else spend.foretold
        due = value is not None and COMPARES[told["ComparisonOperator"]](value, limit)
        told["NotificationState"] = "ALARM" if due else "OK"
        key = (account, name, json.dumps({**told, "NotificationState": ""}, sort_keys=True, default=str), start)
        if due and value is not None and key not in sent:
            sent.add(key)
            _send(scene, account, budget, notification, value=value, limit=limit)
    _plan(scene, account, name)


def _limit(budget: Mapping[str, Any], told: Mapping[str, Any]) -> Decimal:
    threshold = Decimal(str(told["Threshold"]))
    if told.get("ThresholdType", "PERCENTAGE") == "ABSOLUTE_VALUE":
        return threshold
    return Decimal(str(budget["BudgetLimit"]["Amount"])) * threshold / 100


def _send(scene: Scene, account: str, budget: Any, notification: Any, *, value: Decimal, limit: Decimal) -> None:
    name, kind = budget.budget["BudgetName"], notification.details["NotificationType"]
    text = (
        f"AWS Budget Notification {scene.now():%B %d, %Y}\nAWS Account {account}\n\n"
        f"The {kind} cost of the budget {name} has passed its alert threshold of {cents(limit)} USD.\n\n"
        f"Budget Name: {name}\nBudget Type: Cost\nBudgeted Amount: ${budget.budget['BudgetLimit']['Amount']}\n"
        f"Alert Type: {kind}\nAlert Threshold: > ${cents(limit)}\n{kind} Amount: ${cents(value)}\n"
    )
    facts = {"account": account, "budget": name, "type": kind, "amount": str(cents(value)), "limit": str(cents(limit))}
    for subscriber in notification.subscribers:
        address = subscriber["Address"]
        if subscriber["SubscriptionType"] == "SNS":
            subject = f"AWS Budgets: {name} has exceeded your alert threshold"
            params = {"TopicArn": address, "Subject": subject, "Message": text}
            try:
                publish_as(scene, SERVICE, params, source_arn=f"arn:aws:budgets::{account}:budget/{name}")
            except AwsError as refusal:
                scene.emit("budgets.notification.failed", **facts, address=address, code=refusal.code)
                continue
        scene.emit("budgets.notification.sent", **facts, address=address)
