"""What the rest of the world may ask about the state that LocalStack keeps: behaviors, authorisers, moto's services."""

import json

import pytest

from twin.world.stores.elsewhere import Elsewhere
from twin.world.stores.moto_store import backends

ACCOUNT, REGION = "123456789012", "us-east-1"


def policy(action, arn):
    """Return a policy that lets everybody do something."""
    allowed = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def actions(text):
    """Return the actions of a policy's text."""
    return [statement["Action"] for statement in json.loads(text)["Statement"]]


def test_queue_tells_policy_key_and_tags(clients):
    """By its name; one without a policy has none, one that is not there is None."""
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
    told = {"Policy": policy("sqs:SendMessage", arn), "KmsMasterKeyId": "alias/data"}
    clients("sqs").create_queue(QueueName="q", Attributes=told, tags={"team": "a"})
    clients("sqs").create_queue(QueueName="bare")
    queues = backends("sqs")[ACCOUNT][REGION].queues
    found = queues.get("q")
    assert (actions(found.policy), found.kms_master_key_id) == (["sqs:SendMessage"], "alias/data")
    assert (found.queue_arn, found.tags) == (arn, {"team": "a"})
    assert queues["bare"].policy is None
    assert queues.get("none") is None
    assert "none" not in queues


def test_topic_tells_policy_key_and_tags(clients):
    """By its ARN; what is no topic is None."""
    sns = clients("sns")
    arn = sns.create_topic(Name="t", Tags=[{"Key": "team", "Value": "a"}])["TopicArn"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy("sns:Publish", arn))
    sns.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue="alias/data")
    topics = backends("sns")[ACCOUNT][REGION].topics
    found = topics[arn]
    assert (actions(found.policy), found.kms_master_key_id) == (["sns:Publish"], "alias/data")
    assert found._tags == [{"Key": "team", "Value": "a"}]
    assert topics.get(f"{arn}-none") is None
    assert topics.get("no arn at all") is None


def test_bus_tells_its_policy_and_rules_their_tags(clients):
    """By name and by ARN."""
    events = clients("events")
    arn = events.create_event_bus(Name="own")["EventBusArn"]
    events.put_permission(EventBusName="own", Policy=policy("events:PutEvents", arn))
    rule = events.put_rule(Name="r", ScheduleExpression="rate(1 day)", Tags=[{"Key": "team", "Value": "a"}])["RuleArn"]
    state = backends("events")[ACCOUNT][REGION]
    assert actions(state.event_buses.get("own").policy) == ["events:PutEvents"]
    assert state.event_buses.get("none") is None
    assert state.tagger.get_tag_dict_for_resource(rule) == {"team": "a"}


@pytest.mark.parametrize("service", ["sqs", "sns", "events"])
def test_what_nobody_taught_is_refused(world, service):
    """Neither empty nor guessed."""
    with pytest.raises(Elsewhere, match=f"{service}'s subscriptions"):
        _ = backends(service)[ACCOUNT][REGION].subscriptions
