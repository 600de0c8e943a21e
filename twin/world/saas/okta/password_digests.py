"""How a password is kept: as a salted digest, never in clear, and the hashes that an import may bring."""

import hashlib
import hmac
from base64 import b64decode
from binascii import Error as NoBase64
from typing import Any

from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.state import Record

# Few rounds: the secret is a test's, and thousands of users are made in one.
ROUNDS = 8
PLAIN = {"SHA-1": "sha1", "MD5": "md5", "SHA-256": "sha256", "SHA-512": "sha512"}


def kept(secret: str, salt: str) -> Record:
    """Return what is kept of a secret."""
    return {"salt": salt, "digest": _digest(secret, salt)}


def _digest(secret: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), salt.encode(), ROUNDS).hex()


def matches(kept_password: Record, secret: str) -> bool:
    """Tell whether a secret is the one that was kept or imported; E0000060 for a hash that is not computed here."""
    if "digest" in kept_password:
        return hmac.compare_digest(kept_password["digest"], _digest(secret, kept_password["salt"]))
    if "hash" in kept_password:
        return _imported(kept_password["hash"], secret)
    raise OktaError("E0000060", "a password hook is not called here")


def _imported(given: dict[str, Any], secret: str) -> bool:
    algorithm = str(given.get("algorithm"))
    if algorithm not in (*PLAIN, "PBKDF2"):
        raise OktaError("E0000060", f"an imported hash of the algorithm {algorithm} is not computed here")
    try:
        wanted, salt = b64decode(str(given.get("value", ""))), b64decode(str(given.get("salt", "")))
    except NoBase64:
        return False
    if algorithm == "PBKDF2":
        digest = "sha512" if given.get("digestAlgorithm") == "SHA512_HMAC" else "sha256"
        rounds, size = int(given.get("iterationCount", 4096)), int(given.get("keySize", len(wanted)))
        return hmac.compare_digest(hashlib.pbkdf2_hmac(digest, secret.encode(), salt, rounds, size), wanted)
    parts = (salt, secret.encode()) if given.get("saltOrder") == "PREFIX" else (secret.encode(), salt)
    return hmac.compare_digest(hashlib.new(PLAIN[algorithm], b"".join(parts)).digest(), wanted)
