"""The token endpoint: a code, a client's own right or a refresh token, exchanged for tokens.

https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/OrgAS/#tag/OrgAS/operation/token
"""

import hashlib
from collections.abc import Callable
from typing import Any

from twin.wire import Response
from twin.world.saas.okta.app_access import uses
from twin.world.saas.okta.client_authentication import Client, authenticate, form_of
from twin.world.saas.okta.discovery import GRANTS
from twin.world.saas.okta.dpop import bound_key
from twin.world.saas.okta.grant_rules import allowed, asked_scopes, check_consent
from twin.world.saas.okta.issuers import event, named_server
from twin.world.saas.okta.log_events import record_failure, target
from twin.world.saas.okta.oauth_errors import OAuthRefusal
from twin.world.saas.okta.oauth_state import digest
from twin.world.saas.okta.refresh_tokens import redeemed
from twin.world.saas.okta.service_grants import service_scopes
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.okta.token_minting import Grant, issued, new_refresh
from twin.world.saas.okta.token_revocation import revoke_family
from twin.world.saas.router import Hit, json_response
from twin.world.saas.rsa_keys import base64url

Form = dict[str, str]
Exchange = Callable[[Org, Record | None, Client, Form, str], dict[str, Any]]


@ROUTER.route("POST", "/oauth2/v1/token")
@ROUTER.route("POST", "/oauth2/<server_id>/v1/token")
def token(org: Org, hit: Hit) -> Response:
    """Exchange a grant for tokens."""
    server = named_server(org, hit)
    try:
        return json_response(200, _exchanged(org, hit, server))
    except OAuthRefusal as refused:
        # The first request of every client with a proof is answered by a nonce: nothing failed yet.
        if refused.code != "use_dpop_nonce":
            of = [target("AuthorizationServer", server)] if server else []
            record_failure(org, event(server, "token.grant"), *of, reason=refused.code)
        raise


def _exchanged(org: Org, hit: Hit, server: Record | None) -> dict[str, Any]:
    form = form_of(hit)
    client = authenticate(org, hit, form, server=server, endpoint="token")
    grant = form.get("grant_type", "")
    if not grant:
        raise OAuthRefusal("token_request_missing_grant_type", ", ".join(GRANTS))
    if grant not in EXCHANGES:
        raise OAuthRefusal("unsupported_grant_type", ", ".join(GRANTS))
    if grant not in client.settings["grant_types"]:
        raise OAuthRefusal("unauthorized_client", ", ".join(client.settings["grant_types"]))
    key = bound_key(org, hit) if client.settings.get("dpop_bound_access_tokens") else ""
    return EXCHANGES[grant](org, server, client, form, key)


def _by_code(org: Org, server: Record | None, client: Client, form: Form, key: str) -> dict[str, Any]:
    for name in ("code", "redirect_uri"):
        if not form.get(name):
            raise OAuthRefusal("missing_token_request_parameter", name)
    kept = org.oauth.codes.get(digest(form["code"]))
    if kept is None or kept["server"] != (server["id"] if server else ""):
        raise OAuthRefusal("invalid_authorization_code")
    if kept["client"] != client.id:
        raise OAuthRefusal("mismatched_client")
    if kept["family"]:
        # A code that comes twice was stolen: what the first exchange gave dies too (RFC 6749, section 4.1.2).
        revoke_family(org, kept["family"])
        raise OAuthRefusal("invalid_authorization_code")
    if kept["ends"] <= org.clock.now().timestamp():
        raise OAuthRefusal("invalid_authorization_code")
    if kept["redirect"] != form["redirect_uri"]:
        raise OAuthRefusal("mismatched_redirect_uri")
    _check_verifier(kept, client, form)
    user = org.users.get(kept["user"])
    if user is None or user["status"] != "ACTIVE" or not uses(org, client.app["id"], user):
        raise OAuthRefusal("user_not_assigned")
    lives = allowed(org, server, client=client.id, user=user, grant="authorization_code", scopes=kept["scopes"])
    kept["family"] = family = org.mint("fam")
    grant = Grant(
        server, client.app, client.id, tuple(kept["scopes"]), lives, user, kept["signedOn"], tuple(kept["methods"]),
        kept["nonce"], family, key,
    )  # fmt: skip
    refresh = new_refresh(org, grant, family=family) if "offline_access" in kept["scopes"] else ""
    return issued(org, grant, refresh=refresh)


def _check_verifier(kept: Record, client: Client, form: Form) -> None:
    verifier = form.get("code_verifier", "")
    if not kept["challenge"]:
        if verifier:
            raise OAuthRefusal("pkce_missing_challenge_verifier_present")
        if client.method == "none":
            raise OAuthRefusal("pkce_missing_verifier")
        return
    if not verifier:
        raise OAuthRefusal("pkce_missing_verifier")
    if base64url(hashlib.sha256(verifier.encode()).digest()) != kept["challenge"]:
        raise OAuthRefusal("pkce_verification_failed")


def _by_client(org: Org, server: Record | None, client: Client, form: Form, key: str) -> dict[str, Any]:
    if server is None:
        scopes = service_scopes(org, client, form.get("scope", "").split())
    else:
        scopes = asked_scopes(org, server, form.get("scope", ""), machine=True)
        check_consent(org, server, client.app, scopes, machine=True)
    lives = allowed(org, server, client=client.id, user=None, grant="client_credentials", scopes=scopes)
    return issued(org, Grant(server, client.app, client.id, tuple(scopes), lives, key=key))


def _by_refresh(org: Org, server: Record | None, client: Client, form: Form, key: str) -> dict[str, Any]:
    if not form.get("refresh_token"):
        raise OAuthRefusal("missing_token_request_parameter", "refresh_token")
    _check_bound(org, form["refresh_token"], key)
    kept, rotates = redeemed(org, server, client, form["refresh_token"])
    user = org.users.get(kept["userId"])
    if user is None or user["status"] != "ACTIVE" or not uses(org, client.app["id"], user):
        raise OAuthRefusal("invalid_refresh_token")
    scopes = form["scope"].split() if form.get("scope") else kept["scopes"]
    if denied := [scope for scope in scopes if scope not in kept["scopes"]]:
        raise OAuthRefusal("refresh_scopes_denied", " ".join(denied))
    lives = allowed(org, server, client=client.id, user=user, grant="authorization_code", scopes=scopes)
    grant = Grant(
        server, client.app, client.id, tuple(scopes), lives, user, kept["signedOn"], tuple(kept["methods"]),
        family=kept["family"], key=key,
    )  # fmt: skip
    if not rotates:
        kept["ends"] = _idle_end(org, kept, grant)
        return issued(org, grant, refresh=form["refresh_token"])
    return issued(org, grant, refresh=new_refresh(org, grant, family=kept["family"], born=kept["born"]))


def _check_bound(org: Org, value: str, key: str) -> None:
    """Refuse a refresh token with a proof by another key than that with which it was granted."""
    bound_to = org.oauth.refresh.get(digest(value), {}).get("key", "")
    if bound_to and bound_to != key:
        raise OAuthRefusal("invalid_dpop_proof_invalid_public_key_binding")


def _idle_end(org: Org, kept: Record, grant: Grant) -> float:
    ends = kept["born"] + grant.allowed.refresh if grant.allowed.refresh else float("inf")
    return min(ends, org.clock.now().timestamp() + grant.allowed.window)


EXCHANGES: dict[str, Exchange] = {
    "authorization_code": _by_code,
    "client_credentials": _by_client,
    "refresh_token": _by_refresh,
}
