"""Tells flow logs what requests send: packets and bytes per connection, as the interfaces at both ends see them.

Traffic is known as requests per way, not as packets: each request counts as one exchange of a usual size over each of
its connections, and all visitors as one. NAT gateways' own interfaces are not told of.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from ipaddress import ip_network
from typing import Literal

from twin.analysis.way.ground import Ground
from twin.analysis.way.legs import Leg
from twin.data_files import read_yaml
from twin.semantics.network.headers import TCP
from twin.world.behaviors.flow_log_records import Amount, Interface, Packets
from twin.world.behaviors.flow_logs import flowed
from twin.world.scene import Scene

EVERY = 60.0
"""Seconds of traffic that are told at once: the shortest interval of a flow log."""
EPHEMERAL = 32768
CLIENT, SERVER, KNOCK, REPLY = 0b11, 0b10011, 0b10, 0b10010
"""TCP flags of a whole exchange from either side (FIN, SYN; and ACK), of a first packet and of its answer."""
Told = dict[Packets, Amount]


def tell(
    scene: Scene, account: str, span: tuple[float, float], *, ground: Ground, requests: Mapping[Leg, float]
) -> None:  # fmt: skip
    """Tell what so many requests over each connection sent between two instants."""
    regions: dict[str, Told] = {}
    for leg, count in requests.items():
        told = regions.setdefault(leg.region, {})
        for packets, amount in _seen(leg, round(count), ground):
            was = told.get(packets, Amount(0, 0))
            told[packets] = Amount(was.packets + amount.packets, was.bytes + amount.bytes)
    for region, told in regions.items():
        flowed(scene, (account, region), span, flows=told)


def _seen(leg: Leg, count: int, ground: Ground) -> Iterator[tuple[Packets, Amount]]:
    """Yield what the ends of a connection see: the request, and what comes back."""
    if not count:
        return
    passage = leg.passage
    there, back = ("request", "answer") if leg.works else ("knock", "knock")
    flags = (CLIENT, SERVER) if leg.works else (KNOCK, REPLY)
    stopped = "" if passage.replies else passage.dropped
    yield from _one_way(leg, ground, (there, flags[0], count), stopped=stopped)
    if leg.works or (passage.replies and leg.answered):
        dropped = passage.dropped if passage.replies else ""
        yield from _one_way(leg, ground, (back, flags[1], count), stopped=dropped, backwards=True)


def _one_way(
    leg: Leg, ground: Ground, sent: tuple[str, int, int], *, stopped: str, backwards: bool = False
) -> Iterator[tuple[Packets, Amount]]:  # fmt: skip
    size, flags, count = sent
    ends = [(leg.source, _port(leg)), (leg.target, leg.port)]
    (source, source_port), (target, port) = reversed(ends) if backwards else ends
    amount = Amount(_sizes()[size].packets * count, _sizes()[size].bytes * count)
    # What is dropped on its way out is not seen at the other end, and what nobody is there for neither.
    arrives = stopped != source and (backwards or leg.answered) and (leg.passage.replies or _stopped_by_filter(leg))
    directions: tuple[tuple[str, Literal["egress", "ingress"], bool], ...] = (
        (source, "egress", True), (target, "ingress", arrives),
    )  # fmt: skip
    for end, direction, seen in directions:
        if seen and end in ground.topology.interfaces:
            action: Literal["ACCEPT", "REJECT"] = "REJECT" if stopped == end else "ACCEPT"
            ways = (_address(ground, source), _address(ground, target), source_port, port)
            yield Packets(_interface(ground, end), *ways, TCP, action, direction, flags), amount


def _stopped_by_filter(leg: Leg) -> bool:
    """Tell whether packets get as far as the target's filters: there is a route, at least."""
    return not leg.passage.why_not or bool(leg.passage.dropped)


def _interface(ground: Ground, name: str) -> Interface:
    """Return an interface as flow logs name it; one that the store does not tell of has an id from its name."""
    found = ground.topology.interfaces[name]
    id_ = f"eni-{sha256(name.encode()).hexdigest()[:17]}" if name.startswith("eni-of-") else name
    return Interface(id_, found.vpc, found.subnet, found.instance)


def _address(ground: Ground, end: str) -> str:
    found = ground.topology.interfaces.get(end)
    return str(found.addresses[0].address) if found is not None else str(ip_network(end).network_address)


def _port(leg: Leg) -> int:
    """Return the client's port: one for all requests of a connection, the same in every run."""
    told = sha256(f"{leg.source} {leg.target} {leg.port}".encode()).digest()
    return EPHEMERAL + int.from_bytes(told[:2], "big") % (65536 - EPHEMERAL - 1)


@cache
def _sizes() -> Mapping[str, Amount]:
    told = read_yaml((files("twin.scenario.traffic") / "sizes.yaml").read_text())
    return {name: Amount(one["packets"], one["bytes"]) for name, one in told.items()}
