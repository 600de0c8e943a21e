"""SNS's messages as they go over the wire, signed so that a client which checks them accepts them.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

# What the twin's SNS signs with is known to everybody: two primes, each so far after a number made of its name.
PRIMES = {"sns-p": 226, "sns-q": 558}
EXPONENT = 65537
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """Return the key with which the twin's SNS signs."""
    p, q = (_prime(name, offset) for name, offset in PRIMES.items())
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def _prime(name: str, offset: int) -> int:
    digits = b"".join(hashlib.sha256(f"twin:{name}:{number}".encode()).digest() for number in range(4))
    return (int.from_bytes(digits, "big") | 1 << 1023 | 1 << 1022 | 1) + offset


@cache
def certificate() -> bytes:
    """Return the certificate of that key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signing_key().public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2049, 12, 31, tzinfo=UTC))
        .sign(signing_key(), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def certificate_name() -> str:
    """Return the name under which the certificate is served."""
    return f"SimpleNotificationService-{hashlib.sha256(certificate()).hexdigest()[:32]}.pem"


def signed(message: Mapping[str, Any], *, version: str) -> str:
    """Return the signature of a message: version 1 signs with SHA1, 2 with SHA256."""
    text = "".join(f"{name}\n{message[name]}\n" for name in SIGNED[message["Type"]] if message.get(name) is not None)
    algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - what SNS's version 1 is
    return base64.b64encode(signing_key().sign(text.encode(), padding.PKCS1v15(), algorithm)).decode()


def envelope(told: Mapping[str, Any], *, region: str, version: str, host: str) -> dict[str, Any]:
    """Return a message with its signature; `host` is where SNS is called (`https://sns.us-east-1.amazonaws.com`)."""
    message = {name: value for name, value in told.items() if value is not None}
    last = {name: message.pop(name) for name in ("UnsubscribeURL", "MessageAttributes") if name in message}
    message |= {"SignatureVersion": version, "Signature": signed(message, version=version)}
    return message | {"SigningCertURL": f"{host}/{certificate_name()}"} | last
