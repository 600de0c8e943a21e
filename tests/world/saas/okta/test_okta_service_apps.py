"""Service apps: tokens of the org's own server, what their scopes and roles open, and proofs of possession."""

import hashlib
import json
import re
from functools import cache
from urllib.parse import quote, urlencode

import pytest
from joserfc import jwt as jose
from oauth_clients import assertion, claims, key_pair, service_app
from okta_client import TOKEN, URL, Client
from okta_sdk import got
from vendor_contract import CONTRACTS
from werkzeug.datastructures import Headers

from twin.clock import WallClock
from twin.wire import Request
from twin.world.ids import Ids
from twin.world.saas.okta.api_scopes import needed
from twin.world.saas.okta.server import Okta
from twin.world.saas.okta.state import ROUTER
from twin.world.saas.rsa_keys import base64url

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@cache
def key(name="k1"):
    """Return a client's private key, made once."""
    return key_pair(name)[0]


class Service:
    """A service app: asks for tokens and calls by them."""

    def __init__(self, call, clock, **settings):
        self.call, self.clock, self.count = call, clock, 0
        self.app = service_app(
            call, method="private_key_jwt", jwks={"keys": [key().as_dict(private=False)]}, **settings
        )

    def grant(self, *scopes, role="SUPER_ADMIN"):
        """Have an administrator grant scopes and give a role."""
        for scope in scopes:
            body = {"issuer": URL, "scopeId": scope}
            self.call("POST", f"/api/v1/apps/{self.app['id']}/grants", body)
        if role:
            self.call("POST", f"/oauth2/v1/clients/{self.app['id']}/roles", {"type": role})
        return self

    def token(self, scope, *, proof=""):
        """Ask for a token and return the reply's status, JSON and headers."""
        self.count += 1
        told = assertion(key(), self.app, self.clock, aud=f"{URL}/oauth2/v1/token", jti=f"a{self.count}")
        form = {"grant_type": "client_credentials", "scope": scope, "client_assertion": told}
        form |= {"client_assertion_type": JWT_BEARER}
        sent = Headers({"Content-Type": "application/x-www-form-urlencoded"})
        if proof:
            sent["DPoP"] = proof
        asked = Request("POST", f"{URL}/oauth2/v1/token", sent, urlencode(form).encode())
        reply = self.call.okta.handle(asked)
        return reply.status, json.loads(reply.body), reply.headers

    def use(self, token, method="GET", path="/api/v1/users", *, scheme="Bearer", proof="", body=None):
        """Call by a token and return the whole reply."""
        sent = Headers({"Authorization": f"{scheme} {token}", "Content-Type": "application/json"})
        if proof:
            sent["DPoP"] = proof
        raw = json.dumps(body).encode() if body is not None else b""
        return self.call.okta.handle(Request(method, URL + path, sent, raw))

    def proof(self, method="POST", path="/oauth2/v1/token", *, by="proof", **told):
        """Return a proof of possession."""
        self.count += 1
        header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": key(by).as_dict(private=False)}
        stated = {"htm": method, "htu": URL + path, "iat": int(self.clock.now().timestamp()), "jti": f"p{self.count}"}
        return jose.encode(header, stated | told, key(by))


@pytest.fixture
def service(call, clock):
    """A service app that was granted nothing."""
    return Service(call, clock)


def challenge(reply):
    """Return the error of a challenge, which has no body."""
    assert reply.body == b""
    return reply.headers["WWW-Authenticate"]


def test_a_service_app_gets_the_scopes_that_it_was_granted_and_no_more(service, call):
    """What else it asks for is left out; a scope that is taken back is not given again."""
    service.grant("okta.users.read", "okta.groups.manage")
    status, told, _ = service.token("okta.users.read okta.groups.manage okta.apps.read")
    assert (status, told["token_type"], told["scope"]) == (200, "Bearer", "okta.users.read okta.groups.manage")
    said = claims(told["access_token"])
    app = service.app["id"]
    assert (said["sub"], said["cid"], said["scp"]) == (app, app, ["okta.users.read", "okta.groups.manage"])
    assert (said["iss"], said["aud"]) == (URL, URL)
    held = call("GET", f"/api/v1/apps/{app}/grants")
    for grant in held:
        call("DELETE", f"/api/v1/apps/{app}/grants/{grant['id']}")
    assert service.token("okta.users.read")[1]["error"] == "consent_required"
    call("GET", f"/api/v1/apps/{app}/grants/{held[0]['id']}", expect=(404, "E0000007"))
    assert call.events().count("app.oauth2.admin.consent.revoke") == 2


def test_grants_are_held_to_what_the_org_knows(service, call):
    """Another issuer, a scope that nobody knows, an app without a client: refused; a second grant is the first."""
    path = f"/api/v1/apps/{service.app['id']}/grants"
    first = call("POST", path, {"issuer": URL, "scopeId": "okta.users.read"})
    assert call("POST", path, {"issuer": URL, "scopeId": "okta.users.read"})["id"] == first["id"]
    for body in (
        {"issuer": "https://else.okta.com", "scopeId": "okta.users.read"},
        {"issuer": URL, "scopeId": "okta.users.write"},
        {"issuer": URL},
        {"issuer": URL, "scopeId": "okta.logs.read", "colour": "red"},
    ):
        call("POST", path, body, expect=(400, "E0000001"))
    link = {"label": "Wiki", "signOnMode": "BOOKMARK", "settings": {"app": {"url": "https://wiki.example"}}}
    bookmark = call("POST", "/api/v1/apps", link)
    call("POST", f"/api/v1/apps/{bookmark['id']}/grants", {"issuer": URL, "scopeId": "okta.users.read"},
         expect=(400, "E0000001"))  # fmt: skip


def test_a_scope_opens_its_calls_only_and_a_missing_one_is_told_in_the_header(service):
    """Who may manage may read; another area, a write with a reading scope, and a stranger's token are challenged."""
    service.grant("okta.users.read", "okta.groups.manage")
    token = service.token("okta.users.read okta.groups.manage")[1]["access_token"]
    assert [service.use(token).status, service.use(token, path="/api/v1/groups").status] == [200, 200]
    group = {"profile": {"name": "Ops", "description": "x"}}
    assert service.use(token, "POST", "/api/v1/groups", body=group).status == 200
    refused = service.use(token, "POST", "/api/v1/users?activate=false", body={"profile": {}})
    assert refused.status == 403
    assert challenge(refused) == (
        f'Bearer authorization_uri="{URL}/oauth2/v1/authorize", realm="{URL}", scope="okta.users.manage", '
        'error="insufficient_scope", error_description="The access token provided does not contain the required '
        'scopes.", resource="/api/v1/users"'
    )
    assert service.use(token, path="/api/v1/apps").status == 403
    unserved = service.use(token, path="/api/v1/iam/roles")
    assert (unserved.status, "GET /api/v1/iam/roles" in unserved.body.decode()) == (400, True)
    stranger = service.use("eyJhbGciOiJub25lIn0.e30.")
    assert (stranger.status, 'error="invalid_token"' in challenge(stranger)) == (401, True)


def test_a_scope_without_a_role_opens_nothing(service, call):
    """The role is asked after the scope; each role opens what it opens for people."""
    service.grant("okta.users.manage", "okta.apps.read", role="")
    token = service.token("okta.users.manage okta.apps.read")[1]["access_token"]
    refused = service.use(token)
    assert (refused.status, json.loads(refused.body)["errorCode"]) == (403, "E0000006")
    roles = f"/oauth2/v1/clients/{service.app['id']}/roles"
    made = call("POST", roles, {"type": "HELP_DESK_ADMIN"})
    call("POST", roles, {"type": "HELP_DESK_ADMIN"}, expect=(409, "E0000090"))
    assert [service.use(token).status, service.use(token, path="/api/v1/apps").status] == [200, 403]
    assert [one["type"] for one in call("GET", roles)] == ["HELP_DESK_ADMIN"]
    call("DELETE", f"{roles}/{made['id']}")
    assert service.use(token).status == 403
    call("DELETE", f"{roles}/{made['id']}", expect=(404, "E0000007"))
    call("GET", "/oauth2/v1/clients/nobody/roles", expect=(404, "E0000007"))


def test_roles_go_to_service_apps_alone_and_only_a_super_admin_grants(service, call):
    """A web app cannot be an administrator, and a service app cannot make itself more than it is."""
    settings = {"application_type": "web", "grant_types": ["client_credentials"], "response_types": ["token"]}
    web = service_app(call, "Web", **settings)
    call("POST", f"/oauth2/v1/clients/{web['id']}/roles", {"type": "APP_ADMIN"}, expect=(400, "E0000227"))
    scopes = ("okta.roles.manage", "okta.appGrants.manage", "okta.apps.manage")
    service.grant(*scopes, role="ORG_ADMIN")
    token = service.token(" ".join(scopes))[1]["access_token"]
    more = {"issuer": URL, "scopeId": "okta.users.manage"}
    for path, body in (
        (f"/api/v1/apps/{service.app['id']}/grants", more),
        (f"/oauth2/v1/clients/{service.app['id']}/roles", {"type": "SUPER_ADMIN"}),
    ):
        assert service.use(token, "POST", path, body=body).status == 403


def test_a_token_ends_with_its_time_and_with_its_app(service, call, clock):
    """An hour later it has expired; when the app is deactivated it is dead at once."""
    service.grant("okta.users.read")
    token = service.token("okta.users.read")[1]["access_token"]
    clock.advance(3601)
    assert 'error_description="The token has expired."' in challenge(service.use(token))
    token = service.token("okta.users.read")[1]["access_token"]
    assert service.use(token).status == 200
    call("POST", f"/api/v1/apps/{service.app['id']}/lifecycle/deactivate")
    assert 'error_description="The access token has been revoked."' in challenge(service.use(token))


def test_the_log_tells_of_the_app_that_acted(service, call):
    """The actor is the client, no API token is named."""
    service.grant("okta.groups.manage")
    token = service.token("okta.groups.manage")[1]["access_token"]
    service.use(token, "POST", "/api/v1/groups", body={"profile": {"name": "Ops", "description": "x"}})
    event = call.okta.org.events[-1]
    actor = {name: event["actor"][name] for name in ("id", "type", "displayName")}
    assert actor == {"id": service.app["id"], "type": "PublicClientApp", "displayName": "Batch"}
    assert (event["eventType"], event["transaction"]["detail"]) == ("group.lifecycle.create", {})


def bound(call, clock):
    """Return a service app whose tokens are bound to a key, with one such token and the server's nonce."""
    service = Service(call, clock, dpop_bound_access_tokens=True).grant("okta.users.manage")
    status, told, headers = service.token("okta.users.manage", proof=service.proof())
    assert (status, told["error"]) == (400, "use_dpop_nonce")
    status, told, _ = service.token("okta.users.manage", proof=service.proof(nonce=headers["dpop-nonce"]))
    assert (status, told["token_type"]) == (200, "DPoP")
    return service, told["access_token"], headers["dpop-nonce"]


def hashed(token):
    """Return the hash by which a proof names its token."""
    return base64url(hashlib.sha256(token.encode()).digest())


def test_an_app_that_demands_proofs_gives_tokens_only_for_a_proof_with_the_nonce(call, clock):
    """No proof, an old one, one for another address or used before: each refused in the vendor's own words."""
    service, _, nonce = bound(call, clock)
    now = int(clock.now().timestamp())

    def told(**change):
        return service.token("okta.users.manage", proof=service.proof(**{"nonce": nonce} | change))[1]

    assert service.token("okta.users.manage")[1]["error_description"] == "The DPoP proof JWT header is missing."
    assert "issued in the future" in told(iat=now + 60)["error_description"]
    assert "more than five minutes" in told(iat=now - 301)["error_description"]
    assert "'htu' claim" in told(htu=f"{URL}/oauth2/default/v1/token")["error_description"]
    assert "'htm' claim" in told(htm="GET")["error_description"]
    once = service.proof(nonce=nonce)
    assert service.token("okta.users.manage", proof=once)[0] == 200
    assert "already been used" in service.token("okta.users.manage", proof=once)[1]["error_description"]
    broken = once.rpartition(".")[0] + "." + base64url(b"x" * 256)
    assert "signature is invalid" in service.token("okta.users.manage", proof=broken)[1]["error_description"]
    clock.advance(2 * 86_400)
    assert told(iat=now + 2 * 86_400)["token_type"] == "DPoP"
    clock.advance(86_400)
    assert told(iat=now + 3 * 86_400)["error"] == "use_dpop_nonce"


PUBLIC = key("proof").as_dict(private=False)
GOOD = {"typ": "dpop+jwt", "alg": "RS256", "jwk": PUBLIC}


@pytest.mark.parametrize(
    ("header", "change"),
    [
        ({}, {}),
        (GOOD | {"alg": []}, {}),
        (GOOD | {"alg": "ES256"}, {}),
        (GOOD | {"jwk": {}}, {}),
        (GOOD | {"jwk": {"kty": "oct"}}, {}),
        (GOOD | {"jwk": {"kty": "RSA", "n": 5, "e": []}}, {}),
        (GOOD | {"jwk": PUBLIC | {"kid": []}}, {}),
        (GOOD, {"htu": "http://["}),
        (GOOD, {"iat": "x"}),
        (GOOD, {"iat": 10**400}),
        (GOOD, {"exp": []}),
        (GOOD, {}),
    ],
)
def test_a_proof_that_is_garbage_is_refused(call, clock, header, change):
    """Wrong types anywhere in a proof are the client's error, not the server's."""
    service = Service(call, clock, dpop_bound_access_tokens=True).grant("okta.users.manage")
    claims = {"htm": "POST", "htu": f"{URL}/oauth2/v1/token", "iat": int(clock.now().timestamp()), "jti": "x"}
    proof = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims | change)) + ".AAAA"
    status, told, _ = service.token("okta.users.manage", proof=proof)
    assert (status, told["error"]) == (400, "invalid_dpop_proof")


def test_a_bound_token_is_worth_nothing_without_its_key(call, clock):
    """Shown as a bearer's, with another key or for another token it is refused; the path is compared unescaped."""
    service, token, _ = bound(call, clock)

    def use(*, by="proof", ath="", path="/api/v1/users", shown=""):
        proof = service.proof("GET", shown or path, by=by, ath=ath or hashed(token))
        return service.use(token, path=path, scheme="DPoP", proof=proof)

    assert use().status == 200
    ada = call.user()["profile"]["login"]
    assert use(path=f"/api/v1/users/{quote(ada)}", shown=f"/api/v1/users/{ada}").status == 200
    for reply, words in (
        (service.use(token), "The DPoP proof JWT header is missing."),
        (use(by="other"), "The access_token is not bound to the provided DPoP proof."),
        (use(ath=hashed("else")), "'ath' claim in the DPoP proof does not match the presented access_token."),
    ):
        said = challenge(reply)
        assert (reply.status, said.split()[0], words in said) == (400, "DPoP", True), said
    plain = Service(call, clock).grant("okta.users.read")
    unbound = plain.token("okta.users.read")[1]["access_token"]
    said = plain.use(unbound, scheme="DPoP", proof=plain.proof("GET", "/api/v1/users", ath=hashed(unbound)))
    assert (said.status, "is not DPoP bound" in challenge(said)) == (401, True)


@pytest.mark.skipif(not CONTRACTS.exists(), reason="the vendor's documents are not here; set TWIN_SHARED")
def test_every_documented_call_needs_the_scope_that_the_vendor_documents():
    """The table of scopes says of each operation what the vendor's own document says."""
    wrong = {}
    for document in sorted(CONTRACTS.glob("okta-*.json")):
        for path, operations in json.loads(document.read_text())["paths"].items():
            for method, operation in operations.items():
                for scheme in operation.get("security") or [] if isinstance(operation, dict) else []:
                    scope = next(iter(scheme.get("oauth2", ())), "")
                    if scope.startswith("okta.") and needed(method.upper(), path) != scope:
                        wrong[f"{method} {path}"] = scope
    assert wrong == {}


def test_every_call_that_is_served_needs_a_scope():
    """A route without one would be open to every token; what is not served is refused by name, whatever the scopes."""
    own = ("/oauth2/", "/app/", "/.well-known/", "/api/v1/authn", "/api/v1/sessions/me")
    served = [rule.split(" ") for rule in ROUTER.endpoints]
    open_ = {path for method, path in served if needed(method, re.sub("<[^>]+>", "x", path)) is None}
    assert {path for path in open_ if not path.startswith(own)} == set()
    assert {path for path in open_ if "/clients/" in path and path.startswith("/oauth2/v1/")} == set()


async def test_the_official_client_signs_in_by_its_key_with_proofs(served, monkeypatch):
    """In the mode PrivateKey with DPoP it makes, reads and deletes a group; without the scope it is refused."""
    monkeypatch.setenv("OKTA_TESTING_TESTINGDISABLEHTTPSCHECK", "true")
    okta = Okta(clock=WallClock(), ids=Ids(7), org_url=URL, org_name="acme", token=TOKEN)
    service = Service(Client(okta), okta.org.clock, dpop_bound_access_tokens=True).grant("okta.groups.manage")
    from Cryptodome.PublicKey import RSA
    from okta import models as m
    from okta.client import Client as OktaClient

    # The client would make a key of 3072 bits of its own, for seconds of CPU.
    monkeypatch.setattr(RSA, "generate", lambda bits: RSA.import_key(key("proof").as_pem(private=True)))
    config = {"orgUrl": served(okta.handle), "authorizationMode": "PrivateKey", "clientId": service.app["id"]}
    config |= {
        "scopes": ["okta.groups.manage"],
        "privateKey": key().as_pem(private=True).decode(),
        "kid": "k1",
        "dpopEnabled": True,
    }
    sdk = OktaClient(config)
    group = got(await sdk.add_group(m.AddGroupRequest(profile=m.OktaUserGroupProfile(name="Ops", description="x"))))
    assert got(await sdk.get_group(group.id)).id == group.id
    assert (await sdk.delete_group(group.id))[-1] is None
    # The client takes an empty body for success: the status is all that tells.
    users, reply, _ = await sdk.list_users()
    assert (users, reply.status_code) == (None, 403)
