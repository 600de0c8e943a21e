"""Sets of packets as products of header fields; nothing is sampled.

ICMP has no ports: its type stands in `port` and its code in `source_port`, for both versions.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal

from twin.semantics.network.intervals import Intervals, Network, networks

Version = Literal[4, 6]
Address = IPv4Address | IPv6Address

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
PORTED = frozenset({TCP, UDP})
NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMPV6: "icmpv6"}
NUMBERS = {name: number for number, name in NAMES.items()} | {"icmp6": ICMPV6, "ipv6-icmp": ICMPV6}

ALL_PORTS = Intervals.span(0, 65535)
ALL_PROTOCOLS = Intervals.span(0, 255)
ALL_ADDRESSES = {4: Intervals.span(0, 2**32 - 1), 6: Intervals.span(0, 2**128 - 1)}
TRANSLATED_PORTS = Intervals.span(1024, 65535)
"""Source ports that a NAT gateway uses; https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"""

ECHO = {ICMP: 8, ICMPV6: 128}
ECHO_REPLY = {ICMP: 0, ICMPV6: 129}

FIELDS = ("src", "dst", "protocol", "source_port", "port")


@dataclass(frozen=True, slots=True)
class Headers:
    """All packets whose every field lies in its set; one IP version at a time."""

    version: Version
    src: Intervals
    dst: Intervals
    protocol: Intervals = ALL_PROTOCOLS
    source_port: Intervals = ALL_PORTS
    port: Intervals = ALL_PORTS

    def __bool__(self) -> bool:
        return bool(self.src and self.dst and self.protocol and self.source_port and self.port)

    def __and__(self, other: "Headers") -> "Headers":
        return Headers(
            self.version,
            self.src & other.src,
            self.dst & other.dst,
            self.protocol & other.protocol,
            self.source_port & other.source_port,
            self.port & other.port,
        )

    def minus(self, other: "Headers") -> Iterator["Headers"]:
        """Yield disjoint sets that hold what is not in `other`."""
        rest = self
        for name in FIELDS:
            mine: Intervals = getattr(rest, name)
            theirs: Intervals = getattr(other, name)
            outside = mine - theirs
            if outside:
                piece = rest.having({name: outside})
                if piece:
                    yield piece
            rest = rest.having({name: mine & theirs})
            if not rest:
                return

    def having(self, fields: Mapping[str, Intervals]) -> "Headers":
        """Return the packets with these fields in place of theirs."""
        values = {name: fields[name] if name in fields else getattr(self, name) for name in FIELDS}
        return Headers(self.version, **values)

    def reversed(self) -> "Headers":
        """Return the replies: ends exchanged; an ICMP echo is answered by its reply, other types by any."""
        if self.protocol.single and self.protocol.lowest in ECHO:
            echo = self.port == Intervals.point(ECHO[self.protocol.lowest])
            answer = Intervals.point(ECHO_REPLY[self.protocol.lowest]) if echo else ALL_PORTS
            code = Intervals.point(0) if echo else ALL_PORTS
            return replace(self, src=self.dst, dst=self.src, source_port=code, port=answer)
        return replace(self, src=self.dst, dst=self.src, source_port=self.port, port=self.source_port)


def everything(version: Version) -> Headers:
    """Return all packets of an IP version."""
    return Headers(version, ALL_ADDRESSES[version], ALL_ADDRESSES[version])


def subtract(whole: Iterable[Headers], part: Headers) -> list[Headers]:
    """Take `part` away from each of the sets."""
    return [piece for headers in whole for piece in headers.minus(part)]


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, as a witness."""

    version: Version
    src: int
    dst: int
    protocol: int
    source_port: int
    port: int

    @property
    def headers(self) -> Headers:
        """The set of this packet alone."""
        return Headers(
            self.version,
            *(Intervals.point(value) for value in (self.src, self.dst, self.protocol, self.source_port, self.port)),
        )

    def as_data(self) -> dict[str, str | int]:
        """Return the packet as its users would write it."""
        found: dict[str, str | int] = {
            "src": str(address(self.src, self.version)),
            "dst": str(address(self.dst, self.version)),
            "protocol": NAMES.get(self.protocol, str(self.protocol)),
        }
        if self.protocol in PORTED:
            found |= {"source_port": self.source_port, "port": self.port}
        elif self.protocol in (ICMP, ICMPV6):
            found |= {"type": self.port, "code": self.source_port}
        return found


EPHEMERAL = (49152, 32768, 1024, 65535)
"""Source ports to prefer: the IANA and Linux ranges, the lowest unprivileged and the last."""
USUAL_PROTOCOLS = (TCP, UDP, ICMP, ICMPV6)
USUAL_PORTS = (443, 80, 22)


def _pick(values: Intervals, preferred: Iterable[int]) -> int:
    return next((value for value in preferred if value in values), values.lowest)


def witness(headers: Headers, ephemeral: int = EPHEMERAL[0]) -> Packet:
    """Pick one packet of a set that is not empty: the most ordinary one."""
    version = headers.version
    usual = [p for p in USUAL_PROTOCOLS if p != (ICMPV6 if version == 4 else ICMP)]
    protocol = _pick(headers.protocol, usual)
    if protocol in ECHO:
        return Packet(
            version,
            _host(headers.src, version),
            _host(headers.dst, version),
            protocol,
            headers.source_port.lowest,
            _pick(headers.port, (ECHO[protocol],)),
        )
    return Packet(
        version,
        _host(headers.src, version),
        _host(headers.dst, version),
        protocol,
        _pick(headers.source_port, (ephemeral, *EPHEMERAL)),
        _pick(headers.port, USUAL_PORTS),
    )


def _host(values: Intervals, version: Version) -> int:
    """Prefer an address that looks like a host's to the first one of a block that holds everything."""
    usual = int(ip_address("8.8.8.8" if version == 4 else "2600::1"))
    return _pick(values, (usual,))


def address(value: int, version: Version) -> Address:
    """Return the address with this number."""
    return IPv4Address(value) if version == 4 else IPv6Address(value)


def block(value: Network) -> Intervals:
    """Return the addresses of one CIDR block."""
    return networks((value,), value.version)
