"""Security keys: registered with their public key, and verified by a signature over our challenge and our origin.

Web Authentication, level 2: https://www.w3.org/TR/webauthn-2/ (sections 7.1 and 7.2). Keys are ES256; an attestation
statement is not judged, as with attestation conveyance "none".
"""

import hashlib
import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from twin.world.saas.okta import cbor
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.state import Org, Record

PRESENT, VERIFIED, ATTESTED = 1, 4, 64
ES256 = -7


def challenge(org: Org, user: Record) -> Record:
    """Return what a browser needs to register a key of a user."""
    return {
        "attestation": "direct",
        "authenticatorSelection": {"userVerification": "preferred", "requireResidentKey": False},
        "challenge": org.ids.word(20),
        "excludeCredentials": [],
        "pubKeyCredParams": [{"type": "public-key", "alg": ES256}],
        "rp": {"name": org.name},
        "user": {"displayName": user["profile"].get("firstName") or "", "name": user["profile"]["login"],
                 "id": user["id"]},
    }  # fmt: skip


def register(activation: Record, body: Record, url: str) -> tuple[Record, Record]:
    """Return the key and the profile of a registration; E0000068 for one that is not for our challenge and origin."""
    _client(body, "webauthn.create", str(activation["challenge"]), url)
    try:
        data, credential, key = _attested(_decoded(body.get("attestation")), url)
    except (ValueError, KeyError, TypeError, IndexError) as wrong:
        raise OktaError("E0000068", causes=[f"The attestation is not valid: {wrong}"]) from wrong
    held = {"x": key[-2].hex(), "y": key[-3].hex(), "count": int.from_bytes(data[33:37], "big")}
    name = urlsafe_b64encode(credential).rstrip(b"=").decode()
    return held, {"credentialId": name, "authenticatorName": "Security Key"}


def _attested(attestation: bytes, url: str) -> tuple[bytes, bytes, dict[int, Any]]:
    """Return the authenticator data, the id and the public key of a new credential."""
    data = cbor.read(attestation)[0]["authData"]
    _authenticator(data, url)
    if not data[32] & ATTESTED:
        raise ValueError("no credential in it")
    size = int.from_bytes(data[53:55], "big")
    credential, key = data[55 : 55 + size], cbor.read(data[55 + size :])[0]
    if key[1] != 2 or key[3] != ES256 or key[-1] != 1:
        raise ValueError("another algorithm than ES256")
    x, y = (int.from_bytes(key[name], "big") for name in (-2, -3))
    ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()  # raises when the point is not on the curve
    return data, credential, key


def check_assertion(factor: Record, nonce: str, body: Record, url: str) -> bool:
    """Verify a signature of a registered key; say whether the key verified its user. E0000068 when it does not hold."""
    client = _client(body, "webauthn.get", nonce, url)
    key = factor["#key"]
    numbers = ec.EllipticCurvePublicNumbers(int(key["x"], 16), int(key["y"], 16), ec.SECP256R1())
    try:
        data = _decoded(body.get("authenticatorData"))
        _authenticator(data, url)
        signed = data + hashlib.sha256(client).digest()
        numbers.public_key().verify(_decoded(body.get("signatureData")), signed, ec.ECDSA(SHA256()))
    except (ValueError, IndexError, InvalidSignature) as wrong:
        raise OktaError("E0000068", causes=["The signature of the security key is not valid"]) from wrong
    count = int.from_bytes(data[33:37], "big")
    if count and count <= key["count"]:
        raise OktaError("E0000068", causes=["The security key has signed this before, or it was copied"])
    key["count"] = count
    return bool(data[32] & VERIFIED)


def _client(body: Record, kind: str, nonce: str, url: str) -> bytes:
    """Return the client data of a request if it is of that kind, for our challenge, from our own origin."""
    try:
        raw = _decoded(body.get("clientData"))
        told: Any = json.loads(raw)
        given = str(told["challenge"]).rstrip("=")
    except (ValueError, KeyError, TypeError) as wrong:
        raise OktaError("E0000068", causes=["The client data is not valid"]) from wrong
    encoded = urlsafe_b64encode(nonce.encode()).rstrip(b"=").decode()
    if told.get("type") != kind or given not in (encoded, nonce):
        raise OktaError("E0000068", causes=["The client data is not for this challenge"])
    if str(told.get("origin")).rstrip("/") != url:
        raise OktaError("E0000068", causes=[f"The client data comes from another origin: {told.get('origin')}"])
    return raw


def _authenticator(data: bytes, url: str) -> None:
    if len(data) < 37 or data[:32] != hashlib.sha256((urlsplit(url).hostname or "").encode()).digest():
        raise ValueError("it is for another site")
    if not data[32] & PRESENT:
        raise ValueError("nobody was present")


def _decoded(value: Any) -> bytes:
    if not isinstance(value, str):
        raise ValueError("not base64")  # noqa: TRY004 - the request is wrong, not the program
    padded = value + "=" * (-len(value) % 4)
    try:
        return urlsafe_b64decode(padded) if set("-_") & set(value) else b64decode(padded, validate=True)
    except NoBase64 as wrong:
        raise ValueError("not base64") from wrong
