"""What API tokens may do, and the API's own rate limit."""

import json
from email.utils import parsedate_to_datetime

import pytest
from conftest import ACCOUNT, TOKEN, Api

from twin.world.ids import Ids
from twin.world.saas.cloudflare.permissions import needed
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import ROUTER, contract_name
from twin.world.saas.cloudflare.server import Cloudflare
from twin.world.saas.router import Hit

OWN = f"/accounts/{ACCOUNT}"
ZONES, ACCOUNTS = "com.cloudflare.api.account.zone", "com.cloudflare.api.account"
RECORD = {"type": "A", "name": "www", "content": "192.0.2.1"}
RULES = {"rules": [{"action": "block", "expression": "true"}]}


def group(name):
    """Return the id of a permission group."""
    return next(entry["id"] for entry in reference("permission_groups", "groups") if entry["name"] == name)


def policy(*names, effect="allow", on=f"{ZONES}.*"):
    """Return a policy that gives permissions on one resource."""
    resources = on if isinstance(on, dict) else {on: "*"}
    return {"effect": effect, "resources": resources, "permission_groups": [{"id": group(name)} for name in names]}


@pytest.fixture
def holding(api):
    """Return a client with a token of its own policies."""

    def make(*policies, **more):
        made = api.ok("POST", f"{OWN}/tokens", {"name": "scoped", "policies": list(policies), **more})
        return Api(api.server, made["value"])

    return make


@pytest.fixture
def other(api):
    """Return the path of a second zone."""
    return f"/zones/{api.ok('POST', '/zones', {'name': 'other.com'})['id']}"


WAF = "/rulesets/phases/http_request_firewall_custom/entrypoint"
CACHE = "/rulesets/phases/http_request_cache_settings/entrypoint"
CASES = [
    ("DNS Write", "POST", "/dns_records", RECORD, True),
    ("DNS Read", "GET", "/dns_records", None, True),
    ("DNS Write", "GET", "/dns_records", None, True),
    ("DNS Read", "POST", "/dns_records", RECORD, False),
    ("Zone WAF Write", "POST", "/dns_records", RECORD, False),
    ("Zone WAF Write", "PUT", WAF, RULES, True),
    ("DNS Write", "PUT", WAF, RULES, False),
    ("Cache Settings Write", "PUT", WAF, RULES, False),
    ("Zone WAF Write", "PUT", CACHE, {"rules": []}, False),
    ("Cache Settings Write", "PUT", CACHE, {"rules": []}, True),
    ("Zone Settings Write", "PATCH", "/settings/ssl", {"value": "strict"}, True),
    ("Zone Settings Read", "PATCH", "/settings/ssl", {"value": "strict"}, False),
    ("Cache Purge", "POST", "/purge_cache", {"purge_everything": True}, True),
    ("Cache Settings Write", "POST", "/purge_cache", {"purge_everything": True}, False),
    ("Zone Read", "GET", "", None, True),
    ("Zone Read", "PATCH", "", {"paused": True}, False),
    ("SSL and Certificates Read", "GET", "/ssl/certificate_packs", None, True),
]


@pytest.mark.parametrize(
    ("name", "method", "path", "body", "allowed"),
    CASES,
    ids=[f"{name.replace(' ', '-')}-{method}{path or '/'}" for name, method, path, _, _ in CASES],
)
def test_permission_is_for_its_operations_only(api, zone, holding, name, method, path, body, allowed):
    """With the permission the call succeeds, without it the answer is 403 with 10000."""
    mine = holding(policy(name))
    if allowed:
        mine.ok(method, zone + path, body)
    else:
        assert mine.refused(method, zone + path, body)[:2] == (403, 10000)


def test_permission_is_for_its_zone_only(api, zone, other, holding):
    """A token for one zone cannot touch another, nor see it in the list."""
    mine = holding(policy("DNS Write", "Zone Read", on=f"{ZONES}.{zone.removeprefix('/zones/')}"))
    mine.ok("POST", f"{zone}/dns_records", RECORD)
    assert mine.refused("POST", f"{other}/dns_records", RECORD)[:2] == (403, 10000)
    assert [row["name"] for row in mine.ok("GET", "/zones")] == ["example.com"]
    assert mine.refused("POST", "/zones", {"name": "third.com"})[:2] == (403, 10000)


def test_zones_below_an_account_are_all_its_zones(zone, holding):
    """`{account: {zone.*: *}}` gives every zone of the account."""
    mine = holding(policy("DNS Write", on={f"{ACCOUNTS}.{ACCOUNT}": {f"{ZONES}.*": "*"}}))
    mine.ok("POST", f"{zone}/dns_records", RECORD)


def test_deny_goes_before_allow(zone, other, holding):
    """All zones but one."""
    mine = holding(
        policy("DNS Write"), policy("DNS Write", effect="deny", on=f"{ZONES}.{zone.removeprefix('/zones/')}")
    )
    mine.ok("POST", f"{other}/dns_records", RECORD)
    assert mine.refused("POST", f"{zone}/dns_records", RECORD)[:2] == (403, 10000)


def test_account_permissions_need_the_account(holding):
    """The account's permissions are for its own id; another account's give nothing."""
    assert holding(policy("Account API Tokens Read", on=f"{ACCOUNTS}.{ACCOUNT}")).ok("GET", f"{OWN}/tokens")
    stranger = holding(policy("Account API Tokens Read", on=f"{ACCOUNTS}.{'b' * 32}"))
    assert stranger.refused("GET", f"{OWN}/tokens")[:2] == (403, 10000)
    assert stranger.ok("GET", "/accounts") == []


def test_token_can_verify_itself_whatever_it_may(holding):
    """Verification needs no permission."""
    assert holding(policy("DNS Read")).ok("GET", f"{OWN}/tokens/verify")["status"] == "active"


def test_token_that_cannot_make_tokens_cannot_widen_itself(holding):
    """A DNS token neither lists nor makes tokens."""
    mine = holding(policy("DNS Write"))
    assert mine.refused("POST", f"{OWN}/tokens", {"name": "more", "policies": [policy("Zone Write")]})[:2] == (
        403,
        10000,
    )


def test_every_claimed_operation_needs_a_permission_or_says_that_it_needs_none(api, zone):
    """No operation but the lists, verification and /ips is open to every token."""
    open_ = set()
    for operation in map(contract_name, ROUTER.endpoints):
        hit = Hit(None, {"zone_id": zone.removeprefix("/zones/")}, None, operation=operation)
        hit.request = type("Request", (), {"body": b""})()
        if operation not in set(reference("unsupported", "operations")) and not needed(api.server.state, hit):
            open_.add(operation)
    verify = {"GET /accounts/{account_id}/tokens/verify", "GET /user/tokens/verify"}
    assert open_ == {"GET /accounts", "GET /ips", *verify}
    named = {group["name"] for group in reference("permission_groups", "groups")}
    assert {name for name in reference("permissions", "phases").values() if f"{name} Write" not in named} == set()


@pytest.fixture
def limited(clock):
    """Return a client of a server that enforces the API's rate limit."""
    return Api(
        Cloudflare(
            clock=clock, ids=Ids(7), account_id=ACCOUNT, account_name="Twin", token=TOKEN, enforce_rate_limits=True
        )
    )


def test_twelve_hundred_calls_in_five_minutes_and_then_none_for_five(clock, limited):
    """Call 1,201 is refused as documented, whatever token of the user makes it; after five minutes all is well."""
    first = limited.send("GET", "/ips")
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("1200", "1199")
    limited.server.state.windows[limited.server.state.user_id]["count"] = 1199
    assert limited.send("GET", "/ips").status == 200
    clock.advance(10)
    refused = limited.send("GET", "/ips")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "300")
    assert (parsedate_to_datetime(refused.headers["X-RateLimit-Reset"]) - clock.now()).total_seconds() == 300
    (error,) = json.loads(refused.body)["errors"]
    assert error["code"] == 10100
    assert error["message"].startswith("More than 1200 requests per 300 seconds reached.")
    clock.advance(299)
    assert limited.send("GET", "/ips").status == 429
    clock.advance(1)
    assert limited.send("GET", "/ips").status == 200


def test_calls_are_counted_anew_after_five_minutes(clock, limited):
    """1,200 calls, five minutes, and the next is the first."""
    limited.send("GET", "/ips")
    limited.server.state.windows[limited.server.state.user_id]["count"] = 1200
    clock.advance(300)
    assert limited.send("GET", "/ips").headers["X-RateLimit-Remaining"] == "1199"


def test_account_s_own_tokens_are_counted_apart(limited):
    """The limit is per user; an account-owned token has the account's."""
    made = limited.ok("POST", f"{OWN}/tokens", {"name": "own", "policies": [policy("DNS Read")]})
    limited.server.state.windows[limited.server.state.user_id]["count"] = 1200
    assert Api(limited.server, made["value"]).send("GET", "/ips").status == 200
    assert limited.send("GET", "/ips").status == 429


def test_nothing_is_told_of_limits_that_are_not_enforced(api):
    """By default nothing is counted, as a clock that stands still never ends a window."""
    assert "X-RateLimit-Limit" not in api.send("GET", "/ips").headers
