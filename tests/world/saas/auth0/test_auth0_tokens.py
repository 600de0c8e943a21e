"""Tokens of the tenant: who gets them, what they say, how they end, and the keys that sign them."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import responses
from auth0.authentication import GetToken, RevokeToken
from auth0.authentication.exceptions import Auth0Error, TokenValidationError
from auth0.authentication.token_verifier import AsymmetricSignatureVerifier, TokenVerifier
from werkzeug.datastructures import Headers

from twin.semantics.tokens import Accepted, Expectations, FixedKeys, validate
from twin.wire import Request

DOMAIN, API = "twin.us.auth0.com", "https://orders.example"
REALM = "http://auth0.com/oauth/grant-type/password-realm"
BACK = "https://shop.example/cb"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def claims(token, part=1):
    """Return a token's claims, or its header, unverified."""
    return json.loads(base64.urlsafe_b64decode(token.split(".")[part] + "=="))


def sign_in(call, shop, expect=200, **change):
    """Sign ada in by password."""
    form = {"grant_type": REALM, "realm": "customers", "username": "ada@shop.example", "password": "Correct-horse-9"}
    form |= {"audience": API, "scope": "openid email offline_access read:orders", "client_secret": ""}
    return call.grant(expect, **(form | {"client_id": shop.app["client_id"]} | change))


def grant_role(call, shop, *names):
    """Give ada a role with permissions of the API."""
    role = call("POST", "/api/v2/roles", {"name": "clerk"})
    rows = [{"resource_server_identifier": API, "permission_name": name} for name in names]
    call("POST", f"/api/v2/roles/{role['id']}/permissions", {"permissions": rows}, expect=201)
    call("POST", f"/api/v2/roles/{role['id']}/users", {"users": [shop.ada["user_id"]]})


def code_of(call, shop, **change):
    """Return what comes back from the authorization endpoint for ada."""
    body = {"client_id": shop.app["client_id"], "username": "ada@shop.example", "password": "Correct-horse-9"}
    ticket = call("POST", "/co/authenticate", body | {"realm": "customers"})["login_ticket"]
    asked = {"client_id": shop.app["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "s1"}
    asked |= {"scope": "openid profile read:orders", "audience": API, "login_ticket": ticket, "nonce": "n1"}
    asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"} | change
    reply = call.send("GET", f"https://{DOMAIN}/authorize?{urlencode({k: v for k, v in asked.items() if v})}")
    place = urlsplit(reply.headers.get("Location", ""))
    return {name: values[0] for name, values in parse_qs(place.query).items()} | {"at": place.path}


def redeem(call, shop, code, expect=200, **change):
    """Redeem a code as a public client."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return call.grant(expect, **(form | {"client_id": shop.app["client_id"], "client_secret": ""} | change))


def test_a_machine_gets_what_its_grant_allows(call, shop):
    """The scopes of its grant, narrowed if it asks; without a grant, an API or the secret it gets nothing."""
    client = call("POST", "/api/v2/clients", {"name": "batch", "app_type": "non_interactive"}, expect=201)
    form = {"client_id": client["client_id"], "client_secret": client["client_secret"], "audience": API}
    assert "client-grant" in call.grant(403, **form)["error_description"]
    body = {"client_id": client["client_id"], "audience": API, "scope": ["read:orders", "write:orders"]}
    call("POST", "/api/v2/client-grants", body, expect=201)
    reply = call.grant(**form)
    told = claims(reply["access_token"])
    assert (told["iss"], told["aud"], told["gty"]) == (f"https://{DOMAIN}/", API, "client-credentials")
    assert (told["sub"], told["scope"]) == (f"{client['client_id']}@clients", "read:orders write:orders")
    assert told["exp"] - told["iat"] == reply["expires_in"] == 3600
    assert call.grant(**form, scope="read:orders fly")["scope"] == "read:orders"
    assert call.grant(401, **(form | {"client_secret": "no"})) == {
        "error": "access_denied",
        "error_description": "Unauthorized",
    }
    assert (
        call.grant(403, **(form | {"audience": "https://none"}))["error_description"]
        == "Service not enabled within domain: https://none"
    )
    call.grant(401, **(form | {"client_id": "nobody"}))
    assert call.grant(403, **form, grant_type="password")["error"] == "unauthorized_client"
    assert call.grant(403, **form, grant_type="urn:x")["error"] == "unsupported_grant_type"
    assert call.log()[-2:] == ["feccft", "fepft"]


def test_rbac_decides_which_scopes_a_user_has(call, shop):
    """Without the permission the scope is left out; with it, the token names it twice."""
    bare = sign_in(call, shop)
    assert bare["scope"] == "openid email offline_access"
    assert claims(bare["access_token"])["permissions"] == []
    grant_role(call, shop, "read:orders")
    told = claims(sign_in(call, shop)["access_token"])
    assert told["permissions"] == ["read:orders"]
    assert told["scope"] == "openid email offline_access read:orders"
    assert told["aud"] == [API, f"https://{DOMAIN}/userinfo"]


@pytest.mark.parametrize(
    ("change", "error", "kind"),
    [
        ({"password": "wrong"}, "Wrong email or password.", "fp"),
        ({"username": "eve@shop.example"}, "Wrong email or password.", "fu"),
        ({"realm": "staff"}, "unknown or disabled realm: staff", "fepft"),
    ],
    ids=["password", "user", "realm"],
)
def test_a_wrong_sign_in_says_little_and_is_logged(call, shop, change, error, kind):
    """The words are the same for a wrong name and a wrong password; the log tells them apart."""
    assert sign_in(call, shop, 403, **change)["error_description"] == error
    assert call.log()[-1] == kind


def test_a_blocked_user_gets_nothing(call, shop):
    """Neither by password nor by a refresh token from before."""
    held = sign_in(call, shop)["refresh_token"]
    call("PATCH", f"/api/v2/users/{shop.ada['user_id']}", {"blocked": True})
    assert sign_in(call, shop, 403)["error_description"] == "user is blocked"
    form = {"grant_type": "refresh_token", "refresh_token": held, "client_secret": ""}
    call.grant(403, **form, client_id=shop.app["client_id"])


def test_a_code_needs_its_verifier_and_is_good_once(call, shop, clock):
    """And its nonce stands in the ID token, which the vendor's own verifier accepts."""
    grant_role(call, shop, "read:orders")
    back = code_of(call, shop)
    assert back["state"] == "s1"
    reply = redeem(call, shop, back["code"])
    assert claims(reply["id_token"])["nonce"] == "n1"
    assert reply["scope"] == "openid profile read:orders"
    redeem(call, shop, back["code"], 403)
    assert (
        "code verifier"
        in redeem(call, shop, code_of(call, shop)["code"], 403, code_verifier="w" * 64)["error_description"]
    )
    late = code_of(call, shop)["code"]
    clock.advance(601)
    redeem(call, shop, late, 403)


def test_errors_of_authorize_come_back_by_redirect(call, shop):
    """Except where the client or its address cannot be trusted; whoever is not signed on gets the sign-in page."""
    assert code_of(call, shop, login_ticket="", prompt="none")["error"] == "login_required"
    assert code_of(call, shop, response_type="token")["error"] == "unsupported_response_type"
    assert code_of(call, shop, audience="https://none")["error"] == "access_denied"
    assert code_of(call, shop, login_ticket="")["at"] == "/u/login"
    code_of(call, shop, redirect_uri="https://evil.example")
    assert call.last.status == 403


def test_userinfo_tells_the_bearer_of_either_kind_of_token(call, shop, clock):
    """Of an opaque one without an API, and of a JWT with openid; not of an expired one."""
    opaque = sign_in(call, shop, audience="")
    assert "." not in opaque["access_token"]
    for reply in (opaque, sign_in(call, shop)):
        told = call("GET", "/userinfo", bearer=reply["access_token"])
        assert (told["sub"], told["email"]) == (shop.ada["user_id"], "ada@shop.example")
    clock.advance(86401)
    call("GET", "/userinfo", bearer=opaque["access_token"], expect=401)


def test_a_refresh_token_that_comes_twice_ends_its_family(call, shop, clock):
    """Both the thief's and the owner's; the log says so."""
    first = sign_in(call, shop)["refresh_token"]
    form = {"grant_type": "refresh_token", "client_secret": "", "client_id": shop.app["client_id"]}
    second = call.grant(**form, refresh_token=first)["refresh_token"]
    clock.advance(60)
    assert "reused refresh token" in call.grant(403, **form, refresh_token=first)["error_description"]
    assert call.log()[-1] == "ferrt"
    call.grant(403, **form, refresh_token=second)
    assert first not in str(call.auth0.tenant.refresh)


def test_a_refresh_token_can_be_revoked_and_idles_out(call, shop, clock):
    """Revoking an unknown one is no error."""
    form = {"grant_type": "refresh_token", "client_secret": "", "client_id": shop.app["client_id"]}
    held = sign_in(call, shop)["refresh_token"]
    call("POST", "/oauth/revoke", {"client_id": shop.app["client_id"], "token": held})
    call("POST", "/oauth/revoke", {"client_id": shop.app["client_id"], "token": "unknown"})
    call.grant(403, **form, refresh_token=held)
    held = sign_in(call, shop)["refresh_token"]
    clock.advance(2592001)
    call.grant(403, **form, refresh_token=held)


def keys(call):
    """Return the places of the signing keys by id."""
    call.token = call.grant(audience=f"https://{DOMAIN}/api/v2/")["access_token"]
    rows = call("GET", "/api/v2/keys/signing")
    return {one["kid"]: next((p for p in ("current", "next", "previous") if one.get(p)), "") for one in rows}


def accepted(call, token, clock):
    """Tell whether an API that reads the tenant's key set now accepts a token."""
    jwks = json.loads(call.send("GET", f"https://{DOMAIN}/.well-known/jwks.json").body)
    expected = Expectations(issuers=(f"https://{DOMAIN}/",), audiences=(API,))
    return isinstance(validate(token, FixedKeys(jwks), expected, clock.now().timestamp()), Accepted)


def test_keys_rotate_from_next_to_current_to_previous(call, shop, clock):
    """The next one is published before it signs; a token lives until its key is revoked."""
    old = sign_in(call, shop)["access_token"]
    assert list(keys(call).values()) == ["current", "next"]
    assert len(json.loads(call.send("GET", f"https://{DOMAIN}/.well-known/jwks.json").body)["keys"]) == 2
    following = next(kid for kid, place in keys(call).items() if place == "next")
    call("POST", "/api/v2/keys/signing/rotate", expect=201)
    assert list(keys(call).values()) == ["previous", "current", "next"]
    new = sign_in(call, shop)["access_token"]
    assert claims(new, 0)["kid"] == following
    assert accepted(call, old, clock)
    previous = claims(old, 0)["kid"]
    call("PUT", f"/api/v2/keys/signing/{following}/revoke", expect=400)
    call("PUT", f"/api/v2/keys/signing/{previous}/revoke")
    assert call("GET", f"/api/v2/keys/signing/{previous}")["revoked"]
    assert not accepted(call, old, clock)
    assert accepted(call, new, clock)
    call("GET", "/api/v2/keys/signing/none", expect=404)


def test_the_vendors_verifier_takes_our_id_token_and_no_forged_one(call, shop, clock, monkeypatch):
    """Of another audience, changed, or expired: refused."""
    token = sign_in(call, shop)["id_token"]
    monkeypatch.setattr("time.time", lambda: clock.now().timestamp())

    class Mounted(AsymmetricSignatureVerifier):
        def __init__(self):
            super().__init__("unused")

        def _fetch_key(self, key_id=None):
            jwks = json.loads(call.send("GET", f"https://{DOMAIN}/.well-known/jwks.json").body)
            from jwt.algorithms import RSAAlgorithm

            return RSAAlgorithm.from_jwk(next(one for one in jwks["keys"] if one["kid"] == key_id))

    def verifier(audience):
        return TokenVerifier(Mounted(), f"https://{DOMAIN}/", audience)

    assert verifier(shop.app["client_id"]).verify(token)["sub"] == shop.ada["user_id"]
    header, _, signature = token.split(".")
    changed = base64.urlsafe_b64encode(json.dumps(claims(token) | {"sub": "auth0|eve"}).encode()).rstrip(b"=").decode()
    for audience, bad in (("else", token), (shop.app["client_id"], f"{header}.{changed}.{signature}")):
        with pytest.raises(TokenValidationError):
            verifier(audience).verify(bad)
    clock.advance(36000 + 61)
    with pytest.raises(TokenValidationError):
        verifier(shop.app["client_id"]).verify(token)


def test_the_vendors_authentication_client_gets_and_revokes_tokens(call, shop):
    """Its GetToken and RevokeToken, whose HTTP the tenant answers."""

    def answer(request):
        reply = call.send(request.method, request.url, request.body or b"", dict(request.headers))
        return reply.status, dict(reply.headers), reply.body

    with responses.RequestsMock() as mounted:
        for path in ("oauth/token", "oauth/revoke"):
            mounted.add_callback(responses.POST, f"https://{DOMAIN}/{path}", callback=answer)
        client = shop.app["client_id"]
        held = GetToken(DOMAIN, client).login(
            username="ada@shop.example", password="Correct-horse-9", realm="customers", audience=API,
            scope="openid offline_access", grant_type=REALM,
        )  # fmt: skip
        assert GetToken(DOMAIN, client).refresh_token(held["refresh_token"])["access_token"]
        RevokeToken(DOMAIN, client).revoke_refresh_token(held["refresh_token"])
        with pytest.raises(Auth0Error) as refused:
            GetToken(DOMAIN, client).refresh_token(held["refresh_token"])
    assert (refused.value.error_code, refused.value.status_code) == ("invalid_grant", 403)


def test_sign_out_goes_only_where_it_is_allowed(call, shop):
    """The list of the client decides."""
    call("PATCH", f"/api/v2/clients/{shop.app['client_id']}", {"allowed_logout_urls": ["https://shop.example/bye"]})
    base = f"https://{DOMAIN}/v2/logout?client_id={shop.app['client_id']}&returnTo="
    assert call.send("GET", base + "https://shop.example/bye").headers["Location"] == "https://shop.example/bye"
    assert call.send("GET", base + "https://evil.example").status == 400


def test_discovery_names_endpoints_that_are_there(call):
    """Its issuer ends with a slash, as the vendor's does."""
    found = json.loads(
        call.auth0.handle(Request("GET", f"https://{DOMAIN}/.well-known/openid-configuration", Headers())).body
    )
    assert found["issuer"] == f"https://{DOMAIN}/"
    assert json.loads(call.send("GET", found["jwks_uri"]).body)["keys"]
