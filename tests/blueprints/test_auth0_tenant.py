"""What the Auth0 part of customer identity becomes."""

import pytest

from tests.blueprints.built import HEAD, build
from twin.resources.auth0.role import Permission

TENANT = """\
customers:
  auth0:
    connections: {users: {}, partners: {strategy: samlp, clients: [desk]}}
    apis: {orders: {identifier: https://orders.acme.example, scopes: {"read:orders": Read}, token_lifetime: 1h}}
    clients:
      shop: {kind: spa, callbacks: [https://shop.acme.example/in]}
      desk: {kind: web, callbacks: [https://desk.acme.example/in]}
      robot: {kind: machine, apis: {orders: ["read:orders"]}}
    roles: {clerk: {permissions: {orders: ["read:orders"]}}}
"""


@pytest.fixture(autouse=True)
def named(monkeypatch):
    """Every spec names a tenant."""
    monkeypatch.setattr("tests.blueprints.built.HEAD", f"{HEAD}auth0: {{domain: acme.us.auth0.com}}\n")


def test_each_kind_of_client_gets_what_it_can_keep() -> None:
    """A browser proves nothing and rotates its tokens; a server and a machine have a secret, and a store for it."""
    built = build(TENANT)
    shop, desk, robot = (built.get("auth0.client", name) for name in ("shop", "desk", "robot"))
    assert (shop.app_type, shop.token_endpoint_auth_method, shop.rotation, shop.store) == ("spa", "none", True, None)
    assert (desk.app_type, desk.rotation) == ("regular_web", False)
    assert (robot.app_type, robot.grant_types) == ("non_interactive", ["client_credentials"])
    assert [c.store for c in (desk, robot)] == [
        f"${{aws.secretsmanager.secret.auth0-{name}.arn}}" for name in ("desk", "robot")
    ]
    assert built.names("aws.secretsmanager.secret") == ["auth0-desk", "auth0-robot"]
    assert built.problems() == []


def test_people_come_from_every_connection_that_says_nothing_else() -> None:
    """Applications that people sign in to, and never a machine."""
    built = build(TENANT)
    shop, desk = "${auth0.client.shop.id}", "${auth0.client.desk.id}"
    assert built.get("auth0.connection", "users").clients == [shop, desk]
    assert built.get("auth0.connection", "partners").clients == [desk]


def test_permissions_name_their_api_by_reference() -> None:
    """So that the API is there first."""
    built, api = build(TENANT), "${auth0.resource_server.orders.identifier}"
    grant = built.get("auth0.client_grant", "robot-orders")
    assert (grant.client, grant.audience, grant.scopes) == ("${auth0.client.robot.id}", api, ["read:orders"])
    assert built.get("auth0.role", "clerk").permissions == [Permission(api=api, name="read:orders")]
    assert built.get("auth0.resource_server", "orders").token_lifetime == 3600


def test_a_user_pool_is_made_only_where_one_is_meant() -> None:
    """Auth0 alone is instead of Cognito; beside any word of a pool there are both."""
    assert build(TENANT).names("aws.cognito.user_pool") == []
    assert build(TENANT + "  mfa: required\n").names("aws.cognito.user_pool") == ["main"]
    assert build("customers: {}\n").names("aws.cognito.user_pool") == ["main"]


def test_what_the_tenant_would_refuse_stands_at_its_line() -> None:
    """An unsafe callback and a strategy that nobody knows are the spec's."""
    unsafe = build(TENANT.replace("https://shop", "http://shop").replace("samlp", "saml"))
    lines = (HEAD + "auth0: {domain: acme.us.auth0.com}\n" + TENANT).splitlines()
    assert [(p.code, lines[p.span.line - 1].split(":")[0].strip()) for p in unsafe.problems()] == [
        ("TW0685", "shop"),
        ("TW0681", "connections"),
    ]
