"""Each Auth0 type keeps the resource contract on the twin's own server."""

import json

import auth0_requests
import pytest
from werkzeug.datastructures import Headers

from twin.resources.auth0.action import Action
from twin.resources.auth0.client import Client
from twin.resources.auth0.client_grant import ClientGrant
from twin.resources.auth0.connection import Connection
from twin.resources.auth0.resource_server import ResourceServer
from twin.resources.auth0.role import Permission, Role
from twin.resources.auth0.trigger_binding import TriggerBinding
from twin.resources.aws.secretsmanager import Secret
from twin.resources.call import auth0, aws
from twin.wire import Request

API = "https://orders.acme.example"
ORDERS = ResourceServer(name="Orders", identifier=API, scopes={"read:orders": "Read", "write:orders": ""})
SHOP = Client(
    name="shop",
    app_type="spa",
    grant_types=["authorization_code", "refresh_token"],
    callbacks=["https://shop.acme.example/in"],
    token_endpoint_auth_method="none",
    rotation=True,
)
ROBOT = Client(name="robot", app_type="non_interactive", grant_types=["client_credentials"])
AUDIENCE = "${auth0.resource_server.orders.identifier}"
MARK = "[twin acme/test auth0.action.greet]"
CODE = "exports.onExecutePostLogin = async (event, api) => {};"


@pytest.fixture
def shop(bench):
    """A tenant with an API, an application and a machine."""
    bench.create("orders", ORDERS)
    bench.create("shop", SHOP)
    bench.create("robot", ROBOT)
    return bench


def test_api_lives_and_dies(bench):
    """An API gets and loses permissions and changes its lifetime; the tenant's own is built in."""
    fewer = ORDERS.model_copy(update={"scopes": {"read:orders": "Read"}, "token_lifetime": 3600})
    bench.lifecycle("orders", ORDERS, fewer, fewer.model_copy(update={"permissions_in_token": False}))
    assert [api.fields["name"] for api in bench.read(ResourceServer) if api.builtin] == ["Auth0 Management API"]


def test_client_lives_and_dies(bench):
    """An application changes where it returns to; two may bear one name, and the mark tells whose is whose."""
    moved = SHOP.model_copy(update={"callbacks": ["https://shop.acme.example/other", "http://localhost:3000/in"]})
    bench.systems["auth0"].execute(auth0("POST", "/api/v2/clients", {"name": "shop"}))
    bench.lifecycle("shop", SHOP, moved)
    assert [item.owner for item in bench.read(Client) if item.fields["name"] == "shop"] == [None]


def test_connection_lives_and_dies(shop):
    """A database takes in another client; options that are not ours stay as they are."""
    users = Connection(name="users", options={"brute_force_protection": True}, clients=["${auth0.client.shop.id}"])
    address = shop.create("users", users)
    id_ = shop.outputs[address]["id"]
    options = {"brute_force_protection": False, "requires_username": True}
    shop.systems["auth0"].execute(auth0("PATCH", f"/api/v2/connections/{id_}", {"options": options}))
    assert set(shop.differences(address, users)) == {"options"}
    shop.change(address, users)
    whole = shop.systems["auth0"].execute(auth0("GET", f"/api/v2/connections/{id_}"))
    assert whole["options"] == {"brute_force_protection": True, "requires_username": True}
    shop.delete(address, users)
    shop.lifecycle("users", users, users.model_copy(update={"clients": []}))


def test_grant_lives_and_dies_and_a_rogue_one_is_of_its_client(shop):
    """A machine's scopes change; a grant by hand to a client of ours is a member that nobody declared."""
    grant = ClientGrant(client="${auth0.client.robot.id}", audience=AUDIENCE, scopes=["read:orders"])
    shop.lifecycle("robot", grant, grant.model_copy(update={"scopes": ["write:orders", "read:orders"]}))
    robot = next(item.id for item in shop.read(Client) if item.fields["name"] == "robot")
    body = {"client_id": robot, "audience": API, "scope": ["write:orders"]}
    shop.systems["auth0"].execute(auth0("POST", "/api/v2/client-grants", body))
    rogue = [item.member_of for item in shop.read(ClientGrant) if item.fields["audience"] == API]
    assert rogue == [("auth0.client", robot)]


def test_role_lives_and_dies(shop):
    """Permissions are added and taken one against the other, and one that went with its API is no obstacle."""
    read, write = (Permission(api=AUDIENCE, name=f"{verb}:orders") for verb in ("read", "write"))
    clerk = Role(name="clerk", description="Counts", permissions=[read])
    address = shop.create("clerk", clerk)
    shop.change(address, clerk.model_copy(update={"permissions": [write]}))
    before = shop.observe(address, clerk)
    orders = next(a for a in shop.outputs if a.type == "auth0.resource_server")
    shop.change(orders, ORDERS.model_copy(update={"scopes": {"read:orders": "Read"}}))
    shop.run(shop.resolved(clerk).update(shop.scope, address, before, frozenset({"permissions"})))
    assert shop.differences(address, clerk) == {}
    shop.delete(address, clerk)


def test_action_lives_and_dies_under_its_trigger(bench):
    """An action is deployed as it is written, bound and unbound; one that is not deployed is drift."""
    greet = Action(name="greet", code=CODE)
    address = bench.create("greet", greet)
    assert bench.differences(address, greet) == {}
    bench.change(address, greet.model_copy(update={"code": f"// greets\n{CODE}\n"}))
    bench.create("other", Action(name="other", code=CODE))
    both = TriggerBinding(actions=["${auth0.action.greet.id}", "${auth0.action.other.id}"])
    bench.lifecycle("login", both, both.model_copy(update={"actions": both.actions[::-1]}))
    id_ = bench.outputs[address]["id"]
    bench.systems["auth0"].execute(auth0("PATCH", f"/api/v2/actions/actions/{id_}", {"code": f"evil()\n// {MARK}"}))
    assert set(bench.differences(address, greet)) == {"code", "deployed"}
    bench.create("login", both)
    owned = bench.read(Action, ids={id_})
    bench.run(Action.delete(bench.scope, next(item for item in owned if item.id == id_)))
    assert [item.fields["name"] for item in bench.read(Action)] == ["other"]


def test_a_clients_secret_goes_into_its_store_and_nowhere_else(stored):
    """What a machine proves itself by is in Secrets Manager, and in no field, output or read."""
    stored.create("robot", Secret(name="robot"))
    kept = ROBOT.model_copy(update={"store": "${aws.secretsmanager.secret.robot.arn}"})
    address = stored.create("robot", kept)
    value = json.loads(stored.systems["aws"].execute(_value("robot"))["SecretString"])
    assert value["client_id"] == stored.outputs[address]["id"]
    body = {"grant_type": "client_credentials", **value, "audience": API}
    stored.create("orders", ORDERS)
    stored.create("robot", ClientGrant(client="${auth0.client.robot.id}", audience=AUDIENCE, scopes=["read:orders"]))
    granted = stored.systems["auth0"].execute(auth0("POST", "/oauth/token", body))
    assert granted["scope"] == "read:orders"
    told = repr((stored.outputs, stored.read(Client), stored.read(Secret)))
    assert value["client_id"] in told
    assert value["client_secret"] not in told


def test_a_new_store_gets_the_secret_that_there_is(stored):
    """The client is not made anew for it."""
    for name in ("one", "two"):
        stored.create(name, Secret(name=name))
    robot = ROBOT.model_copy(update={"store": "${aws.secretsmanager.secret.one.arn}"})
    address = stored.create("robot", robot)
    moved = robot.model_copy(update={"store": "${aws.secretsmanager.secret.two.arn}"})
    before = stored.observe(address, robot)
    stored.run(stored.resolved(moved).update(stored.scope, address, before, frozenset({"store"})))
    one, two = (stored.systems["aws"].execute(_value(name))["SecretString"] for name in ("one", "two"))
    assert one == two


@pytest.mark.skipif(not auth0_requests.present(), reason="the vendor contracts are absent")
@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/clients", {"name": "x", "app_type": "website"}, "$.app_type"),
        ("POST", "/client", {"name": "x"}, "no operation"),
        ("GET", "/clients?size=3", None, "knows no size"),
        ("DELETE", "/clients/x", {"force": True}, "takes no body"),
    ],
    ids=["value", "path", "query", "body"],
)
def test_the_contract_tells_a_wrong_request(method, path, body, said):
    """What holds every request of these tests against the vendor's document is not blind."""
    sent = Request(method, f"https://t/api/v2{path}", Headers(), json.dumps(body).encode() if body else b"")
    assert [said in fault for fault in auth0_requests.faults(sent)] == [True]


def _value(name):
    return aws("secretsmanager", "GetSecretValue", {"SecretId": name})
