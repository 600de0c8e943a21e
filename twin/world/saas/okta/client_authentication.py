"""Which client calls an endpoint of an authorization server, and whether it proves so.

https://developer.okta.com/docs/api/openapi/okta-oauth/guides/client-auth/
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from twin.semantics.tokens import Expectations, FixedKeys, Refused, validate
from twin.semantics.tokens.compact import parts
from twin.semantics.tokens.verdict import Refusal
from twin.world.equal import same
from twin.world.saas.okta.issuers import endpoint_of, issuer_of
from twin.world.saas.okta.key_generations import FIGURES
from twin.world.saas.okta.oauth_errors import OAuthRefusal
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.router import Hit

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = int(FIGURES["client_assertion"]["seconds"])
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})
WORDED = {
    "malformed": "client_assertion_invalid_jwt",
    "unsigned": "client_assertion_invalid_signature_algorithm",
    "algorithm_not_allowed": "client_assertion_invalid_signature_algorithm",
    "no_key_id": "client_assertion_invalid_kid",
    "unknown_key": "client_assertion_invalid_kid",
    "key_mismatch": "client_assertion_invalid_signature",
    "missing_claim": "client_assertion_expiration_required",
    "wrong_issuer": "client_assertion_invalid_issuer",
    "wrong_audience": "client_assertion_invalid_audience",
    "expired": "client_assertion_expired_token",
    "not_yet_valid": "client_assertion_issued_at_in_future",
    "issued_in_the_future": "client_assertion_issued_at_in_future",
}


@dataclass(frozen=True, slots=True)
class Client:
    """A client that was identified: its app, and how it proved itself."""

    app: Record
    id: str
    method: str

    @property
    def settings(self) -> Record:
        """Return the app's OAuth settings."""
        return dict(self.app["settings"]["oauthClient"])


def form_of(hit: Hit) -> dict[str, str]:
    """Return the fields of a form; of a field that stands twice the first."""
    fields = parse_qs(hit.request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def app_of(org: Org, client_id: str) -> Record | None:
    """Return the active app of a client id."""
    for app in org.apps.values():
        if app["status"] == "ACTIVE" and app["credentials"].get("oauthClient", {}).get("client_id") == client_id:
            return app
    return None


def authenticate(org: Org, hit: Hit, form: dict[str, str], *, server: Record | None, endpoint: str) -> Client:
    """Return the client that calls, by the one way of authentication that its app has."""
    if {"client_secret", "client_assertion"} & set(hit.query):
        raise OAuthRefusal("client_credentials_in_query")
    header = hit.request.headers.get("Authorization", "")
    given = [bool(header), "client_secret" in form, "client_assertion" in form]
    if sum(given) > 1:
        raise OAuthRefusal("multiple_client_credentials")
    if given[2]:
        # Whoever serves the org under another address is asked there, and clients sign for the address that they asked.
        asked = hit.request.url.partition("?")[0]
        return _by_assertion(org, form, (endpoint_of(org, server, endpoint), issuer_of(org, server), asked))
    if given[0]:
        client_id, secret = _basic(header)
        return _by_secret(org, client_id, secret, "client_secret_basic")
    if "client_id" not in form:
        raise OAuthRefusal("missing_client_credentials")
    if given[1]:
        return _by_secret(org, form["client_id"], form["client_secret"], "client_secret_post")
    return Client(_app(org, form["client_id"], "none"), form["client_id"], "none")


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthRefusal("invalid_basic_auth_creds") from None
    if scheme.lower() != "basic" or not colon:
        raise OAuthRefusal("invalid_basic_auth_creds")
    return unquote_plus(client_id), unquote_plus(secret)


def _app(org: Org, client_id: str, method: str) -> Record:
    app = app_of(org, client_id)
    if app is None:
        raise OAuthRefusal("invalid_client_id")
    wanted = app["credentials"]["oauthClient"]["token_endpoint_auth_method"]
    # A client with a secret may present it in the header or in the body.
    if method != wanted and not (method.startswith("client_secret_") and wanted in METHODS[:2]):
        raise OAuthRefusal("invalid_token_endpoint_auth_method")
    return app


def _by_secret(org: Org, client_id: str, secret: str, method: str) -> Client:
    app = _app(org, client_id, method)
    active = [one["client_secret"] for one in app["#secrets"].values() if one["status"] == "ACTIVE"]
    if not any(same(one, secret) for one in active):
        raise OAuthRefusal("invalid_client_secret")
    return Client(app, client_id, method)


def _by_assertion(org: Org, form: dict[str, str], audiences: tuple[str, ...]) -> Client:
    if form.get("client_assertion_type") != ASSERTION:
        raise OAuthRefusal("client_assertion_type_invalid")
    token = form["client_assertion"]
    try:
        _, claimed = parts(token)
    except Refusal:
        raise OAuthRefusal("client_assertion_invalid_jwt") from None
    client_id = str(claimed.get("iss", ""))
    if app_of(org, client_id) is None:
        raise OAuthRefusal("client_assertion_invalid_issuer")
    if claimed.get("sub") != client_id:
        raise OAuthRefusal("client_assertion_invalid_subject")
    app = _app(org, client_id, "private_key_jwt")
    keys = app["settings"]["oauthClient"].get("jwks", {"keys": []})
    if not keys["keys"]:
        raise OAuthRefusal("client_assertion_jwks_not_configured")
    now = org.clock.now().timestamp()
    expected = Expectations(issuers=(client_id,), audiences=audiences, algorithms=ALGORITHMS)
    verdict = validate(token, FixedKeys(keys), expected, now)
    if isinstance(verdict, Refused):
        raise OAuthRefusal(WORDED.get(verdict.reason, "client_assertion_invalid_signature"))
    _use_once(org, claimed, now)
    return Client(app, client_id, "private_key_jwt")


def _use_once(org: Org, claimed: dict[str, Any], now: float) -> None:
    if claimed["exp"] > now + LONGEST:
        raise OAuthRefusal("client_assertion_expires_too_far_in_future")
    used = org.oauth.assertions
    for old in [key for key, expires in used.items() if expires <= now]:
        del used[old]
    if "jti" not in claimed:
        return
    key = f"{claimed['iss']}:{claimed['jti']}"
    if key in used:
        raise OAuthRefusal("client_assertion_already_used")
    used[key] = float(claimed["exp"])
