"""A Cloudflare account on the twin's own server, with an AWS secret store beside it for token values."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bench import Bench
from twin.clock import VirtualClock
from twin.resources.call import Call
from twin.resources.cloudflare.api import CloudflareSystem
from twin.resources.scope import Scope
from twin.world.ids import Ids
from twin.world.saas.cloudflare.server import Cloudflare

ACCOUNT = "0123456789abcdef0123456789abcdef"
URL = "https://api.cloudflare.com/client/v4"


class Vault:
    """Stands for AWS where a token's value is stored: it keeps what it is sent."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def execute(self, call: Call) -> Any:
        """Keep the call."""
        self.calls.append(call)
        return {}


@pytest.fixture
def bench() -> Bench:
    """A fresh account."""
    clock = VirtualClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    server = Cloudflare(clock=clock, ids=Ids(1), account_id=ACCOUNT, account_name="acme", token="t" * 40)
    system = CloudflareSystem(URL, "t" * 40, handle=server.handle)
    return Bench(Scope(org="acme", environment="test", cloudflare_account=ACCOUNT), cloudflare=system, aws=Vault())
