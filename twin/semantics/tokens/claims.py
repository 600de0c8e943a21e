"""What a verified token claims, held against what is expected."""

from collections.abc import Mapping
from sys import float_info
from typing import Any

from twin.semantics.tokens.expectations import Expectations
from twin.semantics.tokens.verdict import Refusal

Claims = Mapping[str, Any]
MOST = float_info.max


def check(claims: Claims, expected: Expectations, now: float) -> None:
    """Refuse claims that do not hold at `now`, in seconds since 1970."""
    for name in ("exp", *expected.required):
        if claims.get(name) is None:
            raise Refusal("missing_claim", f"the token has no `{name}`")
    _check_issuer(claims, expected)
    _check_audience(claims, expected)
    _check_time(claims, expected.leeway, now)
    _check_scopes(claims, expected)


def _check_issuer(claims: Claims, expected: Expectations) -> None:
    if not expected.issuers:
        return
    if claims.get("iss") is None:
        raise Refusal("missing_claim", "the token has no `iss`")
    if not isinstance(claims["iss"], str):
        raise Refusal("invalid_claim", "`iss` is no string")
    if claims["iss"] not in expected.issuers:
        raise Refusal("wrong_issuer", f"issued by {claims['iss']!r}, not by {' or '.join(expected.issuers)}")


def _check_audience(claims: Claims, expected: Expectations) -> None:
    if not expected.audiences:
        return
    if claims.get("aud") is None:
        raise Refusal("missing_claim", "the token has no `aud`")
    meant = _texts(claims, "aud")
    if not set(meant) & set(expected.audiences):
        raise Refusal("wrong_audience", f"meant for {meant}, not for {' or '.join(expected.audiences)}")


def _texts(claims: Claims, name: str) -> list[str]:
    value = claims[name]
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise Refusal("invalid_claim", f"`{name}` is neither a string nor a list of strings")
    return texts


def _check_time(claims: Claims, leeway: float, now: float) -> None:
    expires = _moment(claims, "exp")
    if expires is not None and now >= expires + leeway:
        raise Refusal("expired", f"expired {now - expires:g} s ago")
    begins = _moment(claims, "nbf")
    if begins is not None and now < begins - leeway:
        raise Refusal("not_yet_valid", f"valid in {begins - now:g} s only")
    issued = _moment(claims, "iat")
    if issued is not None and now < issued - leeway:
        raise Refusal("issued_in_the_future", f"issued {issued - now:g} s from now")


def _moment(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST:
        raise Refusal("invalid_claim", f"`{name}` is no number of seconds")
    return float(value)


def _check_scopes(claims: Claims, expected: Expectations) -> None:
    """Read `scope` (RFC 8693, a string of words with a space between) and `scp` (Okta's list of words)."""
    granted = {
        word
        for name in ("scope", "scp")
        if claims.get(name) is not None
        for text in _texts(claims, name)
        for word in (text.split(" ") if isinstance(claims[name], str) else [text])
    }
    lacking = sorted(expected.scopes - granted)
    if lacking:
        raise Refusal("insufficient_scope", f"the token lacks the scope {', '.join(lacking)}")
