"""Proofs of possession (DPoP, RFC 9449): which key a client holds, shown anew at each request.

https://developer.okta.com/docs/guides/dpop/main/
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from joserfc import errors, jwk

from twin.semantics.tokens import Expectations, FixedKeys, Refused, validate
from twin.semantics.tokens.compact import parts
from twin.semantics.tokens.verdict import Refusal
from twin.world.equal import same
from twin.world.saas.okta.client_authentication import ALGORITHMS
from twin.world.saas.okta.key_generations import FIGURES
from twin.world.saas.okta.oauth_errors import OAuthRefusal
from twin.world.saas.okta.state import Org
from twin.world.saas.router import Hit
from twin.world.saas.rsa_keys import base64url

OLDEST = int(FIGURES["dpop_proof"]["seconds"])
RENEWED = int(FIGURES["dpop_nonce"]["seconds"])
NONCES = int(FIGURES["dpop_nonce"]["good_for"]) // RENEWED
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


def bound_key(org: Org, hit: Hit) -> str:
    """Return the thumbprint of the key that a token request proves; the server's nonce must stand in the proof."""
    claims, key = _proof(org, hit)
    nonces = [_nonce(org, back) for back in range(NONCES)]
    if claims.get("nonce") not in nonces:
        raise OAuthRefusal("use_dpop_nonce", headers={"dpop-nonce": nonces[0]})
    _use_once(org, claims)
    return thumbprint(key)


def check_binding(org: Org, hit: Hit, token: str, claims: Mapping[str, Any]) -> None:
    """Refuse a call by a bound access token without the proof of its key, and one that shows another token as bound."""
    bound_to = claims.get("cnf", {}).get("jkt")
    if bound_to is not None:
        _check_possession(org, hit, token, str(bound_to))
    elif hit.request.headers.get("Authorization", "").lower().startswith("dpop "):
        raise OAuthRefusal("access_token_not_dpop_bound")


def _check_possession(org: Org, hit: Hit, token: str, bound_to: str) -> None:
    claims, key = _proof(org, hit)
    if not same(base64url(hashlib.sha256(token.encode()).digest()), str(claims.get("ath", ""))):
        raise OAuthRefusal("dpop_proof_invalid_ath")
    if thumbprint(key) != bound_to:
        raise OAuthRefusal("invalid_access_token_dpop_binding")
    _use_once(org, claims)


def thumbprint(key: dict[str, Any]) -> str:
    """Return the thumbprint of a public key (RFC 7638)."""
    return str(jwk.import_key(key).thumbprint())


def _proof(org: Org, hit: Hit) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of a request's proof and the key that signed it."""
    given = hit.request.headers.getlist("DPoP")
    if not given:
        raise OAuthRefusal("invalid_dpop_proof_missing_header")
    if len(given) > 1:
        raise OAuthRefusal("invalid_dpop_proof_multiple_headers_not_allowed")
    try:
        header, claims = parts(given[0])
    except Refusal:
        raise OAuthRefusal("invalid_dpop_proof_invalid_jwt") from None
    if header.get("typ") != "dpop+jwt":
        raise OAuthRefusal("invalid_dpop_proof_invalid_type")
    if str(header.get("alg")) not in ALGORITHMS:
        raise OAuthRefusal("invalid_dpop_proof_invalid_signature_algorithm")
    key = header.get("jwk")
    if not isinstance(key, dict) or PRIVATE & set(key):
        raise OAuthRefusal("invalid_dpop_proof")
    _check_claims(org, hit, claims)
    _check_signature(org, given[0], key, claims)
    return claims, key


def _check_claims(org: Org, hit: Hit, claims: dict[str, Any]) -> None:
    now = org.clock.now().timestamp()
    if claims.get("htm") != hit.request.method:
        raise OAuthRefusal("invalid_dpop_proof_invalid_htm")
    if _place(str(claims.get("htu", ""))) not in (_place(hit.request.url), _place(org.url, hit.request.url)):
        raise OAuthRefusal("invalid_dpop_proof_invalid_htu")
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        raise OAuthRefusal("invalid_dpop_proof_invalid_iat")
    if issued > now:
        raise OAuthRefusal("invalid_dpop_proof_jwt_issued_in_future")
    if issued < now - OLDEST:
        raise OAuthRefusal("invalid_dpop_proof_jwt_too_old")
    expires = claims.get("exp", now)
    if isinstance(expires, bool) or not isinstance(expires, int | float) or expires < now:
        raise OAuthRefusal("invalid_dpop_proof_jwt_expired")


def _place(url: str, below: str = "") -> tuple[str, str, str]:
    """Return what of an address counts, its path unescaped as the vendor compares it; `below` lends the path.

    https://github.com/okta/okta-sdk-python/issues/541
    """
    try:
        at = urlsplit(url)
    except ValueError:
        raise OAuthRefusal("invalid_dpop_proof_invalid_htu") from None
    return at.scheme.lower(), at.netloc.lower(), unquote(urlsplit(below).path if below else at.path)


def _check_signature(org: Org, token: str, key: dict[str, Any], claims: dict[str, Any]) -> None:
    try:
        kid = thumbprint(key)
    except (errors.JoseError, ValueError, TypeError, KeyError):
        raise OAuthRefusal("invalid_dpop_proof") from None
    named = {"keys": [{**key, "kid": key.get("kid", kid)}]}
    expected = Expectations(algorithms=ALGORITHMS)
    now = org.clock.now().timestamp()
    verdict = validate(token, FixedKeys(named), expected, now)
    # A proof needs no `exp`; what is left to refuse then is the signature.
    missing_exp = isinstance(verdict, Refused) and verdict.reason == "missing_claim" and "exp" not in claims
    if isinstance(verdict, Refused) and not missing_exp:
        raise OAuthRefusal("invalid_dpop_proof_invalid_signature")


def _use_once(org: Org, claims: dict[str, Any]) -> None:
    jti, now, used = claims.get("jti"), org.clock.now().timestamp(), org.oauth.proofs
    if not isinstance(jti, str) or not jti:
        raise OAuthRefusal("invalid_dpop_proof_invalid_jti")
    for old in [key for key, forgotten in used.items() if forgotten < now]:
        del used[old]
    if jti in used:
        raise OAuthRefusal("dpop_proof_already_used")
    used[jti] = now + OLDEST


def _nonce(org: Org, back: int) -> str:
    """Return the nonce of the day, or of a day before."""
    day = int(org.clock.now().timestamp()) // RENEWED - back
    return base64url(hmac.new(org.secret.encode(), f"dpop:{day}".encode(), hashlib.sha256).digest())[:32]
