"""One handle for all hosts: each request finds its vendor."""

import json

import pytest
from mounted import NOW
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.saas.accounts import CloudflareAccount
from twin.world.world import World


@pytest.mark.parametrize(
    ("url", "headers", "vendor"),
    [
        ("https://api.cloudflare.com/client/v4/zones", {}, "cloudflare"),
        ("http://127.0.0.1:1/client/v4/zones", {"Authorization": "Bearer x"}, "cloudflare"),
        ("https://twin.okta.com/api/v1/users", {}, "okta"),
        ("https://twin.oktapreview.com/anything", {}, "okta"),
        ("http://127.0.0.1:1/api/v1/users", {"Authorization": "SSWS x"}, "okta"),
        ("http://127.0.0.1:1/anything", {"Authorization": "SSWSx"}, "okta"),
        ("http://127.0.0.1:1/oauth2/default/v1/token", {}, "okta"),
        ("http://127.0.0.1:1/.well-known/okta-organization", {}, "okta"),
        ("http://127.0.0.1:1/api/v1/users", {"Authorization": "AWS4-HMAC-SHA256 x"}, "aws"),
        ("http://127.0.0.1:1/oauth2?X-Amz-Algorithm=AWS4-HMAC-SHA256", {}, "aws"),
        ("https://sts.us-east-1.amazonaws.com/", {}, "aws"),
        ("http://127.0.0.1:1/us-east-1_abc/.well-known/jwks.json", {}, "aws"),
        ("http://127.0.0.1:1/?Action=AssumeRoleWithWebIdentity", {}, "aws"),
        ("https://twin.us.auth0.com/anything", {}, "auth0"),
        ("http://127.0.0.1:1/api/v2/clients", {"Authorization": "Bearer x"}, "auth0"),
        ("http://127.0.0.1:1/oauth/token", {}, "auth0"),
        ("http://localhost:1/.well-known/jwks.json", {}, "auth0"),
        ("http://127.0.0.1:1/app/acme_aws_1/exk1/sso/saml", {}, "okta"),
        ("http://127.0.0.1:1/.well-known/openid-configuration", {}, "okta"),
        ("https://idp.example.com/.well-known/openid-configuration", {}, None),
        ("http://127.0.0.1:1/anything", {}, None),
        ("https://example.com/", {"Authorization": "Bearer x"}, None),
    ],
)
def test_request_finds_its_vendor(world, monkeypatch, url, headers, vendor):
    """Signature, host, token scheme and path decide, in this order."""
    reached = []
    monkeypatch.setattr(world.gateway, "handle", lambda request: reached.append("aws"))
    monkeypatch.setattr(world.vendors, "handle", lambda name, request: reached.append(name))
    reply = world.handle(Request("GET", url, Headers(headers)))
    assert reached == ([vendor] if vendor else [])
    if vendor is None:
        assert reply.status == 421


def test_stranger_is_refused_by_name(world):
    """The refusal names the host."""
    reply = world.handle(Request("GET", "https://example.com/x"))
    assert reply.status == 421
    assert "example.com" in json.loads(reply.body)["message"]


def test_vendor_takes_the_worlds_token(world):
    """The token that the world tells is the one with which the vendor starts; another is refused."""

    def verify(token):
        headers = Headers([("Authorization", f"Bearer {token}")])
        return world.handle(Request("GET", "https://api.cloudflare.com/client/v4/user/tokens/verify", headers)).status

    assert verify(world.cloudflare.token) == 200
    assert verify("x" * 40) in (400, 401, 403)


def test_okta_takes_the_worlds_token(world):
    """The org's bootstrap token lists users; another is refused."""

    def users(token):
        headers = Headers([("Authorization", f"SSWS {token}")])
        return world.handle(Request("GET", f"{world.okta.url}/api/v1/users", headers)).status

    assert users(world.okta.token) == 200
    assert users("x") == 401


def test_vendor_accounts_follow_from_the_seed_or_are_given():
    """Two worlds of one seed hold the same accounts; a given one is kept."""
    given = CloudflareAccount("0" * 32, "Org", "t" * 40)
    first, second = World(1, VirtualClock(NOW)), World(1, VirtualClock(NOW))
    other = World(2, VirtualClock(NOW), cloudflare=given)
    assert (first.cloudflare, first.okta) == (second.cloudflare, second.okta)
    assert first.cloudflare.token not in repr(first.cloudflare)
    assert other.cloudflare is given
    assert other.okta != first.okta
