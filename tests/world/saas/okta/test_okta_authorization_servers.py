"""Authorization servers: scopes, claims, policies, rules, keys."""

import base64

import pytest

SERVER = {"name": "Payments", "description": "x", "audiences": ["api://payments"]}
CLAIM = {"name": "team", "claimType": "RESOURCE", "valueType": "EXPRESSION", "value": "user.department"}


@pytest.fixture
def path(call):
    """The path of a new server."""
    return f"/api/v1/authorizationServers/{call('POST', '/api/v1/authorizationServers', SERVER)['id']}"


def test_the_default_server_is_there_and_stays(call):
    """It is listed first, issues under the org's url, and cannot be deleted."""
    default = call("GET", "/api/v1/authorizationServers")[0]
    assert (default["id"], default["issuer"]) == ("default", "https://acme.okta.com/oauth2/default")
    call("DELETE", "/api/v1/authorizationServers/default", expect=(400, "E0000001"))


def test_a_server_lives_from_creation_to_deletion(call, path):
    """It is read, found, replaced, switched and deleted."""
    assert call("GET", path)["id"].startswith("aus")
    assert len(call("GET", "/api/v1/authorizationServers?q=payments")) == 1
    assert call("PUT", path, SERVER | {"name": "Pay"})["name"] == "Pay"
    call("POST", f"{path}/lifecycle/deactivate")
    assert call("GET", path)["status"] == "INACTIVE"
    call("POST", f"{path}/lifecycle/activate")
    call("POST", "/api/v1/authorizationServers", SERVER | {"name": "Pay"}, expect=(400, "E0000001"))
    call("POST", "/api/v1/authorizationServers", {"name": "No audience"}, expect=(400, "E0000001"))
    call("DELETE", path)
    call("GET", path, expect=(404, "E0000007"))


def test_scopes_are_kept_and_reserved_ones_stay(call, path):
    """A scope is created, replaced and deleted; openid is the vendor's."""
    scope = call("POST", f"{path}/scopes", {"name": "pay:read"})
    assert call("GET", f"{path}/scopes/{scope['id']}")["consent"] == "IMPLICIT"
    assert (
        call("PUT", f"{path}/scopes/{scope['id']}", {"name": "pay:read", "consent": "REQUIRED"})["consent"]
        == "REQUIRED"
    )
    call("POST", f"{path}/scopes", {"name": "pay:read"}, expect=(400, "E0000001"))
    call("POST", f"{path}/scopes", {"name": "two words"}, expect=(400, "E0000001"))
    (openid,) = call("GET", f"{path}/scopes?q=openid")
    call("DELETE", f"{path}/scopes/{openid['id']}", expect=(400, "E0000001"))
    call("DELETE", f"{path}/scopes/{scope['id']}")
    call("GET", f"{path}/scopes/{scope['id']}", expect=(404, "E0000007"))


def test_claims_are_kept_and_checked(call, path):
    """Reserved names, unknown scopes and a group filter out of place are refused."""
    claim = call("POST", f"{path}/claims", CLAIM)
    assert call("GET", f"{path}/claims/{claim['id']}")["value"] == "user.department"
    assert [one["name"] for one in call("GET", f"{path}/claims")] == ["sub", "team"]
    groups = CLAIM | {"valueType": "GROUPS", "value": "eng", "group_filter_type": "STARTS_WITH"}
    assert call("PUT", f"{path}/claims/{claim['id']}", groups)["group_filter_type"] == "STARTS_WITH"
    for change in ({"name": "iss"}, {"conditions": {"scopes": ["nope"]}}, {"valueType": "GROUPS"}, {"claimType": "X"}):
        call("POST", f"{path}/claims", CLAIM | {"name": "other"} | change, expect=(400, "E0000001"))
    call("DELETE", f"{path}/claims/{claim['id']}")
    assert len(call("GET", f"{path}/claims")) == 1


def test_policies_and_rules_keep_their_order(call, path):
    """Priorities are renumbered; rules refuse unknown scopes and lifetimes out of bounds."""
    clients = {"clients": {"include": ["ALL_CLIENTS"]}}
    body = {"type": "OAUTH_AUTHORIZATION_POLICY", "name": "A", "description": "x", "conditions": clients}
    first = call("POST", f"{path}/policies", body)
    second = call("POST", f"{path}/policies", body | {"name": "B", "priority": 1})
    assert [one["name"] for one in call("GET", f"{path}/policies")] == ["B", "A"]
    call("PUT", f"{path}/policies/{first['id']}", body | {"priority": 1})
    assert call("GET", f"{path}/policies/{second['id']}")["priority"] == 2
    here = f"{path}/policies/{first['id']}"
    call("POST", f"{here}/lifecycle/deactivate")
    call("POST", f"{here}/lifecycle/activate")
    rule = {
        "name": "R",
        "type": "RESOURCE_ACCESS",
        "conditions": {"grantTypes": {"include": ["client_credentials"]}, "scopes": {"include": ["*"]}},
        "actions": {"token": {"accessTokenLifetimeMinutes": 15}},
    }
    made = call("POST", f"{here}/rules", rule)
    assert made["actions"]["token"]["refreshTokenWindowMinutes"] == 10080
    assert call("PUT", f"{here}/rules/{made['id']}", rule | {"name": "S"})["name"] == "S"
    call(
        "POST",
        f"{here}/rules",
        rule | {"actions": {"token": {"accessTokenLifetimeMinutes": 1}}},
        expect=(400, "E0000001"),
    )
    unknown = rule["conditions"] | {"scopes": {"include": ["nope"]}}
    call("POST", f"{here}/rules", rule | {"conditions": unknown}, expect=(400, "E0000001"))
    call("POST", f"{here}/rules/{made['id']}/lifecycle/deactivate")
    assert call("GET", f"{here}/rules/{made['id']}")["status"] == "INACTIVE"
    call("POST", f"{here}/rules/{made['id']}/lifecycle/activate")
    assert len(call("GET", f"{here}/rules")) == 1
    call("DELETE", f"{here}/rules/{made['id']}")
    call("DELETE", here)
    assert [one["priority"] for one in call("GET", f"{path}/policies")] == [1]


def test_signing_keys_are_real_and_the_same_each_time(call, path):
    """Two RSA keys of 2048 bits, one active and one next."""
    keys = call("GET", f"{path}/credentials/keys")
    assert [one["status"] for one in keys] == ["ACTIVE", "NEXT"]
    modulus = base64.urlsafe_b64decode(keys[0]["n"] + "==")
    assert int.from_bytes(modulus, "big").bit_length() == 2048
    assert call("GET", f"{path}/credentials/keys/{keys[0]['kid']}") == keys[0]
    call("GET", f"{path}/credentials/keys/none", expect=(404, "E0000007"))
