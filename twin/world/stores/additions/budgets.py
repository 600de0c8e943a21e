"""AWS Budgets: change of a budget, and the subscribers of its notifications."""

import json
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget, Notification
from moto.budgets.responses import BudgetsResponse
from moto.core.utils import unix_time

from twin.world.stores.additions import adds

NAMED = ("NotificationType", "ComparisonOperator", "Threshold")
PERCENTAGE = "PERCENTAGE"


def _budget(response: Any, name: str) -> Budget:
    account = response._get_param("AccountId")
    response.backend.describe_budget(account_id=account, budget_name=name)
    budget: Budget = response.backend.budgets[account][name]
    return budget


def _notification(response: Any) -> Notification:
    wanted = response._get_param("Notification")
    for kept in _budget(response, response._get_param("BudgetName")).notifications:
        alike = all(kept.details[key] == wanted[key] for key in NAMED)
        if alike and kept.details.get("ThresholdType", PERCENTAGE) == wanted.get("ThresholdType", PERCENTAGE):
            return kept
    raise NotFoundException("Unable to get notification - the notification doesn't exist.")


@adds(BudgetsResponse)
def update_budget(response: Any) -> str:
    """Replace what a budget says; its notifications stay."""
    new = response._get_param("NewBudget")
    budget = _budget(response, new["BudgetName"])
    budget.budget = {"TimePeriod": budget.budget["TimePeriod"], **new, "LastUpdatedTime": unix_time()}
    return json.dumps({})


@adds(BudgetsResponse)
def describe_subscribers_for_notification(response: Any) -> str:
    """List who is told; a notification has 11 subscribers at most, so they fit one page."""
    return json.dumps({"Subscribers": _notification(response).subscribers})
