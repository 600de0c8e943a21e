"""boto3 clients mounted on a world, without a socket."""

from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from werkzeug.datastructures import Headers

from twin.wire import Request

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


# One Session for all tests: a fresh one takes a fifth of a second to load its models.
SESSION = boto3.session.Session()
CURRENT = []


def _send(request, **_kwargs):
    mounted = CURRENT[-1]
    mounted.sent.append(request)
    reply = mounted.world.handle(to_wire(request))
    return AWSResponse(request.url, reply.status, dict(reply.headers), Raw(reply.body))


SESSION.events.register("before-send", _send)


# A client takes longer to make than most tests to use it; all send to the world that was mounted last.
@lru_cache(maxsize=300)
def _shared(service, region, endpoint, keys):
    return _made(service, region, endpoint, keys, {})


def _made(service, region, endpoint, keys, config):
    id_, secret, token = keys
    return SESSION.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=id_,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(**config),
    )


class Clients:
    """Makes boto3 clients on a world, the last one mounted; `sent` holds the requests that went over.

    A client whose events a test listens to is its own.
    """

    def __init__(self, world):
        self.world = world
        self.sent = []
        CURRENT[:] = [self]

    def __call__(
        self, service, *, credentials=None, region="us-east-1", account=None, endpoint=ENDPOINT, own=False, **config
    ):
        held = credentials or self.world.credentials(account)
        keys = (held.access_key_id, held.secret_access_key, held.session_token)
        if own or config or held.session_token:
            return _made(service, region, endpoint, keys, config)
        return _shared(service, region, endpoint, keys)
