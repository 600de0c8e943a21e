"""Calls to the management API by an OAuth token of the org's own server: a service app with the scopes that it holds.

https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/main/
"""

from typing import Any

from twin.semantics.tokens import Accepted, Expectations, validate
from twin.world.saas.okta.api_scopes import granted, needed
from twin.world.saas.okta.client_authentication import app_of
from twin.world.saas.okta.dpop import check_binding
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.issuers import issuer_of
from twin.world.saas.okta.links import base
from twin.world.saas.okta.oauth_errors import Challenge, OAuthRefusal
from twin.world.saas.okta.server_keys import ServerKeys
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.router import Hit

SCHEMES = {"bearer": "Bearer", "dpop": "DPoP"}


def bearer_of(org: Org, hit: Hit, path: str) -> Record | None:
    """Return who calls by an access token with the scope that the call needs; None for other credentials."""
    written, _, token = hit.request.headers.get("Authorization", "").partition(" ")
    scheme = SCHEMES.get(written.lower())
    if scheme is None:
        return None
    scope = needed(hit.request.method, path)
    try:
        claims = _claims(org, token)
        check_binding(org, hit, token, claims)
        _check_scope(scope, frozenset(claims["scp"]))
    except OAuthRefusal as refused:
        asked = "DPoP" if refused.code == "invalid_dpop_proof" else scheme
        where = {"authorization_uri": f"{base(hit)}/oauth2/v1/authorize", "realm": base(hit), "scope": scope or ""}
        raise Challenge(refused, asked, where | {"resource": path}) from None
    app = app_of(org, claims["cid"]) or {}
    return {"id": claims["jti"], "name": app["label"], "clientId": claims["cid"], "app": app["id"]}


def _claims(org: Org, token: str) -> dict[str, Any]:
    now = org.clock.now().timestamp()
    expected = Expectations(issuers=(issuer_of(org, None),), audiences=(org.url,), required=("jti", "cid"))
    verdict = validate(token, ServerKeys(org, None), expected, now)
    if not isinstance(verdict, Accepted):
        raise OAuthRefusal("token_expired" if verdict.reason == "expired" else _stranger(org, token, now))
    claims = dict(verdict.claims)
    if claims["jti"] not in org.oauth.access or app_of(org, claims["cid"]) is None:
        raise OAuthRefusal("access_token_revoked")
    if "uid" in claims:
        # A user's token has no scope of the management API, since the org's own server grants them none.
        raise OAuthRefusal("access_token_insufficient_scopes")
    return claims


def _stranger(org: Org, token: str, now: float) -> str:
    """Tell what is wrong with a token that is not of the org's own server: those of others are meant for others."""
    for server in org.servers.values():
        expected = Expectations(issuers=(issuer_of(org, server),))
        if isinstance(validate(token, ServerKeys(org, server), expected, now), Accepted):
            return "access_token_invalid_audience"
    return "access_token_invalid"


def _check_scope(scope: str | None, held: frozenset[str]) -> None:
    if scope is None:
        return
    if not scope:
        raise OktaError("E0000006")
    if not granted(scope, held):
        raise OAuthRefusal("access_token_insufficient_scopes")
