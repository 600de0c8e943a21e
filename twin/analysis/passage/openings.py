"""What the internet reaches: every address with the protocols and ports on which something answers."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from twin.semantics.network.decide import Decision, decide, outcomes
from twin.semantics.network.headers import NAMES, PORTED, Version, address
from twin.semantics.network.index import Index
from twin.semantics.network.internet import PUBLIC
from twin.semantics.network.intervals import EMPTY, Intervals
from twin.semantics.network.question import Destination, Question, Source
from twin.semantics.network.topology import Interface

OUTSIDE = Source("internet", "internet")


@dataclass(frozen=True, slots=True)
class Opening:
    """One address that the internet reaches on some ports; `arrives` are the interfaces that take it in the end.

    `everyone` says whether any address may, else only those of `sources`; `witness` shows one packet and its reply.
    """

    interface: str
    address: str
    protocol: int
    ports: Intervals
    sources: Intervals
    version: Version
    arrives: tuple[str, ...]
    witness: Decision

    @property
    def everyone(self) -> bool:
        """Whether every address of the internet may."""
        return not PUBLIC[self.version] - self.sources

    @property
    def service(self) -> str:
        """Write protocol and ports, as `tcp 443, 8000-8100`."""
        name = NAMES.get(self.protocol, f"protocol {self.protocol}")
        whole = Intervals.span(0, 65535)
        if self.protocol not in PORTED:
            return name
        if self.ports == whole:
            return f"{name} all ports"
        return f"{name} {', '.join(str(low) if low == high else f'{low}-{high}' for low, high in self.ports.pairs)}"


def openings(index: Index) -> list[Opening]:
    """Return everything that the internet reaches, by interface, address and protocol."""
    return [found for one in index.topology.interfaces.values() if _outward(index, one) for found in _of(index, one)]


def _outward(index: Index, interface: Interface) -> bool:
    """Whether packets from the internet can be addressed to an interface at all."""
    public = any(held.public or held.address.version == 6 for held in interface.addresses)
    return public and interface.vpc in index.internet_of


def _of(index: Index, interface: Interface) -> Iterator[Opening]:
    asked = Question(OUTSIDE, Destination("interface", interface.id))
    ports: dict[tuple[Version, int, int], Intervals] = defaultdict(lambda: EMPTY)
    sources: dict[tuple[Version, int, int], Intervals] = defaultdict(lambda: EMPTY)
    arrives: dict[tuple[Version, int, int], dict[str, None]] = defaultdict(dict)
    for outcome in outcomes(index, asked):
        if outcome.disposition != "accepted":
            continue
        sent = outcome.flow.original
        for protocol in _protocols(sent.protocol):
            for low, high in sent.dst.pairs:
                for value in range(low, high + 1):
                    key = (sent.version, value, protocol)
                    ports[key] = ports[key] | sent.port
                    sources[key] = sources[key] | sent.src
                    arrives[key].setdefault(outcome.at)
    for key in sorted(ports):
        version, value, protocol = key
        asked = Question(OUTSIDE, Destination("interface", interface.id), Intervals.point(protocol), ports[key])
        yield Opening(
            interface.id, str(address(value, version)), protocol, ports[key], sources[key], version,
            tuple(arrives[key]), decide(index, asked),
        )  # fmt: skip


def _protocols(values: Intervals) -> list[int]:
    """Return the protocols of a set, each; when all are in it, those that have a name stand for them."""
    if values.pairs and values.pairs[-1][1] - values.pairs[0][0] > len(NAMES):
        return [one for one in NAMES if one in values]
    return [one for low, high in values.pairs for one in range(low, high + 1)]
