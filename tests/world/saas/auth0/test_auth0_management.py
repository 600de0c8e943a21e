"""The management API, through the vendor's own SDK and held against its contract."""

import json

import pytest
from auth0.management.core.api_error import ApiError

DOMAIN = "twin.us.auth0.com"


def test_the_sdk_manages_clients_with_pages(sdk, call):
    """Create, list by pages until the end, read, change, rotate the secret, delete."""
    made = [sdk.clients.create(name=f"app {n}", app_type="regular_web") for n in range(5)]
    listed = list(sdk.clients.list(per_page=2))
    assert {one.client_id for one in made} <= {one.client_id for one in listed}
    assert len(listed) == 6
    first = sdk.clients.get(made[0].client_id)
    assert sdk.clients.update(first.client_id, name="renamed").name == "renamed"
    assert sdk.clients.rotate_secret(first.client_id).client_secret != first.client_secret
    sdk.clients.delete(first.client_id)
    with pytest.raises(ApiError) as gone:
        sdk.clients.get(first.client_id)
    assert (gone.value.status_code, gone.value.body["errorCode"]) == (404, "inexistent_client")
    assert call.log().count("sapi") == 8


def test_lists_go_on_by_checkpoint(call):
    """`take` and `from` walk through all entries once."""
    for n in range(5):
        call("POST", "/api/v2/connections", {"name": f"c-{n}", "strategy": "auth0"}, expect=201)
    names, place = [], ""
    while True:
        page = call("GET", f"/api/v2/connections?take=2&from={place}" if place else "/api/v2/connections?take=2")
        names += [one["name"] for one in page["connections"]]
        place = page.get("next")
        if not place:
            break
    assert names == [f"c-{n}" for n in range(5)]
    totals = call("GET", "/api/v2/connections?include_totals=true&per_page=2&page=2")
    assert (totals["start"], totals["limit"], totals["total"], len(totals["connections"])) == (4, 2, 5, 1)
    assert call("GET", "/api/v2/connections?per_page=500", expect=400)["errorCode"] == "invalid_query_string"


def test_roles_carry_permissions_to_users(sdk, call, shop):
    """By the SDK: a role with a permission, given to a user, taken again."""
    role = sdk.roles.create(name="clerk", description="Reads orders")
    permission = {"resource_server_identifier": "https://orders.example", "permission_name": "read:orders"}
    sdk.roles.permissions.add(role.id, permissions=[permission])
    assert [one.permission_name for one in sdk.roles.permissions.list(role.id)] == ["read:orders"]
    sdk.roles.users.assign(role.id, users=[shop.ada["user_id"]])
    assert [one.user_id for one in sdk.roles.users.list(role.id)] == [shop.ada["user_id"]]
    assert [one.id for one in sdk.users.roles.list(shop.ada["user_id"])] == [role.id]
    (held,) = sdk.users.permissions.list(shop.ada["user_id"])
    assert held.sources[0]["source_name"] == "clerk"
    sdk.users.roles.delete(shop.ada["user_id"], roles=[role.id])
    assert list(sdk.users.permissions.list(shop.ada["user_id"])) == []
    sdk.users.roles.assign(shop.ada["user_id"], roles=[role.id])
    sdk.roles.permissions.delete(role.id, permissions=[permission])
    sdk.roles.update(role.id, name="reader")
    assert sdk.roles.get(role.id).name == "reader"
    with pytest.raises(ApiError) as refused:
        sdk.roles.permissions.add(role.id, permissions=[permission | {"permission_name": "fly"}])
    assert refused.value.body["errorCode"] == "inexistent_permission"
    sdk.roles.delete(role.id)
    assert list(sdk.roles.list()) == []


def test_actions_are_deployed_before_they_are_bound(sdk):
    """A draft cannot be bound; a bound one cannot be deleted without force; secrets are not shown."""
    trigger = [{"id": "post-login", "version": "v3"}]
    action = sdk.actions.create(
        name="enrich", supported_triggers=trigger, code="exports.onExecutePostLogin = async () => {}",
        secrets=[{"name": "KEY", "value": "hunter2"}],
    )  # fmt: skip
    assert "hunter2" not in json.dumps(action.model_dump(mode="json"))
    ref = {"ref": {"type": "action_name", "value": "enrich"}, "display_name": "Enrich"}
    with pytest.raises(ApiError):
        sdk.actions.triggers.bindings.update_many("post-login", bindings=[ref])
    assert sdk.actions.deploy(action.id).number == 1
    bound = sdk.actions.triggers.bindings.update_many("post-login", bindings=[ref])
    assert bound.bindings[0].display_name == "Enrich"
    assert [one.action.name for one in sdk.actions.triggers.bindings.list("post-login")] == ["enrich"]
    with pytest.raises(ApiError) as used:
        sdk.actions.delete(action.id)
    assert used.value.status_code == 409
    assert [one.name for one in sdk.actions.list()] == ["enrich"]
    sdk.actions.delete(action.id, force=True)
    assert list(sdk.actions.list()) == []


def test_apis_and_grants_follow_each_other(call, sdk):
    """One grant per client and API, of scopes that the API has; both go with the API."""
    api = sdk.resource_servers.create(identifier="https://pay.example", scopes=[{"value": "pay"}])
    client = sdk.clients.create(name="batch", app_type="non_interactive")
    grant = sdk.client_grants.create(client_id=client.client_id, audience=api.identifier, scope=["pay"])
    again = {"client_id": client.client_id, "audience": api.identifier, "scope": ["pay"]}
    assert call("POST", "/api/v2/client-grants", again, expect=409)["errorCode"] == "client_grant_conflict"
    assert (
        call("PATCH", f"/api/v2/client-grants/{grant.id}", {"scope": ["fly"]}, expect=400)["errorCode"]
        == "invalid_scope"
    )
    assert [one.id for one in sdk.client_grants.list(audience=api.identifier)] == [grant.id]
    assert call("GET", f"/api/v2/client-grants/{grant.id}")["scope"] == ["pay"]
    assert sdk.resource_servers.update(api.id, token_lifetime=600).token_lifetime == 600
    assert sdk.resource_servers.get(api.id).identifier == "https://pay.example"
    assert len(list(sdk.resource_servers.list())) == 2
    sdk.client_grants.update(grant.id, scope=[])
    sdk.resource_servers.delete(api.id)
    assert list(sdk.client_grants.list(client_id=client.client_id)) == []
    call("DELETE", f"/api/v2/client-grants/{grant.id}", expect=204)
    (own,) = call("GET", "/api/v2/resource-servers")
    assert call("DELETE", f"/api/v2/resource-servers/{own['id']}", expect=400)["errorCode"] == "operation_not_supported"


def test_users_live_and_are_found(sdk, call, shop):
    """By id, mail and query; a second with the same mail is refused; the password is nowhere to be read."""
    user_id = shop.ada["user_id"]
    assert sdk.users.get(user_id).email == "ada@shop.example"
    assert [one.user_id for one in sdk.users.list_users_by_email(email="ADA@shop.example")] == [user_id]
    assert [one.user_id for one in sdk.users.list(q='email:"ada@shop.example"')] == [user_id]
    sdk.users.update(user_id, app_metadata={"plan": "gold"})
    assert sdk.users.update(user_id, app_metadata={"seat": 1}).app_metadata == {"plan": "gold", "seat": 1}
    twin = {"connection": "customers", "email": "ada@shop.example", "password": "x"}
    assert call("POST", "/api/v2/users", twin, expect=409)["errorCode"] == "auth0_idp_error"
    call("POST", "/api/v2/users", twin | {"connection": "none"}, expect=400)
    assert "Correct-horse-9" not in str(call.auth0.tenant.users)
    permission = {"resource_server_identifier": "https://orders.example", "permission_name": "read:orders"}
    call("POST", f"/api/v2/users/{user_id}/permissions", {"permissions": [permission]}, expect=201)
    call("DELETE", f"/api/v2/users/{user_id}/permissions", {"permissions": [permission]}, expect=204)
    sdk.users.delete(user_id)
    call("GET", f"/api/v2/users/{user_id}", expect=404)


def test_connections_live_and_die(call, shop):
    """A name is taken once; the users go with the connection."""
    path = f"/api/v2/connections/{shop.connection['id']}"
    assert call("GET", path)["name"] == "customers"
    assert call("PATCH", path, {"options": {"brute_force_protection": True}})["options"]["brute_force_protection"]
    again = {"name": "customers", "strategy": "auth0"}
    assert call("POST", "/api/v2/connections", again, expect=409)["errorCode"] == "connection_conflict"
    call("POST", "/api/v2/connections", {"name": "-x", "strategy": "auth0"}, expect=400)
    call("DELETE", path, expect=202)
    assert call("GET", "/api/v2/users") == []


def test_settings_are_read_and_changed(sdk):
    """Flags are merged."""
    sdk.tenants.settings.update(flags={"enable_client_connections": False}, friendly_name="Shop")
    sdk.tenants.settings.update(flags={"revoke_refresh_token_grant": True})
    found = sdk.tenants.settings.get()
    assert (found.friendly_name, found.flags.enable_client_connections) == ("Shop", False)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Missing required property: name"),
        ({"name": "x", "colour": "red"}, "Additional properties not allowed: colour"),
        ({"name": 7}, "Expected type string but found type integer"),
        ({"name": "x", "app_type": "toaster"}, "No enum match for: toaster"),
        ({"name": "x", "grant_types": ["telepathy"]}, "Invalid grant types: telepathy"),
    ],
    ids=["missing", "unknown", "type", "enum", "grant"],
)
def test_a_bad_body_is_refused_in_the_vendors_words(call, body, message):
    """With its code, and the log says that it failed."""
    refused = call("POST", "/api/v2/clients", body, expect=400)
    assert message in refused["message"]
    assert (refused["statusCode"], refused["error"], refused["errorCode"]) == (400, "Bad Request", "invalid_body")
    assert call.log()[-1] == "fapi"


def test_who_may_not_is_refused(call, clock):
    """No token, a broken one, one of another API, one without the scope, one that expired."""
    assert call("GET", "/api/v2/clients", bearer="x.y.z", expect=401)["message"] == "Invalid token"
    token, call.token = call.token, ""
    assert call("GET", "/api/v2/clients", expect=401)["message"] == "Missing authentication"
    narrow = call.grant(audience=f"https://{DOMAIN}/api/v2/", scope="read:clients")["access_token"]
    call("GET", "/api/v2/clients", bearer=narrow)
    refused = call("POST", "/api/v2/roles", {"name": "x"}, bearer=narrow, expect=403)
    assert refused["message"] == "Insufficient scope, expected any of: create:roles"
    clock.advance(86401)
    assert call("GET", "/api/v2/clients", bearer=token, expect=401)["message"].startswith("Expired token")


def test_rate_limits_are_told_and_kept_when_enforced(call, clock):
    """The bucket runs dry after its burst, answers 429, and fills again by the second."""
    call("GET", "/api/v2/clients")
    assert call.last.headers["x-ratelimit-limit"] == "50"
    call.auth0.tenant.bucket.enforced = True
    for _ in range(50):
        call("GET", "/api/v2/clients")
    assert call("GET", "/api/v2/clients", expect=429)["errorCode"] == "too_many_requests"
    assert call.last.headers["x-ratelimit-remaining"] == "0"
    clock.advance(1)
    call("GET", "/api/v2/clients")


def test_what_is_not_simulated_is_refused_by_name(call):
    """A documented operation without an endpoint, and a path that nobody documents."""
    told = call("GET", "/api/v2/guardian/factors", expect=400)["message"]
    assert told == "GET /guardian/factors is documented by Auth0 and not simulated here"
    for path in ("branding", "custom-domains", "log-streams", "email-templates/verify_email", "grants"):
        assert call("GET", f"/api/v2/{path}", expect=400)["errorCode"] == "not_simulated"
    call("GET", "/api/v2/teapots", expect=404)


def test_the_log_is_read_by_page_and_checkpoint(call, shop):
    """Types are the vendor's; an entry is found by its id; a query of terms selects."""
    rows = call("GET", "/api/v2/logs?include_totals=true&per_page=3")
    assert (rows["length"], rows["total"]) == (3, len(call.log()))
    newest = rows["logs"][0]
    assert call("GET", f"/api/v2/logs/{newest['log_id']}") == newest
    oldest = call.auth0.tenant.logs[0]["log_id"]
    assert len(call("GET", f"/api/v2/logs?from={oldest}&take=100")) == rows["total"] - 1
    assert {one["type"] for one in call("GET", "/api/v2/logs?q=type:seccft")} == {"seccft"}
    call("GET", "/api/v2/logs?q=type~x", expect=400)
    call("GET", "/api/v2/logs/none", expect=404)


def test_a_query_is_held_to_what_is_documented(call, shop):
    """An unknown parameter, a number that is none and one above the most are refused; so is what is not simulated."""
    told = {
        "per_pages=2": "'Additional properties not allowed: per_pages'.",
        "page=two": "'Expected type integer but found type string' on property page.",
        "page=-1": "'Value -1 is less than minimum 0' on property page.",
        "per_page=101": "'Value 101 is greater than maximum 100' on property per_page.",
    }
    for query, problem in told.items():
        refused = call("GET", f"/api/v2/clients?{query}", expect=400)
        assert (refused["errorCode"], refused["message"]) == (
            "invalid_query_string",
            f"Query validation error: {problem}",
        )
    assert call("GET", "/api/v2/users?primary_order=true", expect=400)["errorCode"] == "not_simulated"
    missing = call("GET", "/api/v2/users-by-email", expect=400)
    assert missing["message"] == "Query validation error: 'Missing required property: email'."
    assert call("GET", "/api/v2/users?page=9&per_page=100") == []
    assert call("GET", "/api/v2/users?page=10&per_page=100", expect=400)["errorCode"] == "invalid_paging"
    assert [one["email"] for one in call("GET", "/api/v2/users?sort=email:-1&per_page=1")] == [shop.ada["email"]]


def test_a_user_has_an_address_and_a_password_that_its_connection_takes(call, shop):
    """No address, an address of somebody else, a password below the connection's level: each is refused, 400."""
    body = {"connection": "customers", "email": "ben@shop.example", "password": "short"}
    assert "format email" in call("POST", "/api/v2/users", body | {"email": "ben"}, expect=400)["message"]
    ben = call("POST", "/api/v2/users", body, expect=201)  # as long as nothing is demanded, anything goes
    path = f"/api/v2/users/{ben['user_id']}"
    assert "already exists" in call("PATCH", path, {"email": shop.ada["email"]}, expect=400)["message"]
    call("PATCH", f"/api/v2/connections/{shop.connection['id']}", {"options": {"passwordPolicy": "excellent"}})
    for weak in ("Short-9", "onlylowercaseletters", "Aaa-111-bbbb"):
        assert call("PATCH", path, {"password": weak}, expect=400)["message"].startswith("PasswordStrengthError")
    call("PATCH", path, {"password": "Long-and-mixed-9"})
    options = {"options": {"passwordPolicy": "superb"}}
    assert (
        "No enum match" in call("PATCH", f"/api/v2/connections/{shop.connection['id']}", options, expect=400)["message"]
    )


def test_a_clients_secret_is_shown_to_who_may_read_keys(call, shop):
    """`read:clients` lists clients without their secrets; with `read:client_keys` they are there."""
    api = f"https://{DOMAIN}/api/v2/"
    lister = call("POST", "/api/v2/clients", {"name": "lister", "app_type": "non_interactive"}, expect=201)
    grant = {"client_id": lister["client_id"], "audience": api, "scope": ["read:clients"]}
    made = call("POST", "/api/v2/client-grants", grant, expect=201)
    form = {"client_id": lister["client_id"], "client_secret": lister["client_secret"], "audience": api}
    path = f"/api/v2/clients/{shop.app['client_id']}"
    bearer = call.grant(**form)["access_token"]
    assert "client_secret" not in call("GET", path, bearer=bearer)
    assert not any("client_secret" in one for one in call("GET", "/api/v2/clients", bearer=bearer))
    call("PATCH", f"/api/v2/client-grants/{made['id']}", {"scope": ["read:clients", "read:client_keys"]})
    assert call("GET", path, bearer=call.grant(**form)["access_token"])["client_secret"] == shop.app["client_secret"]


TRIGGERS = [{"id": "post-login", "version": "v3"}]
ODD = (None, True, 5, "x", [], {}, ["x"], [[]], [None], [{}])


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "actions/actions", {"name": "a", "supported_triggers": TRIGGERS}, "supported_triggers"),
        ("POST", "actions/actions", {"name": "a", "supported_triggers": TRIGGERS}, "secrets"),
        ("PATCH", "actions/triggers/post-login/bindings", {}, "bindings"),
        ("POST", "client-grants", {"client_id": "x", "audience": "https://twin.us.auth0.com/api/v2/"}, "scope"),
        ("POST", "resource-servers", {"identifier": "https://odd"}, "scopes"),
        ("POST", "roles/{role}/users", {}, "users"),
        ("POST", "roles/{role}/permissions", {}, "permissions"),
        ("DELETE", "roles/{role}/permissions", {}, "permissions"),
    ],
)
def test_lists_are_held_to_what_they_hold(call, method, path, body, field):
    """Another type inside a list is refused by its field; only what the list holds goes on."""
    role = call("POST", "/api/v2/roles", {"name": "odd"}, expect=200)["id"]
    url = f"https://{DOMAIN}/api/v2/" + path.replace("{role}", role)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {call.token}"}
    for number, odd in enumerate(ODD):
        told = body | {"name": f"n{number}"} if "name" in body else body
        for value in ([odd], [{"id": odd, "name": odd, "value": odd, "ref": odd}]):
            told = told | {field: value}
            reply = call.send(method, url, json.dumps(told).encode(), headers)
            assert reply.status in (200, 201, 204, 400, 404, 409), (odd, value, reply.body)
