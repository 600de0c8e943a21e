"""Signed statements: in-toto's in DSSE envelopes, by Ed25519.

https://github.com/secure-systems-lab/dsse/blob/v1.0.0/envelope.md and
https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


class EnvelopeError(ValueError):
    """An envelope that is none, or whose signature does not fit."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says of a plan; `key` is the base64 public key that vouches for it, None before it is signed."""

    digest: str
    predicate_type: str
    predicate: Mapping[str, Any]
    key: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the in-toto statement."""
        return {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": "plan", "digest": {"sha256": self.digest}}],
            "predicateType": self.predicate_type,
            "predicate": dict(self.predicate),
        }


def public_text(key: Ed25519PublicKey) -> str:
    """Return the base64 of a public key's 32 bytes."""
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def key_id(public: str) -> str:
    """Return the id of a public key: the SHA-256 of its bytes, in hex."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()


def seal(statement: Statement, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return a statement in its envelope, signed."""
    payload = json.dumps(statement.document(), sort_keys=True, separators=(",", ":")).encode()
    signature = key.sign(_signed(PAYLOAD_TYPE, payload))
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [
            {"keyid": key_id(public_text(key.public_key())), "sig": base64.b64encode(signature).decode()},
        ],
    }


def unseal(envelope: Any, keys: Mapping[str, str]) -> tuple[str, Statement]:
    """Return whose statement it is and what it says; EnvelopeError unless one of `keys` (name → public) signed it."""
    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        kind = str(envelope["payloadType"])
        signatures = [base64.b64decode(one["sig"], validate=True) for one in envelope["signatures"]]
    except (KeyError, TypeError, ValueError) as error:
        raise EnvelopeError(f"this is no DSSE envelope: {error!r}") from error
    if kind != PAYLOAD_TYPE:
        raise EnvelopeError(f"the payload is of the type {kind}, wanted {PAYLOAD_TYPE}")
    for name, public in keys.items():
        if any(_fits(public, signature, _signed(kind, payload)) for signature in signatures):
            return name, _statement(payload, public)
    raise EnvelopeError("no key that counts here has signed it, or it was changed since")


def _statement(payload: bytes, key: str) -> Statement:
    try:
        told = json.loads(payload)
        if told["_type"] != STATEMENT_TYPE:
            raise EnvelopeError(f"the statement is of the type {told['_type']}, wanted {STATEMENT_TYPE}")
        (subject,) = told["subject"]
        return Statement(subject["digest"]["sha256"], told["predicateType"], told["predicate"], key)
    except (KeyError, TypeError, ValueError) as error:
        raise EnvelopeError(f"the payload is no statement: {error!r}") from error


def _fits(public: str, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _signed(kind: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding that DSSE signs."""
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(payload), payload)
