"""CloudWatch: metrics by the clock, alarms that evaluate, act and tell; composite alarms."""

import json
from datetime import timedelta

import pytest
from mounted import NOW
from refused import refusal

from twin.world.signals.alarm_rule import RuleError, parse_rule
from twin.world.signals.alarm_state import alarm_state

TOPIC = "arn:aws:sns:us-east-1:123456789012:pager"
MARKS = {"0": False, "X": True, "-": None}


@pytest.fixture
def cloudwatch(clients):
    """A client of CloudWatch."""
    return clients("cloudwatch")


@pytest.fixture
def pager(clients):
    """The messages that reach a queue through a topic, as a function."""
    sns, sqs = clients("sns"), clients("sqs")
    assert sns.create_topic(Name="pager")["TopicArn"] == TOPIC
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName="pager", Attributes={"Policy": policy})["QueueUrl"]
    sns.subscribe(
        TopicArn=TOPIC,
        Protocol="sqs",
        Endpoint="arn:aws:sqs:us-east-1:123456789012:pager",
        Attributes={"RawMessageDelivery": "true"},
    )

    def read():
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    return read


def put_alarm(cloudwatch, **more):
    """Make an alarm that rings when the sum of errors of one minute is above 5."""
    told = {
        "AlarmName": "errors",
        "Namespace": "Shop",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [TOPIC],
        "OKActions": [TOPIC],
    }
    cloudwatch.put_metric_alarm(**(told | more))


def put(cloudwatch, value, **more):
    """Tell one value of the errors."""
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Errors", "Value": value, **more}])


def state(cloudwatch, name="errors"):
    """Return the state of an alarm."""
    reply = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return (reply["MetricAlarms"] + reply["CompositeAlarms"])[0]["StateValue"]


@pytest.mark.parametrize(
    ("points", "needed", "expected"),
    [
        ("0-X-X", 3, "OK OK OK OK"),
        ("----0", 3, "OK OK OK OK"),
        ("-----", 3, "INSUFFICIENT_DATA keep ALARM OK"),
        ("0XX-X", 3, "ALARM ALARM ALARM ALARM"),
        ("--X--", 3, "ALARM keep ALARM OK"),
        ("----X", 3, "keep keep ALARM OK"),
        ("0-X-X", 2, "ALARM ALARM ALARM ALARM"),
        ("00X0X", 2, "ALARM ALARM ALARM ALARM"),
        ("0-X--", 2, "OK OK ALARM OK"),
        ("----0", 2, "OK OK ALARM OK"),
        ("---X-", 2, "ALARM keep ALARM OK"),
    ],
)
def test_missing_data_is_treated_as_the_documented_tables_say(points, needed, expected):
    """Three evaluation periods in a range of five, for each way to treat missing data."""
    read = [MARKS[mark] for mark in points]
    kept = "keep"
    found = [
        alarm_state(read, last=3, needed=needed, missing=missing, now=kept)
        for missing in ("missing", "ignore", "breaching", "notBreaching")
    ]
    assert " ".join(found) == expected


def test_alarm_rings_after_the_minute_and_falls_silent_when_data_end(world, clock, cloudwatch, pager):
    """A datum above the threshold makes it ring once its minute is over; without data it knows nothing."""
    put_alarm(cloudwatch)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"
    put(cloudwatch, 6)
    clock.advance(50)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"
    clock.advance(25)
    assert state(cloudwatch) == "ALARM"
    (message,) = pager()
    assert message["NewStateValue"] == "ALARM"
    assert message["OldStateValue"] == "INSUFFICIENT_DATA"
    assert message["Trigger"]["Statistic"] == "SUM"
    assert message["Region"] == "US East (N. Virginia)"
    assert "[6.0 (01/03/26 12:00:00)] was greater than the threshold (5.0)" in message["NewStateReason"]
    clock.advance(600)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"
    assert world.agenda.entries() == []


def test_alarm_needs_as_many_breaching_periods_as_it_says(clock, cloudwatch):
    """Two breaching periods of three are not enough until they are two of the last three."""
    put_alarm(cloudwatch, EvaluationPeriods=3, DatapointsToAlarm=2)
    for value in (9, 1, 1, 9, 9):
        put(cloudwatch, value)
        clock.advance(60)
    clock.advance(15)
    reply = cloudwatch.describe_alarm_history(HistoryItemType="StateUpdate", ScanBy="TimestampAscending")
    states = [(item["HistorySummary"], item["Timestamp"]) for item in reply["AlarmHistoryItems"]]
    assert states == [
        ("Alarm updated from INSUFFICIENT_DATA to OK", NOW + timedelta(seconds=130)),
        ("Alarm updated from OK to ALARM", NOW + timedelta(seconds=310)),
    ]


def test_missing_data_that_breach_make_an_alarm_ring_by_themselves(world, clock, cloudwatch):
    """An alarm that takes silence for trouble rings when data end, and nothing runs thereafter."""
    put_alarm(cloudwatch, TreatMissingData="breaching", ComparisonOperator="LessThanThreshold", Threshold=1)
    put(cloudwatch, 3)
    clock.advance(75)
    assert state(cloudwatch) == "OK"
    clock.advance(3600)
    assert state(cloudwatch) == "ALARM"
    assert world.agenda.entries() == []


def test_month_of_silence_costs_no_evaluation(world, clock, cloudwatch):
    """With no data there is nothing to look at after the first minute."""
    put_alarm(cloudwatch)
    clock.advance(90)
    world.settle()
    assert world.agenda.entries() == []
    clock.advance(30 * 86400)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"


def test_dimensions_and_unit_must_be_those_of_the_alarm(clock, cloudwatch):
    """A datum with other dimensions belongs to another metric."""
    put_alarm(cloudwatch, Dimensions=[{"Name": "Shop", "Value": "a"}])
    put(cloudwatch, 9)
    put(cloudwatch, 9, Dimensions=[{"Name": "Shop", "Value": "b"}])
    clock.advance(75)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"
    put(cloudwatch, 9, Dimensions=[{"Name": "Shop", "Value": "a"}])
    clock.advance(75)
    assert state(cloudwatch) == "ALARM"


def test_disabled_actions_send_nothing(clock, cloudwatch, pager):
    """The state changes, nobody is told."""
    put_alarm(cloudwatch, ActionsEnabled=False)
    put(cloudwatch, 9)
    clock.advance(75)
    assert state(cloudwatch) == "ALARM"
    assert pager() == []
    cloudwatch.enable_alarm_actions(AlarmNames=["errors"])
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="by hand")
    assert [message["NewStateReason"] for message in pager()] == ["by hand"]


def test_state_set_by_hand_lasts_until_the_next_evaluation(clock, cloudwatch, pager):
    """SetAlarmState acts at once; a minute later the data speak again."""
    put_alarm(cloudwatch)
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="drill")
    assert [message["NewStateValue"] for message in pager()] == ["ALARM"]
    clock.advance(75)
    assert state(cloudwatch) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("arn:aws:sns:us-east-1:123456789012:gone", "Topic does not exist"),
        ("arn:aws:sns:eu-west-1:123456789012:pager", "eu-west-1 is not us-east-1"),
        (TOPIC, "CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: " + TOPIC),
    ],
)
def test_action_that_cannot_be_carried_out_is_in_the_history(clients, clock, cloudwatch, pager, action, error):
    """A topic that is not there, elsewhere, or whose policy names others, gets nothing, and the history says why."""
    policy = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish", "Resource": "*"}
    clients("sns").set_topic_attributes(
        TopicArn=TOPIC,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    put_alarm(cloudwatch, AlarmActions=[action])
    put(cloudwatch, 9)
    clock.advance(75)
    assert state(cloudwatch) == "ALARM"
    assert pager() == []
    (item,) = cloudwatch.describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"]
    assert item["HistorySummary"].startswith(f"Failed to execute action {action}.")
    assert error in item["HistorySummary"]


def test_topic_encrypted_with_the_key_of_aws_takes_no_alarm(clients, clock, cloudwatch, pager):
    """CloudWatch may not use alias/aws/sns; a key of the account whose policy lets it in, it may."""
    sns, kms = clients("sns"), clients("kms")
    attribute = {"TopicArn": TOPIC, "AttributeName": "KmsMasterKeyId"}
    sns.set_topic_attributes(**attribute, AttributeValue="alias/aws/sns")
    put_alarm(cloudwatch)
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="drill")
    assert pager() == []
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "kms:*"}
    admin = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*"}
    statements = [{**statement, "Resource": "*"} for statement in (admin, allow)]
    key = kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))["KeyMetadata"]
    sns.set_topic_attributes(**attribute, AttributeValue=key["Arn"])
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="drill")
    assert [message["NewStateValue"] for message in pager()] == ["OK"]


def test_alarm_written_anew_keeps_its_state(clock, cloudwatch):
    """An update replaces the configuration, not the state."""
    put_alarm(cloudwatch)
    put(cloudwatch, 9)
    clock.advance(75)
    put_alarm(cloudwatch, AlarmDescription="described")
    assert state(cloudwatch) == "ALARM"


def test_what_the_twin_cannot_evaluate_is_refused_by_name(cloudwatch):
    """Some metric math, anomaly bands and actions on instances are not taken and then forgotten."""
    unsupported = ("TwinUnsupportedOperation", 400)
    stat = {"Metric": {"Namespace": "Shop", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}
    math = [{"Id": "m", "MetricStat": stat, "ReturnData": False}, {"Id": "e", "Expression": "RATE(m)"}]
    alarm = {"AlarmName": "x", "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1}
    assert refusal(cloudwatch.put_metric_alarm, **alarm, Metrics=math) == unsupported
    assert refusal(put_alarm, cloudwatch, AlarmActions=["arn:aws:automate:us-east-1:ec2:reboot"]) == unsupported
    assert refusal(put_alarm, cloudwatch, DatapointsToAlarm=2) == ("ValidationError", 400)


def test_statistics_follow_periods_and_percentiles(clock, cloudwatch):
    """Data fall into periods of the clock; percentiles lie between the values."""
    for value in (1, 2, 3, 4, 5):
        put(cloudwatch, value, Timestamp=NOW - timedelta(seconds=30))
    put(cloudwatch, 100)
    window = {"StartTime": NOW - timedelta(minutes=5), "EndTime": NOW + timedelta(minutes=5), "Period": 60}
    metric = {"Namespace": "Shop", "MetricName": "Errors"}
    found = cloudwatch.get_metric_statistics(**metric, **window, Statistics=["Sum", "Average", "SampleCount"])
    points = sorted((p["Timestamp"], p["Sum"], p["Average"], p["SampleCount"]) for p in found["Datapoints"])
    assert points == [(NOW - timedelta(minutes=1), 15, 3, 5), (NOW, 100, 100, 1)]
    found = cloudwatch.get_metric_statistics(**metric, **window, ExtendedStatistics=["p50", "p90"])
    assert min(p["Timestamp"] for p in found["Datapoints"]) == NOW - timedelta(minutes=1)
    assert {"p50": 3.0, "p90": pytest.approx(4.6)} in [p["ExtendedStatistics"] for p in found["Datapoints"]]
    stat = {"Metric": metric, "Period": 60, "Stat": "Maximum"}
    del window["Period"]
    found = cloudwatch.get_metric_data(**window, MetricDataQueries=[{"Id": "m", "MetricStat": stat}])
    assert found["MetricDataResults"][0]["Values"] == [100, 5]


def test_composite_alarm_follows_its_children(clock, cloudwatch, pager):
    """It rings when its rule is met, says which child made it, and cannot lose a child."""
    put_alarm(cloudwatch, AlarmActions=[], OKActions=[])
    put_alarm(cloudwatch, AlarmName="latency", AlarmActions=[], OKActions=[])
    rule = 'ALARM("errors") AND NOT OK(latency)'
    cloudwatch.put_composite_alarm(AlarmName="site", AlarmRule=rule, AlarmActions=[TOPIC])
    assert state(cloudwatch, "site") == "OK"
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="drill")
    assert state(cloudwatch, "site") == "ALARM"
    (message,) = pager()
    assert message["AlarmRule"] == rule
    assert [child["Arn"][-6:] for child in message["TriggeringChildren"]] == ["errors"]
    cloudwatch.set_alarm_state(AlarmName="latency", StateValue="OK", StateReason="drill")
    assert state(cloudwatch, "site") == "OK"
    assert cloudwatch.describe_alarms()["CompositeAlarms"] == []
    assert refusal(cloudwatch.delete_alarms, AlarmNames=["errors"]) == ("ValidationError", 400)
    assert refusal(cloudwatch.put_composite_alarm, AlarmName="y", AlarmRule="ALARM(nobody)")[0] == "ValidationError"
    parents = cloudwatch.describe_alarms(ParentsOfAlarmName="errors")["CompositeAlarms"]
    assert [parent["AlarmName"] for parent in parents] == ["site"]


def test_suppressor_holds_actions_back(clock, cloudwatch, pager):
    """While the suppressor rings nobody is told; after it and its extension the alarm that still rings tells."""
    for name in ("errors", "maintenance"):
        put_alarm(cloudwatch, AlarmName=name, AlarmActions=[], OKActions=[], TreatMissingData="ignore")
    cloudwatch.put_composite_alarm(
        AlarmName="site",
        AlarmRule="ALARM(errors)",
        AlarmActions=[TOPIC],
        ActionsSuppressor="maintenance",
        ActionsSuppressorWaitPeriod=120,
        ActionsSuppressorExtensionPeriod=60,
    )
    cloudwatch.set_alarm_state(AlarmName="maintenance", StateValue="ALARM", StateReason="window")
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="drill")
    (site,) = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (site["StateValue"], site["ActionsSuppressedBy"]) == ("ALARM", "Alarm")
    clock.advance(600)
    assert pager() == []
    cloudwatch.set_alarm_state(AlarmName="maintenance", StateValue="OK", StateReason="over")
    clock.advance(59)
    assert pager() == []
    clock.advance(2)
    assert [message["NewStateValue"] for message in pager()] == ["ALARM"]


@pytest.mark.parametrize("rule", ["", "ALARM", "ALARM(x) AND", "(ALARM(x)", "ALARM(x) ALARM(y)", "RED(x)"])
def test_rule_that_cannot_be_read_is_refused(rule):
    """Half a rule is none."""
    with pytest.raises(RuleError):
        parse_rule(rule)
