"""The token endpoint: a client's own right, a code, a password or a refresh token, exchanged for tokens.

https://auth0.com/docs/api/authentication#get-token
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

from twin.wire import Response
from twin.world.equal import same
from twin.world.saas.auth0.errors import GrantError
from twin.world.saas.auth0.log import record as log
from twin.world.saas.auth0.state import ROUTER, Record, Tenant
from twin.world.saas.auth0.tokens import Granted, allowed_scopes, digest, new_refresh, reply
from twin.world.saas.auth0.users import signs_in
from twin.world.saas.router import Hit, json_response
from twin.world.saas.rsa_keys import base64url

REALM = "http://auth0.com/oauth/grant-type/password-realm"
EVENTS = {
    "client_credentials": ("seccft", "feccft", "Client Credentials for Access Token"),
    "authorization_code": ("seacft", "feacft", "Authorization Code for Access Token"),
    "refresh_token": ("sertft", "fertft", "Refresh Token for Access Token"),
    "password": ("sepft", "fepft", "Password for Access Token"),
    REALM: ("sepft", "fepft", "Password for Access Token"),
}
Form = dict[str, str]
Exchange = Callable[[Tenant, Record, Form], dict[str, Any]]


def form_of(hit: Hit) -> Form:
    """Return the fields of a form or of a JSON body, which this endpoint takes alike."""
    kind = hit.request.headers.get("Content-Type", "")
    if "json" in kind:
        try:
            body = json.loads(hit.request.body or b"{}")
        except ValueError:
            raise GrantError("invalid_request", "Invalid JSON body", 400) from None
        return {name: str(value) for name, value in body.items()} if isinstance(body, dict) else {}
    fields = parse_qs(hit.request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def public(client: Record) -> bool:
    """Tell whether a client can keep no secret."""
    return "none" in (client["token_endpoint_auth_method"],)


def authenticated(tenant: Tenant, hit: Hit, form: Form) -> Record:
    """Return the client that calls, which proves itself by its secret unless it is a public one."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    header = hit.request.headers.get("Authorization", "")
    if header.lower().startswith("basic "):
        try:
            client_id, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise GrantError("invalid_request", "Invalid Authorization header", 400) from None
        client_id, secret = unquote(client_id), unquote(secret)
    if "client_assertion" in form:
        raise GrantError("invalid_request", "The twin does not verify client assertions for Auth0", 400)
    client = tenant.clients.get(client_id)
    if client is None:
        raise GrantError("invalid_client", "Unknown client", 401)
    if public(client) and not secret:
        return client
    if not same(client["client_secret"], secret):
        raise GrantError("access_denied", "Unauthorized", 401)
    return client


@ROUTER.route("POST", "/oauth/token")
def token(tenant: Tenant, hit: Hit) -> Response:
    """Exchange a grant for tokens; the log tells how it ended."""
    form = form_of(hit)
    grant = form.get("grant_type", "")
    if not grant:
        raise GrantError("invalid_request", "Missing required parameter: grant_type", 403)
    if grant not in EXCHANGES:
        raise GrantError("unsupported_grant_type", f"Unsupported grant type: {grant}", 403)
    good, bad, words = EVENTS[grant]
    about = {"client_id": form.get("client_id", ""), "audience": form.get("audience"), "hostname": tenant.domain}
    try:
        client = authenticated(tenant, hit, form)
        about |= {"client_id": client["client_id"], "client_name": client["name"]}
        if grant not in client["grant_types"]:
            _refuse("unauthorized_client", f"Grant type '{grant}' not allowed for the client.")
        found = EXCHANGES[grant](tenant, client, form)
    except GrantError as refused:
        log(tenant, refused.event or bad, refused.description, **about)
        raise
    log(tenant, good, words, **about, scope=found.get("scope"))
    return json_response(200, found, {"Cache-Control": "no-store", "Pragma": "no-cache"})


def _refuse(error: str, description: str, status: int = 403, event: str = "") -> None:
    raise GrantError(error, description, status, event)


def _by_client(tenant: Tenant, client: Record, form: Form) -> dict[str, Any]:
    audience = form.get("audience") or tenant.settings.get("default_audience", "")
    server = tenant.server_of(audience)
    if server is None:
        missing = f"Service not enabled within domain: {audience}"
        raise GrantError("access_denied", missing if audience else "Non-global clients are not allowed access to APIv1")
    rows = tenant.client_grants.values()
    grant = next((one for one in rows if (one["client_id"], one["audience"]) == (client["client_id"], audience)), None)
    if grant is None:
        raise GrantError(
            "access_denied",
            f'Client is not authorized to access "{audience}". You need to create a "client-grant" associated to this '
            "API.",
        )
    scopes = [one["value"] for one in server["scopes"]] if grant.get("allow_all_scopes") else list(grant["scope"])
    if form.get("scope"):
        asked = form["scope"].split()
        scopes = [scope for scope in scopes if scope in asked]
    return reply(tenant, Granted(client, audience, tuple(scopes), "client-credentials"))


def _by_code(tenant: Tenant, client: Record, form: Form) -> dict[str, Any]:
    kept = tenant.codes.pop(digest(form.get("code", "")), None)
    if kept is None or kept["client"] != client["client_id"] or kept["ends"] <= tenant.seconds():
        raise GrantError("invalid_grant", "Invalid authorization code")
    if kept["redirect"] != form.get("redirect_uri"):
        raise GrantError(
            "invalid_grant", "The redirect URI is wrong. You sent null, and we expected the one of the code"
        )
    verifier = form.get("code_verifier", "")
    if kept["challenge"] and base64url(hashlib.sha256(verifier.encode()).digest()) != kept["challenge"]:
        raise GrantError("invalid_grant", "Failed to verify code verifier")
    if not kept["challenge"] and public(client):
        raise GrantError("invalid_grant", "A public client must use PKCE")
    user = _active(tenant, kept["user"])
    scopes = allowed_scopes(tenant, kept["audience"], kept["scopes"], user)
    granted = Granted(client, kept["audience"], scopes, "", user, kept["nonce"])
    return _with_refresh(tenant, granted)


def _with_refresh(tenant: Tenant, granted: Granted) -> dict[str, Any]:
    offline = "offline_access" in granted.scopes and "refresh_token" in granted.client["grant_types"]
    return reply(tenant, granted, refresh=new_refresh(tenant, granted) if offline else "")


def _active(tenant: Tenant, user_id: str) -> Record:
    user = tenant.users.get(user_id)
    if user is None:
        raise GrantError("invalid_grant", "The user does not exist")
    if user.get("blocked"):
        raise GrantError("unauthorized", "user is blocked")
    return user


def _by_password(tenant: Tenant, client: Record, form: Form) -> dict[str, Any]:
    realm = form.get("realm") or tenant.settings.get("default_directory", "")
    if not realm:
        raise GrantError("server_error", "Authorization server not configured with default connection.", 500)
    user = sign_in(tenant, client, realm, form.get("username", ""), form.get("password", ""))
    audience = form.get("audience") or tenant.settings.get("default_audience", "")
    if audience and tenant.server_of(audience) is None:
        raise GrantError("access_denied", f"Service not found: {audience}")
    scopes = allowed_scopes(tenant, audience, form.get("scope", "").split(), user)
    return _with_refresh(tenant, Granted(client, audience, scopes, "password", user))


def sign_in(tenant: Tenant, client: Record, realm: str, name: str, password: str) -> Record:
    """Return the user whom a name and a password prove, in a connection that is enabled for the client."""
    connection = next((one for one in tenant.connections.values() if one["name"] == realm), None)
    if connection is None or client["client_id"] not in connection["enabled_clients"]:
        raise GrantError("invalid_request", f"unknown or disabled realm: {realm}")
    for user in tenant.users.values():
        names = (str(user.get("email", "")).casefold(), str(user.get("username", "")).casefold())
        if user["#connection"] == realm and name and name.casefold() in names:
            if not signs_in(tenant, user, password):
                raise GrantError("invalid_grant", "Wrong email or password.", event="fp")
            user |= {"last_login": tenant.now(), "last_ip": tenant.caller["ip"]}
            user["logins_count"] = user.get("logins_count", 0) + 1
            return _active(tenant, user["user_id"])
    raise GrantError("invalid_grant", "Wrong email or password.", event="fu")


def _by_refresh(tenant: Tenant, client: Record, form: Form) -> dict[str, Any]:
    kept, now = tenant.refresh.get(digest(form.get("refresh_token", ""))), tenant.seconds()
    if kept is None or kept["client"] != client["client_id"] or not kept["live"] or kept["ends"] <= now:
        raise GrantError("invalid_grant", "Unknown or invalid refresh token.")
    settings = client["refresh_token"] or {}
    rotating = settings.get("rotation_type") == "rotating"
    if rotating and kept["used"] is not None and now > kept["used"] + int(settings.get("leeway") or 0):
        # A token that comes twice was stolen, so that all that came of the same sign-in dies.
        revoke_family(tenant, kept["family"])
        raise GrantError(
            "invalid_grant", "Unsuccessful Refresh Token exchange, reused refresh token detected", event="ferrt"
        )
    user = _active(tenant, kept["user"])
    asked = form.get("scope", "").split() or kept["scopes"]
    scopes = allowed_scopes(tenant, kept["audience"], [one for one in asked if one in kept["scopes"]], user)
    granted = Granted(client, kept["audience"], scopes, "refresh_token", user)
    if not rotating:
        return reply(tenant, granted)
    kept["used"] = now if kept["used"] is None else kept["used"]
    return reply(tenant, granted, refresh=new_refresh(tenant, granted, born=kept["born"], family=kept["family"]))


def revoke_family(tenant: Tenant, family: str) -> None:
    """End all refresh tokens that came of one sign-in."""
    for kept in tenant.refresh.values():
        kept["live"] = kept["live"] and kept["family"] != family


EXCHANGES: dict[str, Exchange] = {
    "client_credentials": _by_client,
    "authorization_code": _by_code,
    "refresh_token": _by_refresh,
    "password": _by_password,
    REALM: _by_password,
}


@ROUTER.route("POST", "/oauth/revoke")
def revoke(tenant: Tenant, hit: Hit) -> Response:
    """End a refresh token of the calling client, with all that came of the same sign-in."""
    form = form_of(hit)
    client = authenticated(tenant, hit, form)
    if not form.get("token"):
        raise GrantError("invalid_request", "Missing required parameter: token", 400)
    kept = tenant.refresh.get(digest(form["token"]))
    if kept is not None and kept["client"] == client["client_id"]:
        revoke_family(tenant, kept["family"])
        log(tenant, "srrt", "Refresh token revoked", client_id=client["client_id"], user_id=kept["user"])
    return Response(200)
