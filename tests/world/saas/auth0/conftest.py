"""A tenant of the twin, the vendor's own clients mounted on it, and the contract that each exchange must meet."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from auth0.management import Auth0 as Management
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.ids import Ids
from twin.world.saas.auth0.server import Auth0

sys.path.insert(0, str(Path(__file__).parent))
from auth0_contract import CONTRACT

DOMAIN = "twin.us.auth0.com"
CLIENT, SECRET = "b" * 32, "s" * 64


@pytest.fixture
def clock():
    """A clock that stands at a known instant."""
    return VirtualClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))


@pytest.fixture
def auth0(clock):
    """A new tenant."""
    return Auth0(clock=clock, ids=Ids(7), domain=DOMAIN, client_id=CLIENT, client_secret=SECRET)


class Caller:
    """Calls the tenant without a client library; `last` is the last whole reply."""

    def __init__(self, auth0):
        self.auth0, self.token, self.last = auth0, "", None

    def send(self, method, url, body=b"", headers=None):
        """Send one request and hold the reply against the contract."""
        request = Request(method, url, Headers(headers or {}), body)
        self.last = self.auth0.handle(request)
        CONTRACT.check(request, self.last)
        return self.last

    def __call__(self, method, path, body=None, *, expect=200, bearer=None):
        headers = {"Content-Type": "application/json"}
        if bearer or self.token:
            headers["Authorization"] = f"Bearer {bearer or self.token}"
        raw = json.dumps(body).encode() if body is not None else b""
        reply = self.send(method, f"https://{DOMAIN}{path}", raw, headers)
        assert expect == reply.status, reply.body.decode()
        return json.loads(reply.body) if reply.body else {}

    def grant(self, expect=200, **form):
        """Ask the token endpoint."""
        asked = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET} | form
        return self("POST", "/oauth/token", {name: value for name, value in asked.items() if value}, expect=expect)

    def log(self):
        """Return the types of the log's entries."""
        return [entry["type"] for entry in self.auth0.tenant.logs]


@pytest.fixture
def call(auth0):
    """A caller that holds a token of the management API."""
    made = Caller(auth0)
    made.token = made.grant(audience=f"https://{DOMAIN}/api/v2/")["access_token"]
    return made


@pytest.fixture
def sdk(call):
    """The vendor's own management client, mounted on the tenant."""

    def answer(request):
        reply = call.send(request.method, str(request.url), request.read(), dict(request.headers))
        return httpx.Response(reply.status, headers=list(reply.headers.items()), content=reply.body)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    return Management(tenant_domain=DOMAIN, token=call.token, httpx_client=client, max_retries=0)


@pytest.fixture
def shop(call):
    """An API with two permissions, a connection, a user ada, and a single-page app that may use both."""
    scopes = [{"value": "read:orders", "description": "r"}, {"value": "write:orders", "description": "w"}]
    api = {"name": "Orders", "identifier": "https://orders.example", "scopes": scopes, "allow_offline_access": True}
    api |= {"enforce_policies": True, "token_dialect": "access_token_authz", "token_lifetime": 3600}
    server = call("POST", "/api/v2/resource-servers", api, expect=201)
    body = {"name": "Shop", "app_type": "spa", "callbacks": ["https://shop.example/cb"], "grant_types": GRANTS}
    app = call("POST", "/api/v2/clients", body, expect=201)
    connection = {"name": "customers", "strategy": "auth0", "enabled_clients": [app["client_id"]]}
    made = call("POST", "/api/v2/connections", connection, expect=201)
    user = {"connection": "customers", "email": "ada@shop.example", "password": "Correct-horse-9", "name": "Ada"}
    ada = call("POST", "/api/v2/users", user, expect=201)
    return SimpleNamespace(server=server, app=app, connection=made, ada=ada)


GRANTS = ["authorization_code", "refresh_token", "http://auth0.com/oauth/grant-type/password-realm"]
