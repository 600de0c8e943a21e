"""Faults of Okta and Cloudflare: the org is down, the edge fails, the dashboard is closed."""

import json

import pytest
from werkzeug.datastructures import Headers

from twin.errors import FaultError
from twin.wire import Request


@pytest.fixture
def okta(world):
    """Call Okta; returns the status and what it says."""

    def send(method, path, body=None):
        headers = Headers([("Authorization", f"SSWS {world.okta.token}"), ("Content-Type", "application/json")])
        data = json.dumps(body).encode() if body is not None else b""
        reply = world.handle(Request(method, f"{world.okta.url}/api/v1{path}", headers, data))
        return reply.status, json.loads(reply.body)

    return send


@pytest.fixture
def cloudflare(world):
    """Call Cloudflare; returns the status and its result."""

    def send(method, path, body=None):
        headers = Headers([("Authorization", f"Bearer {world.cloudflare.token}"), ("Content-Type", "application/json")])
        data = json.dumps(body).encode() if body is not None else b""
        reply = world.handle(Request(method, f"https://api.cloudflare.com/client/v4{path}", headers, data))
        return reply.status, json.loads(reply.body)["result"]

    return send


@pytest.fixture
def site(cloudflare):
    """A zone with a name behind the edge, a wildcard behind it, and a name that goes past it."""
    _, zone = cloudflare("POST", "/zones", {"name": "example.com"})
    for name, proxied in (("www", True), ("*.apps", True), ("direct", False)):
        record = {"type": "A", "name": f"{name}.example.com", "content": "192.0.2.1", "proxied": proxied}
        assert cloudflare("POST", f"/zones/{zone['id']}/dns_records", record)[0] == 200
    return zone


@pytest.fixture
def visit(world):
    """Visit a host; returns the status."""
    return lambda host: world.handle(Request("GET", f"https://{host}/")).status


GROUP = {"profile": {"name": "G"}}


def test_okta_is_down_and_comes_back(world, okta):
    """Every call fails in Okta's own words, and is counted; healed, the org is as it was."""
    id_ = world.faults.inject("okta-down")
    status, told = okta("GET", "/groups")
    assert (status, told["errorCode"]) == (503, "E0000009")
    assert okta("POST", "/groups", GROUP)[0] == 503
    assert world.faults.effects(id_).refused == 2
    world.faults.heal(id_)
    assert [group["profile"]["name"] for group in okta("GET", "/groups")[1]] == ["Everyone"]


def test_okta_is_read_only(world, okta, cloudflare):
    """Reads live, writes fail with Okta's code for it; Cloudflare is another's."""
    id_ = world.faults.inject("okta-down", {"mode": "read-only"})
    assert okta("GET", "/groups")[0] == 200
    assert cloudflare("GET", "/zones") == (200, [])
    assert world.faults.effects(id_).total == 0
    status, told = okta("POST", "/groups", GROUP)
    assert (status, told["errorCode"]) == (503, "E0000010")
    assert world.faults.effects(id_).refused == 1


def test_edge_fails_for_what_is_behind_it(world, site, visit, cloudflare):
    """Proxied names get an error of the edge's; others, and Cloudflare's API, do not; healed, nobody does."""
    before = visit("www.example.com")
    id_ = world.faults.inject("cloudflare-edge-5xx", {"zone": "example.com", "status": 522})
    assert visit("www.example.com") == 522
    assert visit("a.apps.example.com") == 522
    assert visit("direct.example.com") == visit("www.example.org") == before == 421
    assert cloudflare("GET", "/zones")[0] == 200
    assert world.faults.effects(id_).refused == 2
    world.faults.heal(id_)
    assert visit("www.example.com") == before


def test_edge_error_is_cloudflares(world, site):
    """Its server, its ray, its words."""
    world.faults.inject("cloudflare-edge-5xx")
    reply = world.handle(Request("GET", "https://www.example.com/"))
    assert (reply.headers["Server"], reply.body) == ("cloudflare", b"error code: 502")
    assert len(reply.headers["CF-RAY"]) == 20


def test_share_of_visitors_meets_the_error(world, site, visit):
    """About the share that was asked for, by the seed."""
    world.faults.inject("cloudflare-edge-5xx", {"share": 0.5})
    met = [visit("www.example.com") for _ in range(40)].count(502)
    assert 10 <= met <= 30


def test_edge_without_a_zone_is_refused(world, site):
    """There is nothing that could fail."""
    with pytest.raises(FaultError, match="serves no zone example"):
        world.faults.inject("cloudflare-edge-5xx", {"zone": "example.org"})


def test_edge_of_an_empty_cloudflare_is_refused(world):
    """Nor without any zone."""
    with pytest.raises(FaultError, match="no zone at all"):
        world.faults.inject("cloudflare-edge-5xx")


def test_dashboard_is_down_while_the_api_lives(world, visit, cloudflare):
    """Who has a token goes on; who wants to sign in gets an error, and is counted."""
    id_ = world.faults.inject("cloudflare-dashboard-down")
    assert cloudflare("GET", "/zones")[0] == 200
    assert world.faults.effects(id_).total == 0
    assert visit("dash.cloudflare.com") == 503
    assert world.faults.effects(id_).refused == 1
    world.faults.heal(id_)
    assert visit("dash.cloudflare.com") == 302
