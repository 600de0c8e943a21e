"""Whether a token lives: introspection, revocation, and what the userinfo endpoint tells the bearer of one."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from twin.semantics.tokens import Accepted, Expectations, validate
from twin.wire import Response
from twin.world.saas.okta.access_revocation import end_sessions
from twin.world.saas.okta.client_authentication import Client, app_of, authenticate, form_of
from twin.world.saas.okta.dpop import check_binding
from twin.world.saas.okta.issuers import event, issuer_of, named_server
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.oauth_errors import Challenge, OAuthRefusal
from twin.world.saas.okta.oauth_state import digest
from twin.world.saas.okta.server_keys import ServerKeys
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.okta.token_claims import added_claims, scope_claims
from twin.world.saas.okta.token_revocation import revoke_family
from twin.world.saas.router import Hit, json_response

USERINFO_SCOPES = {"profile", "email", "address", "phone", "openid"}


@dataclass(frozen=True, slots=True)
class Bearer:
    """A live access token: its claims, and the user for whom it was granted."""

    claims: dict[str, Any]
    user: Record | None


def live_access(org: Org, server: Record | None, token: str) -> Bearer | None:
    """Return an access token that the server made, in time and not revoked, whose user is still active."""
    audience = server["audiences"][0] if server else org.url
    expected = Expectations(issuers=(issuer_of(org, server),), audiences=(audience,), required=("jti", "cid"))
    verdict = validate(token, ServerKeys(org, server), expected, org.clock.now().timestamp())
    if not isinstance(verdict, Accepted) or verdict.claims["jti"] not in org.oauth.access:
        return None
    claims = dict(verdict.claims)
    user = org.users.get(str(claims.get("uid")))
    if "uid" in claims and (user is None or user["status"] != "ACTIVE"):
        return None
    return Bearer(claims, user) if app_of(org, claims["cid"]) else None


def _live_refresh(org: Org, server: Record | None, token: str) -> Record | None:
    kept = org.oauth.refresh.get(digest(token))
    if kept is None or kept["status"] != "ACTIVE" or kept["ends"] <= org.clock.now().timestamp():
        return None
    user = org.users.get(kept["userId"])
    same = kept["server"] == (server["id"] if server else "")
    return kept if same and kept["used"] is None and user is not None and user["status"] == "ACTIVE" else None


def _asked(org: Org, hit: Hit, endpoint: str) -> tuple[Record | None, Client, str]:
    server, form = named_server(org, hit), form_of(hit)
    client = authenticate(org, hit, form, server=server, endpoint=endpoint)
    if not form.get("token"):
        raise OAuthRefusal("request_missing_token")
    return server, client, form["token"]


@ROUTER.route("POST", "/oauth2/v1/introspect")
@ROUTER.route("POST", "/oauth2/<server_id>/v1/introspect")
def introspect(org: Org, hit: Hit) -> Response:
    """Tell a client whether a token lives, and what it says."""
    server, client, token = _asked(org, hit, "introspect")
    if (bearer := live_access(org, server, token)) is not None:
        claims = bearer.claims
        told: dict[str, Any] = {
            name: claims[name] for name in ("exp", "iat", "iss", "aud", "sub", "jti", "uid") if name in claims
        }
        told |= {"client_id": claims["cid"], "scope": " ".join(claims["scp"])}
        told |= {"token_type": "DPoP", "cnf": claims["cnf"]} if "cnf" in claims else {"token_type": "Bearer"}
        return json_response(200, {"active": True} | told | _username(bearer.user))
    kept = _live_refresh(org, server, token)
    if kept is None or kept["clientId"] != client.id:
        return json_response(200, {"active": False})
    told = {"token_type": "Bearer", "scope": " ".join(kept["scopes"]), "client_id": kept["clientId"]}
    told |= {} if kept["ends"] == float("inf") else {"exp": int(kept["ends"])}
    user = org.users[kept["userId"]]
    return json_response(200, {"active": True} | told | _username(user) | {"sub": user["profile"]["login"]})


def _username(user: Record | None) -> dict[str, Any]:
    return {"username": user["profile"]["login"]} if user else {}


@ROUTER.route("POST", "/oauth2/v1/revoke")
@ROUTER.route("POST", "/oauth2/<server_id>/v1/revoke")
def revoke(org: Org, hit: Hit) -> Response:
    """End a token of the calling client; with a refresh token all of its family, and unknown ones are no error."""
    server, client, token = _asked(org, hit, "revoke")
    bearer, kept = live_access(org, server, token), _live_refresh(org, server, token)
    if bearer is not None and bearer.claims["cid"] == client.id:
        del org.oauth.access[bearer.claims["jti"]]
    elif kept is not None and kept["clientId"] == client.id:
        revoke_family(org, kept["family"])
    else:
        return Response(200)
    log(org, event(server, "token.revoke"), target("AppInstance", client.app))
    return Response(200)


@ROUTER.route("GET", "/oauth2/v1/userinfo")
@ROUTER.route("GET", "/oauth2/<server_id>/v1/userinfo")
@ROUTER.route("POST", "/oauth2/v1/userinfo")
@ROUTER.route("POST", "/oauth2/<server_id>/v1/userinfo")
def userinfo(org: Org, hit: Hit) -> Response:
    """Tell the bearer of an access token what its scopes let it know of the user."""
    server = named_server(org, hit)
    scheme, _, token = hit.request.headers.get("Authorization", "").partition(" ")
    bearer = live_access(org, server, token) if scheme.lower() in ("bearer", "dpop") else None
    if bearer is not None:
        try:
            check_binding(org, hit, token, bearer.claims)
        except OAuthRefusal as refused:
            raise Challenge(refused, "DPoP", {}) from None
    if bearer is None or bearer.user is None:
        return _challenge(401, "invalid_token", "The access token is invalid")
    scopes = list(bearer.claims["scp"])
    if "openid" not in scopes:
        return _challenge(
            403, "insufficient_scope",
            "The access token must provide access to at least one of these scopes - profile, email, address or phone",
        )  # fmt: skip
    app = app_of(org, bearer.claims["cid"]) or {}
    added = added_claims(org, server, "IDENTITY", scopes=scopes, app=app, user=bearer.user, always=False)
    return json_response(200, scope_claims(bearer.user, scopes) | added)


CENTURY = 100 * 365.25 * 86_400


def _challenge(status: int, error: str, description: str) -> Response:
    reply = Response(status)
    reply.headers["WWW-Authenticate"] = f'Bearer error="{error}", error_description="{description}"'
    return reply


@ROUTER.route("GET", "/oauth2/v1/logout")
@ROUTER.route("GET", "/oauth2/<server_id>/v1/logout")
@ROUTER.route("POST", "/oauth2/v1/logout")
@ROUTER.route("POST", "/oauth2/<server_id>/v1/logout")
def logout(org: Org, hit: Hit) -> Response:
    """End the session of the user whom an ID token names, and send the browser where the app allows."""
    server = named_server(org, hit)
    fields = form_of(hit) if hit.request.method == "POST" else dict(hit.query.items())
    # A hint may be over its time: it says who signs out, and proves nothing else.
    expected = Expectations(issuers=(issuer_of(org, server),), leeway=CENTURY)
    now = org.clock.now().timestamp()
    verdict = validate(fields.get("id_token_hint", ""), ServerKeys(org, server), expected, now)
    if not isinstance(verdict, Accepted):
        raise OAuthRefusal("id_token_invalid")
    app = app_of(org, str(verdict.claims.get("aud")))
    place = fields.get("post_logout_redirect_uri", "")
    if place and (app is None or place not in app["settings"]["oauthClient"].get("post_logout_redirect_uris", [])):
        raise OAuthRefusal("illegal_post_logout_redirect_uri")
    user = org.users.get(str(verdict.claims.get("sub")))
    if user is not None and end_sessions(org, user):
        who = target("User", user)
        log(org, "user.session.end", who, by=who)
    if not place:
        return Response(200)
    state = f"{'&' if '?' in place else '?'}{urlencode({'state': fields['state']})}" if fields.get("state") else ""
    reply = Response(302)
    reply.headers["Location"] = place + state
    return reply
