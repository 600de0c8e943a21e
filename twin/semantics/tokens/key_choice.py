"""Which key may verify a signature: the one that is named, of the type that the algorithm needs."""

import base64
import binascii
from typing import Any

from twin.semantics.tokens.keys import Jwk, Keys
from twin.semantics.tokens.verdict import Refusal

TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "HS": "oct", "Ed": "OKP"}
CURVES = {"ES256": ("P-256",), "ES384": ("P-384",), "ES512": ("P-521",), "EdDSA": ("Ed25519", "Ed448")}
LEAST_BITS = 2048  # RFC 7518, section 3.3
LEAST_SECRET = {"HS256": 32, "HS384": 48, "HS512": 64}  # bytes; RFC 7518, section 3.2


def choose(header: dict[str, Any], algorithm: str, keys: Keys, now: float) -> Jwk:
    """Return the key for a header.

    Keys that the token brings along (`jwk`, `jku`, `x5c`, `x5u`) are never looked at. Without a `kid` there
    must be exactly one key that fits.
    """
    key_id = header.get("kid")
    if key_id is None:
        fitting = [key for key in keys.every(now) if _misfit(key, algorithm) is None]
        if len(fitting) != 1:
            raise Refusal("no_key_id", f"the token names no key, and {len(fitting)} keys could have signed it")
        return _strong(fitting[0], algorithm)
    if not isinstance(key_id, str):
        raise Refusal("malformed", "the `kid` of the header is no string")
    found = keys.named(key_id, now)
    if not found:
        raise Refusal("unknown_key", f"the issuer has no key {key_id!r}")
    misfits = [_misfit(key, algorithm) for key in found]
    if None not in misfits:
        raise Refusal("key_mismatch", f"the key {key_id!r} cannot verify {algorithm}: {misfits[0]}")
    return _strong(found[misfits.index(None)], algorithm)


def _misfit(key: Jwk, algorithm: str) -> str | None:
    """Return why a key is not for an algorithm, None when it is."""
    wanted = TYPES[algorithm[:2]]
    if key.get("kty") != wanted:
        return f"it is of type {key.get('kty')}, not {wanted}"
    if key.get("alg", algorithm) != algorithm:
        return f"it is for {key['alg']}"
    if key.get("use", "sig") != "sig":
        return f"its use is {key['use']}"
    if "verify" not in key.get("key_ops", ["verify"]):
        return "its operations lack `verify`"
    if algorithm in CURVES and key.get("crv") not in CURVES[algorithm]:
        return f"its curve is {key.get('crv')}"
    return None


def _strong(key: Jwk, algorithm: str) -> Jwk:
    if key.get("kty") == "RSA" and _length(key.get("n")) * 8 < LEAST_BITS:
        raise Refusal("weak_key", f"the RSA key has fewer than {LEAST_BITS} bits")
    if key.get("kty") == "oct" and _length(key.get("k")) < LEAST_SECRET[algorithm]:
        raise Refusal("weak_key", f"the secret of {algorithm} has fewer than {LEAST_SECRET[algorithm]} bytes")
    return key


def _length(number: Any) -> int:
    """Return the length in bytes of a base64url value, 0 of what is none."""
    if not isinstance(number, str):
        return 0
    try:
        return len(base64.urlsafe_b64decode(number + "=" * (-len(number) % 4)).lstrip(b"\0"))
    except (binascii.Error, ValueError):
        return 0
