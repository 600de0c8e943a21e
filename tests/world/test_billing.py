"""What AWS tells of money, late as AWS does: Budgets, Cost Explorer, the billing metric and alarms on it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from refused import refusal

ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": name}, "Action": "sns:Publish", "Resource": "*"}
        for name in ("budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com")
    ],
}
DAY = 86400
WEEK = {"Start": "2026-03-01", "End": "2026-03-05"}


@pytest.fixture
def gpu(clients):
    """An instance of 16.288 dollars an hour, made at noon on 1 March."""
    ec2 = clients("ec2")
    found = ec2.describe_images(Filters=[{"Name": "name", "Values": ["amzn2-ami-hvm-2.0*"]}])["Images"]
    made = ec2.run_instances(ImageId=found[0]["ImageId"], InstanceType="g5.48xlarge", MinCount=1, MaxCount=1)
    return made["Instances"][0]["InstanceId"]


@pytest.fixture
def inbox(clients):
    """A topic that AWS's services may publish to, and what comes out of a queue behind it."""
    sns, sqs = clients("sns"), clients("sqs")
    topic = sns.create_topic(Name="money")["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(TRUST))
    url = sqs.create_queue(QueueName="money")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:money"
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allow]})}
    )
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def read():
        told = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in told]

    return topic, read


def budget(limit="100"):
    """Return a monthly budget."""
    amount = {"Amount": limit, "Unit": "USD"}
    return {"BudgetName": "b", "BudgetLimit": amount, "TimeUnit": "MONTHLY", "BudgetType": "COST"}


def notify(topic, share=80, kind="ACTUAL"):
    """Return a notification to a topic."""
    told = {"NotificationType": kind, "ComparisonOperator": "GREATER_THAN", "Threshold": share}
    return [{"Notification": told, "Subscribers": [{"SubscriptionType": "SNS", "Address": topic}]}]


def test_a_budget_tells_spend_after_its_first_refresh(clients, clock, gpu):
    """For the first hours the spend is nothing; a day later it is most of the day's."""
    budgets = clients("budgets")
    budgets.create_budget(AccountId=ACCOUNT, Budget=budget())
    clock.advance(7 * 3600)
    told = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="b")["Budget"]["CalculatedSpend"]
    assert told["ActualSpend"] == {"Amount": "0.00", "Unit": "USD"}
    clock.advance(17 * 3600)
    spent = float(budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"][0]["CalculatedSpend"]["ActualSpend"]["Amount"])
    # Between 12 and 24 hours after the start, less the three hours that usage takes to arrive.
    assert 8 * 16.288 < spent < 22 * 16.288
    assert "ForecastedSpend" not in told


def test_a_budget_notifies_once_a_month(clients, clock, world, gpu, inbox):
    """A budget of 100 dollars that is passed in hours: one message at a refresh, and one more in April."""
    topic, read = inbox
    clients("budgets").create_budget(AccountId=ACCOUNT, Budget=budget(), NotificationsWithSubscribers=notify(topic))
    clock.advance(7 * 3600)
    world.settle()
    assert read() == []
    clock.advance(3 * DAY)
    world.settle()
    (message,) = read()
    assert message["Subject"] == "AWS Budgets: b has exceeded your alert threshold"
    assert "Alert Type: ACTUAL" in message["Message"]
    sent = datetime.fromisoformat(message["Timestamp"].replace("Z", "+00:00"))
    assert timedelta(hours=8) <= sent - datetime(2026, 3, 1, 12, tzinfo=UTC) <= timedelta(hours=24)
    clock.advance(20 * DAY)
    world.settle()
    assert read() == []
    clock.advance(9 * DAY)
    world.settle()
    times = [h.time for h in world.scene.happenings if h.kind == "budgets.notification.sent"]
    assert [(time.month, time.day) for time in times] == [(3, 1), (4, 1)]


def test_a_budget_above_the_spend_is_silent(clients, clock, world, gpu, inbox):
    """The same instance under a budget of a million tells nobody anything."""
    topic, read = inbox
    told = notify(topic)
    clients("budgets").create_budget(AccountId=ACCOUNT, Budget=budget("1000000"), NotificationsWithSubscribers=told)
    clock.advance(20 * DAY)
    world.settle()
    assert read() == []


def test_a_topic_that_does_not_trust_budgets_hears_nothing(clients, clock, world, gpu, inbox):
    """With the default policy the message is lost, and the world tells that it was."""
    topic, read = inbox
    policy = {**TRUST, "Statement": TRUST["Statement"][1:]}
    clients("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
    clients("budgets").create_budget(AccountId=ACCOUNT, Budget=budget(), NotificationsWithSubscribers=notify(topic))
    clock.advance(2 * DAY)
    world.settle()
    assert read() == []
    assert [h.kind for h in world.scene.happenings if h.kind.startswith("budgets.")] == ["budgets.notification.failed"]


def test_a_forecast_needs_five_weeks(clients, clock, gpu):
    """Neither Budgets nor Cost Explorer foretell in the first weeks; later both come near the month's cost."""
    budgets, ce = clients("budgets"), clients("ce")
    budgets.create_budget(AccountId=ACCOUNT, Budget=budget())
    clock.advance(10 * DAY)
    period = {"Start": "2026-03-12", "End": "2026-04-01"}
    early = refusal(ce.get_cost_forecast, TimePeriod=period, Metric="UNBLENDED_COST", Granularity="MONTHLY")
    assert early == ("DataUnavailableException", 400)
    clock.advance(40 * DAY)
    told = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="b")["Budget"]["CalculatedSpend"]
    assert float(told["ForecastedSpend"]["Amount"]) == pytest.approx(30 * 24 * 16.288, rel=0.01)
    period = {"Start": "2026-04-20", "End": "2026-05-01"}
    foretold = ce.get_cost_forecast(TimePeriod=period, Metric="UNBLENDED_COST", Granularity="DAILY")
    assert float(foretold["Total"]["Amount"]) == pytest.approx(11 * 24 * 16.288, rel=0.01)
    assert len(foretold["ForecastResultsByTime"]) == 11


def test_cost_explorer_groups_and_filters(clients, clock, gpu):
    """By service and by day; a filter on the usage type; what is used today comes tomorrow."""
    clients("ec2").create_tags(Resources=[gpu], Tags=[{"Key": "team", "Value": "research"}])
    clock.advance(3 * DAY)
    ce = clients("ce")
    ask = {"TimePeriod": WEEK, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]}
    told = ce.get_cost_and_usage(**ask, GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}])
    days = [
        {group["Keys"][0]: round(float(group["Metrics"]["UnblendedCost"]["Amount"]), 2) for group in day["Groups"]}
        for day in told["ResultsByTime"]
    ]
    compute = "Amazon Elastic Compute Cloud - Compute"
    assert [day.get(compute) for day in days] == [195.46, 390.91, 390.91, None]
    assert [day["Estimated"] for day in told["ResultsByTime"]] == [False, False, False, True]
    only = {"Dimensions": {"Key": "USAGE_TYPE", "Values": ["BoxUsage:g5.48xlarge"]}}
    alone = ce.get_cost_and_usage(**{**ask, "Granularity": "MONTHLY"}, Filter=only)["ResultsByTime"][0]["Total"]
    assert float(alone["UnblendedCost"]["Amount"]) == pytest.approx(2.5 * 390.912)
    none = ce.get_cost_and_usage(**{**ask, "Granularity": "MONTHLY"}, Filter={"Not": only})["ResultsByTime"][0]["Total"]
    assert float(none["UnblendedCost"]["Amount"]) < 1
    tags = ce.get_cost_and_usage(**{**ask, "Granularity": "MONTHLY"}, GroupBy=[{"Type": "TAG", "Key": "team"}])
    assert {group["Keys"][0] for group in tags["ResultsByTime"][0]["Groups"]} == {"team$", "team$research"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"TimePeriod": {"Start": "2026-03-05", "End": "2026-03-05"}}, "ValidationException"),
        ({"Metrics": ["Cost"]}, "ValidationException"),
        ({"Granularity": "HOURLY"}, "TwinUnsupportedOperation"),
        ({"GroupBy": [{"Type": "DIMENSION", "Key": "PLATFORM"}]}, "TwinUnsupportedOperation"),
    ],
)
def test_cost_explorer_refuses(clients, change, code):
    """What AWS refuses has AWS's code, what the twin lacks is refused by name."""
    ask = {"TimePeriod": WEEK, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]}
    assert refusal(clients("ce").get_cost_and_usage, **{**ask, **change}) == (code, 400)


def alarm(clients, topic, region="us-east-1", threshold=100):
    """Make an alarm on the charges of the month."""
    clients("cloudwatch", region=region).put_metric_alarm(
        AlarmName="charges", Namespace="AWS/Billing", MetricName="EstimatedCharges",
        Dimensions=[{"Name": "Currency", "Value": "USD"}], Statistic="Maximum", Period=21600, EvaluationPeriods=1,
        Threshold=threshold, ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic],
    )  # fmt: skip


def test_a_billing_alarm_rings_hours_late(clients, clock, world, gpu, inbox):
    """100 dollars are spent after four hours; the alarm rings at the next telling after that, and not before."""
    topic, read = inbox
    alarm(clients, topic)
    clock.advance(6 * 3600)
    world.settle()
    assert read() == []
    clock.advance(12 * 3600)
    world.settle()
    (message,) = read()
    told = json.loads(message["Message"])
    assert told["NewStateValue"] == "ALARM"
    assert datetime.fromisoformat(told["StateChangeTime"]) >= datetime(2026, 3, 2, tzinfo=UTC)


def test_a_billing_alarm_elsewhere_never_rings(clients, clock, world, gpu, inbox):
    """In another Region the metric has no data, so the same alarm stays without."""
    alarm(clients, inbox[0].replace("us-east-1", "eu-west-1"), region="eu-west-1")
    clock.advance(10 * DAY)
    world.settle()
    told = clients("cloudwatch", region="eu-west-1").describe_alarms(AlarmNames=["charges"])["MetricAlarms"][0]
    assert told["StateValue"] == "INSUFFICIENT_DATA"


def test_the_billing_metric_falls_with_the_month(clients, clock, world, gpu):
    """The estimate grows four times a day and begins anew in April."""
    clock.advance(35 * DAY)
    world.settle()
    points = clients("cloudwatch").get_metric_statistics(
        Namespace="AWS/Billing", MetricName="EstimatedCharges", Dimensions=[{"Name": "Currency", "Value": "USD"}],
        StartTime=datetime(2026, 3, 1, tzinfo=UTC), EndTime=clock.now(), Period=21600, Statistics=["Maximum"],
    )["Datapoints"]  # fmt: skip
    values = [point["Maximum"] for point in sorted(points, key=lambda point: point["Timestamp"])]
    top = values.index(max(values))
    assert values[: top + 1] == sorted(values[: top + 1])
    assert values[top] > 10_000 > values[top + 1]


def monitor(clients, topic):
    """Make a monitor of services with a topic that hears of everything above ten dollars."""
    ce = clients("ce")
    told = {"MonitorName": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    arn = ce.create_anomaly_monitor(AnomalyMonitor=told)["MonitorArn"]
    ce.create_anomaly_subscription(
        AnomalySubscription={
            "SubscriptionName": "s", "MonitorArnList": [arn], "Frequency": "IMMEDIATE", "Threshold": 10,
            "Subscribers": [{"Type": "SNS", "Address": topic}],
        }
    )  # fmt: skip


def small(clients, kind="t3.large"):
    """Run a small instance."""
    ec2 = clients("ec2")
    found = ec2.describe_images(Filters=[{"Name": "name", "Values": ["amzn2-ami-hvm-2.0*"]}])["Images"]
    ec2.run_instances(ImageId=found[0]["ImageId"], InstanceType=kind, MinCount=1, MaxCount=1)


@pytest.mark.parametrize(("history", "found"), [(14, 1), (5, 0)])
def test_anomalies_need_ten_days_of_history(clients, clock, world, inbox, history, found):
    """Two weeks of two dollars a day and then a GPU: found on the next day. After five days nobody can tell."""
    topic, read = inbox
    monitor(clients, topic)
    small(clients)
    clock.advance(history * DAY)
    world.settle()
    small(clients, "g5.48xlarge")
    clock.advance(int(1.5 * DAY))
    world.settle()
    told = clients("ce").get_anomalies(DateInterval={"StartDate": "2026-03-01"})["Anomalies"]
    assert [anomaly["DimensionValue"] for anomaly in told] == ["Amazon Elastic Compute Cloud - Compute"] * found
    assert len(read()) == found


def test_steady_costs_are_no_anomaly(clients, clock, world, inbox):
    """Three weeks of the same cost raise nothing."""
    monitor(clients, inbox[0])
    small(clients)
    clock.advance(21 * DAY)
    world.settle()
    assert clients("ce").get_anomalies(DateInterval={"StartDate": "2026-03-01"})["Anomalies"] == []
