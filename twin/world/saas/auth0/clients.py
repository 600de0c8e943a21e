"""Clients: the applications that ask the tenant for tokens."""

from functools import partial
from typing import Any

from twin.wire import Response
from twin.world.saas.auth0.body import checked
from twin.world.saas.auth0.errors import invalid
from twin.world.saas.auth0.paging import fields, page
from twin.world.saas.auth0.state import ROUTER, Record, Tenant, find, shown
from twin.world.saas.router import Hit, json_response

CLIENTS = "/api/v2/clients"
GRANTS = {
    "non_interactive": ["client_credentials"],
    "spa": ["authorization_code", "implicit", "refresh_token"],
    "native": ["authorization_code", "implicit", "refresh_token"],
    "regular_web": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
}
# https://auth0.com/docs/api/management/v2/clients/get-clients: what only `read:client_keys` shows.
KEYS = ("client_secret", "encryption_key", "signing_keys")
ROTATION: dict[str, Any] = {
    "rotation_type": "non-rotating",
    "expiration_type": "non-expiring",
    "leeway": 0,
    "token_lifetime": 31557600,
    "idle_token_lifetime": 2592000,
    "infinite_token_lifetime": True,
    "infinite_idle_token_lifetime": True,
}


def new_client(tenant: Tenant, body: Record, *, key: str = "") -> Record:
    """Add a client with the defaults of its kind."""
    kind = body.get("app_type", "")
    public = kind in ("spa", "native")
    client: Record = {
        "client_id": key or tenant.ids.word(32),
        "tenant": tenant.domain.partition(".")[0],
        "global": False,
        "is_first_party": True,
        "oidc_conformant": True,
        "callbacks": [],
        "allowed_logout_urls": [],
        "grant_types": GRANTS.get(kind, ["authorization_code", "implicit", "refresh_token", "client_credentials"]),
        "token_endpoint_auth_method": "none" if public else "client_secret_post",
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36000, "secret_encoded": False},
        "refresh_token": {**ROTATION, **({"rotation_type": "rotating", **EXPIRING} if kind == "spa" else {})},
        "sso_disabled": False,
        "cross_origin_authentication": False,
        "custom_login_page_on": True,
        "client_secret": tenant.ids.word(64),
    }
    client |= _merged(client, body)
    tenant.clients[client["client_id"]] = client
    return client


EXPIRING = {"expiration_type": "expiring", "infinite_token_lifetime": False, "infinite_idle_token_lifetime": False}


def _merged(client: Record, body: Record) -> Record:
    """Return what a body changes; objects of two levels are merged, as the vendor does."""
    merged = {name: body[name] for name in body}
    for name in ("jwt_configuration", "refresh_token"):
        if isinstance(body.get(name), dict):
            merged[name] = {**(client.get(name) or {}), **body[name]}
    return merged


def _check(body: Record) -> None:
    if body.get("grant_types") and set(body["grant_types"]) - KNOWN:
        unknown = ", ".join(sorted(set(body["grant_types"]) - KNOWN))
        raise invalid(f"Payload validation error: 'Invalid grant types: {unknown}' on property grant_types.")
    algorithm = (body.get("jwt_configuration") or {}).get("alg", "RS256")
    if algorithm != "RS256":
        raise invalid(f"The twin signs with RS256 only, not {algorithm}")
    rotation = body.get("refresh_token") or {}
    if rotation.get("rotation_type") == "rotating" and rotation.get("expiration_type") == "non-expiring":
        raise invalid("Payload validation error: 'Rotating refresh tokens must be expiring' on property refresh_token.")


KNOWN = {
    "authorization_code", "implicit", "refresh_token", "client_credentials", "password",
    "http://auth0.com/oauth/grant-type/password-realm",
}  # fmt: skip


@ROUTER.route("POST", CLIENTS)
def create_client(tenant: Tenant, hit: Hit) -> Response:
    """Create a client; its secret is shown to who may read it."""
    body = checked(hit, "POST /clients")
    _check(body)
    return json_response(201, shown(new_client(tenant, body)))


@ROUTER.route("GET", CLIENTS)
def list_clients(tenant: Tenant, hit: Hit) -> Response:
    """List clients, by kind and by whose they are if asked."""
    kinds = hit.query.get("app_type", "")
    rows = [one for one in tenant.clients.values() if not kinds or one.get("app_type") in kinds.split(",")]
    for asked, name in (("is_global", "global"), ("is_first_party", "is_first_party")):
        wanted = hit.query.get(asked, "")
        rows = [one for one in rows if not wanted or one[name] == (wanted == "true")]
    return page(hit, rows, partial(_seen, hit), "clients", key="client_id")


def _seen(hit: Hit, client: Record) -> Record:
    """Return a client as the caller may see it: secrets want a scope of their own."""
    if "read:client_keys" in str(hit.principal.get("scope", "")).split():
        return shown(client)
    return {name: value for name, value in shown(client).items() if name not in KEYS}


def _client(tenant: Tenant, hit: Hit) -> Record:
    return find(tenant.clients, hit.path["key"], "client", "inexistent_client")


@ROUTER.route("GET", f"{CLIENTS}/<key>")
def get_client(tenant: Tenant, hit: Hit) -> Response:
    """Return one client."""
    return json_response(200, fields(hit, _seen(hit, _client(tenant, hit))))


@ROUTER.route("PATCH", f"{CLIENTS}/<key>")
def update_client(tenant: Tenant, hit: Hit) -> Response:
    """Change a client."""
    client, body = _client(tenant, hit), checked(hit, "PATCH /clients/{id}")
    _check(body)
    client |= _merged(client, body)
    return json_response(200, shown(client))


@ROUTER.route("DELETE", f"{CLIENTS}/<key>")
def delete_client(tenant: Tenant, hit: Hit) -> Response:
    """Delete a client with its grants; its tokens die with it."""
    key = hit.path["key"]
    if tenant.clients.pop(key, None) is not None:
        gone = [grant_id for grant_id, grant in tenant.client_grants.items() if grant["client_id"] == key]
        for grant_id in gone:
            del tenant.client_grants[grant_id]
        for kept in tenant.refresh.values():
            kept["live"] = kept["live"] and kept["client"] != key
    return Response(204)


@ROUTER.route("POST", f"{CLIENTS}/<key>/rotate-secret")
def rotate_secret(tenant: Tenant, hit: Hit) -> Response:
    """Give a client a new secret; the old one dies at once."""
    client = _client(tenant, hit)
    client["client_secret"] = tenant.ids.word(64)
    return json_response(200, shown(client))
