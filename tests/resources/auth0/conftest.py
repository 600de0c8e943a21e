"""An Auth0 tenant on the twin's own server, whose every exchange is held against the vendor's contract."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import Bench
from twin.clock import VirtualClock
from twin.resources.auth0.api import Auth0System, Machine
from twin.resources.aws.api import AwsSystem
from twin.resources.scope import Scope
from twin.world.ids import Ids
from twin.world.saas.auth0.server import Auth0
from twin.world.world import World

sys.path.insert(0, str(Path(__file__).parents[2] / "world/saas/auth0"))
sys.path.insert(0, str(Path(__file__).parent))
import auth0_requests
from auth0_contract import CONTRACT

DOMAIN = "acme.us.auth0.com"
CLIENT, SECRET = "b" * 32, "s" * 64


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands at a known instant."""
    return VirtualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture
def tenant(clock) -> Auth0:
    """A new tenant."""
    return Auth0(clock=clock, ids=Ids(1), domain=DOMAIN, client_id=CLIENT, client_secret=SECRET)


@pytest.fixture
def bench(tenant) -> Bench:
    """A tenant that is asked through the applier's client."""

    def handle(request):
        if auth0_requests.present():
            assert auth0_requests.faults(request) == []
        reply = tenant.handle(request)
        if auth0_requests.present():
            CONTRACT.check(request, reply)
        return reply

    system = Auth0System(f"https://{DOMAIN}", Machine(DOMAIN, CLIENT, SECRET), handle=handle)
    return Bench(Scope(org="acme", environment="test", auth0_domain=DOMAIN), auth0=system)


@pytest.fixture
def stored(bench, clock) -> Bench:
    """The same beside an AWS account, whose secrets take those of clients."""
    world = World(1, clock)
    keys = world.credentials()
    bench.systems["aws"] = AwsSystem(
        region="us-east-1",
        access_key_id=keys.access_key_id,
        secret_access_key=keys.secret_access_key,
        handle=world.handle,
    )
    return bench
