"""A set of packets on its way: what it is now, what it was at the start, and every hop so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from twin.semantics.network.headers import Headers, Version, witness
from twin.semantics.network.intervals import EMPTY, Intervals
from twin.semantics.network.topology import Interface

Disposition = Literal[
    "accepted", "denied_in", "denied_out", "no_route", "null_routed", "exits_network", "neighbor_unreachable"
]
Way = Literal["vpc", "peering", "transit", "internet", "gateway"]


@dataclass(frozen=True, slots=True)
class Hop:
    """One step: where, what happened there, by which rule, and to which packets."""

    at: str
    does: str
    rule: str
    headers: Headers

    def as_data(self, direction: str) -> dict[str, Any]:
        """Return the hop as JSON, with one packet for its set."""
        return {
            "direction": direction,
            "at": self.at,
            "does": self.does,
            "rule": self.rule,
            "packet": witness(self.headers).as_data(),
        }


@dataclass(frozen=True, slots=True)
class Translation:
    """What a NAT gateway or a load balancer remembers of a connection: the fields as they came in."""

    gateway: str
    src: Intervals
    source_port: Intervals
    version: Version = 4
    dst: Intervals = EMPTY
    port: Intervals = EMPTY
    kept: str = ""
    """The interface of a balancer that keeps the client's address: replies pass it unasked."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Packets under way; `before` holds the first value of each field that was rewritten.

    `sent` is the IP version at the start where that was another, `filtered` the interfaces whose groups let it pass.
    """

    now: Headers
    before: Mapping[str, Intervals] = field(default_factory=dict)
    hops: tuple[Hop, ...] = ()
    seen: frozenset[tuple[str, str]] = frozenset()
    sender: Interface | None = None
    way: Way = "vpc"
    zone: str = ""
    translations: tuple[Translation, ...] = ()
    filtered: frozenset[str] = frozenset()
    sent: Version | None = None

    def narrowed(self, headers: Headers) -> "Flow":
        """Keep only these of the packets."""
        return self if headers is self.now else self._with(headers, self.hops, self.seen)

    def towards(self, dst: Intervals) -> "Flow":
        """Keep only the packets to these addresses."""
        now = self.now
        if dst is now.dst:
            return self
        kept = Headers(now.version, now.src, dst, now.protocol, now.source_port, now.port)
        return self._with(kept, self.hops, self.seen)

    def _with(self, now: Headers, hops: tuple[Hop, ...], seen: frozenset[tuple[str, str]]) -> "Flow":
        """Return the flow with these in place of its own; written out, as it is asked for most often."""
        return Flow(
            now, self.before, hops, seen, self.sender, self.way, self.zone, self.translations, self.filtered, self.sent
        )

    def step(self, at: str, does: str, rule: str = "") -> "Flow":
        """Note a hop."""
        return self._with(self.now, (*self.hops, Hop(at, does, rule, self.now)), self.seen)

    def rewritten(self, **fields: Intervals) -> "Flow":
        """Replace header fields, keeping what they were at the start.

        To another destination a table may be asked again: that is no circle.
        """
        before = {name: getattr(self.now, name) for name in fields} | dict(self.before)
        seen = frozenset(mark for mark in self.seen if mark[0] != "table") if "dst" in fields else self.seen
        return replace(self, now=self.now.having(fields), before=before, seen=seen)

    def as_version(self, version: Version) -> "Flow":
        """Continue in the other IP version; both addresses must have been rewritten."""
        if version == self.now.version:
            return self
        return replace(self, now=replace(self.now, version=version), sent=self.sent or self.now.version)

    @property
    def original(self) -> Headers:
        """The packets as their source sent them."""
        first = self.now.having(self.before)
        return first if self.sent is None else replace(first, version=self.sent)

    def entered(self, kind: str, place: str) -> "Flow | None":
        """Note that a place was entered; None when the packets have been there, and so go in a circle."""
        mark = (kind, place)
        return None if mark in self.seen else self._with(self.now, self.hops, self.seen | {mark})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some packets, and the rule or place that decided."""

    disposition: Disposition
    because: str
    flow: Flow
    at: str = ""
    """The interface, gateway or subnet where the packets ended."""
