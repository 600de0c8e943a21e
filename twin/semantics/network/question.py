"""A question about packets, as sets: from where, to where, and which; what is absent means any."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from twin.semantics.network.headers import (
    ALL_ADDRESSES,
    ALL_PORTS,
    ALL_PROTOCOLS,
    ICMP,
    ICMPV6,
    NUMBERS,
    TCP,
    UDP,
    Headers,
    Version,
    block,
)
from twin.semantics.network.intervals import Intervals, Network

KEYS = frozenset({"id", "src", "dst", "protocol", "port", "source_port"})
SOURCES = frozenset({"interface", "instance", "internet", "gateway", "ip"})
DESTINATIONS = frozenset({"interface", "instance", "internet", "ip"})
VERSIONS: tuple[Version, ...] = (4, 6)


@dataclass(frozen=True, slots=True)
class Source:
    """Where packets come from: `kind` is `interface`, `instance`, `internet`, `gateway`, or `ip` for whoever has it."""

    kind: str
    name: str
    block: Network | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where packets go: to a block of addresses (None: anywhere), or to an `interface` or `instance`."""

    kind: str = "ip"
    name: str = ""
    block: Network | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Which packets are meant; ICMP type and code are asked as `port` and `source_port`."""

    source: Source
    destination: Destination = Destination()
    protocol: Intervals | None = None
    port: Intervals | None = None
    source_port: Intervals | None = None

    def headers(self, version: Version) -> Headers:
        """Return the packets of one IP version, of any addresses."""
        protocols = ALL_PROTOCOLS if self.protocol is None else self.protocol
        if self.protocol is None and (self.port or self.source_port):
            protocols = Intervals.of(((TCP, TCP), (UDP, UDP)))
        if version == 6 and self.protocol == Intervals.point(ICMP):
            protocols = Intervals.point(ICMPV6)
        # Neither version carries the other's ICMP.
        protocols = protocols - Intervals.point(ICMPV6 if version == 4 else ICMP)
        everywhere = ALL_ADDRESSES[version]
        return Headers(
            version, everywhere, everywhere, protocols, self.source_port or ALL_PORTS, self.port or ALL_PORTS
        )


def parse(line: Mapping[str, Any]) -> Question:
    """Read a question from its JSON form; ValueError says which member is wrong."""
    unknown = sorted(set(line) - KEYS)
    if unknown:
        raise ValueError(f"unknown member {unknown[0]!r}; known are {', '.join(sorted(KEYS))}")
    return Question(
        _source(line.get("src")),
        _destination(line.get("dst")),
        _protocol(line.get("protocol")),
        _ports("port", line.get("port")),
        _ports("source_port", line.get("source_port")),
    )


def _end(name: str, value: Any, allowed: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} must be an object")  # noqa: TRY004 - a question's errors are one class
    known = {key: item for key, item in value.items() if item is not None and item is not False}
    unknown = sorted(set(known) - allowed)
    if unknown:
        raise ValueError(f"{name} has no member {unknown[0]!r}; known are {', '.join(sorted(allowed))}")
    if len(set(known) - {"ip"}) > 1:
        raise ValueError(f"{name} names more than one place: {', '.join(sorted(set(known) - {'ip'}))}")
    return known


def _source(value: Any) -> Source:
    found = _end("src", value, SOURCES)
    address = _block("src.ip", found.pop("ip", None))
    for kind, name in found.items():
        if kind == "internet":
            return Source(kind, kind, address)
        return Source(kind, _name(f"src.{kind}", name), address)
    if address is None:
        raise ValueError(f"src must have one of {', '.join(sorted(SOURCES))}")
    return Source("ip", str(address), address)


def _destination(value: Any) -> Destination:
    found = _end("dst", {} if value is None else value, DESTINATIONS)
    address = _block("dst.ip", found.pop("ip", None))
    for kind, name in found.items():
        if kind == "internet":
            return Destination(kind, kind, address)
        return Destination(kind, _name(f"dst.{kind}", name), address)
    return Destination(block=address)


def _name(member: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{member} must be an id")
    return value


def _block(member: str, value: Any) -> IPv4Network | IPv6Network | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{member} must be an address or a CIDR block")  # noqa: TRY004 - as above
    try:
        return ip_network(value, strict=False)
    except ValueError as wrong:
        raise ValueError(f"{member}: {value!r} is neither an address nor a CIDR block") from wrong


def _protocol(value: Any) -> Intervals | None:
    if value is None or value in (-1, "-1", "any", "all"):
        return None
    text = str(value).lower()
    number = NUMBERS.get(text)
    if number is None and text.isdecimal():
        number = int(text)
    if number is None or number > 255 or isinstance(value, bool):
        raise ValueError(f"protocol: {value!r} is neither a name ({', '.join(NUMBERS)}) nor a number up to 255")
    return Intervals.point(number)


def _ports(member: str, value: Any) -> Intervals | None:
    if value is None or value == "any":
        return None
    low, dash, high = str(value).partition("-")
    if isinstance(value, bool) or not low.isdecimal() or (dash and not high.isdecimal()):
        raise ValueError(f"{member}: {value!r} is no port, and no range of ports such as 1024-65535")
    first, last = int(low), int(high) if dash else int(low)
    if not first <= last <= 65535:
        raise ValueError(f"{member}: {value!r} is out of range; ports go up to 65535")
    return Intervals.span(first, last)


def blocks(address: Network | None) -> Iterator[tuple[Version, Intervals]]:
    """Yield the addresses per IP version; both when no block is given."""
    for version in VERSIONS:
        if address is None:
            yield version, ALL_ADDRESSES[version]
        elif address.version == version:
            yield version, block(address)
