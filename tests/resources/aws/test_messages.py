"""Queues, topics, subscriptions, rules, log groups and alarms keep the resource contract on a real store."""

import pytest

from twin.address import Address
from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.events import Rule, Target
from twin.resources.aws.logs import LogGroup
from twin.resources.aws.metric_filter import MetricFilter
from twin.resources.aws.schedules import schedule_problems
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.aws.sqs import Queue
from twin.resources.call import Refused
from twin.resources.resource import Peers, Wanted
from twin.resources.scope import Scope

ACCOUNT = "123456789012"
ALERTS = f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"
JOBS = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"


def policy(service, action, resource):
    """A policy that lets a service in."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def problems(resource, desired=None, region="us-east-1"):
    """The codes and fields of what a check finds."""
    scope = Scope(org="acme", environment="test", account=ACCOUNT, region=region)
    return [(p.code, p.field) for p in resource.check(Address(resource.TYPE, "x"), Peers(desired or {}, scope))]


def test_queue_lives_and_dies(bench):
    """A queue is made with a dead-letter queue and a policy, changed in place and deleted."""
    bench.create("dead", Queue(name="dead"))
    first = Queue(
        name="jobs",
        visibility_timeout=90,
        dead_letter_queue="${aws.sqs.queue.dead.arn}",
        policy=policy("sns.amazonaws.com", "sqs:SendMessage", JOBS),
        tags={"team": "a"},
    )
    bench.lifecycle("jobs", first, first.model_copy(update={"delay": 5, "max_receive_count": 9, "tags": {"tier": "b"}}))


def test_fifo_queue_lives_and_dies(bench):
    """A FIFO queue reads back as one."""
    bench.lifecycle("jobs", Queue(name="jobs.fifo", fifo=True, deduplicate_by_content=True))


def test_topic_lives_and_dies(bench):
    """A topic is made with a policy and a key, changed in place and deleted."""
    first = Topic(
        name="alerts",
        kms_key="alias/aws/sns",
        policy=policy("cloudwatch.amazonaws.com", "sns:Publish", ALERTS),
        tags={"team": "a"},
    )
    bench.lifecycle("alerts", first, first.model_copy(update={"display_name": "Alerts", "tags": {"tier": "b"}}))


def test_subscription_lives_and_dies(bench):
    """A queue subscribes to a topic, its subscription is changed in place and ended."""
    bench.create("alerts", Topic(name="alerts"))
    bench.create("jobs", Queue(name="jobs"))
    ends = {"topic": "${aws.sns.topic.alerts.arn}", "protocol": "sqs", "endpoint": "${aws.sqs.queue.jobs.arn}"}
    bench.lifecycle(
        "jobs",
        Subscription(**ends),
        Subscription(**ends, raw=True),
        Subscription(**ends, filter_policy={"kind": ["a"]}),
    )


def test_undeclared_subscription_is_a_member_of_its_topic(bench):
    """A subscription that somebody made by hand shows up in the topic's set."""
    topic = Topic(name="alerts")
    bench.create("alerts", topic)
    bench.aws.client("sns").subscribe(TopicArn=ALERTS, Protocol="email", Endpoint="eve@example.com")
    seen = bench.observe(
        Address(Subscription.TYPE, "x"), Subscription(topic=ALERTS, protocol="email", endpoint="eve@example.com")
    )
    assert seen.member_of == ("aws.sns.topic", ALERTS)
    assert seen.owner is None


def test_pending_subscription_is_neither_read_nor_ended():
    """Of a subscription that waits for confirmation SNS tells no attributes, and it ends it by no call."""
    steps = Subscription.read(Scope(org="a", environment="b"), Wanted())
    next(steps)
    item = {"SubscriptionArn": "PendingConfirmation", "TopicArn": ALERTS, "Protocol": "email", "Endpoint": "a@b.co"}
    with pytest.raises(StopIteration) as stop:
        steps.send({"Subscriptions": [item]})
    [seen] = stop.value.value
    assert seen.fields == {"topic": ALERTS, "protocol": "email", "endpoint": "a@b.co", "raw": False}
    assert list(Subscription.delete(Scope(org="a", environment="b"), seen)) == []


def test_event_rule_owns_its_targets(bench):
    """A rule is made with targets; one of them goes, one changes, and the rule is deleted with the rest."""
    bench.create("alerts", Topic(name="alerts"))
    first = Rule(
        name="findings",
        pattern={"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}},
        targets=[Target(id="topic", arn=ALERTS), Target(id="queue", arn=JOBS)],
        tags={"team": "a"},
    )
    second = Rule(
        name="findings",
        schedule="rate(5 minutes)",
        enabled=False,
        targets=[Target(id="queue", arn=JOBS, input='{"a":1}')],
        tags={"tier": "b"},
    )
    bench.lifecycle("findings", first, first.model_copy(update={"description": "x"}), second)


def test_target_that_is_refused_is_an_error():
    """PutTargets answers 200 and names the entries that failed; that is no success."""
    steps = Rule(name="r", pattern={"source": ["a"]}, targets=[Target(id="t", arn=ALERTS)]).create(
        Scope(org="a", environment="b"), Address(Rule.TYPE, "r")
    )
    next(steps)
    steps.send({"RuleArn": "x"})
    failed = {"TargetId": "t", "ErrorCode": "ManagedRuleException", "ErrorMessage": "no"}
    with pytest.raises(Refused, match="ManagedRuleException"):
        steps.send({"FailedEntryCount": 1, "FailedEntries": [failed]})


def test_log_group_lives_and_dies(bench):
    """A group is made with a key, its retention is changed and it is deleted."""
    first = LogGroup(name="/app/a", retention_days=30, kms_key="arn:aws:kms:us-east-1:1:key/1", tags={"team": "a"})
    bench.lifecycle("a", first, first.model_copy(update={"retention_days": 90, "tags": {"tier": "b"}}))


def alarm(**fields):
    """A sound alarm with some fields other."""
    return Alarm(
        **{
            "name": "high cost",
            "namespace": "AWS/Billing",
            "metric": "EstimatedCharges",
            "dimensions": {"Currency": "USD"},
            "statistic": "Maximum",
            "period": 21600,
            "threshold": 100,
            "comparison": "GreaterThanThreshold",
            "alarm_actions": [ALERTS],
            **fields,
        }
    )


def test_alarm_lives_and_dies(bench):
    """An alarm is made, changed in place and deleted."""
    bench.lifecycle(
        "cost", alarm(tags={"team": "a"}), alarm(threshold=200.5, treat_missing_data="breaching", tags={"tier": "b"})
    )


def test_alarm_on_a_percentile_reads_back(bench):
    """An extended statistic takes the place of the statistic."""
    bench.lifecycle("slow", alarm(statistic=None, extended_statistic="p99", period=60))


@pytest.mark.parametrize(
    ("fields", "region", "found"),
    [
        ({}, "us-east-1", []),
        ({}, "eu-west-1", [("TW0484", "namespace")]),
        ({"namespace": "AWS/EC2"}, "eu-west-1", []),
        ({"statistic": None}, "us-east-1", [("TW0482", "statistic")]),
        ({"extended_statistic": "p99"}, "us-east-1", [("TW0482", "statistic")]),
        ({"statistic": None, "extended_statistic": "median"}, "us-east-1", [("TW0485", "extended_statistic")]),
        ({"period": 30}, "us-east-1", []),
        ({"period": 45}, "us-east-1", [("TW0483", "period")]),
        ({"period": 60, "evaluation_periods": 1441}, "us-east-1", [("TW0483", "evaluation_periods")]),
        ({"period": 86400, "evaluation_periods": 8}, "us-east-1", [("TW0483", "evaluation_periods")]),
        ({"datapoints_to_alarm": 2}, "us-east-1", [("TW0475", "datapoints_to_alarm")]),
        ({"alarm_actions": [f"{ALERTS}{i}" for i in range(6)]}, "us-east-1", [("TW0489", "alarm_actions")]),
    ],
)
def test_alarm_constraints(fields, region, found):
    """What CloudWatch refuses of an alarm, or can never judge, is found; what it takes is not."""
    assert problems(alarm(**fields), region=region) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"name": "jobs.fifo", "fifo": True}, []),
        ({"name": "jobs.fifo"}, [("TW0485", "name")]),
        ({"fifo": True}, [("TW0485", "name")]),
        ({"name": "job queue"}, [("TW0485", "name")]),
        ({"visibility_timeout": 43_201}, [("TW0475", "visibility_timeout")]),
        ({"retention": 59}, [("TW0475", "retention")]),
        ({"receive_wait": 21}, [("TW0475", "receive_wait")]),
        ({"deduplicate_by_content": True}, [("TW0494", "deduplicate_by_content")]),
        ({"dead_letter_queue": "${aws.sqs.queue.ordered.arn}"}, [("TW0494", "dead_letter_queue")]),
    ],
)
def test_queue_constraints(fields, found):
    """What SQS refuses of a queue is found; what it takes is not."""
    ordered = {Address(Queue.TYPE, "ordered"): Queue(name="ordered.fifo", fifo=True)}
    assert problems(Queue(**{"name": "jobs", **fields}), ordered) == found


@pytest.mark.parametrize(
    ("protocol", "endpoint", "found"),
    [
        ("email", "ops@example.com", []),
        ("email", "ops", [("TW0486", "endpoint")]),
        ("https", "https://example.com/hook", []),
        ("https", "http://example.com/hook", [("TW0486", "endpoint")]),
        ("sqs", JOBS, []),
        ("sqs", "${aws.sqs.queue.jobs.arn}", []),
        ("sqs", "${aws.sqs.queue.jobs.id}", [("TW0486", "endpoint")]),
        ("mail", "ops@example.com", [("TW0481", "protocol")]),
    ],
)
def test_subscription_endpoint_fits_its_protocol(protocol, endpoint, found):
    """Each protocol takes endpoints of its own form."""
    assert problems(Subscription(topic=ALERTS, protocol=protocol, endpoint=endpoint)) == found


def test_subscription_constraints_that_need_the_topic():
    """Raw messages go to some protocols only, and a FIFO topic to queues only."""
    topic = {Address(Topic.TYPE, "t"): Topic(name="t.fifo", fifo=True)}
    mail = Subscription(topic="${aws.sns.topic.t.arn}", protocol="email", endpoint="a@b.co", raw=True)
    assert problems(mail, topic) == [("TW0494", "raw"), ("TW0486", "protocol")]
    assert problems(Topic(name="t.fifo")) == [("TW0485", "name")]


@pytest.mark.parametrize(("days", "found"), [(30, []), (3653, []), (None, []), (31, [("TW0481", "retention_days")])])
def test_log_retention_is_one_of_the_documented_periods(days, found):
    """CloudWatch keeps logs for some periods only."""
    assert problems(LogGroup(name="/app", retention_days=days)) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"pattern": {"source": ["aws.ec2"], "detail": {"state": [{"anything-but": "running"}]}}}, []),
        ({"pattern": {"$or": [{"source": ["a"]}, {"detail": {"x": [None]}}]}}, []),
        ({"schedule": "cron(0 5 ? * MON-FRI *)"}, []),
        ({}, [("TW0488", "pattern")]),
        ({"pattern": {}}, [("TW0488", "pattern")]),
        ({"pattern": {"source": "aws.ec2"}}, [("TW0488", "pattern")]),
        ({"pattern": {"source": []}}, [("TW0488", "pattern")]),
        ({"pattern": {"source": [{"starts-with": "aws"}]}}, [("TW0488", "pattern")]),
        ({"pattern": {"source": ["x" * 2100]}}, [("TW0488", "pattern")]),
        ({"schedule": "every day"}, [("TW0493", "schedule")]),
    ],
)
def test_event_rule_constraints(fields, found):
    """What EventBridge refuses of a rule is found; what it takes is not."""
    assert problems(Rule(name="r", **fields)) == found


def test_event_rule_has_five_targets_at_most():
    """A sixth target is refused; so is a second one of the same id."""
    targets = [Target(id=str(i), arn=ALERTS) for i in range(6)]
    assert problems(Rule(name="r", schedule="rate(1 day)", targets=targets[:5])) == []
    assert problems(Rule(name="r", schedule="rate(1 day)", targets=targets)) == [("TW0489", "targets")]
    assert problems(Rule(name="r", schedule="rate(1 day)", targets=targets[:1] * 2)) == [("TW0494", "targets")]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("rate(1 hour)", True),
        ("rate(1 hours)", False),
        ("rate(0 days)", False),
        ("cron(0 5 ? * * *)", True),
        ("cron(15 10 L * ? 2026)", True),
        ("cron(0/15 8-18 ? * 2#1 *)", True),
        ("cron(0 5 * * * *)", False),
        ("cron(0 25 ? * * *)", False),
        ("cron(0 5 ? *)", False),
        ("cron(0 5 ? FOO * *)", False),
    ],
)
def test_schedules_are_read(text, good):
    """Rate and cron in EventBridge's dialect."""
    assert [p.code for p in schedule_problems(text, "f")] == ([] if good else ["TW0493"])


def test_metric_filter_lives_and_dies(bench):
    """A filter on a group is made, changed in place and deleted; one made by hand shows up in the group's set."""
    bench.create("trail", LogGroup(name="trail"))
    first = MetricFilter(
        name="reads", group="${aws.logs.group.trail.name}", pattern='{ $.eventName = "GetSecretValue" }',
        namespace="Trail", metric="reads",
    )  # fmt: skip
    bench.lifecycle("reads", first, first.model_copy(update={"pattern": "denied", "value": "2", "default": 0.0}))
    told = [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]
    bench.aws.client("logs").put_metric_filter(
        logGroupName="trail", filterName="hand", filterPattern="x", metricTransformations=told
    )
    (found,) = bench.read(MetricFilter)
    assert (found.id, found.member_of) == ("trail|hand", ("aws.logs.group", "trail"))
