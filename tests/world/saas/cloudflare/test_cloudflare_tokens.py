"""Authentication and API tokens: headers, secrets, rolling, expiry."""

import pickle

import pytest

ACCOUNT = "/accounts/" + "a" * 32
POLICY = {
    "effect": "allow",
    "resources": {"com.cloudflare.api.account.zone.*": "*"},
    "permission_groups": [{"id": "82e64a83756745bbbb1c9c2701bf816b"}],
}
BODY = {"name": "ci", "policies": [POLICY]}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (400, 9106)),
        ({"Authorization": "Bearer short"}, (400, 6003)),
        ({"Authorization": "Basic abc"}, (400, 6003)),
        ({"Authorization": "Bearer " + "x" * 40}, (403, 9109)),
        ({"X-Auth-Key": "x", "X-Auth-Email": "a@b.c"}, (400, 6003)),
        ({"X-Auth-Key": "0" * 37, "X-Auth-Email": "a@b.c"}, (403, 9103)),
    ],
)
def test_requests_without_a_good_token_are_refused(api, headers, expected):
    """Each kind of wrong header has its own code."""
    assert api.refused("GET", "/zones", headers=headers)[:2] == expected


def test_malformed_authorization_has_a_chain(api):
    """6003 says in its chain which header."""
    reply = api.send("GET", "/zones", headers={"Authorization": "Bearer short"})
    assert b'"error_chain":[{"code":6111,"message":"Invalid format for Authorization header"}]' in reply.body


def test_verify_knows_the_two_kinds_of_tokens(api):
    """The other owner's endpoint calls a token invalid (1000)."""
    reply = api.send("GET", "/user/tokens/verify")
    assert b"This API Token is valid and active" in reply.body
    assert api.refused("GET", f"{ACCOUNT}/tokens/verify") == (401, 1000, "Invalid API Token")
    stranger = {"Authorization": "Bearer " + "x" * 40}
    assert api.refused("GET", "/user/tokens/verify", headers=stranger) == (401, 1000, "Invalid API Token")
    api.token = api.ok("POST", f"{ACCOUNT}/tokens", BODY)["value"]
    assert api.ok("GET", f"{ACCOUNT}/tokens/verify")["status"] == "active"
    assert api.refused("GET", "/user/tokens/verify")[:2] == (401, 1000)


@pytest.mark.parametrize(("path", "prefix"), [("/user/tokens", "cfut_"), (f"{ACCOUNT}/tokens", "cfat_")])
def test_secret_is_shown_once_and_works(api, path, prefix):
    """Only create and roll show it; a get and the state never do."""
    made = api.ok("POST", path, BODY)
    assert made["value"].startswith(prefix)
    assert "value" not in api.ok("GET", f"{path}/{made['id']}")
    assert made["value"].encode() not in pickle.dumps(api.server)
    api.token = made["value"]
    assert api.ok("GET", "/zones") == []


def test_rolled_secret_replaces_the_old_one_at_once(api):
    """Overlap needs a second token."""
    made = api.ok("POST", "/user/tokens", BODY)
    fresh = api.ok("PUT", f"/user/tokens/{made['id']}/value", {})
    api.token = made["value"]
    assert api.refused("GET", "/zones") == (403, 9109, "Invalid access token")
    api.token = fresh
    api.ok("GET", "/zones")


def test_disabled_deleted_expired_and_early_tokens_are_refused(api, clock):
    """By status and by the clock."""
    bootstrap = api.token

    def works(secret):
        api.token = secret
        status = api.send("GET", "/zones").status
        api.token = bootstrap
        return status == 200

    window = {"not_before": "2026-03-01T12:01:00Z", "expires_on": "2026-03-01T12:02:00Z"}
    timed = api.ok("POST", "/user/tokens", {**BODY, **window})
    plain = api.ok("POST", "/user/tokens", BODY)
    assert [works(timed["value"]), works(plain["value"])] == [False, True]
    clock.advance(60)
    assert works(timed["value"])
    clock.advance(60)
    assert not works(timed["value"])
    assert api.ok("GET", f"/user/tokens/{timed['id']}")["status"] == "expired"
    path = f"/user/tokens/{plain['id']}"
    api.ok("PUT", path, {**BODY, "status": "disabled"})
    assert not works(plain["value"])
    api.ok("PUT", path, {**BODY, "status": "active"})
    assert works(plain["value"])
    api.ok("DELETE", path)
    assert not works(plain["value"])
    assert api.refused("GET", path)[:2] == (404, 1001)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"policies": []},
        {"policies": [{**POLICY, "effect": "maybe"}]},
        {"policies": [{**POLICY, "resources": {}}]},
        {"policies": [{**POLICY, "resources": {"zone": "*"}}]},
        {"policies": [{**POLICY, "permission_groups": [{"id": "f" * 32}]}]},
        {"expires_on": "tomorrow"},
        {"not_before": "2026-05-01T00:00:00Z", "expires_on": "2026-04-01T00:00:00Z"},
        {"condition": {"request_ip": {"in": ["300.0.0.0/8"]}}},
    ],
)
def test_bad_token_is_refused(api, change):
    """Nothing is made."""
    assert api.refused("POST", "/user/tokens", {**BODY, **change})[0] == 400
    assert [row["name"] for row in api.page("/user/tokens")[0]] == ["bootstrap"]


def test_user_holds_50_tokens(api):
    """The documented limit, the bootstrap token among them."""
    for _ in range(49):
        api.ok("POST", "/user/tokens", BODY)
    assert api.refused("POST", "/user/tokens", BODY)[:2] == (400, 1009)
    rows, info = api.page("/user/tokens?per_page=50")
    assert (len(rows), info["total_count"]) == (50, 50)
    assert api.page("/user/tokens?per_page=50&page=2")[0] == []


def test_permission_groups_are_found_by_name_and_scope(api):
    """The filters of the list."""
    path = f"{ACCOUNT}/tokens/permission_groups"
    (group,) = api.page(f"{path}?name=DNS%20Write")[0]
    assert group["id"] == "4755a26eedb94da69e1066d98aa820be"
    assert {row["scopes"][0] for row in api.page(f"{path}?scope=com.cloudflare.api.user")[0]} == {
        "com.cloudflare.api.user"
    }


def test_server_pickles_with_its_state(api, zone):
    """A copy goes its own way."""
    copy = pickle.loads(pickle.dumps(api.server))
    api.ok("DELETE", zone)
    assert len(copy.state.zones) == 1
    assert api.server.state.zones == {}
