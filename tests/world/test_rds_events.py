"""RDS tells what happens: to DescribeEvents, to topics that subscribe, and to EventBridge."""

import json

import pytest
from databases import COMBINATION, make, messages
from refused import refusal


@pytest.fixture
def rds(clients):
    """RDS of the world."""
    return clients("rds")


def queue_of(clients, topic):
    """Subscribe a queue to a topic, and return what reads it."""
    sqs = clients("sqs")
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def read():
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(json.loads(message["Body"])["Message"]) for message in found]

    return read


def test_events_are_asked_for_by_time(rds, clock):
    """An hour by default, a span or a duration if wanted, fourteen days at most."""
    make(rds)
    clock.advance(7200)
    assert rds.describe_events()["Events"] == []
    assert len(rds.describe_events(Duration=121)["Events"]) == 5
    made = clock.now()
    rds.reboot_db_instance(DBInstanceIdentifier="db")
    clock.advance(60)
    told = rds.describe_events(StartTime=made, EndTime=clock.now())["Events"]
    assert [event["Message"] for event in told] == ["DB instance shutdown", "DB instance restarted"]
    assert refusal(rds.describe_events, StartTime=made, Duration=5) == COMBINATION
    clock.advance(15 * 86_400)
    assert messages(rds) == []


def test_events_are_asked_for_by_source_and_category(rds):
    """A source needs its type; categories select."""
    make(rds)
    make(rds, "other")
    assert refusal(rds.describe_events, SourceIdentifier="db") == COMBINATION
    told = rds.describe_events(SourceIdentifier="db", SourceType="db-instance")["Events"]
    assert {event["SourceArn"] for event in told} == {"arn:aws:rds:us-east-1:123456789012:db:db"}
    assert len(messages(rds, EventCategories=["creation"], SourceType="db-instance")) == 2
    assert messages(rds, EventCategories=["failover"]) == []


def test_events_come_in_pages(rds):
    """The marker of a page leads to the next; a page is 20 to 100 long."""
    for number in range(5):
        make(rds, f"db{number}")
    first = rds.describe_events(MaxRecords=20)
    rest = rds.describe_events(MaxRecords=20, Marker=first["Marker"])
    assert (len(first["Events"]), len(rest["Events"]), "Marker" in rest) == (20, 5, False)
    assert refusal(rds.describe_events, MaxRecords=5) == ("InvalidParameterValue", 400)


def test_subscription_delivers_what_it_asks_for(clients, rds, clock):
    """A topic gets the failover of the DB instance that it asks for, and no backup."""
    topic = clients("sns").create_topic(Name="alarms")["TopicArn"]
    read = queue_of(clients, topic)
    make(rds, MultiAZ=True)
    make(rds, "other", MultiAZ=True)
    rds.create_event_subscription(SubscriptionName="s", SnsTopicArn=topic, SourceType="db-instance",
                                  SourceIds=["db"], EventCategories=["failover"])  # fmt: skip
    for name in ("db", "other"):
        rds.reboot_db_instance(DBInstanceIdentifier=name, ForceFailover=True)
    clock.advance(120)
    rds.describe_events()
    told = read()
    assert [message["Event ID"].partition("#")[2] for message in told] == [
        "RDS-EVENT-0013", "RDS-EVENT-0015", "RDS-EVENT-0049",
    ]  # fmt: skip
    assert {message["Source ID"] for message in told} == {"db"}


def test_disabled_subscription_delivers_nothing(clients, rds):
    """Nor does one whose topic is gone, which says so."""
    sns = clients("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    read = queue_of(clients, topic)
    rds.create_event_subscription(SubscriptionName="off", SnsTopicArn=topic, Enabled=False)
    make(rds)
    assert read() == []
    rds.create_event_subscription(SubscriptionName="on", SnsTopicArn=topic)
    make(rds, "second")
    assert len(read()) == 5
    sns.delete_topic(TopicArn=topic)
    make(rds, "third")
    held = rds.describe_event_subscriptions(SubscriptionName="on")["EventSubscriptionsList"]
    assert [subscription["Status"] for subscription in held] == ["topic-not-exist"]


def test_events_are_shaped_for_eventbridge(rds, world):
    """Source, detail type, resources and detail are the documented ones."""
    make(rds)
    told = [happening.facts for happening in world.scene.happenings if happening.kind == "aws.event"]
    assert told[0] == {
        "account": "123456789012",
        "region": "us-east-1",
        "source": "aws.rds",
        "detail_type": "RDS DB Instance Event",
        "resources": ["arn:aws:rds:us-east-1:123456789012:db:db"],
        "detail": {
            "EventCategories": ["creation"],
            "SourceType": "DB_INSTANCE",
            "SourceArn": "arn:aws:rds:us-east-1:123456789012:db:db",
            "Date": "2026-03-01T12:00:00.000Z",
            "Message": "DB instance created",
            "SourceIdentifier": "db",
            "EventID": "RDS-EVENT-0005",
        },
    }
    assert {facts["detail_type"] for facts in told} == {"RDS DB Instance Event", "RDS DB Snapshot Event"}


def test_subscription_names_what_is_there(clients, rds):
    """A topic or source that is not there is refused; sources are added and taken away, and the rest is changed."""
    topic = clients("sns").create_topic(Name="alarms")["TopicArn"]
    make(rds)
    wanted = {"SubscriptionName": "s", "SnsTopicArn": topic, "SourceType": "db-instance"}
    nowhere = ("SNSTopicArnNotFound", 404)
    assert refusal(rds.create_event_subscription, **wanted | {"SnsTopicArn": topic + "x"}) == nowhere
    assert refusal(rds.create_event_subscription, SourceIds=["nobody"], **wanted) == ("SourceNotFound", 404)
    rds.create_event_subscription(**wanted)
    added = rds.add_source_identifier_to_subscription(SubscriptionName="s", SourceIdentifier="db")
    assert added["EventSubscription"]["SourceIdsList"] == ["db"]
    rds.remove_source_identifier_from_subscription(SubscriptionName="s", SourceIdentifier="db")
    changed = rds.modify_event_subscription(SubscriptionName="s", EventCategories=["failover"], Enabled=False)
    held = changed["EventSubscription"]
    assert (held["EventCategoriesList"], held["Enabled"], held["SourceIdsList"]) == (["failover"], False, [])
    assert refusal(rds.modify_event_subscription, SubscriptionName="x") == ("SubscriptionNotFound", 404)
