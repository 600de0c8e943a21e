"""A world per test and boto3 clients mounted on it, without a socket."""

from datetime import UTC, datetime
from io import BytesIO

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.world import World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ENDPOINT = "http://127.0.0.1:4999"


class Raw(BytesIO):
    """The body of a reply as botocore streams it."""

    def stream(self, **_kwargs):
        while chunk := self.read():
            yield chunk


def to_wire(prepared):
    """Read a botocore request as the world takes it."""
    body = prepared.body or b""
    body = body.read() if hasattr(body, "read") else body
    body = body.encode() if isinstance(body, str) else bytes(body)
    headers = [(k, v.decode() if isinstance(v, bytes) else str(v)) for k, v in prepared.headers.items()]
    return Request(prepared.method, prepared.url, Headers(headers), body)


class Clients:
    """Makes boto3 clients on a world; counts the requests that went over."""

    def __init__(self, world):
        self.world = world
        self.sent = []
        self.session = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="y")
        self.session.events.register("before-send", self._send)

    def _send(self, request, **_kwargs):
        self.sent.append(request)
        reply = self.world.handle(to_wire(request))
        return AWSResponse(request.url, reply.status, dict(reply.headers), Raw(reply.body))

    def __call__(self, service, *, credentials=None, region="us-east-1", account=None, endpoint=ENDPOINT, **config):
        held = credentials or self.world.credentials(account)
        return self.session.client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id=held.access_key_id,
            aws_secret_access_key=held.secret_access_key,
            aws_session_token=held.session_token,
            config=Config(**config),
        )


@pytest.fixture
def clock():
    return VirtualClock(NOW)


@pytest.fixture
def world(clock):
    made = World(7, clock, accounts=("123456789012", "210987654321"))
    yield made
    made.close()


@pytest.fixture
def clients(world):
    return Clients(world)
