"""The endpoints of a browser: sign-in by a ticket, the authorization endpoint, userinfo, sign-out, discovery.

https://auth0.com/docs/api/authentication
"""

from typing import Any
from urllib.parse import urlencode

from twin.semantics.tokens import Accepted, Expectations, FixedKeys, validate
from twin.wire import Response
from twin.world.saas.auth0.errors import GrantError
from twin.world.saas.auth0.log import record as log
from twin.world.saas.auth0.rate_limits import FIGURES
from twin.world.saas.auth0.signing_keys import published
from twin.world.saas.auth0.state import ROUTER, Record, Tenant
from twin.world.saas.auth0.token_endpoint import form_of, sign_in
from twin.world.saas.auth0.tokens import OIDC, digest, profile_claims
from twin.world.saas.router import Hit, json_response


@ROUTER.route("POST", "/co/authenticate")
def cross_origin_sign_in(tenant: Tenant, hit: Hit) -> Response:
    """Sign a user in and give a ticket of one use, as the embedded sign-in of the vendor's library does."""
    form = form_of(hit)
    client = tenant.clients.get(form.get("client_id", ""))
    if client is None:
        raise GrantError("invalid_request", "Unknown client_id", 400)
    try:
        user = sign_in(tenant, client, form.get("realm", ""), form.get("username", ""), form.get("password", ""))
    except GrantError as refused:
        log(tenant, refused.event or "f", refused.description, client_id=client["client_id"])
        raise
    log(tenant, "s", "Successful login", client_id=client["client_id"], user_id=user["user_id"])
    ticket = tenant.ids.word(32)
    tenant.tickets[digest(ticket)] = {"user": user["user_id"], "ends": tenant.seconds() + 600}
    return json_response(
        200, {"login_ticket": ticket, "co_verifier": tenant.ids.word(32), "co_id": tenant.ids.word(12)}
    )


@ROUTER.route("GET", "/authorize")
def authorize(tenant: Tenant, hit: Hit) -> Response:
    """Send the browser back with a code; errors too, unless the client or its address cannot be trusted."""
    client = tenant.clients.get(hit.query.get("client_id", ""))
    place = hit.query.get("redirect_uri", "")
    if client is None or place not in client["callbacks"]:
        raise GrantError("invalid_request", "The client or its redirect_uri is not known to the tenant", 403)
    try:
        told = {"code": _code(tenant, hit, client)}
    except GrantError as refused:
        told = refused.body()
    except LookupError:
        return _redirect(f"https://{tenant.domain}/u/login?{urlencode({'state': tenant.ids.word(32)})}")
    state = {"state": hit.query["state"]} if "state" in hit.query else {}
    return _redirect(f"{place}{'&' if '?' in place else '?'}{urlencode(told | state)}")


def _redirect(place: str) -> Response:
    reply = Response(302)
    reply.headers["Location"] = place
    return reply


def _code(tenant: Tenant, hit: Hit, client: Record) -> str:
    if hit.query.get("response_type") != "code":
        raise GrantError("unsupported_response_type", f"Unsupported response type: {hit.query.get('response_type')}")
    if hit.query.get("code_challenge") and hit.query.get("code_challenge_method") != "S256":
        raise GrantError("invalid_request", "The twin takes code challenges of S256 only")
    audience = hit.query.get("audience") or tenant.settings.get("default_audience", "")
    if audience and tenant.server_of(audience) is None:
        raise GrantError("access_denied", f"Service not found: {audience}")
    ticket = tenant.tickets.pop(digest(hit.query.get("login_ticket", "")), None)
    if ticket is None or ticket["ends"] <= tenant.seconds():
        if hit.query.get("prompt") == "none":
            raise GrantError("login_required", "Login required")
        raise LookupError("nobody is signed on")
    code = tenant.ids.word(43)
    tenant.codes[digest(code)] = {
        "client": client["client_id"], "user": ticket["user"], "redirect": hit.query["redirect_uri"],
        "audience": audience, "scopes": hit.query.get("scope", "").split(), "nonce": hit.query.get("nonce", ""),
        "challenge": hit.query.get("code_challenge", ""), "ends": tenant.seconds() + int(FIGURES["code"]["seconds"]),
    }  # fmt: skip
    return code


@ROUTER.route("GET", "/userinfo")
@ROUTER.route("POST", "/userinfo")
def userinfo(tenant: Tenant, hit: Hit) -> Response:
    """Tell the bearer of a token with the scope openid what it may know of the user."""
    scheme, _, token = hit.request.headers.get("Authorization", "").partition(" ")
    found = _bearer(tenant, token) if scheme.lower() == "bearer" else None
    if found is None:
        return json_response(401, {"error": "invalid_token", "error_description": "Unauthorized"})
    user, scopes = found
    return json_response(200, {"sub": user["user_id"], **profile_claims(user, scopes)})


def _bearer(tenant: Tenant, token: str) -> tuple[Record, tuple[str, ...]] | None:
    kept = tenant.opaque.get(digest(token))
    if kept is not None:
        live = kept["exp"] > tenant.seconds() and "openid" in kept["scopes"]
        user = tenant.users.get(kept["user"])
        return (user, tuple(kept["scopes"])) if user and live else None
    expected = Expectations(issuers=(tenant.issuer,), audiences=(f"{tenant.issuer}userinfo",))
    verdict = validate(token, FixedKeys(published(tenant)), expected, tenant.clock.now().timestamp())
    if not isinstance(verdict, Accepted):
        return None
    user = tenant.users.get(str(verdict.claims.get("sub")))
    return (user, tuple(str(verdict.claims.get("scope", "")).split())) if user else None


@ROUTER.route("GET", "/v2/logout")
def logout(tenant: Tenant, hit: Hit) -> Response:
    """Send the browser where the client or the tenant allows."""
    client = tenant.clients.get(hit.query.get("client_id", ""))
    allowed = [*tenant.settings["allowed_logout_urls"], *(client["allowed_logout_urls"] if client else [])]
    place = hit.query.get("returnTo", "")
    if place and place not in allowed:
        raise GrantError("invalid_request", f'The "returnTo" querystring parameter "{place}" is not defined', 400)
    log(tenant, "slo", "User successfully logged out", client_id=hit.query.get("client_id"))
    return _redirect(place or (allowed[0] if allowed else tenant.issuer))


@ROUTER.route("GET", "/.well-known/openid-configuration")
@ROUTER.route("GET", "/.well-known/oauth-authorization-server")
def openid_configuration(tenant: Tenant, _hit: Hit) -> Response:
    """Return what the tenant can do, as OpenID Connect Discovery writes it."""
    at = tenant.issuer
    found: dict[str, Any] = {
        "issuer": at, "authorization_endpoint": f"{at}authorize", "token_endpoint": f"{at}oauth/token",
        "userinfo_endpoint": f"{at}userinfo", "jwks_uri": f"{at}.well-known/jwks.json",
        "revocation_endpoint": f"{at}oauth/revoke", "scopes_supported": list(OIDC),
        "response_types_supported": ["code"], "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "claims_supported": ["aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss",
                             "name", "nickname", "picture", "sub"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token", "password",
                                  "http://auth0.com/oauth/grant-type/password-realm"],
        "request_uri_parameter_supported": False, "request_parameter_supported": False,
    }  # fmt: skip
    return json_response(200, found, {"Cache-Control": "public, max-age=15"})
