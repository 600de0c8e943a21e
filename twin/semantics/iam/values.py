"""How dates, numbers, addresses and binary values of policies and requests are read."""

import base64
import binascii
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?)?)?", re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_EPOCH = re.compile(r"-?\d{1,15}(?:\.\d+)?")


def number(text: str) -> Decimal | None:
    """Read an integer or a decimal; None when it is neither."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@lru_cache(maxsize=4096)
def instant(text: str) -> Decimal | None:
    """Read a W3C date of ISO 8601 or seconds since 1970 as seconds since 1970; None when it is neither.

    Four digits are a year; a time without a zone is UTC.
    """
    text = text.strip()
    found = _DATE.fullmatch(text)
    if found is None:
        return Decimal(text) if _EPOCH.fullmatch(text) else None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        moment = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    return Decimal(int(moment.timestamp())) + Decimal(f"0.{fraction or 0}") - _offset(zone)


def _offset(zone: str | None) -> int:
    """Return the seconds east of Greenwich."""
    if zone is None or zone.upper() == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def truth(text: str) -> bool | None:
    """Read `true` or `false` in any letter case; None when it is neither."""
    return {"true": True, "false": False}.get(text.strip().lower())


@lru_cache(maxsize=4096)
def address(text: str) -> IPv4Address | IPv6Address | None:
    """Read one IP address; None when it is none."""
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


def network(text: str) -> IPv4Network | IPv6Network | None:
    """Read an address or a range in CIDR notation; None when it is none. Host bits do not count."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def binary(text: str) -> bytes | None:
    """Decode base64; None when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
