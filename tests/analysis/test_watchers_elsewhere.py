"""Alarms, rules and topics in another Region than the org's are judged where they stand."""

import pytest
from faulty_channels import rule
from plans import ACCOUNT, allow, document, found

HOME, THERE = "us-east-1", "eu-west-1"
OPEN = document(allow("sns:Publish", Principal="*"))


def placed(name, region):
    """The name of a raw resource in a Region."""
    return name if region == HOME else f"{name}@{region}"


def channel(watcher, topic):
    """An alarm and a rule in one Region, and a topic with an address in another one, or in the same."""
    at, there = placed("it", watcher), placed("it", topic)
    arn = f"${{aws.sns.topic.{there}.arn}}"
    told = {"name": "errors", "namespace": "Shop", "metric": "Errors", "statistic": "Sum", "period": 60, "threshold": 5}
    told |= {"comparison": "GreaterThanThreshold", "alarm_actions": [arn]}
    targets = [{"id": "t", "arn": arn}]
    return {
        "aws.cloudwatch.alarm": {at: told},
        "aws.events.rule": {at: {"name": "it", "pattern": {"source": ["aws.ec2"]}, "targets": targets}},
        "aws.sns.topic": {there: {"name": "it", "policy": OPEN}},
        "aws.sns.subscription": {there: {"topic": arn, "protocol": "email", "endpoint": "ops@acme.example"}},
    }


@pytest.mark.parametrize(
    ("watcher", "topic", "reached"),
    [(HOME, HOME, True), (THERE, THERE, True), (THERE, HOME, False), (HOME, THERE, False)],
)
def test_a_watcher_notifies_topics_of_its_own_region(watcher, topic, reached):
    """It is its own Region that counts, wherever the org is."""
    told = found("channels", channel(watcher, topic))
    both = [f"aws.cloudwatch.alarm.{placed('it', watcher)}", f"aws.events.rule.{placed('it', watcher)}"]
    wanted = [(code, level, one) for one in both for code, level in (("TW1020", "error"), ("TW1022", "warning"))]
    assert sorted(told) == ([] if reached else sorted(wanted))


def test_a_policy_is_asked_for_the_alarm_where_it_stands():
    """A topic that lets in the alarms of one Region refuses the same alarm of another one."""
    plan = channel(THERE, THERE)
    for region, codes in ((THERE, set()), (HOME, {"TW1020", "TW1029"})):
        alarms = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:*"}}
        plan["aws.sns.topic"][placed("it", THERE)]["policy"] = document(
            allow("sns:Publish", Principal={"Service": "cloudwatch.amazonaws.com"}, Condition=alarms),
            allow("sns:Publish", Principal={"Service": "events.amazonaws.com"}),
        )
        assert {one[0] for one in found("channels", plan)} == codes


def test_a_rule_on_calls_of_a_global_service_stands_where_they_are_told():
    """IAM's calls are told in us-east-1: a rule elsewhere takes none, though the org is at home there."""
    pattern = {"source": ["aws.iam"], "detail-type": ["AWS API Call via CloudTrail"]}
    plan = rule(pattern)
    assert found("blind_watchers", plan) == []
    plan["aws.events.rule"] = {placed("it", THERE): plan["aws.events.rule"]["it"]}
    assert [one[::2] for one in found("blind_watchers", plan)] == [("TW1026", f"aws.events.rule.it@{THERE}")]


def test_an_alarm_watches_what_is_counted_in_its_region():
    """A filter of one Region counts there alone."""
    counted = {"name": "stops", "group": "app", "pattern": "ERROR", "namespace": "Shop", "metric": "Errors"}
    for region, expected in ((THERE, []), (HOME, [("TW1025", f"aws.cloudwatch.alarm.it@{THERE}")])):
        plan = channel(THERE, THERE) | {"aws.logs.metric_filter": {placed("it", region): counted}}
        assert [one[::2] for one in found("blind_watchers", plan)] == expected
