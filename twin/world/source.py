"""From where a call comes: an actor of a scenario says it in a header, the embedded world has no socket to tell."""

from ipaddress import ip_address

SOURCE_HEADER = "X-Twin-Source-Ip"
LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Tell whether a host name means this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
