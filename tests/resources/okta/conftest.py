"""An Okta org on the twin's own server."""

from datetime import UTC, datetime

import pytest

from bench import Bench
from twin.clock import VirtualClock
from twin.resources.okta.api import OktaSystem
from twin.resources.scope import Scope
from twin.world.ids import Ids
from twin.world.saas.okta.server import Okta

URL = "https://acme.okta.com"


@pytest.fixture
def bench() -> Bench:
    """A fresh org."""
    clock = VirtualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    server = Okta(clock=clock, ids=Ids(1), org_url=URL, org_name="acme", token="00token")
    system = OktaSystem(URL, "00token", handle=server.handle)
    return Bench(Scope(org="acme", environment="test", okta_url=URL), okta=system)
