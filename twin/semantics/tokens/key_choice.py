"""Which key may verify a signature: the one that is named, of the type that the algorithm needs."""

import base64
from typing import Any

from twin.semantics.tokens.compact import PART
from twin.semantics.tokens.keys import Jwk, Keys
from twin.semantics.tokens.verdict import Refusal

TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "HS": "oct", "Ed": "OKP"}
CURVES = {"ES256": ("P-256",), "ES384": ("P-384",), "ES512": ("P-521",), "EdDSA": ("Ed25519", "Ed448")}
CURVES |= {"Ed25519": ("Ed25519",), "Ed448": ("Ed448",)}
LEAST_BITS = 2048  # RFC 7518, section 3.3
LEAST_SECRET = {"HS256": 32, "HS384": 48, "HS512": 64}  # bytes; RFC 7518, section 3.2


def choose(header: dict[str, Any], algorithm: str, keys: Keys, now: float) -> list[Jwk]:
    """Return the keys for a header, of which one may verify it.

    Keys that the token brings along (`jwk`, `jku`, `x5c`, `x5u`) are never looked at. Without a `kid` there
    must be exactly one key that fits; an issuer may publish several under one `kid` (RFC 7517, section 4.5).
    """
    key_id = header.get("kid")
    if key_id is None:
        fitting = [key for key in keys.every(now) if _misfit(key, algorithm) is None]
        if len(fitting) != 1:
            raise Refusal("no_key_id", f"the token names no key, and {len(fitting)} keys could have signed it")
        return _strong(fitting, algorithm)
    if not isinstance(key_id, str):
        raise Refusal("malformed", "the `kid` of the header is no string")
    found = keys.named(key_id, now)
    if not found:
        raise Refusal("unknown_key", f"the issuer has no key {key_id!r}")
    fitting = [key for key in found if _misfit(key, algorithm) is None]
    if not fitting:
        raise Refusal("key_mismatch", f"the key {key_id!r} cannot verify {algorithm}: {_misfit(found[0], algorithm)}")
    return _strong(fitting, algorithm)


def _misfit(key: Jwk, algorithm: str) -> str | None:
    """Return why a key is not for an algorithm, None when it is."""
    wanted = TYPES[algorithm[:2]]
    if key.get("kty") != wanted:
        return f"it is of type {key.get('kty')}, not {wanted}"
    if key.get("alg", algorithm) != algorithm:
        return f"it is for {key['alg']}"
    if key.get("use", "sig") != "sig":
        return f"its use is {key['use']}"
    operations = key.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return "its operations lack `verify`"
    if algorithm in CURVES and key.get("crv") not in CURVES[algorithm]:
        return f"its curve is {key.get('crv')}"
    return None


def _strong(keys: list[Jwk], algorithm: str) -> list[Jwk]:
    """Return the keys that are long enough; refuse when none is."""
    weaknesses = [_weakness(key, algorithm) for key in keys]
    if None not in weaknesses:
        raise Refusal("weak_key", str(weaknesses[0]))
    return [key for key, weakness in zip(keys, weaknesses, strict=True) if weakness is None]


def _weakness(key: Jwk, algorithm: str) -> str | None:
    """Return why a key is too short, None when it is not."""
    if key.get("kty") == "RSA" and len(_bytes(key, "n").lstrip(b"\0")) * 8 < LEAST_BITS:
        return f"the RSA key has fewer than {LEAST_BITS} bits"
    if key.get("kty") == "oct" and len(_bytes(key, "k")) < LEAST_SECRET[algorithm]:
        return f"the secret of {algorithm} has fewer than {LEAST_SECRET[algorithm]} bytes"
    return None


def _bytes(key: Jwk, name: str) -> bytes:
    """Return a member of a key in base64url; a key that lacks it is none."""
    value = key.get(name)
    if isinstance(value, str) and PART.fullmatch(value) and len(value) % 4 != 1:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    raise Refusal("key_mismatch", f"the issuer's key {key.get('kid')!r} has no `{name}` in base64url")
