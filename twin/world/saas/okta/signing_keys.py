"""RSA signing keys and their certificates, made from a seed so that the same org always shows the same ones.

The private key is a function of the org's secret and the key's id: nothing is stored, and a key costs its half
second only when someone asks for it.
"""

import base64
import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

EXPONENT = 65537
BITS = 2048
VALID = timedelta(days=3652)
SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]


@lru_cache(maxsize=256)
def private_key(secret: str, kid: str) -> rsa.RSAPrivateKey:
    """Return the RSA key of that id; the same every time."""
    source = random.Random(f"okta-key:{secret}:{kid}")  # noqa: S311 - reproducible keys of a rehearsal, not secrecy
    first, second = _prime(source), _prime(source)
    if first < second:
        first, second = second, first
    exponent = pow(EXPONENT, -1, (first - 1) * (second - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, first * second)
    crt = (exponent % (first - 1), exponent % (second - 1), pow(second, -1, first))
    return rsa.RSAPrivateNumbers(first, second, exponent, *crt, public).private_key()


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
    """Run Miller-Rabin; five rounds leave no doubt for random candidates of this size."""
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


def public_jwk(secret: str, kid: str) -> dict[str, Any]:
    """Return the public half as a JSON Web Key."""
    numbers = private_key(secret, kid).public_key().public_numbers()
    return {"kty": "RSA", "alg": "RS256", "kid": kid, "use": "sig", "e": _b64(numbers.e), "n": _b64(numbers.n)}


def _b64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@lru_cache(maxsize=256)
def certificate(secret: str, kid: str, organisation: str, created: str) -> x509.Certificate:
    """Return the self-signed certificate of a key, valid for ten years from its creation."""
    key = private_key(secret, kid)
    start = datetime.strptime(created, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    named = [(NameOID.ORGANIZATION_NAME, "Okta"), (NameOID.ORGANIZATIONAL_UNIT_NAME, "SSOProvider")]
    subject = x509.Name(
        [x509.NameAttribute(oid, value) for oid, value in [*named, (NameOID.COMMON_NAME, organisation)]]
    )
    serial = random.Random(f"serial:{secret}:{kid}").getrandbits(47) | 1  # noqa: S311 - reproducible
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), serial, start, start + VALID)
    return builder.sign(key, hashes.SHA256())


def certificate_text(found: x509.Certificate) -> str:
    """Return a certificate as base64 DER, the form of `x5c`."""
    return base64.b64encode(found.public_bytes(serialization.Encoding.DER)).decode()


def thumbprint(found: x509.Certificate) -> str:
    """Return the SHA-256 thumbprint of a certificate, the form of `x5t#S256`."""
    return base64.urlsafe_b64encode(found.fingerprint(hashes.SHA256())).rstrip(b"=").decode()
