"""Decides a question: where some packets end, by which path, and whether their replies come back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from twin.semantics.network import gateways
from twin.semantics.network.flow import Disposition, Flow, Hop, Outcome
from twin.semantics.network.headers import EPHEMERAL, Packet, Version, witness
from twin.semantics.network.index import Index, own
from twin.semantics.network.internet import PUBLIC
from twin.semantics.network.intervals import EMPTY, Intervals
from twin.semantics.network.question import VERSIONS, Question, Source, blocks
from twin.semantics.network.topology import Interface
from twin.semantics.network.walk import Walk

Start = tuple[Interface | str, Flow]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the packets. `packet` is the witness; `reply` is what becomes of its answer, where one is due."""

    disposition: Disposition
    because: str
    packet: Packet | None
    path: tuple[Hop, ...] = ()
    reply: Outcome | None = None

    @property
    def returns(self) -> bool:
        """Whether the witness's answer comes back to where it came from."""
        return self.reply is not None and self.reply.disposition == "accepted"

    def as_data(self) -> Mapping[str, Any]:
        """Return the answer in the wire format of `twin decide network`."""
        path = [hop.as_data("forward") for hop in self.path]
        because = self.because
        if self.reply is not None:
            path += [hop.as_data("return") for hop in self.reply.flow.hops]
            if not self.returns:
                because += f"; but its reply does not come back: {self.reply.disposition}, {self.reply.because}"
        return {"disposition": self.disposition, "path": path, "because": because}


def decide(index: Index, question: Question) -> Decision:
    """Return the fate of the packets: accepted when at least one of them is, else the one that got furthest.

    ValueError when the question names what the topology does not have.
    """
    for end in (question.source, question.destination):
        instance = index.topology.instances.get(end.name) if end.kind == "instance" else None
        if instance is not None and not instance.interfaces:
            why = f"{instance.id} is {instance.state} and has no interface"
            return Decision("neighbor_unreachable", why, None)
    best: Outcome | None = None
    for outcome in outcomes(index, question):
        if best is None or rank(outcome) > rank(best):
            best = outcome
        if best.disposition == "accepted":
            break
    if best is None:
        return Decision("no_route", "source and destination have no IP version in common", None)
    return _decided(index, question, best)


ORDER: Mapping[Disposition, int] = {"accepted": 2, "exits_network": 1}


def rank(outcome: Outcome) -> tuple[int, int]:
    """Order outcomes: accepted, then out of the network, then the one that got furthest."""
    return ORDER.get(outcome.disposition, 0), len(outcome.flow.hops)


def rank_of(decision: Decision) -> tuple[int, bool, int]:
    """Order decisions as outcomes are, those whose reply comes back first."""
    return ORDER.get(decision.disposition, 0), decision.returns, len(decision.path)


def outcomes(index: Index, question: Question) -> Iterator[Outcome]:
    """Yield what becomes of all the packets, piece by piece."""
    walk = Walk(index)
    for place, flow in starts(index, question):
        if isinstance(place, Interface):
            yield from walk.emit(flow, place)
        else:
            yield from gateways.entrance(walk, flow, place)


def starts(index: Index, question: Question) -> Iterator[Start]:
    """Yield each place where packets of the question start, with these packets."""
    places = list(_places(index, question.source))
    for version in VERSIONS:
        targets = _targets(index, question, version)
        if not targets:
            continue
        for place, sources in places:
            src = sources[version]
            headers = replace(question.headers(version), src=src, dst=targets)
            if headers:
                yield place, Flow(headers)


def _places(index: Index, source: Source) -> Iterator[tuple[Interface | str, dict[Version, Intervals]]]:
    given = dict.fromkeys(VERSIONS, EMPTY) | dict(blocks(source.block))
    if source.kind in ("internet", "gateway"):
        public = {version: given[version] & PUBLIC[version] for version in VERSIONS}
        yield source.name, public if source.kind == "internet" and source.block is None else given
        return
    for interface in _senders(index, source, given):
        own_addresses = {version: own([interface], version) for version in VERSIONS}
        if source.block is None:
            yield interface, own_addresses
            continue
        # A public address of the interface's own means the private one behind it.
        behind = {int(held.address) for held in interface.addresses if held.public and int(held.public) in given[4]}
        inside = Intervals.of((one, one) for one in behind)
        yield interface, {4: inside or given[4], 6: given[6]}


def _senders(index: Index, source: Source, given: Mapping[Version, Intervals]) -> list[Interface]:
    topology = index.topology
    if source.kind == "interface":
        if source.name not in topology.interfaces:
            raise ValueError(f"src.interface: {source.name!r} is not in the snapshot")
        return [topology.interfaces[source.name]]
    if source.kind == "instance":
        instance = topology.instances.get(source.name)
        if instance is None:
            raise ValueError(f"src.instance: {source.name!r} is not in the snapshot")
        found = [topology.interfaces[name] for name in instance.interfaces]
        holders = [one for one in found if _holds(one, given)] if source.block else []
        return holders or found
    found = [one for one in topology.interfaces.values() if _holds(one, given)]
    if not found:
        raise ValueError(f"src.ip: no interface has {source.name}; say where it comes from (internet, gateway)")
    return found


def _holds(interface: Interface, given: Mapping[Version, Intervals]) -> bool:
    return any(
        int(held.address) in given[held.address.version] or (held.public and int(held.public) in given[4])
        for held in interface.addresses
    )


def _targets(index: Index, question: Question, version: Version) -> Intervals:
    """Return the destination's addresses: what the internet knows it by, when the packets come from there."""
    destination = question.destination
    given = dict(blocks(destination.block)).get(version, EMPTY)
    if destination.kind == "ip":
        return given
    if destination.kind == "internet":
        return (given & PUBLIC[version]) - _ours(index, version)
    topology = index.topology
    if destination.kind == "instance":
        instance = topology.instances.get(destination.name)
        names = instance.interfaces if instance else None
    else:
        names = (destination.name,) if destination.name in topology.interfaces else None
    if names is None:
        raise ValueError(f"dst.{destination.kind}: {destination.name!r} is not in the snapshot")
    found = [topology.interfaces[name] for name in names]
    if question.source.kind != "internet":
        return own(found, version) & given
    public = Intervals.of(
        (int(held.public), int(held.public)) for one in found for held in one.addresses if held.public
    )
    return (public if version == 4 and public else own(found, version)) & given


def _ours(index: Index, version: Version) -> Intervals:
    """Return what the internet knows of the topology itself, which is not the internet."""
    if version == 4:
        return Intervals.of((one, one) for one in index.public)
    spaces = [index.space(vpc, 6) for vpc in index.topology.vpcs]
    return reduce(or_, spaces, EMPTY)


def _decided(index: Index, question: Question, best: Outcome) -> Decision:
    """Replay one packet of the outcome, so that every hop shows a packet, and follow its reply."""
    chosen: Decision | None = None
    for port in EPHEMERAL:
        packet = witness(best.flow.original, port)
        replayed = replay(index, question.source, packet)
        if replayed is None or replayed.disposition != best.disposition:
            continue
        reply = None
        if replayed.disposition in ("accepted", "exits_network"):
            reply = _reply(index, question.source, packet, replayed)
        decision = Decision(replayed.disposition, replayed.because, packet, replayed.flow.hops, reply)
        if decision.returns or replayed.disposition not in ("accepted", "exits_network"):
            return decision
        chosen = chosen or decision
    if chosen is None:
        return Decision(best.disposition, best.because, witness(best.flow.original), best.flow.hops)
    return chosen


def replay(index: Index, source: Source, packet: Packet) -> Outcome | None:
    """Follow one packet; None when it cannot start."""
    best: Outcome | None = None
    walk = Walk(index)
    for place, sources in _places(index, source):
        headers = packet.headers
        if not headers.src & sources[packet.version]:
            continue
        found = (
            walk.emit(Flow(headers), place)
            if isinstance(place, Interface)
            else (gateways.entrance(walk, Flow(headers), place))
        )
        for outcome in found:
            if best is None or rank(outcome) > rank(best):
                best = outcome
            if outcome.disposition == "accepted":
                return outcome
    return best


def _reply(index: Index, source: Source, packet: Packet, end: Outcome) -> Outcome | None:
    """Follow the answer of a packet from where the packet ended, with what groups and translators remember of it."""
    walk = Walk(index, tracked=end.flow.filtered, translations=end.flow.translations[::-1])
    headers = witness(end.flow.now).headers.reversed()
    flow = Flow(headers, way="vpc")
    interface = index.topology.interfaces.get(end.at)
    if interface is None and end.at in index.topology.vpcs:
        return Outcome("accepted", "the VPC's own services answer", flow)
    last = end.flow.translations[-1] if end.flow.translations else None
    if last is not None and last.kept:
        interface = index.topology.interfaces[last.kept]
        flow = flow.rewritten(src=last.dst, source_port=last.port)
        flow = replace(flow.step(last.kept, "returns"), seen=frozenset({("balancer", last.gateway)}))
    found = walk.emit(flow, replace(interface, checked=False)) if interface else gateways.entrance(walk, flow, end.at)
    best: Outcome | None = None
    for outcome in found:
        back = _home(source, packet, outcome)
        if best is None or rank(back) > rank(best):
            best = back
        if best.disposition == "accepted":
            break
    return best


def _home(source: Source, packet: Packet, outcome: Outcome) -> Outcome:
    """Judge a reply: it must be back at the source, and come from the address that the packet was sent to."""
    outside = source.kind in ("internet", "gateway")
    if outcome.disposition != ("exits_network" if outside else "accepted"):
        return replace(outcome, disposition="no_route") if outcome.disposition == "accepted" else outcome
    now = outcome.flow.now
    if now.dst != Intervals.point(packet.src):
        return replace(outcome, disposition="no_route", because=f"the reply ends at {outcome.at}, not at its source")
    if now.src != Intervals.point(packet.dst):
        why = f"the reply was given another source on its way ({outcome.at}); the sender does not know it"
        return replace(outcome, disposition="denied_in", because=why)
    return replace(outcome, disposition="accepted", because="back at its source")
