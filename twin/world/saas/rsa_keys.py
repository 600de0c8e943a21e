"""RSA keys made from a text, so that the same vendor of the same world always shows the same ones; and what they sign.

Nothing is stored, and a key costs its half second only when someone asks for it.
"""

import base64
import json
import random
from collections.abc import Mapping
from functools import cache, lru_cache
from math import gcd, prod
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

EXPONENT = 65537
BITS = 2048
SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]
LARGEST_SIEVED = 1 << 16


@lru_cache(maxsize=256)
def rsa_key(origin: str) -> rsa.RSAPrivateKey:
    """Return the RSA key that follows from a text."""
    source = random.Random(origin)  # noqa: S311 - reproducible keys of a rehearsal, not secrecy
    first, second = _prime(source), _prime(source)
    if first < second:
        first, second = second, first
    exponent = pow(EXPONENT, -1, (first - 1) * (second - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, first * second)
    crt = (exponent % (first - 1), exponent % (second - 1), pow(second, -1, first))
    numbers = rsa.RSAPrivateNumbers(first, second, exponent, *crt, public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)  # which would ask again whether both are prime


@cache
def _sieve() -> int:
    """Return the product of the odd primes up to the largest that is sieved."""
    odd = bytearray([1]) * (LARGEST_SIEVED // 2)
    odd[0] = 0
    for n in range(3, int(LARGEST_SIEVED**0.5) + 1, 2):
        if odd[n // 2]:
            odd[n * n // 2 :: n] = bytes(len(range(n * n // 2, len(odd), n)))
    return prod(2 * place + 1 for place, prime in enumerate(odd) if prime)


def _prime(source: random.Random) -> int:
    half = BITS // 2
    while True:
        candidate = source.getrandbits(half) | (3 << (half - 2)) | 1
        if (
            all(candidate % small for small in SMALL_PRIMES)
            and (candidate - 1) % EXPONENT
            and _passes(candidate, source)
        ):
            return candidate


def _passes(candidate: int, source: random.Random, rounds: int = 5) -> bool:
    """Run Miller-Rabin; five rounds leave no doubt for random candidates of this size.

    What a sieved prime divides fails the first round, and is spared it: a round costs as much as fifty looks for one.
    """
    if gcd(_sieve(), candidate) > 1:
        source.randrange(2, candidate - 1)  # as the round would, so that what is drawn next is the same
        return False
    shift = ((candidate - 1) & -(candidate - 1)).bit_length() - 1
    odd = (candidate - 1) >> shift
    for _ in range(rounds):
        value = pow(source.randrange(2, candidate - 1), odd, candidate)
        if value in (1, candidate - 1):
            continue
        for _ in range(shift - 1):
            value = value * value % candidate
            if value == candidate - 1:
                break
        else:
            return False
    return True


def jwk_of(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    """Return the public half as a JSON Web Key for signatures."""
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "alg": "RS256", "kid": kid, "use": "sig", "e": _number(numbers.e), "n": _number(numbers.n)}


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def base64url(raw: bytes) -> str:
    """Write bytes in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed_jwt(key: rsa.RSAPrivateKey, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Return claims as a compact JWT with an RS256 signature; header and claims keep their order."""
    content = ".".join(
        base64url(json.dumps(part, separators=(",", ":")).encode()) for part in ({**header, "alg": "RS256"}, claims)
    )
    return f"{content}.{base64url(key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
