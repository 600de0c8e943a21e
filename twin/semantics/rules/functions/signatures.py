"""Validating the timed message authentication codes of signed URLs."""

import base64
import binascii
import hashlib
import hmac
import re
from urllib.parse import unquote_to_bytes

# message and separator, 10 digits of a timestamp, the code (functions page, MessageMAC).
MESSAGE_MAC = re.compile(rb"(.+)(\d{10})-(.{43,})", re.DOTALL)


def is_timed_hmac_valid(
    key: bytes, message_mac: bytes, ttl: int, now: int, separator: int = 0, flags: bytes = b""
) -> bool:
    """Tell whether a code is the HMAC-SHA256 of message and timestamp, and younger than `ttl` seconds."""
    found = MESSAGE_MAC.fullmatch(message_mac)
    if found is None or not 0 <= separator < len(found.group(1)):
        return False
    message = found.group(1)[: len(found.group(1)) - separator]
    expected = hmac.digest(key, message + found.group(2), hashlib.sha256)
    given = _code(found.group(3), url_safe=b"s" in flags)
    # now < issued + ttl: developers.cloudflare.com/waf/custom-rules/use-cases/configure-token-authentication
    return given is not None and hmac.compare_digest(expected, given) and now < int(found.group(2)) + ttl


def _code(written: bytes, url_safe: bool) -> bytes | None:
    try:
        if url_safe:
            return base64.b64decode(written + b"=" * (-len(written) % 4), altchars=b"-_", validate=True)
        return base64.b64decode(unquote_to_bytes(written), validate=True)
    except (binascii.Error, ValueError):
        return None
