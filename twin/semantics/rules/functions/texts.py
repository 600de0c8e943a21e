"""Functions on strings, which are bytes: letters other than ASCII's have no case."""

import base64
import binascii
import hashlib
import uuid

from twin.semantics.rules import regex, wildcard
from twin.semantics.rules.printing import address
from twin.semantics.rules.syntax import Ip


def decode_base64(source: bytes) -> bytes | None:
    """Decode Base64, with its padding or without; what is no Base64 has no value."""
    try:
        return base64.b64decode(source + b"=" * (-len(source) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def encode_base64(source: bytes, flags: bytes = b"") -> bytes:
    """Encode as Base64: `u` for the alphabet of URLs, `p` to pad."""
    encoded = base64.urlsafe_b64encode(source) if b"u" in flags else base64.b64encode(source)
    return encoded if b"p" in flags else encoded.rstrip(b"=")


def sha256(source: bytes) -> bytes:
    """Return the digest, as bytes."""
    return hashlib.sha256(source).digest()


def regex_replace(source: bytes, pattern: bytes, replacement: bytes) -> bytes:
    """Replace the first match of a regular expression."""
    return regex.replace_first(pattern, replacement, source)


def wildcard_replace(source: bytes, pattern: bytes, replacement: bytes, flags: bytes = b"") -> bytes:
    """Replace a value that matches as a whole; `s` minds the case."""
    groups = wildcard.captured(pattern, source, strict=b"s" in flags)
    return source if groups is None else regex.expand(replacement, groups)


def remove_bytes(source: bytes, removed: bytes) -> bytes:
    """Remove every occurrence of each of the bytes."""
    return source.translate(None, removed)


def substring(source: bytes, start: int, end: int | None = None) -> bytes:
    """Return the bytes from `start` up to `end`; negative numbers count from the end."""
    return source[start:end]


def to_string(value: int | bool | Ip) -> bytes:
    """Return a value as text."""
    if isinstance(value, Ip):
        return address(value).encode()
    return str(value).lower().encode()


def uuidv4(source: bytes) -> bytes:
    """Return a UUID of version 4 whose bits come from the given randomness."""
    return str(uuid.UUID(bytes=hashlib.sha256(source).digest()[:16], version=4)).encode()
