"""The tokens that an authorization server makes: access and ID tokens signed with its key, and what is kept of them."""

import hashlib
from dataclasses import dataclass
from typing import Any

from twin.world.saas.okta.grant_rules import Allowed
from twin.world.saas.okta.issuers import event, issuer_of
from twin.world.saas.okta.key_generations import FIGURES
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.oauth_state import digest
from twin.world.saas.okta.server_keys import signer
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.okta.token_claims import added_claims, scope_claims
from twin.world.saas.rsa_keys import base64url, signed_jwt

ID_TOKEN = int(FIGURES["id_token"]["seconds"])


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client gets, for whom, since when the user is signed on; `family` is what a refresh token began.

    `key` is the thumbprint of the key to which the tokens are bound.
    """

    server: Record | None
    app: Record
    client: str
    scopes: tuple[str, ...]
    allowed: Allowed
    user: Record | None = None
    signed_on: float = 0
    methods: tuple[str, ...] = ()
    nonce: str = ""
    family: str = ""
    key: str = ""


def issued(org: Org, grant: Grant, *, refresh: str = "") -> dict[str, Any]:
    """Return the reply of the token endpoint for a grant, with the refresh token that goes with it."""
    token = _access_token(org, grant)
    kind = "DPoP" if grant.key else "Bearer"
    reply = {"token_type": kind, "expires_in": grant.allowed.access, "access_token": token}
    reply["scope"] = " ".join(grant.scopes)
    if refresh:
        reply["refresh_token"] = refresh
    if grant.user is not None and "openid" in grant.scopes:
        reply["id_token"] = _id_token(org, grant, token)
        _tell(org, grant, "token.grant.id_token")
    return reply


def _tell(org: Org, grant: Grant, name: str) -> None:
    of = [target("User", grant.user)] if grant.user else []
    issuer = [target("AuthorizationServer", grant.server)] if grant.server else []
    debug = {"grantedScopes": ", ".join(grant.scopes)}
    log(org, event(grant.server, name), target("AppInstance", grant.app), *of, *issuer, debug=debug)


def _signed(org: Org, server: Record | None, claims: dict[str, Any]) -> str:
    kid, key = signer(org, server)
    return signed_jwt(key, {"kid": kid}, claims)


def _access_token(org: Org, grant: Grant) -> str:
    now, server, user = int(org.clock.now().timestamp()), grant.server, grant.user
    jti, expires = f"AT.{org.ids.word(43)}", now + grant.allowed.access
    claims: dict[str, Any] = {"ver": 1, "jti": jti, "iss": issuer_of(org, server)}
    claims |= {"aud": server["audiences"][0] if server else org.url, "iat": now, "exp": expires, "cid": grant.client}
    claims |= {"uid": user["id"]} if user else {}
    claims |= {"scp": list(grant.scopes)} | ({"auth_time": int(grant.signed_on)} if user else {})
    if server is None:
        claims["sub"] = user["profile"]["login"] if user else grant.client
    claims |= {"cnf": {"jkt": grant.key}} if grant.key else {}
    claims |= added_claims(org, server, "RESOURCE", scopes=list(grant.scopes), app=grant.app, user=user)
    _forget(org, now)
    kept = {"client": grant.client, "user": user["id"] if user else "", "family": grant.family, "exp": expires}
    org.oauth.access[jti] = kept | {"server": server["id"] if server else ""}
    _tell(org, grant, "token.grant.access_token")
    return _signed(org, server, claims)


def _forget(org: Org, now: int) -> None:
    """Drop tokens that expired; most were granted in the order in which they do."""
    over = []
    for jti, kept in org.oauth.access.items():
        if kept["exp"] > now:
            break
        over.append(jti)
    for jti in over:
        del org.oauth.access[jti]


def _id_token(org: Org, grant: Grant, access: str) -> str:
    now, user = int(org.clock.now().timestamp()), grant.user or {}
    told = scope_claims(user, list(grant.scopes))
    # With an access token beside it an ID token is thin; the rest is told at the userinfo endpoint.
    claims: dict[str, Any] = {name: told[name] for name in ("sub", "name", "email") if name in told}
    claims |= {"ver": 1, "iss": issuer_of(org, grant.server), "aud": grant.client, "iat": now, "exp": now + ID_TOKEN}
    claims |= {"jti": f"ID.{org.ids.word(43)}", "amr": list(grant.methods), "idp": org.id}
    claims |= {"nonce": grant.nonce} if grant.nonce else {}
    claims |= {name: told[name] for name in ("preferred_username",) if name in told}
    half = hashlib.sha256(access.encode()).digest()[:16]
    claims |= {"auth_time": int(grant.signed_on), "at_hash": base64url(half)}
    claims |= added_claims(org, grant.server, "IDENTITY", scopes=list(grant.scopes), app=grant.app, user=user)
    return _signed(org, grant.server, claims)


def new_refresh(org: Org, grant: Grant, *, family: str, born: float | None = None) -> str:
    """Keep a refresh token of a family and return its value; `born` is when the family's first was granted."""
    now = org.clock.now().timestamp()
    value, first = org.ids.word(43), now if born is None else born
    ends = first + grant.allowed.refresh if grant.allowed.refresh else float("inf")
    known = org.new("oar", status="ACTIVE", clientId=grant.client, scopes=list(grant.scopes))
    known |= {"userId": grant.user["id"] if grant.user else "", "server": grant.server["id"] if grant.server else ""}
    known |= {
        "family": family,
        "born": first,
        "ends": min(ends, now + grant.allowed.window),
        "signedOn": grant.signed_on,
    }
    known |= {"methods": list(grant.methods), "used": None, "key": grant.key}
    org.oauth.refresh[digest(value)] = known
    _tell(org, grant, "token.grant.refresh_token")
    return value
