"""Consumers of SQS wait for their message on the served world, and hold up nobody."""

import threading
import time

import boto3
import pytest
from botocore.config import Config

from twin.clock import WallClock
from twin.world.long_polling import LongPolling
from twin.world.server import serve
from twin.world.world import World


@pytest.fixture
def live():
    """A world in real time."""
    world = World(9, WallClock())
    yield world
    world.close()


@pytest.fixture
def polling(live):
    """What lets two consumers wait at once."""
    made = LongPolling(live, places=2)
    yield made
    made.end()


@pytest.fixture
def sqs(live, polling):
    """A client over a socket."""
    held = live.credentials()
    session = boto3.session.Session(held.access_key_id, held.secret_access_key, region_name="us-east-1")
    with serve(polling.handle) as server:
        config = Config(max_pool_connections=10, retries={"total_max_attempts": 1})
        yield session.client("sqs", endpoint_url=server.url, config=config)
        polling.end()


def start(work):
    """Run something beside the test; returns its thread, and the list that its result comes into."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    return thread, results


def bodies(reply):
    """The messages of a reply."""
    return [message["Body"] for message in reply.get("Messages", [])]


@pytest.mark.parametrize("said", [{"WaitTimeSeconds": 15}, {}])
def test_a_message_reaches_whoever_waits(sqs, live, said):
    """By its own word or by the queue's; meanwhile others are answered, and the trail has one call, not many."""
    url = sqs.create_queue(QueueName="orders", Attributes={"ReceiveMessageWaitTimeSeconds": "15"})["QueueUrl"]
    began = time.monotonic()
    consumer, got = start(lambda: sqs.receive_message(QueueUrl=url, **said))
    time.sleep(0.3)
    assert sqs.list_queues()["QueueUrls"] == [url]
    assert got == []
    sqs.send_message(QueueUrl=url, MessageBody="m")
    consumer.join()
    assert bodies(got[0]) == ["m"]
    assert 0.3 < time.monotonic() - began < 10
    assert [entry.operation for entry in live.gateway.trail.recorded].count("ReceiveMessage") == 1


def test_whoever_does_not_wait_is_answered_at_once(sqs):
    """Short polls, a queue with a message, a queue that is not there, and a broken request."""
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    began = time.monotonic()
    assert bodies(sqs.receive_message(QueueUrl=url)) == []
    sqs.send_message(QueueUrl=url, MessageBody="m")
    assert bodies(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)) == ["m"]
    for wrong in (url + "x", "nonsense"):
        with pytest.raises(sqs.exceptions.QueueDoesNotExist):
            sqs.receive_message(QueueUrl=wrong, WaitTimeSeconds=20)
    assert time.monotonic() - began < 8


def test_the_wait_ends_in_its_time(sqs):
    """A queue that stays empty is told so after the second that was asked for."""
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    began = time.monotonic()
    assert bodies(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)) == []
    assert time.monotonic() - began >= 0.95


def test_too_many_that_wait_are_answered_instead(sqs, polling):
    """The third finds no place to wait and is answered; the end of the serving ends the waiting of the others."""
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    waiting = [start(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)) for _ in range(2)]
    time.sleep(0.5)
    assert bodies(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)) == []
    assert all(thread.is_alive() for thread, _ in waiting)
    polling.end()
    for thread, got in waiting:
        thread.join(5)
        assert bodies(got[0]) == []
