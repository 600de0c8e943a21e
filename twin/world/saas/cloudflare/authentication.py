"""Who is calling: from request headers to the API token that they carry."""

import hashlib
import re
from ipaddress import ip_address, ip_network
from typing import Any

from twin.wire import Request
from twin.world.saas.cloudflare.envelope import Refusal, refusal
from twin.world.saas.cloudflare.state import State, Token

TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{40,80}")
KEY_FORM = re.compile(r"[0-9a-f]{37}|cfk_[A-Za-z0-9]{40,}")


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_status(state: State, token: Token) -> str:
    """Return `active`, `disabled` or `expired`, as the clock stands."""
    if token.expires_on is not None and state.clock.now() >= token.expires_on:
        return "expired"
    return token.status


def authenticate(state: State, request: Request) -> Token:
    """Return the token of a request, whatever its status; refuse headers that carry none we know.

    Missing headers are 9106, malformed ones 6003 with its chain, an unknown token 9109, a global API key 9103: this
    server knows tokens only.
    """
    bearer = request.headers.get("Authorization")
    if bearer is None:
        raise _without_bearer(request)
    scheme, _, secret = bearer.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise refusal("bad-header", chain=refusal("bad-authorization"))
    secret = secret.strip()
    kept = digest(secret)
    for token in state.tokens.values():
        if token.digest == kept:
            return token
    if not TOKEN_FORM.fullmatch(secret):
        raise refusal("bad-header", chain=refusal("bad-authorization"))
    raise refusal("invalid-token")


def _without_bearer(request: Request) -> Refusal:
    key = request.headers.get("X-Auth-Key")
    if key is None:
        return refusal("no-credentials")
    if not KEY_FORM.fullmatch(key):
        return refusal("bad-header", chain=refusal("bad-auth-key"))
    return refusal("unknown-auth-key")


def require_usable(state: State, token: Token, source: str) -> None:
    """Refuse a token that is disabled, expired, not valid yet or used from elsewhere; note the use of any other."""
    now = state.clock.now()
    early = token.not_before is not None and now < token.not_before
    if early or token_status(state, token) != "active":
        raise refusal("invalid-token")
    if not _admits(token.condition or {}, source):
        raise refusal("token-location", address=source)
    token.last_used_on = now


def _admits(condition: dict[str, Any], source: str) -> bool:
    ranges = condition.get("request_ip") or condition.get("request.ip") or {}
    inside, outside = ranges.get("in") or [], ranges.get("not_in") or []
    return not _within(source, outside) and (not inside or _within(source, inside))


def _within(source: str, ranges: list[str]) -> bool:
    return bool(ranges) and any(ip_address(source) in ip_network(text, strict=False) for text in ranges)
