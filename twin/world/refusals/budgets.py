"""What AWS Budgets refuses about notifications, and about budgets of another account.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateNotification.html
"""

from typing import Any

from twin.world.refusals import EVERY, Asked, Refusal, refuses

NAMED = ("NotificationType", "ComparisonOperator", "Threshold")
# https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html
MOST = {"EMAIL": 10, "SNS": 1}


@refuses("budgets", EVERY)
def of_the_account(asked: Asked) -> None:
    """A budget is its own account's to ask for."""
    account = asked.parameters.get("AccountId")
    if account and account != asked.call.account:
        message = f"Account {asked.call.account} is not authorized to perform this operation on account {account}."
        raise Refusal("AccessDeniedException", message)


@refuses("budgets", "CreateNotification")
def notification_of_its_own(asked: Asked) -> None:
    """A budget has one notification of a kind and threshold, with ten addresses and a topic at most."""
    _few(asked.parameters.get("Subscribers") or ())
    wanted = asked.parameters.get("Notification") or {}
    kept = asked.state().budgets.get(asked.parameters.get("AccountId"), {}).get(asked.parameters.get("BudgetName"))
    for one in kept.notifications if kept is not None else ():
        if all(one.details.get(name) == wanted.get(name) for name in NAMED):
            raise Refusal("DuplicateRecordException", "Error creating notification - the notification already exists.")


@refuses("budgets", "CreateBudget")
def notifications_of_a_budget(asked: Asked) -> None:
    """The notifications that come with a budget have as few subscribers."""
    for one in asked.parameters.get("NotificationsWithSubscribers") or ():
        _few(one.get("Subscribers") or ())


@refuses("budgets", "CreateBudget")
def limit_of_a_budget(asked: Asked) -> None:
    """A limit is no less than nothing."""
    amount = ((asked.parameters.get("Budget") or {}).get("BudgetLimit") or {}).get("Amount")
    if amount is not None and str(amount).startswith("-"):
        raise Refusal("InvalidParameterException", "Budget limit must not be negative.")


def _few(subscribers: Any) -> None:
    kinds = [one.get("SubscriptionType") for one in subscribers]
    for kind, most in MOST.items():
        if kinds.count(kind) > most:
            message = f"A notification can have {most} subscribers of type {kind} at most."
            raise Refusal("CreationLimitExceededException", message)
