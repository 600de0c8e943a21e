"""The documents by which clients find an issuer's endpoints and what it can do.

https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/
"""

from typing import Any

from twin.wire import Response
from twin.world.saas.okta.client_authentication import METHODS
from twin.world.saas.okta.issuers import endpoint_of, issuer_of, named_server
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.router import Hit, json_response

GRANTS = ("authorization_code", "refresh_token", "client_credentials")
MODES = ("query", "fragment", "form_post")
CLAIMS = (
    "iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "idp", "nonce", "name", "nickname",
    "preferred_username", "given_name", "middle_name", "family_name", "email", "email_verified", "profile",
    "zoneinfo", "locale", "address", "phone_number", "updated_at", "at_hash",
)  # fmt: skip
# Documents may be kept for a day, as the vendor's own replies say.
KEPT = {"Cache-Control": "max-age=86400, must-revalidate"}


def _metadata(org: Org, server: Record | None) -> dict[str, Any]:
    at = {name: endpoint_of(org, server, name) for name in ("authorize", "token", "keys", "introspect", "revoke")}
    public = ("openid", "profile", "email", "address", "phone", "offline_access")
    if server is None:
        scopes = [*public, "groups"]
    else:
        shown = org.scopes[server["id"]].values()
        scopes = [one["name"] for one in shown if one["metadataPublish"] == "ALL_CLIENTS"]
    return {
        "issuer": issuer_of(org, server),
        "authorization_endpoint": at["authorize"],
        "token_endpoint": at["token"],
        "jwks_uri": at["keys"],
        "response_types_supported": ["code"],
        "response_modes_supported": list(MODES),
        "grant_types_supported": list(GRANTS),
        "subject_types_supported": ["public"],
        "scopes_supported": scopes,
        "token_endpoint_auth_methods_supported": list(METHODS),
        "claims_supported": list(CLAIMS),
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": at["introspect"],
        "introspection_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint": at["revoke"],
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "end_session_endpoint": endpoint_of(org, server, "logout"),
        "request_parameter_supported": False,
    }


@ROUTER.route("GET", "/oauth2/<server_id>/.well-known/oauth-authorization-server")
def oauth_metadata(org: Org, hit: Hit) -> Response:
    """Return what a custom authorization server can do (RFC 8414)."""
    return json_response(200, _metadata(org, named_server(org, hit)), KEPT)


@ROUTER.route("GET", "/.well-known/openid-configuration")
@ROUTER.route("GET", "/oauth2/<server_id>/.well-known/openid-configuration")
def openid_configuration(org: Org, hit: Hit) -> Response:
    """Return what a server can do, as OpenID Connect Discovery writes it."""
    server = named_server(org, hit)
    found = _metadata(org, server) | {
        "id_token_signing_alg_values_supported": ["RS256"],
        "userinfo_endpoint": endpoint_of(org, server, "userinfo"),
    }
    return json_response(200, found, KEPT)
