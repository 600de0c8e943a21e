"""KMS: a digest is signed as it is, not hashed again, so that whoever has the public key finds the same.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#KMS-Sign-request-MessageType
https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html (PSS salts as long as the digest)
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.kms.responses import KmsResponse
from moto.kms.utils import ECDSAPrivateKey, RSAPrivateKey, validate_signing_algorithm

DIGESTED: ContextVar[bool] = ContextVar("digested", default=False)
HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "SHA_256": hashes.SHA256, "SHA_384": hashes.SHA384, "SHA_512": hashes.SHA512,
}  # fmt: skip


def _with_kind(name: str) -> None:
    by_moto = getattr(KmsResponse, name)

    def answer(response: Any) -> str:
        kept = DIGESTED.set(response._get_param("MessageType") == "DIGEST")
        try:
            told: str = by_moto(response)
            return told
        finally:
            DIGESTED.reset(kept)

    setattr(KmsResponse, name, answer)


for operation in ("sign", "verify"):
    _with_kind(operation)


def _scheme(key: Any, algorithm: str) -> tuple[Any, ...]:
    """Return what a key of `cryptography` wants to know beside the message."""
    if isinstance(key, ECDSAPrivateKey):
        validate_signing_algorithm(algorithm, key.valid_signing_algorithms)
    made = HASHES[algorithm[-len("SHA_256") :]]()
    hashed: Any = Prehashed(made) if DIGESTED.get() else made
    if isinstance(key, ECDSAPrivateKey):
        return (ec.ECDSA(hashed),)
    if algorithm.startswith("RSASSA_PSS"):
        return padding.PSS(mgf=padding.MGF1(made), salt_length=padding.PSS.DIGEST_LENGTH), hashed
    return padding.PKCS1v15(), hashed


def _sign(key: Any, message: bytes, signing_algorithm: str) -> bytes:
    signature: bytes = key.private_key.sign(message, *_scheme(key, signing_algorithm))
    return signature


def _verify(key: Any, message: bytes, signature: bytes, signing_algorithm: str) -> bool:
    try:
        key.private_key.public_key().verify(signature, message, *_scheme(key, signing_algorithm))
    except InvalidSignature:
        return False
    return True


for kind in (RSAPrivateKey, ECDSAPrivateKey):
    setattr(kind, "sign", _sign)  # noqa: B010 - an assignment is none to a method
    setattr(kind, "verify", _verify)  # noqa: B010 - an assignment is none to a method
