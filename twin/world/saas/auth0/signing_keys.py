"""The tenant's signing keys: the previous, the current and the next one, of which two or three are published.

https://auth0.com/docs/get-started/tenant-settings/signing-keys
"""

import base64
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from twin.wire import Response
from twin.world.saas.auth0.errors import ManagementError
from twin.world.saas.auth0.rate_limits import FIGURES
from twin.world.saas.auth0.state import ROUTER, Record, Tenant
from twin.world.saas.router import Hit, json_response
from twin.world.saas.rsa_keys import base64url, jwk_of, rsa_key

KEYS = "/api/v2/keys/signing"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
VALID = timedelta(days=5110)
KEPT = int(FIGURES["key_cache"]["seconds"])


def new_key(tenant: Tenant) -> Record:
    """Return a key that nobody has used; its private half follows from the tenant's secret and its id."""
    return {"kid": tenant.ids.word(21, ALPHABET), "#made": tenant.now(), "revoked": False}


def private_key(tenant: Tenant, kid: str) -> rsa.RSAPrivateKey:
    """Return the private half of a key."""
    return rsa_key(f"auth0-key:{tenant.secret}:{kid}")


def current(tenant: Tenant) -> Record:
    """Return the key that signs."""
    return next(key for key in tenant.keys if key.get("current"))


def published(tenant: Tenant) -> dict[str, Any]:
    """Return the tenant's key set: all that are not revoked, the one that signs first."""
    live = sorted((key for key in tenant.keys if not key["revoked"]), key=lambda key: not key.get("current"))
    return {"keys": [_jwk(tenant, key) for key in live]}


def _jwk(tenant: Tenant, key: Record) -> dict[str, Any]:
    found = _certificate(tenant.secret, key["kid"], tenant.domain, key["#made"])
    thumb = found.fingerprint(hashes.SHA1())  # noqa: S303 - the form of x5t
    whole = base64.b64encode(found.public_bytes(Encoding.DER)).decode()
    return {**jwk_of(private_key(tenant, key["kid"]), key["kid"]), "x5t": base64url(thumb), "x5c": [whole]}


@lru_cache(maxsize=64)
def _certificate(secret: str, kid: str, domain: str, made: str) -> x509.Certificate:
    key, start = rsa_key(f"auth0-key:{secret}:{kid}"), datetime.fromisoformat(made)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
    serial = int.from_bytes(hashes_of(f"{secret}:{kid}")[:8], "big") >> 1 | 1
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial, start, start + VALID)
    return builder.sign(key, hashes.SHA256())


def hashes_of(text: str) -> bytes:
    """Return the SHA-256 digest of a text."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(text.encode())
    return digest.finalize()


def _render(tenant: Tenant, key: Record) -> Record:
    found = _certificate(tenant.secret, key["kid"], tenant.domain, key["#made"])
    prints = found.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - the vendor tells it so
    shown = {name: value for name, value in key.items() if not name.startswith("#")}
    return shown | {
        "cert": found.public_bytes(Encoding.PEM).decode(),
        "pkcs7": pkcs7.serialize_certificates([found], Encoding.PEM).decode(),
        "fingerprint": ":".join(prints[i : i + 2] for i in range(0, len(prints), 2)),
        "thumbprint": prints,
    }


@ROUTER.route("GET", KEYS)
def list_signing_keys(tenant: Tenant, _hit: Hit) -> Response:
    """List the keys with their places."""
    return json_response(200, [_render(tenant, key) for key in tenant.keys])


@ROUTER.route("GET", f"{KEYS}/<kid>")
def get_signing_key(tenant: Tenant, hit: Hit) -> Response:
    """Return one key."""
    return json_response(200, _render(tenant, _find(tenant, hit)))


def _find(tenant: Tenant, hit: Hit) -> Record:
    for key in tenant.keys:
        if key["kid"] == hit.path["kid"]:
            return key
    raise ManagementError(404, "The key does not exist.", "inexistent_signing_key")


@ROUTER.route("POST", f"{KEYS}/rotate")
def rotate_signing_key(tenant: Tenant, _hit: Hit) -> Response:
    """Let the next key sign at once, keep the one that did as the previous one, make a new next one.

    The one that was previous leaves the list, revoked or not.
    """
    now, kept = tenant.now(), []
    for key in tenant.keys:
        if key.pop("current", False):
            kept.append(key | {"previous": True, "current_until": now})
        elif key.pop("next", False):
            kept.append(key | {"current": True, "current_since": now})
    tenant.keys[:] = [*kept, new_key(tenant) | {"next": True}]
    made = _render(tenant, tenant.keys[-1])
    return json_response(201, {"cert": made["cert"], "kid": made["kid"]})


@ROUTER.route("PUT", f"{KEYS}/<kid>/revoke")
def revoke_signing_key(tenant: Tenant, hit: Hit) -> Response:
    """Revoke a key that signs no more: what it signed is refused by whoever reads the key set anew."""
    key = _find(tenant, hit)
    if key.get("current") or key.get("next"):
        raise ManagementError(400, "Only the previous signing key can be revoked.", "invalid_signing_key")
    if not key["revoked"]:
        key |= {"revoked": True, "revoked_at": tenant.now()}
    return json_response(200, {"cert": _render(tenant, key)["cert"], "kid": key["kid"]})


@ROUTER.route("GET", "/.well-known/jwks.json")
def jwks(tenant: Tenant, _hit: Hit) -> Response:
    """Return the key set, which may be kept for seconds only."""
    kept = f"public, max-age={KEPT}, stale-while-revalidate={KEPT}, stale-if-error=86400"
    return json_response(200, published(tenant), {"Cache-Control": kept})
