"""An org of the twin, and a client that checks every exchange against the vendor's contract."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from twin.clock import VirtualClock
from twin.world.ids import Ids
from twin.world.saas.okta.server import Okta

sys.path.insert(0, str(Path(__file__).parent))
from okta_client import TOKEN, URL, Client


@pytest.fixture
def clock():
    """A clock that stands at a known instant."""
    return VirtualClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))


@pytest.fixture
def okta(clock):
    """A new org."""
    return Okta(clock=clock, ids=Ids(7), org_url=URL, org_name="acme", token=TOKEN)


@pytest.fixture
def call(okta):
    """A client of the org."""
    return Client(okta)


@pytest.fixture
def sdk(served, okta, monkeypatch):
    """The official client, pointed at the served org; its settings come from the environment only."""
    monkeypatch.setenv("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true")
    url = served(okta.handle)
    from okta.client import Client as OktaClient

    return OktaClient({"orgUrl": url, "token": "00bootstrap-token"})
