"""EventBridge: patterns as documented, targets under their policies, schedules on the clock, calls as events."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from refused import refusal
from trails import make_trail

from twin.semantics.events.pattern import EventPatternError, event_matches, read_pattern
from twin.world.signals.event_input import input_of
from twin.world.signals.schedule import ScheduleError, next_time

EVENT = {
    "source": "shop",
    "detail-type": "Order",
    "account": "123456789012",
    "time": "2026-03-01T12:00:00Z",
    "resources": ["arn:aws:s3:::a", "arn:aws:s3:::b"],
    "detail": {
        "state": "Running",
        "count": 5,
        "ip": "10.0.0.12",
        "none": None,
        "ok": True,
        "file": "images/cat.png",
        "items": [{"id": "a", "n": 1}, {"id": "b", "n": 2}],
        "empty": "",
    },
}


@pytest.mark.parametrize(
    ("detail", "matches"),
    [
        ({"state": ["Running", "Stopped"]}, True),
        ({"state": ["running"]}, False),
        ({"state": [{"equals-ignore-case": "running"}]}, True),
        ({"file": [{"prefix": "images/"}]}, True),
        ({"file": [{"prefix": "docs/"}]}, False),
        ({"file": [{"prefix": {"equals-ignore-case": "IMAGES/"}}]}, True),
        ({"file": [{"suffix": ".png"}]}, True),
        ({"file": [{"suffix": ".jpg"}]}, False),
        ({"file": [{"wildcard": "images/*.png"}]}, True),
        ({"file": [{"wildcard": "images/*.jpg"}]}, False),
        ({"state": [{"anything-but": "Running"}]}, False),
        ({"state": [{"anything-but": ["Stopped", "Failed"]}]}, True),
        ({"absent": [{"anything-but": "x"}]}, False),
        ({"file": [{"anything-but": {"prefix": "images/"}}]}, False),
        ({"file": [{"anything-but": {"suffix": [".gif", ".jpg"]}}]}, True),
        ({"file": [{"anything-but": {"wildcard": "*.png"}}]}, False),
        ({"count": [{"numeric": [">", 0, "<=", 5]}]}, True),
        ({"count": [{"numeric": ["<", 5]}]}, False),
        ({"count": [5.0]}, True),
        ({"count": ["5"]}, False),
        ({"ok": [True]}, True),
        ({"ok": [1]}, False),
        ({"none": [None]}, True),
        ({"empty": [""]}, True),
        ({"ip": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"ip": [{"cidr": "10.0.1.0/24"}]}, False),
        ({"absent": [{"exists": False}]}, True),
        ({"state": [{"exists": False}]}, False),
        ({"gone": {"absent": [{"exists": False}]}}, True),
        ({"state": [{"exists": True}]}, True),
        ({"items": {"id": ["b"], "n": [2]}}, True),
        ({"items": {"id": ["a"], "n": [2]}}, False),
        ({"$or": [{"state": ["Stopped"]}, {"count": [5]}]}, True),
        ({"$or": [{"state": ["Stopped"]}, {"count": [6]}]}, False),
        ({"state": ["Running"], "$or": [{"count": [6]}, {"ok": [True]}]}, True),
    ],
)
def test_pattern_matches_as_documented(detail, matches):
    """Each operator, with an event that it takes and one that it leaves."""
    pattern = read_pattern(json.dumps({"source": ["shop"], "detail": detail}))
    assert event_matches(pattern, EVENT) is matches


def test_list_in_an_event_matches_by_any_element():
    """One of the resources is enough."""
    assert event_matches({"resources": ["arn:aws:s3:::b"]}, EVENT)
    assert not event_matches({"resources": ["arn:aws:s3:::c"]}, EVENT)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"source": "shop"}',
        '{"source": []}',
        '{"source": [["shop"]]}',
        '{"source": [{"like": "s"}]}',
        '{"detail": {"n": [{"numeric": ["~", 1]}]}}',
        '{"detail": {"ip": [{"cidr": "10.0.0.0/99"}]}}',
        '{"$or": [{"a": [1]}]}',
        '{"source": [{"wildcard": "a**"}]}',
    ],
)
def test_pattern_that_eventbridge_would_not_take_is_refused(text):
    """What is written wrongly matches nothing, so it is not taken."""
    with pytest.raises(EventPatternError):
        read_pattern(text)


def test_input_is_a_constant_a_part_or_a_filled_template():
    """Variables in quotes are text, outside of them JSON."""
    arn = "arn:aws:events:us-east-1:123456789012:rule/r"
    assert input_of({"Input": '"hi"'}, EVENT, rule_arn=arn) == '"hi"'
    assert input_of({"InputPath": "$.detail.items[1]"}, EVENT, rule_arn=arn) == '{"id":"b","n":2}'
    template = '{"text": "<state> of <aws.events.rule-name>", "n": <count>, "s": <state>, "all": <items>, "x": <gone>}'
    paths = {"state": "$.detail.state", "count": "$.detail.count", "items": "$.detail.items", "gone": "$.detail.gone"}
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    filled = json.loads(input_of({"InputTransformer": transformer}, EVENT, rule_arn=arn))
    assert filled == {"text": "Running of r", "n": 5, "s": "Running", "all": EVENT["detail"]["items"], "x": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate(5 minutes)", "2026-03-01T12:05"),
        ("rate(1 day)", "2026-03-02T12:00"),
        ("cron(0 10 * * ? *)", "2026-03-02T10:00"),
        ("cron(0/15 12 * * ? *)", "2026-03-01T12:15"),
        ("cron(0 18 ? * MON-FRI *)", "2026-03-02T18:00"),
        ("cron(0 8 1 * ? *)", "2026-04-01T08:00"),
        ("cron(0 0 L * ? *)", "2026-03-31T00:00"),
        ("cron(0 0 15W * ? *)", "2026-03-16T00:00"),
        ("cron(0 0 ? * 2#1 *)", "2026-03-02T00:00"),
        ("cron(0 0 ? * 6L *)", "2026-03-27T00:00"),
        ("cron(0 0 1 1 ? 2028)", "2028-01-01T00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29T00:00"),
        ("cron(0 0 1 1 ? 2020)", None),
    ],
)
def test_schedule_comes_next_when_the_calendar_says(text, expected):
    """From noon on Sunday 1 March 2026."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    found = next_time(text, after=now, start=now)
    assert (found.strftime("%Y-%m-%dT%H:%M") if found else None) == expected


@pytest.mark.parametrize(
    "text", ["rate(1 minutes)", "rate(0 days)", "cron(0 0 * * * *)", "cron(60 0 * * ? *)", "daily"]
)
def test_schedule_that_eventbridge_would_not_take_is_refused(text):
    """Either the day of the month or of the week is a question mark; one minute is not minutes."""
    with pytest.raises(ScheduleError):
        next_time(text, after=datetime(2026, 3, 1, tzinfo=UTC), start=datetime(2026, 3, 1, tzinfo=UTC))


RULE = "arn:aws:events:us-east-1:123456789012:rule/orders"


def allow(action, resource, **condition):
    """Return a policy that lets EventBridge in."""
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": action}
    condition = {"ArnEquals": {"aws:SourceArn": RULE}} | condition
    statement |= {"Resource": resource, "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_queue(clients, name="orders", **more):
    """Make a queue that lets the rule in, and return its ARN with a function that reads it."""
    sqs, arn = clients("sqs", **more), f"arn:aws:sqs:us-east-1:{more.get('account') or '123456789012'}:{name}"
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": allow("sqs:SendMessage", arn)})["QueueUrl"]

    def read():
        reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for message in reply.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return reply.get("Messages", [])

    return arn, read


def make_rule(events, *targets, pattern=None, **more):
    """Make the rule `orders` with targets."""
    told = more or {"EventPattern": json.dumps(pattern or {"source": ["shop"]})}
    events.put_rule(Name="orders", **told)
    ids = [target | {"Id": str(number)} for number, target in enumerate(targets)]
    if ids:
        events.put_targets(Rule="orders", Targets=ids)


def put_event(events, **more):
    """Tell an order."""
    entry = {"Source": "shop", "DetailType": "Order", "Detail": '{"id": 7}'} | more
    return events.put_events(Entries=[entry])


def test_event_reaches_the_queues_and_topics_of_rules_that_match(clients, world):
    """A queue gets the event itself; an event from elsewhere gets nowhere."""
    events, (arn, read) = clients("events"), make_queue(clients)
    topic = clients("sns").create_topic(Name="t", Attributes={"Policy": allow("sns:Publish", "*")})["TopicArn"]
    make_rule(events, {"Arn": arn}, {"Arn": topic, "InputPath": "$.detail"})
    assert put_event(events, Source="other")["FailedEntryCount"] == 0
    assert read() == []
    reply = put_event(events)
    (message,) = read()
    event = json.loads(message["Body"])
    assert event["detail"] == {"id": 7}
    assert (event["id"], event["time"]) == (reply["Entries"][0]["EventId"], "2026-03-01T12:00:00Z")
    published = list(world.evidence.events(name="Publish"))
    assert [call["userIdentity"]["invokedBy"] for call in published] == ["events.amazonaws.com"]


def test_bad_entries_fail_by_themselves(clients):
    """What has no detail, speaks for AWS or goes to a bus that is not there."""
    events = clients("events")
    codes = [
        put_event(events, **bad)["Entries"][0]["ErrorCode"]
        for bad in ({"Detail": "x"}, {"Source": "aws.ec2"}, {"Detail": "[]"}, {"DetailType": ""})
    ]
    assert codes == ["MalformedDetail", "NotAuthorizedForSourceException", "MalformedDetail", "InvalidArgument"]
    assert refusal(put_event, events, EventBusName="gone") == ("ResourceNotFoundException", 400)


def test_queue_that_does_not_let_the_rule_in_gets_nothing_and_the_dead_letter_queue_says_why(clients):
    """The policy names another rule; the event is put aside with the reason."""
    events, (arn, read), (dead, read_dead) = clients("events"), make_queue(clients), make_queue(clients, "dead")
    sqs = clients("sqs")
    url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    other = {"ArnEquals": {"aws:SourceArn": RULE + "-other"}}
    policy = allow("sqs:SendMessage", arn, **other)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    make_rule(events, {"Arn": arn, "DeadLetterConfig": {"Arn": dead}})
    put_event(events)
    assert read() == []
    (message,) = read_dead()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert message["MessageAttributes"]["TARGET_ARN"]["StringValue"] == arn


def test_log_group_gets_events_only_under_a_resource_policy(clients, world):
    """Without the policy nothing arrives, and a happening says so."""
    events, logs = clients("events"), clients("logs")
    logs.create_log_group(logGroupName="/aws/events/orders")
    make_rule(events, {"Arn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/orders"})
    put_event(events)
    assert [h.facts["code"] for h in world.scene.happenings if h.kind == "events.target.failed"] == ["NO_PERMISSIONS"]
    logs.put_resource_policy(policyName="p", policyDocument=allow("logs:*", "*"))
    put_event(events)
    found = logs.filter_log_events(logGroupName="/aws/events/orders")["events"]
    assert [json.loads(event["message"])["detail"] for event in found] == [{"id": 7}]


def test_bus_of_another_account_takes_what_its_policy_allows(clients):
    """First it does not, then it does, and hands the event to its own rule with the sender's account in it."""
    events, other = clients("events"), clients("events", account="210987654321")
    arn, read = make_queue(clients, account="210987654321")
    url = clients("sqs", account="210987654321").get_queue_url(QueueName="orders")["QueueUrl"]
    policy = allow("sqs:SendMessage", arn, ArnEquals={"aws:SourceArn": RULE.replace("123456789012", "210987654321")})
    clients("sqs", account="210987654321").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    make_rule(other, {"Arn": arn})
    make_rule(events, {"Arn": "arn:aws:events:us-east-1:210987654321:event-bus/default"})
    put_event(events)
    assert read() == []
    other.put_permission(Action="events:PutEvents", Principal="123456789012", StatementId="s")
    put_event(events)
    (message,) = read()
    assert json.loads(message["Body"])["account"] == "123456789012"


def test_rule_or_target_that_cannot_work_is_refused(clients):
    """A pattern with an unknown operator, a schedule that is none, a target that the twin does not reach."""
    events = clients("events")
    pattern = {"source": [{"like": "x"}]}
    assert refusal(make_rule, events, pattern=pattern) == ("InvalidEventPatternException", 400)
    assert refusal(make_rule, events, ScheduleExpression="cron(0 0 * * * *)") == ("ValidationException", 400)
    target = {"Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/c"}
    assert refusal(make_rule, events, target) == ("TwinUnsupportedOperation", 400)
    reply = events.test_event_pattern(
        EventPattern='{"source":[{"prefix":"sh"}]}', Event=json.dumps({**EVENT, "id": "1", "region": "x"})
    )
    assert reply["Result"] is True


def test_scheduled_rule_fires_while_it_is_enabled_and_has_targets(clients, clock, world):
    """Ten minutes are two events of a rate of five; when disabled or without targets nothing is on the agenda."""
    events, (arn, read) = clients("events"), make_queue(clients)
    make_rule(events, ScheduleExpression="rate(5 minutes)")
    assert world.agenda.entries() == []
    events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": arn}])
    assert len(world.agenda.entries()) == 1
    clock.advance(601)
    bodies = [json.loads(message["Body"]) for message in read()]
    assert [(body["detail-type"], body["time"][11:16]) for body in bodies] == [
        ("Scheduled Event", "12:05"),
        ("Scheduled Event", "12:10"),
    ]
    events.disable_rule(Name="orders")
    assert world.agenda.entries() == []
    clock.advance(3600)
    assert read() == []


def test_alarm_tells_eventbridge(clients, clock):
    """A change of state is an event of aws.cloudwatch."""
    events, cloudwatch, (arn, read) = clients("events"), clients("cloudwatch"), make_queue(clients)
    make_rule(events, {"Arn": arn}, pattern={"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}})
    cloudwatch.put_metric_alarm(
        AlarmName="a",
        Namespace="N",
        MetricName="M",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    for state in ("OK", "ALARM"):
        cloudwatch.set_alarm_state(AlarmName="a", StateValue=state, StateReason="drill")
    (message,) = read()
    event = json.loads(message["Body"])
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert (event["detail"]["alarmName"], event["detail"]["previousState"]["value"]) == ("a", "OK")


def test_calls_that_a_trail_takes_are_events(clients, clock):
    """A call that writes is told after its delay while a trail logs, and not before there is one."""
    events, iam, (arn, read) = clients("events"), clients("iam"), make_queue(clients)
    pattern = {"detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventName": ["CreateUser", "GetUser"]}}
    make_rule(events, {"Arn": arn}, pattern=pattern)
    iam.create_user(UserName="a")
    clock.advance(200)
    assert read() == []
    make_trail(clients)
    iam.create_user(UserName="b")
    iam.get_user(UserName="b")
    assert read() == []
    clock.advance(timedelta(seconds=200).total_seconds())
    bodies = [json.loads(message["Body"]) for message in read()]
    assert [body["detail"]["requestParameters"] for body in bodies] == [{"userName": "b"}]
    assert [body["source"] for body in bodies] == ["aws.iam"]
