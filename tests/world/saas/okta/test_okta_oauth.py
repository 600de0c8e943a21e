"""The OAuth endpoints of authorization servers: who gets which token, for how long, and when it dies."""

import pytest
from oauth_clients import (
    BACK,
    CHALLENGE,
    VERIFIER,
    OAuth,
    assertion,
    basic,
    browser_app,
    claims,
    key_pair,
    open_policy,
    service_app,
)
from okta_client import URL

MACHINE = {"grant_type": "client_credentials", "scope": "pay:read"}


@pytest.fixture
def oauth(call):
    """The default authorization server with one scope of its own and a policy for everybody."""
    call("POST", "/api/v1/authorizationServers/default/scopes", {"name": "pay:read"})
    open_policy(call)
    return OAuth(call)


@pytest.fixture
def ada(call):
    """An active user."""
    user = call.user("ada", "?activate=false")
    call("POST", f"/api/v1/users/{user['id']}", {"credentials": {"password": {"value": "Correct-horse-9"}}})
    call("POST", f"/api/v1/users/{user['id']}/lifecycle/activate?sendEmail=false")
    return user


@pytest.fixture
def shop(call, ada):
    """A single-page app that ada may use."""
    app = browser_app(call)
    call("POST", f"/api/v1/apps/{app['id']}/users", {"id": ada["id"], "scope": "USER"})
    return app


def signed_in(oauth, shop, ada, **fields):
    """Return the token reply of a whole sign-in."""
    return oauth.redeem(shop, oauth.authorize(shop, ada, **fields)["code"])


def test_a_service_gets_a_token_of_its_scopes_for_the_rules_time(oauth, call):
    """The secret stands in the header or in the body; a wrong one, two at once and none are refused."""
    app = service_app(call)
    reply = oauth.post("token", MACHINE, basic=basic(app))
    assert (reply["token_type"], reply["expires_in"], reply["scope"]) == ("Bearer", 900, "pay:read")
    told = claims(reply["access_token"])
    assert told["sub"] == told["cid"] == app["id"]
    assert (told["iss"], told["aud"]) == ("https://acme.okta.com/oauth2/default", "api://default")
    assert told["exp"] - told["iat"] == 900
    key, secret = basic(app)
    assert oauth.post("token", MACHINE | {"client_id": key, "client_secret": secret})["access_token"]
    wrong = oauth.post("token", MACHINE, basic=(key, "wrong"), expect=401)
    assert wrong["error_description"] == "The client secret supplied for a confidential client is invalid."
    both = oauth.post("token", MACHINE | {"client_id": key, "client_secret": secret}, basic=basic(app), expect=401)
    assert both["error"] == "invalid_request"
    assert oauth.post("token", MACHINE, expect=401)["error_description"] == "No client credentials found."
    assert oauth.post("token", MACHINE, basic=("nobody", "x"), expect=401)["error"] == "invalid_client"
    failed = call.okta.org.events[-1]
    assert (failed["eventType"], failed["outcome"]["reason"]) == ("app.oauth2.as.token.grant", "invalid_client")


def test_an_inactive_secret_stops_working_while_the_second_goes_on(oauth, call):
    """A secret is rotated without an outage."""
    app = service_app(call)
    path = f"/api/v1/apps/{app['id']}/credentials/secrets"
    (first,) = call("GET", path)
    second = call("POST", path, {})
    call("POST", f"{path}/{first['id']}/lifecycle/deactivate")
    oauth.post("token", MACHINE, basic=(app["id"], first["client_secret"]), expect=401)
    assert oauth.post("token", MACHINE, basic=(app["id"], second["client_secret"]))


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "scope": "pay:steal"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "openid"}, "invalid_scope"),
        ({"grant_type": "client_credentials"}, "invalid_scope"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}, "unauthorized_client"),
        ({"grant_type": "urn:x"}, "unsupported_grant_type"),
        ({}, "invalid_request"),
    ],
    ids=["unknown-scope", "openid", "no-scope", "other-grant", "no-grant", "empty"],
)
def test_a_grant_out_of_place_is_refused_by_its_code(oauth, call, form, error):
    """Each is the vendor's own error."""
    assert oauth.post("token", form, basic=basic(service_app(call)), expect=400)["error"] == error


def test_rules_decide_by_client_grant_and_scope(oauth, call):
    """The first policy and rule that match give the lifetime; without one there is no token."""
    first, other = service_app(call), service_app(call, "Other")
    call("POST", "/api/v1/authorizationServers/default/scopes", {"name": "pay:write"})
    (everybody,) = call("GET", "/api/v1/authorizationServers/default/policies")
    narrow = {"grantTypes": {"include": ["client_credentials"]}, "scopes": {"include": ["pay:read"]}}
    open_policy(call, conditions=narrow, token={"accessTokenLifetimeMinutes": 5}, clients=[first["id"]], name="One")
    call("POST", f"/api/v1/authorizationServers/default/policies/{everybody['id']}/lifecycle/deactivate")
    assert oauth.post("token", MACHINE, basic=basic(first))["expires_in"] == 300
    for app, form in ((other, MACHINE), (first, MACHINE | {"scope": "pay:write"})):
        refused = oauth.post("token", form, basic=basic(app), expect=401)
        assert refused["error_description"].startswith("Policy evaluation failed for this request")


def test_a_client_proves_itself_with_its_private_key_once(oauth, call, clock):
    """The assertion is checked for signature, audience, time and reuse."""
    key, public = key_pair()
    stranger, _ = key_pair()
    app = service_app(call, method="private_key_jwt", jwks={"keys": [public]})
    form = MACHINE | {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}

    def asked(signer=key, expect=401, **change):
        return oauth.post("token", form | {"client_assertion": assertion(signer, app, clock, **change)}, expect=expect)

    assert asked(expect=200)["access_token"]
    assert asked()["error_description"] == "The client_assertion token has already been used."
    assert asked(stranger, jti="a2")["error_description"] == "The client_assertion signature is invalid."
    assert "audience" in asked(aud="https://else.example", jti="a3")["error_description"]
    assert "expired" in asked(exp=int(clock.now().timestamp()) - 1, jti="a4")["error_description"]
    assert "too far" in asked(exp=int(clock.now().timestamp()) + 7200, jti="a5")["error_description"]
    assert oauth.post("token", MACHINE | {"client_id": app["id"], "client_secret": "x" * 20}, expect=401)


def test_the_orgs_own_server_says_why_it_grants_a_service_nothing(oauth, call, clock):
    """It wants a private key, knows no scope but the management API's, and gives none that nobody granted."""
    own = OAuth(call, "/oauth2")
    key, public = key_pair()
    app, plain = service_app(call, method="private_key_jwt", jwks={"keys": [public]}), service_app(call, "Plain")
    jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    def asked(scope, jti):
        told = assertion(key, app, clock, aud=f"{URL}/oauth2/v1/token", jti=jti)
        form = {"grant_type": "client_credentials", "scope": scope, "client_assertion_type": jwt}
        return own.post("token", form | {"client_assertion": told}, expect=400)

    refused = own.post("token", MACHINE | {"scope": "okta.users.read"}, basic=basic(plain), expect=401)
    assert "must use the private_key_jwt" in refused["error_description"]
    assert asked("pay:read", "b1")["error_description"] == "Custom scopes are not allowed for this request."
    assert asked("openid", "b2")["error"] == "invalid_scope"
    assert "not configured" in asked("okta.unicorns.read", "b3")["error_description"]
    refused = asked("okta.users.read okta.logs.read", "b4")
    assert refused["error_description"] == "You are not allowed any of the requested scopes."


def test_a_user_signs_in_with_a_code_and_its_verifier(oauth, shop, ada, call):
    """The code is good once, for its client, its address and its verifier."""
    back = oauth.authorize(shop, ada, nonce="n1")
    assert back["state"] == "s1"
    reply = oauth.redeem(shop, back["code"])
    told = claims(reply["id_token"])
    assert (told["sub"], told["aud"], told["nonce"]) == (ada["id"], shop["id"], "n1")
    assert (told["email"], told["preferred_username"]) == ("ada@acme.example", "ada@acme.example")
    assert claims(reply["access_token"])["scp"] == ["openid", "profile", "email"]
    assert "refresh_token" not in reply
    assert call.events()[-4:] == [
        "app.oauth2.as.authorize.code",
        "user.authentication.sso",
        "app.oauth2.as.token.grant.access_token",
        "app.oauth2.as.token.grant.id_token",
    ]


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"code_verifier": "w" * 64}, "PKCE verification failed."),
        ({"code_verifier": ""}, "PKCE code verifier is required by the application."),
        ({"redirect_uri": "https://evil.example"}, "does not match the redirection URI"),
        ({"code": "guess"}, "The authorization code is invalid or has expired."),
    ],
    ids=["other-verifier", "no-verifier", "other-address", "guess"],
)
def test_a_stolen_code_is_worth_nothing(oauth, shop, ada, change, description):
    """Without the verifier, or at another address, it is refused."""
    code = oauth.authorize(shop, ada)["code"]
    assert description in oauth.redeem(shop, change.get("code", code), expect=400, **change)["error_description"]


def test_a_code_dies_after_a_minute_and_its_reuse_kills_what_it_gave(oauth, shop, ada, clock):
    """RFC 6749, section 4.1.2."""
    late = oauth.authorize(shop, ada)["code"]
    clock.advance(61)
    oauth.redeem(shop, late, expect=400)
    code = oauth.authorize(shop, ada)["code"]
    access = oauth.redeem(shop, code)["access_token"]
    bearer = {"Authorization": f"Bearer {access}"}
    assert oauth.get("/v1/userinfo", headers=bearer)["sub"] == ada["id"]
    oauth.redeem(shop, code, expect=400)
    oauth.get("/v1/userinfo", headers=bearer, expect=401)


def test_errors_of_authorize_come_back_by_redirect(oauth, shop, ada, call):
    """Except where the client or the address cannot be trusted."""
    assert oauth.authorize(shop, prompt="none")["error"] == "login_required"
    assert oauth.authorize(shop, ada, scope="openid nope")["error"] == "invalid_scope"
    assert oauth.authorize(shop, ada, response_type="token")["error"] == "unsupported_response_type"
    assert oauth.authorize(shop, ada, code_challenge=None)["error_description"].startswith("PKCE code challenge")
    assert oauth.authorize(shop, ada, code_challenge_method="plain")["error"] == "invalid_request"
    eve = call.user("eve", "?activate=true", firstName="Eve")
    call.okta.org.users[eve["id"]]["status"] = "ACTIVE"
    assert oauth.authorize(shop, eve)["error_description"] == "User is not assigned to the client application."
    assert "fromURI" in oauth.authorize(shop)
    oauth.authorize(shop, ada, redirect_uri="https://evil.example", expect=400)
    oauth.authorize({"id": "nobody"}, ada, expect=400)
    page = oauth.authorize(shop, ada, response_mode="form_post", expect=200)
    assert page == {}
    assert b'name="code"' in oauth.last.body
    assert oauth.authorize(shop, ada, response_mode="fragment")["code"]


def test_the_apps_policy_asks_for_more_than_a_session(oauth, shop, ada, call):
    """A password alone is not enough for it; the session of a browser with both factors is, by its cookie."""
    weak = {"okta_password": call.okta.org.now()}
    assert "fromURI" in oauth.authorize(shop, ada, proved=weak)
    refused = oauth.authorize(shop, ada, proved=weak, prompt="none")
    assert refused["error_description"].endswith("requires re-authentication or MFA.")
    assert "code" in oauth.authorize(shop, ada)
    cookie = oauth.last.headers["Set-Cookie"].partition(";")[0]
    query = {"client_id": shop["id"], "redirect_uri": BACK, "response_type": "code", "state": "s2", "scope": "openid"}
    query |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256", "prompt": "none"}
    oauth.get("/v1/authorize", query, headers={"Cookie": cookie}, expect=302)
    assert "code=" in oauth.last.headers["Location"]
    call("DELETE", f"/api/v1/users/{ada['id']}/sessions")
    oauth.get("/v1/authorize", query, headers={"Cookie": cookie}, expect=302)
    assert "error=login_required" in oauth.last.headers["Location"]


def test_a_session_token_signs_on_once(oauth, shop, ada):
    """The second request with the same one finds nobody."""
    assert "code" in oauth.authorize(shop, ada)
    used = oauth.spent
    assert oauth.authorize(shop, sessionToken=used, prompt="none")["error"] == "login_required"


def test_a_refresh_token_that_comes_twice_ends_its_family(oauth, shop, ada, call, clock):
    """The thief and the owner both lose; the event names it."""
    first = signed_in(oauth, shop, ada, scope="openid offline_access")
    form = {"grant_type": "refresh_token", "client_id": shop["id"], "refresh_token": first["refresh_token"]}
    clock.advance(600)
    second = oauth.post("token", form)
    assert second["refresh_token"] != first["refresh_token"]
    clock.advance(60)
    refused = oauth.post("token", form, expect=400)
    assert refused["error_description"] == "The refresh token is invalid or expired."
    assert "app.oauth2.as.token.detect_reuse" in call.events()
    oauth.post("token", form | {"refresh_token": second["refresh_token"]}, expect=400)
    oauth.get("/v1/userinfo", headers={"Authorization": f"Bearer {second['access_token']}"}, expect=401)


def test_a_refresh_token_idles_out_and_narrows_only(oauth, shop, ada, clock):
    """After the window it is dead; more scopes than granted are denied."""
    reply = signed_in(oauth, shop, ada, scope="openid email offline_access")
    form = {"grant_type": "refresh_token", "client_id": shop["id"], "refresh_token": reply["refresh_token"]}
    assert "Denied scopes" in oauth.post("token", form | {"scope": "openid profile"}, expect=400)["error_description"]
    reply = oauth.post("token", form | {"scope": "openid offline_access"})
    clock.advance(7 * 86400 + 1)
    oauth.post("token", form | {"refresh_token": reply["refresh_token"]}, expect=400)


def test_introspection_and_revocation_agree(oauth, shop, ada, call, clock):
    """A live token tells its claims; a revoked, expired, foreign or forged one is inactive and nothing else."""
    reply = signed_in(oauth, shop, ada, scope="openid offline_access")
    form = {"client_id": shop["id"], "token": reply["access_token"]}
    told = oauth.post("introspect", form)
    assert (told["active"], told["username"], told["scope"]) == (True, "ada@acme.example", "openid offline_access")
    refresh = form | {"token": reply["refresh_token"]}
    assert oauth.post("introspect", refresh)["active"]
    assert oauth.post("introspect", form | {"token": reply["access_token"][:-6] + "AAAAAA"}) == {"active": False}
    oauth.post("revoke", form)
    assert oauth.post("introspect", form) == {"active": False}
    assert oauth.post("introspect", refresh)["active"]
    oauth.post("revoke", refresh)
    assert oauth.post("introspect", refresh) == {"active": False}
    oauth.post("revoke", {"client_id": shop["id"], "token": "unknown"})
    oauth.post("revoke", {"client_id": shop["id"]}, expect=400)
    again = signed_in(oauth, shop, ada)
    clock.advance(901)
    assert oauth.post("introspect", form | {"token": again["access_token"]}) == {"active": False}


def test_the_tokens_of_a_user_die_when_they_are_revoked_or_the_user_is_suspended(oauth, shop, ada, call):
    """Only the sessions end without `oauthTokens`."""
    reply = signed_in(oauth, shop, ada, scope="openid offline_access")
    waiting = oauth.authorize(shop, ada)["code"]
    call("DELETE", f"/api/v1/users/{ada['id']}/sessions")
    assert oauth.post("introspect", {"client_id": shop["id"], "token": reply["access_token"]})["active"]
    call("DELETE", f"/api/v1/users/{ada['id']}/sessions?oauthTokens=true")
    assert oauth.post("introspect", {"client_id": shop["id"], "token": reply["access_token"]}) == {"active": False}
    oauth.redeem(shop, waiting, expect=400)
    form = {"grant_type": "refresh_token", "client_id": shop["id"]}
    oauth.post("token", form | {"refresh_token": reply["refresh_token"]}, expect=400)
    later = signed_in(oauth, shop, ada, scope="openid offline_access")
    call("POST", f"/api/v1/users/{ada['id']}/lifecycle/suspend")
    oauth.get("/v1/userinfo", headers={"Authorization": f"Bearer {later['access_token']}"}, expect=401)
    oauth.post("token", form | {"refresh_token": later["refresh_token"]}, expect=400)


def test_userinfo_tells_what_the_scopes_allow(oauth, shop, ada):
    """Without openid it is forbidden, without a token unauthorized."""
    whole = signed_in(oauth, shop, ada)
    told = oauth.get("/v1/userinfo", headers={"Authorization": f"Bearer {whole['access_token']}"})
    assert (told["given_name"], told["email"]) == ("Ada", "ada@acme.example")
    bare = signed_in(oauth, shop, ada, scope="pay:read")
    oauth.get("/v1/userinfo", headers={"Authorization": f"Bearer {bare['access_token']}"}, expect=403)
    assert "insufficient_scope" in oauth.last.headers["WWW-Authenticate"]
    oauth.get("/v1/userinfo", expect=401)


def test_claims_of_the_owner_stand_in_the_tokens_they_are_meant_for(oauth, shop, ada, call):
    """Groups by filter, expressions over the profile, bound to scopes; one that cannot be evaluated stops the grant."""
    group = call.group("Pay admins")
    call("PUT", f"/api/v1/groups/{group['id']}/users/{ada['id']}")
    path = "/api/v1/authorizationServers/default/claims"
    groups = {"name": "groups", "claimType": "RESOURCE", "valueType": "GROUPS", "value": "Pay"}
    call("POST", path, groups | {"group_filter_type": "STARTS_WITH", "conditions": {"scopes": ["pay:read"]}})
    call("POST", path, {"name": "who", "claimType": "IDENTITY", "valueType": "EXPRESSION", "value": "user.firstName"})
    reply = signed_in(oauth, shop, ada, scope="openid pay:read")
    assert claims(reply["access_token"])["groups"] == ["Pay admins"]
    assert claims(reply["id_token"])["who"] == "Ada"
    assert "groups" not in claims(signed_in(oauth, shop, ada)["access_token"])
    call("POST", path, {"name": "x", "claimType": "RESOURCE", "valueType": "EXPRESSION", "value": "user.nonsense"})
    code = oauth.authorize(shop, ada)["code"]
    assert "'x' user claim" in oauth.redeem(shop, code, expect=400)["error_description"]


def test_the_orgs_own_server_signs_people_on_and_services_off(call, shop, ada):
    """Its issuer is the org, its tokens live an hour, and a service needs a custom server."""
    own = OAuth(call, "/oauth2")
    reply = own.redeem(shop, own.authorize(shop, ada)["code"])
    told = claims(reply["access_token"])
    assert (told["iss"], told["aud"], reply["expires_in"]) == ("https://acme.okta.com", "https://acme.okta.com", 3600)
    assert own.get("/v1/userinfo", headers={"Authorization": f"Bearer {reply['access_token']}"})["sub"] == ada["id"]
    refused = own.post("token", MACHINE, basic=basic(service_app(call)), expect=401)
    assert refused["error"] == "invalid_client"
    assert "app.oauth2.token.grant.id_token" in call.events()


def test_each_endpoint_of_the_orgs_own_server_answers(call, shop, ada):
    """By form and by query, as the contract has them; a token of a custom server is not its own."""
    own = OAuth(call, "/oauth2")
    held = signed_in(own, shop, ada, scope="openid offline_access")
    form = {"client_id": shop["id"], "token": held["access_token"]}
    assert own.post("introspect", form)["active"]
    assert OAuth(call).post("introspect", form) == {"active": False}
    own.post("revoke", form | {"token": held["refresh_token"]})
    assert own.post("introspect", form) == {"active": False}
    own.get("/v1/logout", {"id_token_hint": held["id_token"]})
    for server in (own, OAuth(call)):
        asked = {
            "client_id": shop["id"],
            "redirect_uri": BACK,
            "response_type": "code",
            "state": "s",
            "scope": "openid",
        }
        asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256", "prompt": "none"}
        server.post("authorize", asked, expect=302)
        assert "login_required" in server.last.headers["Location"]
    back = {"id_token_hint": held["id_token"], "post_logout_redirect_uri": BACK}
    own.post("logout", back, expect=302)
    OAuth(call).post("logout", back, expect=401)


def test_discovery_names_endpoints_that_answer(oauth, call):
    """Both documents agree, and the key set may be kept until the next rotation."""
    found = oauth.get("/.well-known/openid-configuration")
    assert oauth.get("/.well-known/oauth-authorization-server").items() <= found.items()
    assert found["jwks_uri"] == "https://acme.okta.com/oauth2/default/v1/keys"
    assert len(oauth.get("/v1/keys")["keys"]) == 2
    assert oauth.last.headers["Cache-Control"] == "max-age=7776000, must-revalidate"
    assert OAuth(call, "").get("/.well-known/openid-configuration")["issuer"] == "https://acme.okta.com"
    assert len(OAuth(call, "/oauth2").get("/v1/keys")["keys"]) == 2
    OAuth(call, "/oauth2/nowhere").get("/.well-known/openid-configuration", expect=404)


def test_logout_sends_back_only_where_the_app_allows(oauth, shop, ada):
    """The hint must be a token of this issuer."""
    hint = signed_in(oauth, shop, ada)["id_token"]
    oauth.get("/v1/logout", {"id_token_hint": hint, "post_logout_redirect_uri": BACK, "state": "z"}, expect=302)
    assert oauth.last.headers["Location"] == f"{BACK}?state=z"
    oauth.get("/v1/logout", {"id_token_hint": hint})
    oauth.post("logout", {"id_token_hint": hint, "post_logout_redirect_uri": BACK, "state": "z"}, expect=302)
    assert oauth.last.headers["Location"] == f"{BACK}?state=z"
    oauth.get("/v1/logout", {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.example"}, expect=400)
    oauth.get("/v1/logout", {"id_token_hint": "x.y.z"}, expect=401)


def test_administrators_see_and_revoke_refresh_tokens(oauth, shop, ada, call):
    """By client and one by one, without their values."""
    reply = signed_in(oauth, shop, ada, scope="openid offline_access")
    path = "/api/v1/authorizationServers/default/clients"
    assert [one["client_id"] for one in call("GET", path)] == [shop["id"]]
    (token,) = call("GET", f"{path}/{shop['id']}/tokens")
    assert reply["refresh_token"] not in str(token)
    assert call("GET", f"{path}/{shop['id']}/tokens/{token['id']}")["userId"] == ada["id"]
    call("DELETE", f"{path}/{shop['id']}/tokens/{token['id']}")
    assert call("GET", f"{path}/{shop['id']}/tokens") == []
    signed_in(oauth, shop, ada, scope="openid offline_access")
    call("DELETE", f"{path}/{shop['id']}/tokens")
    call("GET", f"{path}/{shop['id']}/tokens/{token['id']}", expect=(404, "E0000007"))
    assert "app.oauth2.token.revoke.implicit.client" in call.events()


def test_secrets_of_tokens_are_kept_as_digests_only(oauth, shop, ada, call):
    """Neither a refresh token nor a code nor a session token stands in the state in clear."""
    code = oauth.authorize(shop, ada)["code"]
    reply = signed_in(oauth, shop, ada, scope="openid offline_access")
    kept = str(call.okta.org.oauth)
    assert code not in kept
    assert reply["refresh_token"] not in kept
    assert VERIFIER not in kept
