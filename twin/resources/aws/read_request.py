"""A read of AWS as it goes out but for its instant and its signature, so that it can be written down and sent again."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote

UNSIGNED = frozenset({"user-agent"})
RAW = "s3"
"""The service that signs paths as they are sent; all others sign what is left of them when they are encoded again."""
PAYLOAD = "x-amz-content-sha256"


class Signer(Protocol):
    """Who signs."""

    access_key: str
    secret_key: str
    token: str | None


def now() -> str:
    """Return the instant with which a request is signed."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One request; equal ones ask for the same."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    """Sorted, in small letters; without what is new each time."""
    scope: str
    """The Region and the service in whose names it is signed."""
    body: bytes = b""

    def signed(self, signer: Signer, at: str) -> bytes:
        """Return it as bytes, signed by Signature Version 4 at an instant, such as 20261129T170000Z."""
        headers = [*self.headers, ("x-amz-date", at)]
        if signer.token:
            headers.append(("x-amz-security-token", signer.token))
        told = self.authorization(((n, v) for n, v in headers if n not in UNSIGNED), signer, at)
        headers.append(("authorization", told))
        if self.body:
            headers.append(("content-length", str(len(self.body))))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        target = f"{self.path}?{self.query}" if self.query else self.path
        return f"{self.method} {target} HTTP/1.1\r\n{head}\r\n".encode() + self.body

    def authorization(self, headers: Iterable[tuple[str, str]], signer: Signer, at: str) -> str:
        """Return the header by which it is signed together with others of its headers."""
        signed = sorted(headers)
        names = ";".join(name for name, _ in signed)
        lines = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in signed)
        path = self.path if self.scope.endswith(f"/{RAW}") else quote(self.path, safe="/-_.~")
        payload = dict(signed).get(PAYLOAD) or sha256(self.body).hexdigest()
        canonical = f"{self.method}\n{path}\n{_sorted(self.query)}\n{lines}\n{names}\n{payload}"
        scope = f"{at[:8]}/{self.scope}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(_key(signer.secret_key, scope), text.encode(), "sha256").hex()
        credential = f"Credential={signer.access_key}/{scope}"
        return f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"


def _sorted(query: str) -> str:
    parts = sorted(part.partition("=")[::2] for part in filter(None, query.split("&")))
    return "&".join(f"{name}={value}" for name, value in parts)


@lru_cache(64)
def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
