"""The gateway stays in front of LocalStack, which itself would let everybody do everything."""

from dataclasses import replace

import pytest
from refused import refusal

from twin.world.aws_errors import AwsError
from twin.world.principals import Credentials

SIGNED_WRONGLY = {"InvalidSignatureException", "SignatureDoesNotMatch"}
UNKNOWN_KEY = {"UnrecognizedClientException", "InvalidClientTokenId"}


@pytest.fixture
def asked(world, monkeypatch):
    """The calls that reached LocalStack."""
    seen = []
    kept = world.gateway.store.localstack.answer

    def note(call):
        seen.append(f"{call.service}:{call.operation}")
        return kept(call)

    monkeypatch.setattr(world.gateway.store.localstack, "answer", note)
    return seen


def test_services_live_where_the_groups_say(clients, asked):
    """Messages go to LocalStack, everything else does not."""
    clients("sqs").list_queues()
    clients("sns").list_topics()
    clients("events").list_rules()
    clients("s3").list_buckets()
    clients("cloudwatch").describe_alarms()
    clients("iam").list_users()
    assert asked == ["sqs:ListQueues", "sns:ListTopics", "events:ListRules"]


def test_wrong_secret_is_refused_before_localstack(clients, world, asked):
    """The right secret gets through, the same with another last letter does not."""
    good = world.credentials()
    last = "a" if good.secret_access_key[-1] != "a" else "b"
    bad = replace(good, secret_access_key=good.secret_access_key[:-1] + last)
    clients("sqs", credentials=good).list_queues()
    assert refusal(clients("sqs", credentials=bad).list_queues)[0] in SIGNED_WRONGLY
    assert asked == ["sqs:ListQueues"]


def test_inactive_key_is_refused_before_localstack(clients, asked):
    """A user's key works until it is inactive, as on the embedded store."""
    iam = clients("iam")
    iam.create_user(UserName="app")
    made = iam.create_access_key(UserName="app")["AccessKey"]
    keys = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}'
    iam.put_user_policy(UserName="app", PolicyName="all", PolicyDocument=policy)
    clients("sqs", credentials=keys).list_queues()
    used = iam.get_access_key_last_used(AccessKeyId=keys.access_key_id)["AccessKeyLastUsed"]
    assert used["ServiceName"] == "sqs"
    iam.update_access_key(UserName="app", AccessKeyId=keys.access_key_id, Status="Inactive")
    assert refusal(clients("sqs", credentials=keys).list_queues)[0] in UNKNOWN_KEY
    assert asked == ["sqs:ListQueues"]


def test_accounts_do_not_see_each_other(clients):
    """Each has its own queue of one name, under its own number; a role's session acts in its role's account."""
    urls = [clients("sqs", account=a).create_queue(QueueName="q")["QueueUrl"] for a in clients.world.accounts]
    assert [url.split("/")[3] for url in urls] == list(clients.world.accounts)
    for account, url in zip(clients.world.accounts, urls, strict=True):
        assert clients("sqs", account=account).list_queues()["QueueUrls"] == [url]


def test_fault_stands_before_localstack(clients, world, asked):
    """While it is there the call is refused with the fault's code; afterwards it passes."""

    def throttled(call):
        if call.service == "sns":
            raise AwsError("Throttling", "Rate exceeded", 400)

    world.gateway.faults.append(throttled)
    sns = clients("sns", retries={"max_attempts": 0})
    assert refusal(sns.list_topics) == ("Throttling", 400)
    clients("sqs").list_queues()
    world.gateway.faults.remove(throttled)
    sns.list_topics()
    assert asked == ["sqs:ListQueues", "sns:ListTopics"]


def test_authoriser_stands_before_localstack(clients, world, asked):
    """A call that is denied does not get there."""

    def deny(call):
        if call.operation == "CreateQueue":
            raise AwsError("AccessDenied", "no", 403)

    world.gateway.authorisers.append(deny)
    assert refusal(clients("sqs").create_queue, QueueName="q")[0] == "AccessDenied"
    assert "QueueUrls" not in clients("sqs").list_queues()
    assert asked == ["sqs:ListQueues"]


def test_trail_records_what_localstack_answers(clients, world):
    """With the caller, the parameters and the refusal; CloudTrail looks it up."""
    sqs = clients("sqs")
    sqs.create_queue(QueueName="q")
    refusal(sqs.get_queue_url, QueueName="none")
    made, missed = [e for e in world.evidence.events() if e["eventSource"] == "sqs.amazonaws.com"]
    assert (made["eventName"], made["requestParameters"]["queueName"]) == ("CreateQueue", "q")
    assert made["userIdentity"]["type"] == "Root"
    assert (missed["eventName"], missed["errorCode"]) == ("GetQueueUrl", "AWS.SimpleQueueService.NonExistentQueue")
    world.agenda.leader.advance(3600)
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "CreateQueue"}]
    found = clients("cloudtrail").lookup_events(LookupAttributes=wanted)
    assert len(found["Events"]) == 1


def test_old_protocol_of_sqs_is_understood_too(clients, world):
    """The Query protocol, which older SDKs speak, reaches the same queue."""
    import boto3
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    from twin.resources.mounting import botocore_request

    url = clients("sqs").create_queue(QueueName="q")["QueueUrl"]
    request = AWSRequest("POST", "https://sqs.us-east-1.amazonaws.com/", data="Action=ListQueues&Version=2012-11-05")
    request.headers["Content-Type"] = "application/x-www-form-urlencoded"
    held = world.credentials()
    keys = boto3.Session(held.access_key_id, held.secret_access_key).get_credentials()
    SigV4Auth(keys, "sqs", "us-east-1").add_auth(request)
    reply = world.handle(botocore_request(request.prepare()))
    assert reply.status == 200
    assert f"<QueueUrl>{url}</QueueUrl>".encode() in reply.body
