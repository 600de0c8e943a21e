"""What Auth0 refuses is found before anything is sent, on the field that caused it."""

import pytest

from twin.address import Address
from twin.codes import codes
from twin.engine.check import STAND_IN
from twin.resources.auth0.action import Action
from twin.resources.auth0.client import Client
from twin.resources.auth0.client_grant import ClientGrant
from twin.resources.auth0.connection import Connection
from twin.resources.auth0.resource_server import ResourceServer
from twin.resources.auth0.role import Permission, Role
from twin.resources.auth0.trigger_binding import TriggerBinding
from twin.resources.aws.secretsmanager import Secret
from twin.resources.http_check import check
from twin.resources.resource import Peers, drain
from twin.resources.scope import Scope

SCOPE = Scope(org="acme", environment="test", auth0_domain="acme.us.auth0.com")


def problems(resource, *others):
    """Check a resource beside others, `a0`, `a1` and on; returns pairs of code and field."""
    address = Address(resource.TYPE, "it")
    desired = {Address(other.TYPE, f"a{n}"): other for n, other in enumerate(others)} | {address: resource}
    found = list(resource.check(address, Peers(desired, SCOPE)))
    assert all(problem.code in codes() for problem in found), "every code is explained"
    return [(problem.code, problem.field) for problem in found]


def web(**fields):
    """Make an application with a server."""
    return Client(**{"name": "shop", "callbacks": ["https://shop.acme.example/in"], **fields})


def spa(**fields):
    """Make an application in a browser."""
    return web(**{"app_type": "spa", "token_endpoint_auth_method": "none", **fields})


def api(**fields):
    """Make an API."""
    base = {"name": "orders", "identifier": "https://orders.acme.example", "scopes": {"read": "Read"}}
    return ResourceServer(**{**base, **fields})


API, ROBOT = api(), Client(name="robot", app_type="non_interactive", grant_types=["client_credentials"])
AUDIENCE, CLIENT = "${auth0.resource_server.a0.identifier}", "${auth0.client.a1.id}"
STORE = "${aws.secretsmanager.secret.a0.arn}"
ACTION = "${auth0.action.a0.id}"
TWICE = [Permission(api=AUDIENCE, name="read")] * 2


@pytest.mark.parametrize(
    ("resource", "others", "expected"),
    [
        (web(name="<b>"), (), ("TW0683", "name")),
        (web(app_type="non_interactive"), (), ("TW0684", "grant_types")),
        (web(callbacks=[]), (), ("TW0685", "callbacks")),
        (web(callbacks=["http://shop.acme.example/in"]), (), ("TW0685", "callbacks")),
        (web(callbacks=["https://*.acme.example/in"]), (), ("TW0685", "callbacks")),
        (web(callbacks=["https://shop.acme.example/in#there"]), (), ("TW0685", "callbacks")),
        (web(callbacks=["com.acme.shop://in"]), (), ("TW0685", "callbacks")),
        (web(allowed_logout_urls=["javascript:alert(1)"]), (), ("TW0685", "allowed_logout_urls")),
        (web(token_endpoint_auth_method="none"), (), ("TW0686", "token_endpoint_auth_method")),
        (spa(token_endpoint_auth_method="client_secret_post"), (), ("TW0686", "token_endpoint_auth_method")),
        (spa(store="arn"), (), ("TW0686", "store")),
        (spa(grant_types=["authorization_code", "refresh_token"]), (), ("TW0686", "rotation")),
        (web(store=STORE), (Secret(name="s", value="env:X"),), ("TW0687", "store")),
        (ClientGrant(client=CLIENT, audience=AUDIENCE, scopes=["read"]), (API, spa()), ("TW0688", "client")),
        (ClientGrant(client=CLIENT, audience=AUDIENCE, scopes=["write"]), (API, ROBOT), ("TW0689", "scopes")),
        (Role(name="r", permissions=[Permission(api=AUDIENCE, name="write")]), (API,), ("TW0689", "permissions")),
        (Role(name="r", permissions=TWICE), (API,), ("TW0693", "permissions")),
        (api(name="a>b"), (), ("TW0683", "name")),
        (api(identifier="https://acme.us.auth0.com/api/v2/"), (), ("TW0690", "identifier")),
        (api(token_lifetime=0), (), ("TW0691", "token_lifetime")),
        (api(token_lifetime=2592001), (), ("TW0691", "token_lifetime")),
        (api(scopes={"read all": ""}), (), ("TW0692", "scopes")),
        (Connection(name="-users"), (), ("TW0680", "name")),
        (Connection(name="users", strategy="gogle"), (), ("TW0681", "strategy")),
        (Connection(name="g", strategy="oidc", options={"client_secret": "x"}), (), ("TW0682", "options")),
        (Connection(name="users", client_secret="env:X"), (), ("TW0682", "client_secret")),
        (Action(name="a", code="x", trigger="login"), (), ("TW0694", "trigger")),
        (Action(name="a", code="x", runtime="node8"), (), ("TW0694", "runtime")),
        (TriggerBinding(trigger="login", actions=["x"]), (), ("TW0694", "trigger")),
        (TriggerBinding(actions=[ACTION]), (Action(name="a", code="x", deployed=False),), ("TW0695", "actions")),
    ],
)  # fmt: skip
def test_a_mistake_is_told_on_its_field(resource, others, expected):
    """One problem each, with a code that is explained."""
    assert problems(resource, *others) == [expected]


@pytest.mark.parametrize(
    ("resource", "others"),
    [
        (web(callbacks=["http://localhost:3000/in"]), ()),
        (web(store=STORE), (Secret(name="s"),)),
        (spa(grant_types=["authorization_code", "refresh_token"], rotation=True), ()),
        (spa(app_type="native", callbacks=["com.acme.shop://in"]), ()),
        (ClientGrant(client=CLIENT, audience=AUDIENCE, scopes=["read"]), (API, ROBOT)),
        (Role(name="r", permissions=TWICE[:1]), (API,)),
        (api(token_lifetime=2592000), ()),
        (Connection(name="g", strategy="oidc", client_secret="env:X"), ()),
        (TriggerBinding(actions=[ACTION]), (Action(name="a", code="x"),)),
    ],
)  # fmt: skip
def test_what_is_right_is_sent_to_paths_that_exist(resource, others):
    """No problem, and every call has a method and a path."""
    assert problems(resource, *others) == []
    calls, outputs = drain(resource.create(SCOPE, Address(resource.TYPE, "it")), STAND_IN)
    assert calls
    assert outputs["id"]
    assert [check(call) for call in calls if call.system == "auth0"] == [[] for c in calls if c.system == "auth0"]
