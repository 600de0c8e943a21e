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

from twin.world.saas.rsa_keys import jwk_of, rsa_key

VALID = timedelta(days=3652)


def private_key(secret: str, kid: str) -> rsa.RSAPrivateKey:
    """Return the RSA key of that id; the same every time."""
    return rsa_key(f"okta-key:{secret}:{kid}")


def public_jwk(secret: str, kid: str) -> dict[str, Any]:
    """Return the public half as a JSON Web Key."""
    return jwk_of(private_key(secret, kid), kid)


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
