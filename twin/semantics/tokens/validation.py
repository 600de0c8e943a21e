"""The steps of a careful API: form, algorithm, key, signature, and only then the claims."""

from contextlib import suppress
from typing import Any

from joserfc import errors, jwk, jws

from twin.semantics.tokens import claims, compact, key_choice
from twin.semantics.tokens.expectations import Expectations
from twin.semantics.tokens.keys import Jwk, Keys
from twin.semantics.tokens.verdict import Accepted, Refusal, Verdict


class LongHeaders(jws.JWSRegistry):
    """Lets a header be as long as a token may be, and hold names of which this code makes no use."""

    max_header_length = compact.LONGEST


def validate(token: str, keys: Keys, expected: Expectations, now: float) -> Verdict:
    """Return whether an API with these expectations accepts a token at `now`, in seconds since 1970."""
    try:
        header, claimed = compact.parts(token)
        algorithm = _algorithm(header, expected)
        _check_header(header, expected)
        key = _verified(token, key_choice.choose(header, algorithm, keys, now), algorithm)
        claims.check(claimed, expected, now)
    except Refusal as refusal:
        return refusal.verdict
    return Accepted(claimed, algorithm, key.get("kid"))


def _algorithm(header: dict[str, Any], expected: Expectations) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        raise Refusal("malformed", "the header has no `alg`")
    if algorithm.lower() == "none":
        raise Refusal("unsigned", "the token is not signed: its algorithm is none")
    if algorithm not in expected.algorithms:
        allowed = ", ".join(sorted(expected.algorithms))
        raise Refusal("algorithm_not_allowed", f"signed with {algorithm}; allowed are {allowed}")
    return algorithm


def _check_header(header: dict[str, Any], expected: Expectations) -> None:
    if "crit" in header:
        raise Refusal("critical_header", f"the header demands to understand {header['crit']}")
    if not expected.types:
        return
    if _media_type(str(header.get("typ", ""))) not in map(_media_type, expected.types):
        raise Refusal("wrong_type", f"the type is {header.get('typ')!r}; accepted are {', '.join(expected.types)}")


def _media_type(written: str) -> str:
    """Return a type without the prefix that it may leave out (RFC 7515, section 4.1.9)."""
    return written.lower().removeprefix("application/")


def _verified(token: str, keys: list[Jwk], algorithm: str) -> Jwk:
    """Return the key that signed a token; the last one's refusal when none did."""
    for key in keys[:-1]:
        with suppress(Refusal):
            _verify(token, key, algorithm)
            return key
    _verify(token, keys[-1], algorithm)
    return keys[-1]


def _verify(token: str, key: Jwk, algorithm: str) -> None:
    try:
        public = jwk.import_key(dict(key))
    except (errors.JoseError, ValueError, TypeError, KeyError) as wrong:
        raise Refusal("key_mismatch", f"the issuer's key {key.get('kid')!r} is no key: {wrong}") from None
    try:
        jws.deserialize_compact(token, public, registry=LongHeaders(algorithms=[algorithm], strict_check_header=False))
    except errors.BadSignatureError:
        raise Refusal("bad_signature", "the signature is not that of the issuer's key") from None
    except (errors.JoseError, ValueError) as wrong:
        raise Refusal("malformed", f"the signature cannot be verified: {wrong}") from None
