"""SNS: queues under their policy, endpoints that confirm, retries and dead letters, and a served world that calls."""

import base64
import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from refused import refusal
from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.behaviors.sns_delivery import endpoint_down
from twin.world.behaviors.sns_subscriptions import pending_token
from twin.world.server import serve

TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
HOOK = "https://hooks.example/twin"


@pytest.fixture
def sns(clients):
    """A client of SNS, with a topic."""
    made = clients("sns")
    made.create_topic(Name="t")
    return made


def policy(topic=TOPIC):
    """Return a queue's policy that lets one topic in."""
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    statement |= {"Resource": "*", "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_queue(clients, name, *, account="123456789012", **attributes):
    """Make a queue; return its ARN and a function that reads it."""
    sqs = clients("sqs", account=account)
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def read():
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]

    return f"arn:aws:sqs:us-east-1:{account}:{name}", read


def kinds(world, kind):
    """Return the facts of the happenings of a kind."""
    return [happening.facts for happening in world.scene.happenings if happening.kind == kind]


@pytest.mark.parametrize("account", ["123456789012", "210987654321"])
def test_queue_gets_what_its_policy_lets_in(clients, sns, world, account):
    """A queue, also of another account, takes the messages of the topic that its policy names, in the envelope."""
    arn, read = make_queue(clients, "q", account=account, Policy=policy())
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn)
    other, read_other = make_queue(clients, "other", Policy=policy(TOPIC + "-other"))
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=other)
    sns.publish(TopicArn=TOPIC, Message="hello", Subject="greeting")
    (body,) = read()
    message = json.loads(body)
    assert (message["Type"], message["Message"], message["Subject"]) == ("Notification", "hello", "greeting")
    assert read_other() == []
    assert [facts["reason"] for facts in kinds(world, "sns.undelivered")] == ["AccessDenied"]


def test_signature_of_a_message_holds_and_breaks_with_the_message(clients, sns, world):
    """Who fetches the certificate without signing can check what came."""
    arn, read = make_queue(clients, "q", Policy=policy())
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="SignatureVersion", AttributeValue="2")
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=TOPIC, Message="hello")
    message = json.loads(read()[0])
    pem = world.handle(Request("GET", message["SigningCertURL"], Headers(), b"")).body
    key = x509.load_pem_x509_certificate(pem).public_key()

    def check(text):
        names = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
        signed = "".join(f"{name}\n{(message | {'Message': text})[name]}\n" for name in names)
        key.verify(base64.b64decode(message["Signature"]), signed.encode(), padding.PKCS1v15(), hashes.SHA256())

    check("hello")
    with pytest.raises(InvalidSignature):
        check("goodbye")


def test_filter_policy_keeps_messages_back(clients, sns):
    """Only what has the wanted attribute arrives."""
    arn, read = make_queue(clients, "q", Policy=policy())
    attributes = {"FilterPolicy": '{"kind": ["order"]}', "RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    for kind in ("order", "visit"):
        told = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=TOPIC, Message=kind, MessageAttributes=told)
    assert read() == ["order"]


def test_endpoint_gets_nothing_before_it_confirms(sns, world):
    """Until the token comes back it has no ARN and no messages; a wrong token confirms nothing."""
    reply = sns.subscribe(TopicArn=TOPIC, Protocol="https", Endpoint=HOOK)
    assert reply["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    sns.publish(TopicArn=TOPIC, Message="early")
    assert kinds(world, "sns.delivered") == []
    (sent,) = kinds(world, "sns.confirmation.sent")
    assert refusal(sns.confirm_subscription, TopicArn=TOPIC, Token="wrong") == ("InvalidParameter", 400)
    token = pending_token(world.scene, sent["subscription"])
    url = f"https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={token}"
    assert world.handle(Request("GET", url, Headers(), b"")).status == 200
    sns.publish(TopicArn=TOPIC, Message="late")
    (delivered,) = kinds(world, "sns.delivered")
    assert (delivered["endpoint"], len(delivered["digest"])) == (HOOK, 64)
    attributes = sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]
    assert (attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]) == ("0", "1")


def test_subscription_that_nobody_confirms_goes_after_two_days(sns, world, clock):
    """An address that never answers is forgotten, and nothing is left to do."""
    sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="a@b.example")
    clock.advance(timedelta(days=2).total_seconds() - 1)
    assert len(sns.list_subscriptions()["Subscriptions"]) == 1
    clock.advance(2)
    assert sns.list_subscriptions()["Subscriptions"] == []
    assert world.agenda.entries() == []


def test_endpoint_that_is_down_is_tried_again_and_then_the_queue_gets_the_message(clients, sns, world, clock):
    """Three retries twenty seconds apart; then the dead-letter queue has it."""
    dead, read_dead = make_queue(clients, "dead", Policy=policy())
    arn = sns.subscribe(
        TopicArn=TOPIC,
        Protocol="https",
        Endpoint=HOOK,
        ReturnSubscriptionArn=True,
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})},
    )["SubscriptionArn"]
    sns.confirm_subscription(TopicArn=TOPIC, Token=pending_token(world.scene, arn))
    endpoint_down(world.scene, HOOK)
    sns.publish(TopicArn=TOPIC, Message="lost")
    clock.advance(59)
    assert read_dead() == []
    clock.advance(2)
    assert [json.loads(body)["Message"] for body in read_dead()] == ["lost"]
    assert [facts["reason"] for facts in kinds(world, "sns.undelivered")] == ["unreachable"]


class Hook(BaseHTTPRequestHandler):
    """An endpoint that confirms its subscription and keeps what it gets."""

    def do_POST(self):
        """Take a message."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.server.got.append((self.headers["x-amz-sns-message-type"], body))
        self.server.came.set()

    def log_message(self, *_args):
        """Say nothing."""


def test_served_world_calls_endpoints_on_this_machine(clients, sns, world):
    """The endpoint gets a token, brings it back to the served twin, and then gets the message."""
    hook = HTTPServer(("127.0.0.1", 0), Hook)
    hook.got, hook.came = [], Event()
    Thread(target=hook.serve_forever, daemon=True).start()
    with serve(world.handle) as server:
        world.served(server.url)
        sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=f"http://127.0.0.1:{hook.server_port}/x")
        assert hook.came.wait(5)
        ((kind, message),) = hook.got
        assert kind == "SubscriptionConfirmation"
        assert urlsplit(message["SubscribeURL"]).netloc == urlsplit(server.url).netloc
        assert parse_qs(urlsplit(message["SubscribeURL"]).query)["Token"] == [message["Token"]]
        hook.came.clear()
        with urlopen(message["SubscribeURL"]) as reply:
            assert b"SubscriptionArn" in reply.read()
        sns.publish(TopicArn=TOPIC, Message="hello")
        assert hook.came.wait(5)
        assert (hook.got[1][0], hook.got[1][1]["Message"]) == ("Notification", "hello")
    hook.shutdown()
    hook.server_close()


def test_served_world_calls_nobody_else(sns, world):
    """An endpoint elsewhere is told as a happening, though the world is served."""
    with serve(world.handle) as server:
        world.served(server.url)
        arn = sns.subscribe(TopicArn=TOPIC, Protocol="https", Endpoint=HOOK, ReturnSubscriptionArn=True)
        sns.confirm_subscription(TopicArn=TOPIC, Token=pending_token(world.scene, arn["SubscriptionArn"]))
        sns.publish(TopicArn=TOPIC, Message="hello")
    assert kinds(world, "sns.sent") == []
    assert len(kinds(world, "sns.delivered")) == 1
    with pytest.raises(ValueError, match="not on this machine"):
        world.scene.outbox.send(type("P", (), {"url": HOOK})())
