"""A Cloudflare server per test, every exchange with it checked against the vendor's contract."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.ids import Ids
from twin.world.saas.cloudflare.routes import ROUTER, contract_name
from twin.world.saas.cloudflare.server import Cloudflare

sys.path.insert(0, str(Path(__file__).parent))
from cloudflare_contract import CONTRACT

ACCOUNT = "a" * 32
TOKEN = "bootstrap-token-of-the-twin-0123456789abcdef"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Api:
    """Calls a server in process and checks what comes back; `seen` counts the operations by name."""

    def __init__(self, server, token=TOKEN):
        self.server, self.token, self.seen = server, token, {}

    def send(self, method, path, body=None, *, headers=None, raw=None):
        """Send one request; returns the wire reply."""
        lines = {"Authorization": f"Bearer {self.token}"} if headers is None else headers
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if data:
            lines = {"Content-Type": "application/json", **lines}
        url = f"https://api.cloudflare.com/client/v4{path}"
        request = Request(method, url, Headers(list(lines.items())), data)
        reply = self.server.handle(request)
        found = ROUTER.match(request)
        if isinstance(found, tuple):
            operation = contract_name(found[1].operation)
            assert operation == CONTRACT.check(request, reply)
            self.seen[operation] = self.seen.get(operation, 0) + (reply.status < 400)
        return reply

    def ok(self, method, path, body=None):
        """Send a request that must succeed; returns its result."""
        reply = self.send(method, path, body)
        assert reply.status in (200, 201, 202, 204), reply.body
        return json.loads(reply.body)["result"] if reply.body else None

    def page(self, path):
        """Return result and result_info of a list."""
        reply = self.send("GET", path)
        assert reply.status == 200, reply.body
        body = json.loads(reply.body)
        return body["result"], body.get("result_info")

    def refused(self, method, path, body=None, **options):
        """Send a request that must be refused; returns (status, code, message) of its first error."""
        reply = self.send(method, path, body, **options)
        shown = json.loads(reply.body)
        assert shown["success"] is False
        assert shown["result"] is None
        error = shown["errors"][0]
        return reply.status, error["code"], error["message"]


@pytest.fixture
def clock():
    """Return a clock that stands at NOW."""
    return VirtualClock(NOW)


@pytest.fixture
def make_api(clock):
    """Return a maker of servers on a plan, each with its checked client."""

    def make(plan="free"):
        if CONTRACT.absent():
            pytest.skip(CONTRACT.absent())
        server = Cloudflare(
            clock=clock, ids=Ids(7), account_id=ACCOUNT, account_name="Twin", zone_plan=plan, token=TOKEN
        )
        return Api(server)

    return make


@pytest.fixture
def api(make_api):
    """Return a checked client of a server on the Free plan."""
    return make_api()


@pytest.fixture
def zone(api):
    """Return the path of an active zone."""
    made = api.ok("POST", "/zones", {"name": "example.com", "account": {"id": ACCOUNT}})
    api.ok("PUT", f"/zones/{made['id']}/activation_check")
    return f"/zones/{made['id']}"
