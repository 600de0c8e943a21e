"""Subscriptions to cost anomalies have one threshold, which is a number."""

import pytest
from refused import refusal


def above(*values):
    """An expression on the impact of an anomaly."""
    told = {"Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE", "MatchOptions": ["GREATER_THAN_OR_EQUAL"], "Values": list(values)}
    return {"ThresholdExpression": {"Dimensions": told}}


@pytest.fixture
def subscribe(clients):
    """Subscribe somebody to a monitor with a threshold."""
    ce = clients("ce")
    told = {"MonitorName": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    arn = ce.create_anomaly_monitor(AnomalyMonitor=told)["MonitorArn"]
    who = {"Frequency": "DAILY", "Subscribers": [{"Type": "EMAIL", "Address": "ops@acme.example"}]}
    return lambda **threshold: ce.create_anomaly_subscription(
        AnomalySubscription={"SubscriptionName": "s", "MonitorArnList": [arn], **who, **threshold}
    )["SubscriptionArn"]


WRONG = {
    "none": {}, "both": {"Threshold": 5, **above("5")}, "no-number": above("five"), "no-value": above(),
    "two-values": above("5", "6"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_threshold_that_is_none_is_refused(clients, subscribe, name):
    """As a mistake of the caller's, and nothing is kept of it."""
    assert refusal(lambda: subscribe(**WRONG[name]))[0] == "ValidationException"
    assert clients("ce").get_anomaly_subscriptions()["AnomalySubscriptions"] == []


@pytest.mark.parametrize("right", [{"Threshold": 5}, above("5")], ids=["figure", "expression"])
def test_an_update_puts_one_in_place_of_the_other_and_never_both(clients, subscribe, right):
    """Each form alone is taken, first and later."""
    ce, arn = clients("ce"), subscribe(**right)
    ce.update_anomaly_subscription(SubscriptionArn=arn, SubscriptionName="renamed")
    assert refusal(lambda: ce.update_anomaly_subscription(SubscriptionArn=arn, Threshold=7, **above("7")))
    ce.update_anomaly_subscription(SubscriptionArn=arn, **above("7"))
    (kept,) = ce.get_anomaly_subscriptions()["AnomalySubscriptions"]
    assert (kept["SubscriptionName"], "Threshold" in kept) == ("renamed", False)
    assert kept["ThresholdExpression"] == above("7")["ThresholdExpression"]
