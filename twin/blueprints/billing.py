"""What it may cost: budgets, alarms on the estimated charges, and unusual costs."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.names import told_alarms, told_events
from twin.resources.aws.budgets import Budget, Notification
from twin.resources.aws.cloudwatch import BILLING, BILLING_REGION, Alarm
from twin.resources.aws.cost_anomalies import AnomalyMonitor, AnomalySubscription
from twin.resources.declaration import Path
from twin.spec.model.governance import Budget as BudgetIntent

SIX_HOURS = 6 * 3600
"""AWS brings the estimate up to date a few times a day."""


def build(blueprint: Blueprint) -> None:
    """Declare budgets, alarms and what looks for unusual costs."""
    _anomalies(blueprint)
    for name, budget in blueprint.org.billing.budgets.items():
        _budget(blueprint, name, budget)
    for name, intent in blueprint.org.billing.alarms.items():
        at: Path = ("billing", "alarms", name)
        if blueprint.scope.region != BILLING_REGION:
            message = f"AWS tells charges in {BILLING_REGION} alone, and this spec is in {blueprint.scope.region}"
            blueprint.problem("TW0729", message, at, "watch the costs with `billing.budgets`, which work everywhere")
            continue
        alarm = Alarm(
            name=blueprint.name("charges", name),
            description=f"Estimated charges of the month above {intent.above} {intent.currency}",
            namespace=BILLING,
            metric="EstimatedCharges",
            dimensions={"Currency": intent.currency},
            statistic="Maximum",
            period=SIX_HOURS,
            threshold=float(intent.above),
            comparison="GreaterThanThreshold",
            alarm_actions=told_alarms(intent.notify, intent.page),
        )
        blueprint.add(f"charges-{name}", alarm, at, {"threshold": (*at, "above"), "alarm_actions": (*at, "notify")})


def _budget(blueprint: Blueprint, name: str, intent: BudgetIntent) -> None:
    at: Path = ("billing", "budgets", name)
    told = {"emails": list(intent.notify), "topics": told_events(intent.topics, intent.page)}
    notifications = [Notification(threshold=share, **told) for share in intent.alert_at]
    if intent.forecast:
        notifications.append(Notification(kind="FORECASTED", threshold=100, **told))
    filters = {"TagKeyValue": [f"user:{key}${value}" for key, value in intent.tag.items()]} if intent.tag else {}
    filters |= {"Service": [intent.service]} if intent.service else {}
    budget = Budget(
        name=blueprint.name(name), amount=float(intent.monthly), filters=filters, notifications=notifications
    )
    places = {"amount": (*at, "monthly"), "notifications": (*at, "alert_at")}
    blueprint.add(name, budget, at, {**places, "filters": (*at, "tag" if intent.tag else "service")})


def _anomalies(blueprint: Blueprint) -> None:
    """Declare the monitor, and a subscription of topics at once and one of addresses by the day."""
    intent, at = blueprint.org.billing.anomalies, ("billing", "anomalies")
    if intent is None:
        return
    blueprint.add("services", AnomalyMonitor(name=blueprint.name("services")), at)
    told = {"monitors": [ref("aws.ce.anomaly_monitor", "services", "arn")], "above": float(intent.above)}
    topics = told_events(intent.topics, intent.page)
    if topics:
        one = AnomalySubscription(name=blueprint.name("anomalies-now"), frequency="IMMEDIATE", topics=topics, **told)
        blueprint.add("anomalies-now", one, at, {"above": (*at, "above"), "topics": (*at, "topics")})
    if intent.notify:
        one = AnomalySubscription(name=blueprint.name("anomalies-daily"), emails=list(intent.notify), **told)
        blueprint.add("anomalies-daily", one, at, {"above": (*at, "above"), "emails": (*at, "notify")})
