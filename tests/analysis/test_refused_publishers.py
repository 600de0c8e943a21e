"""A topic or key that refuses its watcher's service: the plan's proof, what is read back, and delivery agree."""

import json
import sys
from pathlib import Path

import pytest
from plans import ACCOUNT, STRANGER, allow, deny, document, found, when

sys.path.insert(0, str(Path(__file__).parents[1] / "world"))
from mounted import NOW, Clients

from twin.analysis.channels import broken_links
from twin.clock import VirtualClock
from twin.observe.channels import read_channels
from twin.world.world import World

ALARMS, RULES = {"Service": "cloudwatch.amazonaws.com"}, {"Service": "events.amazonaws.com"}
BOTH = {"Service": [ALARMS["Service"], RULES["Service"]]}
ROOT = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
OURS = when("StringEquals", "aws:SourceAccount", ACCOUNT)
DIRECT = when("Bool", "aws:ViaAWSService", "false")
PUBLISH = allow("sns:Publish", Principal="*")
USE = ["kms:Decrypt", "kms:GenerateDataKey*"]


def of_alarm(name):
    """A condition on the alarm that is published for."""
    return when("ArnLike", "aws:SourceArn", f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}")


CASES = {
    # name: statements of the topic, of its key, and whether an alarm and a rule are let in
    "sns-own-policy": (None, None, (True, False)),
    "both": ([allow("sns:Publish", Principal=BOTH, **OURS)], None, (True, True)),
    "by-themselves": ([allow("sns:Publish", Principal=BOTH, **DIRECT)], None, (True, True)),
    "rules-only": ([allow("sns:Publish", Principal=RULES)], None, (False, True)),
    "alarms-denied": ([PUBLISH, deny("sns:Publish", Principal=ALARMS)], None, (False, True)),
    "of-this-alarm": ([allow("sns:Publish", Principal=ALARMS, **of_alarm("of-this-alarm"))], None, (True, False)),
    "of-another-alarm": ([allow("sns:Publish", Principal=ALARMS, **of_alarm("other"))], None, (False, False)),
    "of-a-stranger": (
        [allow("sns:Publish", Principal="*", **when("StringEquals", "aws:SourceAccount", STRANGER))],
        None,
        (False, False),
    ),
    "key-of-aws": ([PUBLISH], "alias/aws/sns", (False, False)),
    "key-of-the-account": ([PUBLISH], [ROOT], (False, False)),
    "key-for-alarms": ([PUBLISH], [ROOT, allow(USE, Principal=ALARMS, **OURS)], (True, False)),
    "key-half-granted": ([PUBLISH], [ROOT, allow("kms:Decrypt", Principal="*")], (False, False)),
}  # fmt: skip


def planned(name):
    """A topic with its alarm and its rule, whose hearer is an address, as a plan."""
    statements, key, _ = CASES[name]
    arn = "${aws.sns.topic.it.arn}"
    topic = {"name": name} | ({} if statements is None else {"policy": document(*statements)})
    made = {}
    if isinstance(key, str):
        topic["kms_key"] = key
    elif key:
        topic["kms_key"] = "${aws.kms.alias.it.id}"
        made = {"aws.kms.key": {"it": {"policy": document(*key)}}}
        made |= {"aws.kms.alias": {"it": {"name": f"alias/{name}", "key": "${aws.kms.key.it.id}"}}}
    watched = {"name": name, "namespace": "A", "metric": "B", "statistic": "Sum", "period": 60, "threshold": 1}
    return made | {
        "aws.sns.topic": {"it": topic},
        "aws.sns.subscription": {"ops": {"topic": arn, "protocol": "email", "endpoint": "ops@acme.example"}},
        "aws.cloudwatch.alarm": {
            "it": {**watched, "comparison": "GreaterThanThreshold", "alarm_actions": [arn]},
        },
        "aws.events.rule": {
            "it": {"name": name, "pattern": {"source": ["shop"]}, "targets": [{"id": "t", "arn": arn}]}
        },
    }


@pytest.fixture(scope="module")
def played():
    """A world with each case's org, after its alarms went off and an event came: who was told, and what is read."""
    clock = VirtualClock(NOW)
    world = World(7, clock, accounts=(ACCOUNT,))
    clients = Clients(world)
    queues = {name: build(clients, name) for name in CASES}
    for name in CASES:
        clients("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="trouble")
    clients("events").put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": "{}"}])
    clock.advance(60)
    world.settle()
    told = {name: heard(clients, url) for name, url in queues.items()}
    yield told, read(clients, [f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}" for name in CASES])
    world.close()


def build(clients, name):
    """Make the org of a case by hand; return the queue that hears of what is published."""
    statements, key, _ = CASES[name]
    sns, sqs = clients("sns"), clients("sqs")
    attributes = {} if statements is None else {"Policy": json.dumps(document(*statements))}
    if isinstance(key, str):
        attributes["KmsMasterKeyId"] = key
    elif key:
        made = clients("kms").create_key(Policy=json.dumps(document(*key)))["KeyMetadata"]["KeyId"]
        clients("kms").create_alias(AliasName=f"alias/{name}", TargetKeyId=made)
        attributes["KmsMasterKeyId"] = f"alias/{name}"
    topic = sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    everybody = json.dumps(document(allow("sqs:SendMessage", Principal="*")))
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": everybody})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")
    told = {
        "Namespace": "A",
        "MetricName": "B",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
    }
    told |= {"AlarmName": name, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [topic]}
    clients("cloudwatch").put_metric_alarm(**told)
    clients("events").put_rule(Name=name, EventPattern=json.dumps({"source": ["shop"]}))
    clients("events").put_targets(Rule=name, Targets=[{"Id": "t", "Arn": topic}])
    return url


def heard(clients, url):
    """Tell whether an alarm and an event came out of a queue."""
    got = clients("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    texts = [json.loads(json.loads(one["Body"])["Message"]) for one in got]
    return any("AlarmName" in one for one in texts), any(one.get("source") == "shop" for one in texts)


def read(clients, queues):
    """Return the sources that reach nobody, of what is read back."""

    def aws(operation, params, region):
        service, _, name = operation.partition(":")
        client = clients(service, region=region)
        return getattr(client, "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_"))(**params)

    links = broken_links(read_channels(aws, ["us-east-1"], ACCOUNT), NOW, read_by_people=queues)
    return {one.about[0] for one in links if one.rule == "channel-reaches-nobody"}


@pytest.mark.parametrize("name", CASES)
def test_who_is_refused_is_told_beforehand_and_hears_nothing(played, name):
    """Alarm or rule: no page comes, and the plan and the org that was read back say so; or all is well."""
    let_in = CASES[name][2]
    told, nobody = played
    assert told[name] == let_in
    ids = (f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}", f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{name}")
    assert tuple(one not in nobody for one in ids) == let_in
    said = found("channels", planned(name))
    types = ("aws.cloudwatch.alarm.it", "aws.events.rule.it")
    assert tuple(("TW1020", "error", one) not in said for one in types) == let_in
    assert said.count(("TW1029", "error", "aws.sns.topic.it")) == let_in.count(False)


@pytest.mark.parametrize("where", ["topic", "key"])
def test_of_a_source_of_an_organization_nothing_is_said(where):
    """Which organization an account is in, its plan does not know; it is no reason to say that nobody is told."""
    ours = when("StringEquals", "aws:SourceOrgID", "o-a1b2c3d4e5")
    topic, key = allow("sns:Publish", Principal=BOTH), allow(USE, Principal=BOTH)
    plan = planned("key-for-alarms")
    plan["aws.sns.topic"]["it"]["policy"] = document(topic | (ours if where == "topic" else {}))
    plan["aws.kms.key"]["it"]["policy"] = document(ROOT, key | (ours if where == "key" else {}))
    assert [one for one in found("channels", plan) if one[0] in ("TW1020", "TW1029")] == []


def test_a_queue_that_refuses_is_nobody():
    """A planned queue without a policy takes nothing from a rule nor from a topic; one that lets them in is read."""
    arn = "${aws.sqs.queue.it.arn}"
    rule = {"it": {"name": "r", "pattern": {"source": ["shop"]}, "targets": [{"id": "t", "arn": arn}]}}
    watched = {**planned("both"), "aws.events.rule": rule}
    watched["aws.sns.subscription"] = {"q": {"topic": "${aws.sns.topic.it.arn}", "protocol": "sqs", "endpoint": arn}}
    shut = watched | {"aws.sqs.queue": {"it": {"name": "q"}}}
    assert {one[::2] for one in found("channels", shut)} == {
        ("TW1029", "aws.sqs.queue.it"), ("TW1020", "aws.events.rule.it"), ("TW1020", "aws.cloudwatch.alarm.it"),
    }  # fmt: skip
    everybody = document(allow("sqs:SendMessage", Principal="*"))
    assert found("channels", watched | {"aws.sqs.queue": {"it": {"name": "q", "policy": everybody}}}) == []
