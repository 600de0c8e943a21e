"""What is refused with LocalStack beside the twin: an occupied one, references across the stores, what it lacks."""

import json

import pytest
from localstack_worlds import make
from mounted import NOW, Clients
from refused import refusal

from twin.clock import VirtualClock
from twin.errors import TargetError, UsageError
from twin.world.snapshot import save
from twin.world.stores.localstack_api import LocalStackApi
from twin.world.stores.localstack_connection import LocalStackConnection
from twin.world.world import World

ACCOUNT = "123456789012"
PLACE = {"account": ACCOUNT, "region": "us-east-1"}


@pytest.fixture
def stranger(endpoint):
    """Somebody who uses the same LocalStack without the twin: `stranger(account, region)` puts a queue there."""
    api = LocalStackApi(LocalStackConnection(endpoint))
    left = []

    def put(account=ACCOUNT, region="us-east-1"):
        place = {"account": account, "region": region}
        url = api.call("sqs", "CreateQueue", {"QueueName": "theirs"}, **place)["QueueUrl"]
        left.append((url, place))

    def has(account=ACCOUNT, region="us-east-1"):
        return len(api.call("sqs", "ListQueues", {}, account=account, region=region).get("QueueUrls", []))

    put.has = has
    yield put
    for url, place in left:
        api.call("sqs", "DeleteQueue", {"QueueUrl": url}, **place)


def test_world_does_not_begin_on_what_is_somebody_elses(endpoint, stranger):
    """The account's Region is named with what is there, and nothing of it is touched."""
    stranger()
    with pytest.raises(TargetError, match=f"account {ACCOUNT} has 1 queues in us-east-1"):
        make(endpoint)
    assert stranger.has() == 1


def test_other_accounts_are_left_alone(endpoint, stranger):
    """What another account holds neither hinders the world nor goes with it."""
    stranger(account="000000000000")
    world = make(endpoint)
    assert "QueueUrls" not in Clients(world)("sqs").list_queues()
    world.close()
    assert stranger.has(account="000000000000") == 1


def test_region_is_looked_at_when_it_is_entered(world, clients, stranger):
    """A call to a Region where somebody else's things are is refused; to the next Region it is not."""
    stranger(region="us-east-2")
    assert refusal(clients("sns", region="us-east-2").list_topics) == ("TwinStoreNotEmpty", 400)
    assert clients("sns", region="us-west-2").list_topics()["Topics"] == []


def test_world_leaves_nothing_behind(endpoint):
    """Queues, topics with a subscription that waits for its confirmation, rules with targets, buses: all gone."""
    world = make(endpoint)
    clients = Clients(world)
    clients("sqs").create_queue(QueueName="q")
    sns, events = clients("sns"), clients("events")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@acme.example")
    events.create_event_bus(Name="own")
    for bus in ("default", "own"):
        events.put_rule(Name="r", EventBusName=bus, EventPattern='{"source": ["a"]}')
        events.put_targets(Rule="r", EventBusName=bus, Targets=[{"Id": "1", "Arn": topic}])
    place = world.gateway.store.localstack.contents(ACCOUNT, "us-east-1")
    kept = {"queues": 1, "topics": 1, "subscriptions": 1, "event buses": 1, "rules": 2}
    assert place.counted() == kept
    world.close()
    assert place.counted() == {}


def test_next_world_empties_what_the_one_before_left(endpoint):
    """A world that nobody closed ends with the next."""
    Clients(make(endpoint))("sqs").create_queue(QueueName="q")
    second = make(endpoint)
    assert "QueueUrls" not in Clients(second)("sqs").list_queues()
    second.close()


def test_subscriptions_go_with_their_topic(clients):
    """Also those that wait for a confirmation; those of another topic stay."""
    sns = clients("sns")
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in ("a", "b")]
    for topic in topics:
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@acme.example")
    sns.delete_topic(TopicArn=topics[0])
    assert [s["TopicArn"] for s in sns.list_subscriptions()["Subscriptions"]] == topics[1:]


FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"


def _subscribe(clients, arn):
    sns = clients("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    return sns.subscribe, {"TopicArn": topic, "Protocol": arn.split(":")[2], "Endpoint": arn}


def _target(clients, arn):
    events = clients("events")
    events.put_rule(Name="r", ScheduleExpression="rate(1 day)")
    return events.put_targets, {"Rule": "r", "Targets": [{"Id": "1", "Arn": arn}]}


@pytest.mark.parametrize("prepare", [_subscribe, _target])
def test_reference_to_the_other_store_is_refused_by_name(clients, prepare):
    """A function is in the embedded store, where LocalStack does not reach it; a queue is beside."""
    call, params = prepare(clients, FUNCTION)
    assert refusal(call, **params) == ("TwinUnsupportedOperation", 400)
    call, params = prepare(clients, QUEUE)
    call(**params)


def test_embedded_services_do_not_take_an_empty_store_for_the_truth(clients):
    """CloudFormation would make its queue where nobody looks, so it is refused; a bucket it makes."""
    cloudformation = clients("cloudformation")

    def template(type_, **properties):
        return json.dumps({"Resources": {"R": {"Type": type_, "Properties": properties}}})

    queue = {"StackName": "one", "TemplateBody": template("AWS::SQS::Queue", QueueName="q")}
    assert refusal(cloudformation.create_stack, **queue) == ("TwinUnsupportedOperation", 400)
    cloudformation.create_stack(StackName="two", TemplateBody=template("AWS::S3::Bucket", BucketName="inbox"))
    assert [b["Name"] for b in clients("s3").list_buckets()["Buckets"]] == ["inbox"]


def test_connection_of_eventbridge_is_refused(clients):
    """Its secret would be in a Secrets Manager that nobody sees."""
    auth = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}
    call = clients("events").create_connection
    refused = refusal(call, Name="c", AuthorizationType="API_KEY", AuthParameters=auth)
    assert refused == ("TwinUnsupportedOperation", 400)


def test_operation_that_localstack_lacks_is_refused_by_name_and_not_retried(clients):
    """A typed refusal instead of its 501, which clients would repeat."""
    call = clients("events").create_partner_event_source
    code, status = refusal(call, Name="aws.partner/example/1", Account=ACCOUNT)
    assert (code, status, len(clients.sent)) == ("TwinUnsupportedOperation", 400, 1)


def test_localstack_that_went_away_is_a_typed_refusal(endpoint):
    """Asked once, not retried; what is embedded goes on."""
    world = make(endpoint)
    clients = Clients(world)
    queue = clients("sqs")
    queue.list_queues()
    alive = world.gateway.store.localstack._api.connection
    world.gateway.store.localstack._api.connection = LocalStackConnection("http://127.0.0.1:9")
    clients.sent.clear()
    assert refusal(queue.list_queues) == ("TwinStoreUnreachable", 400)
    assert len(clients.sent) == 1
    clients("iam").list_users()
    world.gateway.store.localstack._api.connection = alive
    world.close()


def test_worlds_own_region_is_the_one_that_is_looked_at_first(endpoint, stranger):
    """A world that plays in another Region begins there, whatever is in the usual one."""
    stranger()
    world = World(7, VirtualClock(NOW), accounts=(ACCOUNT,), region="eu-west-1", localstack=endpoint)
    assert Clients(world)("sns", region="eu-west-1").list_topics()["Topics"] == []
    world.close()


def test_world_with_localstack_beside_is_not_kept_in_a_file(world):
    """Half of it would be missing; a world that is all in this process is kept."""
    with pytest.raises(UsageError, match="what LocalStack holds stays there"):
        save(world, b"key")
    assert save(make(), b"key")
