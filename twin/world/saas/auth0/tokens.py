"""The tokens that a tenant makes, and the refresh tokens that it keeps as digests.

https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from twin.world.saas.auth0.rate_limits import FIGURES
from twin.world.saas.auth0.signing_keys import current, private_key
from twin.world.saas.auth0.state import Record, Tenant
from twin.world.saas.auth0.users import effective
from twin.world.saas.rsa_keys import signed_jwt

OIDC = ("openid", "profile", "email", "address", "phone", "offline_access")
PROFILE = ("name", "nickname", "picture", "given_name", "family_name", "updated_at")


@dataclass(frozen=True, slots=True)
class Granted:
    """What a client gets: for which API, with which scopes, for whom if for somebody; `grant` is its name in `gty`."""

    client: Record
    audience: str
    scopes: tuple[str, ...]
    grant: str
    user: Record | None = None
    nonce: str = ""
    family: str = ""


def digest(secret: str) -> str:
    """Return what is kept of a secret value."""
    return hashlib.sha256(secret.encode()).hexdigest()


def allowed_scopes(tenant: Tenant, audience: str, asked: list[str], user: Record) -> tuple[str, ...]:
    """Return the scopes of a request that a user may have: OpenID's, and the API's as RBAC lets it."""
    server = tenant.server_of(audience)
    known = {scope["value"] for scope in server["scopes"]} if server else set()
    if server and server["enforce_policies"]:
        known &= {name for identifier, name in effective(tenant, user["user_id"]) if identifier == audience}
    offline = bool(server and server["allow_offline_access"]) or server is None
    wanted = [scope for scope in asked if scope in known or scope in OIDC]
    return tuple(scope for scope in wanted if scope != "offline_access" or offline)


def access_token(tenant: Tenant, granted: Granted) -> tuple[str, int]:
    """Return an access token and its lifetime in seconds; without an API it is an opaque one for userinfo."""
    now, server, user = tenant.seconds(), tenant.server_of(granted.audience), granted.user
    if server is None:
        life, value = int(FIGURES["userinfo_token"]["seconds"]), tenant.ids.word(32)
        kept = {"user": user["user_id"] if user else "", "scopes": list(granted.scopes), "exp": now + life}
        tenant.opaque[digest(value)] = kept
        return value, life
    life = int(
        server["token_lifetime_for_web"] if granted.client.get("app_type") == "spa" else server["token_lifetime"]
    )
    key = granted.client["client_id"]
    audience: Any = granted.audience
    if user is not None and "openid" in granted.scopes:
        audience = [granted.audience, f"{tenant.issuer}userinfo"]
    claims: dict[str, Any] = {"iss": tenant.issuer, "sub": user["user_id"] if user else f"{key}@clients"}
    claims |= {"aud": audience, "iat": now, "exp": now + life}
    claims |= {"scope": " ".join(granted.scopes)} if granted.scopes else {}
    profile = server["token_dialect"].startswith("rfc9068")
    claims |= {"client_id": key, "jti": tenant.ids.word(22)} if profile else {"azp": key}
    if granted.grant and not profile:
        claims["gty"] = granted.grant
    if server["token_dialect"].endswith("_authz"):
        claims["permissions"] = _permissions(tenant, granted)
    header = {"typ": "at+jwt" if profile else "JWT", "kid": current(tenant)["kid"]}
    return signed_jwt(private_key(tenant, current(tenant)["kid"]), header, claims), life


def _permissions(tenant: Tenant, granted: Granted) -> list[str]:
    if granted.user is None:
        return list(granted.scopes)
    held = effective(tenant, granted.user["user_id"])
    return sorted(name for identifier, name in held if identifier == granted.audience)


def profile_claims(user: Record, scopes: tuple[str, ...]) -> dict[str, Any]:
    """Return what the scopes of OpenID Connect tell of a user."""
    found: dict[str, Any] = {}
    if "profile" in scopes:
        found |= {name: user[name] for name in PROFILE if user.get(name)}
    if "email" in scopes:
        found |= {"email": user["email"], "email_verified": user["email_verified"]}
    return found


def id_token(tenant: Tenant, granted: Granted) -> str:
    """Return an ID token for the user of a grant."""
    user, now = granted.user or {}, tenant.seconds()
    life = int(granted.client["jwt_configuration"].get("lifetime_in_seconds") or FIGURES["id_token"]["seconds"])
    claims = profile_claims(user, granted.scopes) | {"iss": tenant.issuer, "aud": granted.client["client_id"]}
    claims |= {"sub": user["user_id"], "iat": now, "exp": now + life}
    claims |= {"nonce": granted.nonce} if granted.nonce else {}
    kid = current(tenant)["kid"]
    return signed_jwt(private_key(tenant, kid), {"typ": "JWT", "kid": kid}, claims)


def new_refresh(tenant: Tenant, granted: Granted, *, born: int | None = None, family: str = "") -> str:
    """Keep a refresh token and return its value; `born` is when the first of its family was granted."""
    now, value = tenant.seconds(), tenant.ids.word(64)
    settings = granted.client["refresh_token"] or {}
    first = now if born is None else born
    expiring = settings.get("expiration_type") == "expiring"
    ends = float("inf")
    if expiring:
        ends = first + int(settings.get("token_lifetime") or FIGURES["refresh_token"]["seconds"])
        if not settings.get("infinite_idle_token_lifetime"):
            ends = min(ends, now + int(settings.get("idle_token_lifetime") or FIGURES["refresh_idle"]["seconds"]))
    kept: Record = {"client": granted.client["client_id"], "user": granted.user["user_id"] if granted.user else ""}
    kept |= {"audience": granted.audience, "scopes": list(granted.scopes), "family": family or tenant.ids.hex(24)}
    tenant.refresh[digest(value)] = kept | {"live": True, "used": None, "born": first, "ends": ends}
    return value


def reply(tenant: Tenant, granted: Granted, *, refresh: str = "") -> dict[str, Any]:
    """Return the body of the token endpoint's reply."""
    value, life = access_token(tenant, granted)
    found: dict[str, Any] = {"access_token": value}
    if refresh:
        found["refresh_token"] = refresh
    if granted.user is not None and "openid" in granted.scopes:
        found["id_token"] = id_token(tenant, granted)
    if granted.scopes:
        found["scope"] = " ".join(granted.scopes)
    return found | {"expires_in": life, "token_type": "Bearer"}
