"""The Auth0 client on the wire: a token first, pages by number, errors by code."""

import json

import pytest
import responses

from twin.engine.connect import live
from twin.errors import TargetError
from twin.resources.auth0.api import Auth0System, Machine
from twin.resources.call import Refused, auth0
from twin.resources.scope import Scope

URL = "https://acme.us.auth0.com"
CLIENTS = f"{URL}/api/v2/clients"
MACHINE = Machine("acme.us.auth0.com", "id", "hush")


@pytest.fixture
def system():
    """A client without a server behind it."""
    return Auth0System(URL, MACHINE)


def tokens(*values):
    """Let the token endpoint give these tokens, one after the other."""
    for value in values:
        responses.post(f"{URL}/oauth/token", json={"access_token": value, "token_type": "Bearer"})


@responses.activate
def test_one_token_serves_all_calls(system):
    """It is asked for the management API of the tenant's own domain, before the first call and not again."""
    tokens("t1")
    responses.get(CLIENTS, json={"total": 3, "clients": [{"client_id": "a"}, {"client_id": "b"}]})
    responses.get(CLIENTS, json={"total": 3, "clients": [{"client_id": "c"}]})
    found = system.execute(auth0("GET", "/api/v2/clients", pages=True))
    asked, first, second = (call.request for call in responses.calls)
    assert [one["client_id"] for one in found] == ["a", "b", "c"]
    assert json.loads(asked.body)["audience"] == f"{URL}/api/v2/"
    assert "Authorization" not in asked.headers
    assert [one.headers["Authorization"] for one in (first, second)] == ["Bearer t1"] * 2
    assert [one.params["page"] for one in (first, second)] == ["0", "1"]


@responses.activate
def test_a_refused_token_is_fetched_anew_once(system):
    """A second refusal is the answer."""
    tokens("t1", "t2")
    told = {"statusCode": 401, "error": "Unauthorized", "message": "Expired token received"}
    responses.get(CLIENTS, json=told, status=401)
    with pytest.raises(Refused, match="Expired token") as refused:
        system.execute(auth0("GET", "/api/v2/clients"))
    sent = [call.request.headers.get("Authorization") for call in responses.calls]
    assert (sent, refused.value.status) == ([None, "Bearer t1", None, "Bearer t2"], 401)


@responses.activate
def test_a_wrong_secret_is_refused_without_showing_it(system):
    """The error is the token endpoint's own."""
    told = {"error": "access_denied", "error_description": "Unauthorized"}
    responses.post(f"{URL}/oauth/token", json=told, status=401)
    with pytest.raises(Refused, match="access_denied: Unauthorized") as refused:
        system.execute(auth0("GET", "/api/v2/clients"))
    assert "hush" not in f"{refused.value!r} {MACHINE!r}"


@responses.activate
def test_an_error_tells_code_and_message_and_what_is_gone_is_none(system):
    """A conflict is told by Auth0's own code; a status that may be absent is no error."""
    tokens("t1")
    told = {"statusCode": 409, "error": "Conflict", "message": "exists", "errorCode": "role_conflict"}
    responses.post(f"{URL}/api/v2/roles", json=told, status=409)
    responses.delete(f"{URL}/api/v2/roles/r", json={"statusCode": 404, "message": "no"}, status=404)
    with pytest.raises(Refused) as refused:
        system.execute(auth0("POST", "/api/v2/roles", {"name": "r"}))
    assert (refused.value.code, refused.value.message, refused.value.transient) == ("role_conflict", "exists", False)
    assert system.execute(auth0("DELETE", "/api/v2/roles/r", absent=("404",))) is None


KEYS = {"AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "hush"}
SCOPE = Scope("acme", "prod", auth0_domain="acme.us.auth0.com")


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        (KEYS, URL),
        (KEYS | {"AUTH0_DOMAIN": "other.example"}, "https://other.example"),
        (KEYS | {"AUTH0_DOMAIN": "http://127.0.0.1:5000"}, "http://127.0.0.1:5000"),
    ],
    ids=["spec", "named", "loopback"],
)
def test_the_live_tenant_is_the_specs_unless_the_environment_names_one(environ, url):
    """Whoever answers, the token is for the tenant that the spec means."""
    system = live(SCOPE, environ).systems["auth0"]
    assert (system.base_url, system.machine) == (url, MACHINE)


@pytest.mark.parametrize("missing", sorted(KEYS))
def test_a_live_tenant_needs_both_keys(missing):
    """The message names the variable."""
    with pytest.raises(TargetError, match=missing):
        live(SCOPE, {name: value for name, value in KEYS.items() if name != missing})


def test_a_secret_does_not_go_over_plain_http():
    """Except to this machine itself."""
    with pytest.raises(TargetError, match="https alone"):
        live(SCOPE, KEYS | {"AUTH0_DOMAIN": "http://acme.us.auth0.com"})
