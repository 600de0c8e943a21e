"""Administrators: roles allow calls on the API, and tokens work for whom, from where and as long as they may."""

import pytest
from okta_client import Client
from okta_person import person

from twin.world.saas.okta.principal import new_token


def as_user(call, user):
    """Return a client that calls with an API token of a user."""
    new_token(call.okta.org, user, "own", f"00{user['id']}")
    return Client(call.okta, f"00{user['id']}")


def admin(call, kind, name="ada"):
    """Return a client of a new user with a role."""
    user = person(call, name)
    if kind:
        call("POST", f"/api/v1/users/{user['id']}/roles", {"type": kind})
    return as_user(call, call.okta.org.users[user["id"]])


BOOKMARK = {
    "name": "bookmark",
    "label": "D",
    "signOnMode": "BOOKMARK",
    "settings": {"app": {"url": "https://d.example"}},
}
NEW = {"firstName": "N", "lastName": "N", "email": "n@acme.example", "login": "n@acme.example"}
OFFICE = {"type": "IP", "name": "Office", "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}]}
SERVER = {"name": "S", "description": "x", "audiences": ["api://s"]}
CALLS = {
    "read users": ("GET", "/api/v1/users", None),
    "read log": ("GET", "/api/v1/logs", None),
    "create user": ("POST", "/api/v1/users", {"profile": NEW}),
    "reset password": ("POST", "/api/v1/users/{bob}/lifecycle/reset_password?sendEmail=false", None),
    "reset factors": ("POST", "/api/v1/users/{bob}/lifecycle/reset_factors", None),
    "add member": ("PUT", "/api/v1/groups/{group}/users/{bob}", None),
    "create group": ("POST", "/api/v1/groups", {"profile": {"name": "New", "description": "x"}}),
    "create app": ("POST", "/api/v1/apps", BOOKMARK),
    "create zone": ("POST", "/api/v1/zones", OFFICE),
    "create server": ("POST", "/api/v1/authorizationServers", SERVER),
    "read tokens": ("GET", "/api/v1/api-tokens", None),
    "grant role": ("POST", "/api/v1/groups/{group}/roles", {"type": "REPORT_ADMIN"}),
    "deactivate user": ("POST", "/api/v1/users/{eve}/lifecycle/deactivate", None),
}
READ = {"read users", "read log"}
HELP = READ | {"reset password", "reset factors"}
USERS = HELP | {"create user", "deactivate user", "add member"}
MAY = {
    "SUPER_ADMIN": set(CALLS),
    "ORG_ADMIN": set(CALLS) - {"create server", "grant role", "read tokens"},
    "USER_ADMIN": USERS,
    "HELP_DESK_ADMIN": HELP,
    "APP_ADMIN": READ | {"create app"},
    "READ_ONLY_ADMIN": READ,
    "REPORT_ADMIN": {"read log"},
    "API_ACCESS_MANAGEMENT_ADMIN": READ | {"create server"},
    "GROUP_MEMBERSHIP_ADMIN": {"read users", "add member"},
    "": set(),
}


@pytest.mark.parametrize("kind", MAY, ids=lambda kind: kind or "none")
def test_a_role_allows_its_own_calls_and_no_others(call, kind):
    """Every call is either answered or refused with E0000006, as the comparison of the roles says."""
    bob, eve, group = person(call, "bob"), person(call, "eve"), call.group()
    own = admin(call, kind)
    for name, (method, path, body) in CALLS.items():
        target = path.format(bob=bob["id"], eve=eve["id"], group=group["id"])
        own(method, target, body, expect=None if name in MAY[kind] else (403, "E0000006"))


def test_everybody_may_look_at_themselves(call):
    """Who has no role reads the own account, and nobody else's."""
    own = admin(call, "")
    assert own("GET", "/api/v1/users/me")["profile"]["firstName"] == "Ada"
    other = person(call, "bob")
    own("GET", f"/api/v1/users/{other['id']}", expect=(403, "E0000006"))
    own("POST", "/api/v1/users/me", {"profile": {"title": "King"}}, expect=(403, "E0000006"))


def test_help_desk_cannot_take_over_an_administrator(call):
    """Resetting a super administrator is refused, a user's is not; an organization administrator may."""
    boss = next(one for one in call("GET", "/api/v1/users") if one["profile"]["firstName"] == "Org")
    helper = admin(call, "HELP_DESK_ADMIN")
    for key in (boss["id"], boss["profile"]["login"]):
        path = f"/api/v1/users/{key}/lifecycle/reset_factors"
        helper("POST", path, expect=(403, "E0000006"))
    admin(call, "ORG_ADMIN", "olga")("POST", f"/api/v1/users/{boss['id']}/lifecycle/reset_factors")


def test_a_group_brings_its_roles_and_takes_them_along(call):
    """Membership is administration, and leaving ends it at once."""
    user, group = person(call), call.group("Help Desk")
    role = call("POST", f"/api/v1/groups/{group['id']}/roles", {"type": "READ_ONLY_ADMIN"})
    assert (role["assignmentType"], role["label"]) == ("GROUP", "Read-only Administrator")
    assert call("GET", f"/api/v1/groups/{group['id']}/roles") == [role]
    own = as_user(call, call.okta.org.users[user["id"]])
    own("GET", "/api/v1/groups", expect=(403, "E0000006"))
    call("PUT", f"/api/v1/groups/{group['id']}/users/{user['id']}")
    own("GET", "/api/v1/groups")
    assert [one["type"] for one in call("GET", f"/api/v1/users/{user['id']}/roles")] == ["READ_ONLY_ADMIN"]
    call("DELETE", f"/api/v1/groups/{group['id']}/roles/{role['id']}")
    own("GET", "/api/v1/groups", expect=(403, "E0000006"))


def test_roles_are_assigned_once_and_taken_back(call):
    """A second assignment, an unknown role, and the end of the last super administrator are refused."""
    user = person(call)
    path = f"/api/v1/users/{user['id']}/roles"
    made = call("POST", path, {"type": "APP_ADMIN"})
    call("POST", path, {"type": "APP_ADMIN"}, expect=(409, "E0000090"))
    call("POST", path, {"type": "KING"}, expect=(400, "E0000001"))
    call("POST", path, {"type": "CUSTOM", "role": "cr0", "resource-set": "iam"}, expect=(400, "E0000060"))
    assert call("GET", f"{path}/{made['id']}")["type"] == "APP_ADMIN"
    call("DELETE", f"{path}/{made['id']}")
    assert call("GET", path) == []
    boss = next(one for one in call("GET", "/api/v1/users") if one["profile"]["firstName"] == "Org")
    (last,) = call("GET", f"/api/v1/users/{boss['id']}/roles")
    call("DELETE", f"/api/v1/users/{boss['id']}/roles/{last['id']}", expect=(400, "E0000001"))
    everyone = next(one for one in call("GET", "/api/v1/groups") if one["type"] == "BUILT_IN")
    call("POST", f"/api/v1/groups/{everyone['id']}/roles", {"type": "APP_ADMIN"}, expect=(400, "E0000211"))


def test_a_token_dies_with_its_owner_and_of_disuse(call, clock):
    """Thirty days without a call end a token, each call puts that off, and a suspended owner has none."""
    own = admin(call, "READ_ONLY_ADMIN")
    for _ in range(3):
        clock.advance(29 * 86_400)
        own("GET", "/api/v1/groups")
        call("GET", "/api/v1/groups")
    call("POST", "/api/v1/users/ada/lifecycle/suspend")
    own("GET", "/api/v1/groups", expect=(401, "E0000011"))
    call("POST", "/api/v1/users/ada/lifecycle/unsuspend")
    own("GET", "/api/v1/groups")
    clock.advance(30 * 86_400)
    own("GET", "/api/v1/groups", expect=(401, "E0000011"))


def test_a_token_works_inside_of_its_zones_only(call):
    """A stolen token is of no use elsewhere, and the attempt is logged."""
    own = admin(call, "READ_ONLY_ADMIN")
    zone = call("POST", "/api/v1/zones", OFFICE)
    (token,) = [one for one in call("GET", "/api/v1/api-tokens") if one["name"] == "own"]
    path, network = f"/api/v1/api-tokens/{token['id']}", {"connection": "ZONE", "include": [zone["id"]]}
    call("PUT", path, {"name": "own", "network": {"connection": "ZONE", "include": ["nzo"]}}, expect=(400, "E0000001"))
    call("PUT", path, {"name": "own", "network": network})
    own("GET", "/api/v1/groups", headers={"X-Twin-Source-Ip": "192.0.2.7"})
    own("GET", "/api/v1/groups", headers={"X-Twin-Source-Ip": "198.51.100.7"}, expect=(403, "E0000006"))
    assert call.events()[-1] == "system.api_token.request_outside_allowed_range"
