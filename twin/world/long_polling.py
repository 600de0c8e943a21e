"""Lets a consumer of SQS wait for a message, as AWS does, while the world goes on answering everybody else."""

import json
from threading import BoundedSemaphore, Event
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from twin.wire import Request, Response
from twin.world.aws_errors import AwsError
from twin.world.sigv4 import read_signature
from twin.world.stores.operations import FORM
from twin.world.world import World

# Seconds between looks into the queue, which is also how late a message can come.
LOOK = 0.05
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
LONGEST = 20


class Awaited(NamedTuple):
    """A queue in which somebody waits for a message, and for how long; None: as long as the queue says."""

    access_key_id: str
    region: str
    name: str
    seconds: int | None


class LongPolling:
    """Holds a ReceiveMessage back, outside the world, until there is a message or its time is over.

    Those that wait need a thread each, so only `places` may wait at once; the others are answered as they come.
    """

    def __init__(self, world: World, *, places: int) -> None:
        self._world = world
        self._places = BoundedSemaphore(places)
        self._ended = Event()

    def handle(self, request: Request) -> Response:
        """Answer a request, when its time has come."""
        awaited = _awaited(request)
        if awaited is not None and self._places.acquire(blocking=False):
            try:
                self._wait(awaited)
            finally:
                self._places.release()
        return self._world.handle(request)

    def end(self) -> None:
        """Let nobody wait any longer."""
        self._ended.set()

    def _wait(self, awaited: Awaited) -> None:
        looks = 0
        while self._patience(awaited) > looks * LOOK and not self._ended.wait(LOOK):
            looks += 1

    def _patience(self, awaited: Awaited) -> int:
        """Return for how many seconds in all to wait; 0 when there is a message, or nothing to wait for."""
        from twin.world.stores.moto_store import backends

        self._world.settle()
        with self._world.still():
            key = self._world.keys.find(awaited.access_key_id)
            if key is None or not key.active:
                return 0
            kept = backends("sqs")[key.principal.account][awaited.region].queues.get(awaited.name)
            if kept is None or kept.messages:
                return 0
            own = int(kept.receive_message_wait_time_seconds or 0)
        seconds = own if awaited.seconds is None else awaited.seconds
        return seconds if seconds <= LONGEST else 0


def _awaited(request: Request) -> Awaited | None:
    """Tell which queue a request waits for; None when it does not, or is too broken to say."""
    if request.headers.get("X-Amz-Target", "") == "AmazonSQS.ReceiveMessage":
        read = _json
    elif b"Action=ReceiveMessage" in request.body and request.headers.get("Content-Type", "").startswith(FORM):
        read = _form
    else:
        return None
    try:
        signature = read_signature(request)
        url, seconds = read(request.body)
    except (AwsError, ValueError, TypeError, AttributeError):
        return None  # the world refuses it in its own words
    if signature is None or signature.service != "sqs":
        return None
    return Awaited(signature.access_key_id, signature.region, urlsplit(url).path.rpartition("/")[2], seconds)


def _json(body: bytes) -> tuple[str, int | None]:
    asked = json.loads(body)
    seconds = asked.get("WaitTimeSeconds")
    return str(asked.get("QueueUrl", "")), None if seconds is None else int(seconds)


def _form(body: bytes) -> tuple[str, int | None]:
    asked = parse_qs(body.decode())
    seconds = asked.get("WaitTimeSeconds")
    return asked.get("QueueUrl", [""])[0], None if seconds is None else int(seconds[0])
