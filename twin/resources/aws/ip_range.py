"""IP ranges and ports as EC2 takes them."""

import ipaddress
from collections.abc import Iterator
from functools import lru_cache

from twin.resources.reference import unknown
from twin.resources.resource import Problem

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=8192)
def network(text: str) -> Network | None:
    """Read a range; None when it is none, or not known yet."""
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def range_problems(text: str | None, field: str, *, version: int | None = None) -> Iterator[Problem]:
    """Report a text that is no IP range of the version (any, when None), or whose host bits are set.

    EC2 quietly clears host bits, so that such a range would never equal what is read back.
    """
    if text is None or unknown(text):
        return
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        yield Problem("TW0401", f"{text!r} is not an IP range", field, "write it as 10.0.0.0/16")
        return
    if "/" not in text:
        yield Problem("TW0401", f"{text!r} has no prefix length", field, f"did you mean {found}?")
    elif version not in (None, found.version):
        yield Problem("TW0401", f"{text!r} is not an IPv{version} range", field)
    elif network(text) is None:
        yield Problem("TW0401", f"{text!r} has host bits set", field, f"did you mean {found}?")


def size_problems(text: str, field: str, *, bounds: tuple[int, int], what: str) -> Iterator[Problem]:
    """Report an IPv4 range that is larger or smaller than EC2 allows."""
    found = network(text)
    low, high = bounds
    if isinstance(found, ipaddress.IPv4Network) and not low <= found.prefixlen <= high:
        yield Problem("TW0402", f"{what} is between /{low} and /{high}, this is a /{found.prefixlen}", field)


@lru_cache(maxsize=8192)
def _span(text: str) -> tuple[int, int, int] | None:
    """Return a range as its version and its first and last address; None when it is none, or not known yet."""
    found = network(text)
    return None if found is None else (found.version, int(found.network_address), int(found.broadcast_address))


def contains(outer: str, inner: str) -> bool | None:
    """Tell whether one range lies inside another; None when either is not known or no range."""
    big, small = _span(outer), _span(inner)
    if big is None or small is None:
        return None
    return big[0] == small[0] and big[1] <= small[1] and small[2] <= big[2]


def overlap(one: str, other: str) -> bool:
    """Tell whether two ranges share an address; False when either is not known or no range."""
    first, second = _span(one), _span(other)
    if first is None or second is None:
        return False
    return first[0] == second[0] and first[1] <= second[2] and second[1] <= first[2]


def port_problems(protocol: str, first: int | None, last: int | None, field: str) -> Iterator[Problem]:
    """Report ports that do not fit their protocol (0 to 65535, in order, for TCP and UDP only)."""
    if protocol not in ("tcp", "udp"):
        if first is not None or last is not None:
            yield Problem("TW0407", f"protocol {protocol!r} has no ports", field)
    elif first is None or last is None:
        yield Problem("TW0407", f"protocol {protocol!r} needs from_port and to_port", field)
    elif not (0 <= first <= 65535 and 0 <= last <= 65535):
        yield Problem("TW0407", f"ports are 0 to 65535, these are {first} to {last}", field)
    elif first > last:
        yield Problem("TW0407", f"the first port, {first}, comes after the last, {last}", field)
