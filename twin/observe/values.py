"""Values out of a described object; what is missing or malformed is a UsageError that names the file and the member."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from twin.errors import UsageError
from twin.observe.snapshot import Item
from twin.semantics.network.intervals import Network


class Malformed(UsageError):
    """A described object is not shaped as its API would tell it."""

    def __init__(self, item: Item, what: str) -> None:
        super().__init__(f"{item}: {what}")
        self.item = item


def identity(item: Item, member: str) -> str:
    """Return an id that must be there."""
    value = item.data.get(member)
    if not isinstance(value, str) or not value:
        raise Malformed(item, f"an object without {member}")
    return value


def texts(item: Item, path: str) -> tuple[str, ...]:
    """Return the texts at `List[].Member`, or in a plain list."""
    head, _, member = path.partition("[].")
    values = listed(item, item.data, head)
    found = [value.get(member) if member and isinstance(value, Mapping) else value for value in values]
    return tuple(value for value in found if isinstance(value, str))


def listed(item: Item, data: Mapping[str, Any], member: str) -> list[Any]:
    """Return a list, empty when it is absent."""
    value = data.get(member) or []
    if not isinstance(value, list):
        raise Malformed(item, f"{member} must be a list")
    return value


def objects(item: Item, data: Mapping[str, Any], member: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list."""
    for value in listed(item, data, member):
        if not isinstance(value, Mapping):
            raise Malformed(item, f"{member} must be a list of objects")
        yield value


def inside(data: Mapping[str, Any], *members: str) -> Any:
    """Return a nested value, None when any step is absent."""
    value: Any = data
    for member in members:
        value = value.get(member) if isinstance(value, Mapping) else None
    return value


def network(item: Item, text: Any) -> Network:
    """Read a CIDR block."""
    try:
        return ip_network(text, strict=False)
    except (ValueError, TypeError) as wrong:
        raise Malformed(item, f"{text!r} is no CIDR block") from wrong


def address(item: Item, text: Any) -> IPv4Address | IPv6Address:
    """Read an address."""
    try:
        return ip_address(text)
    except (ValueError, TypeError) as wrong:
        raise Malformed(item, f"{text!r} is no IP address") from wrong
