"""An org's Auth0 tenant goes through the applier: made once, mended when it drifts, and gone when it is destroyed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rig import SCOPE, Rig

from twin.blueprints.compile import compile_spec
from twin.resources.call import Refused, auth0
from twin.spec.load import parse

DOMAIN = "acme.us.auth0.com"
SPEC = f"""\
version: 1
org: {{name: acme, domain: acme.example, contact: ops@acme.example}}
aws: {{account: "123456789012", alias: acme-test, region: us-east-1}}
auth0: {{domain: {DOMAIN}}}
customers:
  auth0:
    connections: {{users: {{}}, google: {{strategy: google-oauth2, client_id: acme, clients: []}}}}
    apis:
      orders:
        identifier: https://orders.acme.example
        scopes: {{"read:orders": Read orders, "write:orders": Change orders}}
        token_lifetime: 1h
    clients:
      shop: {{kind: spa, callbacks: ["https://shop.acme.example/in"]}}
      robot: {{kind: machine, apis: {{orders: ["read:orders"]}}}}
    roles: {{clerk: {{permissions: {{orders: ["read:orders", "write:orders"]}}}}}}
resources:
  auth0.action:
    greet: {{name: greet, code: "exports.onExecutePostLogin = async () => {{}};"}}
  auth0.trigger_binding:
    login: {{actions: ["${{auth0.action.greet.id}}"]}}
environments: {{test: {{}}}}
"""
OWN = {
    "auth0.action.greet",
    "auth0.client.robot",
    "auth0.client.shop",
    "auth0.client_grant.robot-orders",
    "auth0.connection.google",
    "auth0.connection.users",
    "auth0.resource_server.orders",
    "auth0.role.clerk",
    "auth0.trigger_binding.login",
}


def wanted(text=SPEC):
    """Return what a spec wants."""
    return compile_spec(parse(text.encode(), Path("org.yaml"), "test", environ={}))[0]


@pytest.fixture
def rig(tmp_path) -> Rig:
    """An empty world with the tenant of the spec."""
    return Rig(tmp_path, replace(SCOPE, auth0_domain=DOMAIN))


@pytest.fixture
def built(rig) -> Rig:
    """The same with the org applied; a second plan is empty."""
    rig.build(wanted())
    return rig


def by_hand(rig, method, path, body=None):
    """Change the tenant behind the applier's back."""
    return rig.target.systems["auth0"].execute(auth0(method, f"/api/v2{path}", body))


def only(rig, path, **having):
    """Return the one object of a list that has these values."""
    found = [one for one in by_hand(rig, "GET", path) if having.items() <= one.items()]
    assert len(found) == 1, (path, having, found)
    return found[0]


def test_a_tenant_is_made_with_one_plan_and_gone_with_another(rig):
    """Every type is created, found again, and destroyed; what the tenant had before is left alone."""
    before = rig.strangers()
    planned = {key for key in rig.pending(wanted()) if key.startswith("auth0.")}
    rig.build(wanted())
    assert planned == OWN
    assert only(rig, "/resource-servers", name="orders")["token_lifetime"] == 3600
    assert rig.destroy(wanted()).good
    assert (rig.owned(), rig.strangers()) == ([], before)


def test_what_drifts_is_mended(built):
    """Changes by hand to each kind of object are seen one by one, and the second apply undoes them all."""
    shop, robot = only(built, "/clients", name="acme-test-shop"), only(built, "/clients", name="acme-test-robot")
    orders, role = only(built, "/resource-servers", name="orders"), only(built, "/roles", name="clerk")
    grant = only(built, "/client-grants", client_id=robot["client_id"])
    rogue = {"client_id": shop["client_id"], "audience": orders["identifier"], "scope": []}
    lost = {"resource_server_identifier": orders["identifier"], "permission_name": "read:orders"}
    by_hand(built, "PATCH", f"/clients/{shop['client_id']}", {"callbacks": ["https://evil.example/in"]})
    by_hand(built, "PATCH", f"/resource-servers/{orders['id']}", {"token_lifetime": 2592000})
    by_hand(built, "PATCH", f"/client-grants/{grant['id']}", {"scope": ["read:orders", "write:orders"]})
    by_hand(built, "DELETE", f"/roles/{role['id']}/permissions", {"permissions": [lost]})
    by_hand(built, "POST", "/client-grants", rogue)
    google = only(built, "/connections", name="google")
    by_hand(built, "PATCH", f"/connections/{google['id']}", {"options": {"client_id": "evil", "email": True}})
    by_hand(built, "PATCH", "/actions/triggers/post-login/bindings", {"bindings": []})
    pending = built.pending(wanted())
    (undeclared,) = [key for key in pending if key.startswith("auth0.client_grant.") and "robot" not in key]
    assert pending.pop(undeclared) == "delete"
    assert pending == {
        "auth0.client.shop": "update",
        "auth0.resource_server.orders": "update",
        "auth0.client_grant.robot-orders": "update",
        "auth0.connection.google": "update",
        "auth0.role.clerk": "update",
        "auth0.trigger_binding.login": "create",
    }
    built.build(wanted())
    assert only(built, "/clients", name="acme-test-shop")["callbacks"] == ["https://shop.acme.example/in"]
    assert only(built, "/connections", name="google")["options"] == {"client_id": "acme", "email": True}


def test_an_identifier_never_changes(built):
    """Another one makes another API in place of the first, and what refers to it follows."""
    moved = wanted(SPEC.replace("https://orders.acme.example", "https://api.acme.example"))
    assert built.pending(moved)["auth0.resource_server.orders"] == "replace"
    built.build(moved)
    assert [one["name"] for one in by_hand(built, "GET", "/resource-servers") if not one["is_system"]] == ["orders"]


def test_a_permission_that_goes_leaves_its_role_and_its_grant(built):
    """The API loses it first; the role and the machine do not stumble over that."""
    text = SPEC.replace('"read:orders": Read orders, ', "").replace('["read:orders"]', '["write:orders"]')
    fewer = wanted(text.replace('["read:orders", "write:orders"]', '["write:orders"]'))
    built.build(fewer)
    role = only(built, "/roles", name="clerk")
    held = by_hand(built, "GET", f"/roles/{role['id']}/permissions")
    assert [one["permission_name"] for one in held] == ["write:orders"]


def test_a_lost_state_is_found_by_marks_and_names(built, tmp_path):
    """Without the state nothing is made twice, and nothing of ours is taken for a stranger's."""
    for file in sorted(tmp_path.rglob("*")):
        if file.is_file():
            file.unlink()
    assert built.pending(wanted(), adopt=True) == {}


def test_no_state_holds_a_clients_secret(built, tmp_path):
    """Neither the secret nor the management token is in what the applier writes."""
    robot = only(built, "/clients", name="acme-test-robot")
    written = b"".join(file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file())
    assert robot["client_id"].encode() in written
    assert robot["client_secret"].encode() not in written
    assert built.world.auth0.client_secret.encode() not in written


def test_a_token_that_is_over_is_fetched_anew(built):
    """A day later the tenant refuses the token that the client has, and the plan is empty all the same."""
    built.clock.advance(2 * 86400)
    assert built.pending(wanted()) == {}


def test_a_client_whose_secret_was_lost_on_the_way_is_made_anew(rig):
    """Its store never got the secret: the next run replaces it, and what is stored then opens the API."""
    healthy = rig.target

    def before(call):
        if call.operation == "PutSecretValue":
            raise Refused(call, "InternalServiceError", "no", status=500)

    rig.faulty(before)
    assert list(rig.apply(wanted()).failed) == ["auth0.client.robot"]
    rig.target = healthy
    lost = only(rig, "/clients", name="acme-test-robot")["client_id"]
    assert rig.pending(wanted())["auth0.client.robot"] == "replace"
    rig.build(wanted())
    secret = rig.aws.client("secretsmanager").get_secret_value(SecretId="acme-test-auth0-robot")["SecretString"]
    kept = json.loads(secret)
    assert kept["client_id"] == only(rig, "/clients", name="acme-test-robot")["client_id"] != lost
    asked = {"grant_type": "client_credentials", **kept, "audience": "https://orders.acme.example"}
    assert rig.target.systems["auth0"].execute(auth0("POST", "/oauth/token", asked))["scope"] == "read:orders"
