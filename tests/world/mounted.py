"""boto3 clients mounted on a world, without a socket."""

from datetime import UTC, datetime
from functools import lru_cache

import boto3
from botocore.config import Config

from twin.resources.mounting import mount_botocore

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ENDPOINT = "http://127.0.0.1:4999"


# One Session for all tests: a fresh one takes a fifth of a second to load its models.
SESSION = boto3.session.Session()
CURRENT = []


def _handle(request):
    mounted = CURRENT[-1]
    mounted.sent.append(request)
    return mounted.world.handle(request)


mount_botocore(SESSION.events, _handle)


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
    """Makes boto3 clients on a world, the last one mounted; `sent` holds the requests that the world got.

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
