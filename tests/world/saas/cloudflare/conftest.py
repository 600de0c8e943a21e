"""A Cloudflare server per test, every exchange with it checked against the vendor's contract."""

import copy
import json
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.ids import Ids
from twin.world.saas.cloudflare.routes import ROUTER, contract_name
from twin.world.saas.cloudflare.server import Cloudflare

SHARED = Path(os.environ.get("TWIN_SHARED") or Path(__file__).parents[4] / "../shared").resolve()
CONTRACTS = ("zones-dns", "rulesets", "loadbalancing", "accounts-tokens-audit", "access", "supplement-sdk59")
ACCOUNT = "a" * 32
TOKEN = "bootstrap-token-of-the-twin-0123456789abcdef"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

# Settings that the SDK 5.9 documents and the contract of 2024 does not know: left out before a list is checked.
SETTINGS_NEWER_THAN_CONTRACT = {
    "aegis",
    "china_network_enabled",
    "content_converter",
    "origin_h2_max_streams",
    "origin_max_http_version",
    "pre_render",
    "privacy_pass",
    "redirects_for_ai_training",
    "search_for_agents",
    "transformations",
    "transformations_allowed_origins",
    "webmcp_enabled",
    "webmcp_packs",
}

ACTION = "rulesets_RuleAction"
CACHE = "rulesets_SetCacheSettingsRule/allOf/1/properties/action_parameters/properties"
TARGET = "rulesets_RedirectRule/allOf/1/properties/action_parameters/properties/from_value/properties/target_url/oneOf"

# What the contract has wrong: (contract, schema, key, the value that it should have, why).
ERRATA = (
    ("rulesets", ACTION, "pattern", "^[a-z_]+$", "its own actions have underscores: js_challenge, set_config"),
    ("rulesets", f"{CACHE}/edge_ttl", "required", ["mode"], "SDK 5.9: default and status_code_ttl are optional"),
    ("rulesets", f"{TARGET}/0", "required", ["value"], "without it both branches of oneOf match every redirect"),
    ("zones-dns", "addressing_ips_jdcloud", "required", ["jdcloud_cidrs"], "without it both branches of oneOf match"),
    ("rulesets", f"{TARGET}/1", "required", ["expression"], "without it both branches of oneOf match every redirect"),
)


def operations(contract):
    """Return the operations of a contract by the twin's names."""
    methods = ("get", "post", "put", "patch", "delete")
    return {
        f"{method.upper()} {path}" for path, item in contract["paths"].items() for method in item if method in methods
    }


@cache
def documents():
    """Load the contracts as plain data; skip the test, loudly, where they are not."""
    folder = SHARED / "contracts"
    if not folder.is_dir():
        pytest.skip(f"the vendor contracts are absent: {folder} (set TWIN_SHARED)")
    return {name: json.loads((folder / f"cloudflare-{name}.json").read_text()) for name in CONTRACTS}


@cache
def known_operations():
    """Map every operation of the contracts to the contract that has it."""
    return {operation: name for name, document in documents().items() for operation in operations(document)}


@cache
def contract(name):
    """Build the validator of one contract, its errata repaired."""
    document = copy.deepcopy(documents()[name])
    for where, path, key, value, _reason in ERRATA:
        if where != name:
            continue
        schema = document["components"]["schemas"]
        for step in path.split("/"):
            schema = schema[int(step)] if isinstance(schema, list) else schema[step]
        assert schema.get(key) != value, f"erratum no longer needed: {path} {key}"
        schema[key] = value
    return OpenAPI.from_dict(document)


def comparable(operation, body):
    """Return a reply's body without what the contract is known to be too old for."""
    if not body or not operation.endswith("{zone_id}/settings"):
        return body
    shown = json.loads(body)
    if shown["result"]:
        shown["result"] = [row for row in shown["result"] if row["id"] not in SETTINGS_NEWER_THAN_CONTRACT]
    return json.dumps(shown).encode()


def check(operation, request, reply):
    """Raise unless a reply conforms to the contract."""
    kind = reply.headers.get("Content-Type", "").partition(";")[0]
    path = request.url.removeprefix("https://api.cloudflare.com").partition("?")[0]
    asked = MockRequest("https://api.cloudflare.com", request.method.lower(), path)
    body = comparable(operation, reply.body)
    given = MockResponse(body, status_code=reply.status, content_type=kind)
    contract(known_operations()[operation]).validate_response(asked, given)


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
            check(operation, request, reply)
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
        documents()
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
