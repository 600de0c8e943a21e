"""A passage from one end to another: directly, or from host to host when no packet gets there by itself."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from twin.analysis.passage.ends import INTERNET, End
from twin.analysis.passage.openings import Opening, openings
from twin.semantics.network.decide import Decision, decide, rank_of
from twin.semantics.network.index import Index
from twin.semantics.network.question import parse
from twin.semantics.network.reach import Matrix, reach
from twin.semantics.network.topology import Topology

Packets = Mapping[str, Any]
"""`protocol`, `port`, `source_port` as `twin decide network` takes them; what is absent means any."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One connection of a passage: from where, to where, and how it is decided."""

    start: str
    goal: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Passage:
    """From one end to another in legs; each leg after the first starts on the host at which the last one ended."""

    start: End
    goal: End
    legs: tuple[Leg, ...]

    @property
    def open(self) -> bool:
        """Whether every leg gets through."""
        return all(leg.decision.disposition in ("accepted", "exits_network") for leg in self.legs)


class View:
    """A topology with what is worked out of it once."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.index = Index(topology)

    @cached_property
    def matrix(self) -> Matrix:
        """Which interface reaches which."""
        return reach(self.topology)

    @cached_property
    def openings(self) -> list[Opening]:
        """What the internet reaches."""
        return openings(self.index)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: from any of some ends to any of others; with `hosts` from host to host as well."""

    starts: Sequence[End]
    goals: Sequence[End]
    packets: Packets = field(default_factory=dict)
    hosts: bool = True


def passages(view: View, asked: Asked) -> list[Passage]:
    """Return one passage for each pair of ends: an open one when there is one, else the one that gets furthest."""
    return [passage(view, asked, start, goal) for start in asked.starts for goal in asked.goals if start != goal]


def passage(view: View, asked: Asked, start: End, goal: End) -> Passage:
    """Return the passage between two ends."""
    packets = dict(asked.packets)
    if goal.port is not None and not packets:
        packets = {"protocol": "tcp", "port": goal.port}
    direct = _direct(view, start, goal, packets)
    if direct.open or not asked.hosts or goal.kind in (INTERNET, "ip"):
        return direct
    legs = _hosted(view, start, goal, packets)
    return Passage(start, goal, legs) if legs else direct


def _direct(view: View, start: End, goal: End, packets: Packets) -> Passage:
    best: Leg | None = None
    for src in start.asked():
        for dst in goal.asked():
            if src == dst:
                continue
            leg = _leg(view, src, dst, packets)
            if best is None or rank_of(leg.decision) > rank_of(best.decision):
                best = leg
            if leg.decision.disposition == "accepted" or (goal.kind == INTERNET and _left(leg)):
                return Passage(start, goal, (leg,))
    if best is None:
        best = Leg(start.id, goal.id, Decision("neighbor_unreachable", f"{start} or {goal} has no interface", None))
    return Passage(start, goal, (best,))


def _left(leg: Leg) -> bool:
    return leg.decision.disposition == "exits_network"


def _leg(view: View, src: Packets, dst: Packets, packets: Packets) -> Leg:
    question = parse({"src": dict(src), "dst": dict(dst), **packets})
    return Leg(_written(src), _written(dst), decide(view.index, question))


def _written(end: Packets) -> str:
    [(kind, name)] = end.items()
    return INTERNET if kind == "internet" else str(name)


def _hosted(view: View, start: End, goal: End, packets: Packets) -> tuple[Leg, ...]:
    """Return the fewest legs over hosts that lead from one end to the other; none when there are none."""
    came: dict[str, Leg | None] = {}
    queue: deque[str] = deque()
    for host, leg in _first(view, start):
        if host not in came:
            came[host] = leg
            queue.append(host)
    goals = set(goal.interfaces)
    while queue:
        host = queue.popleft()
        reached = view.matrix.reached(host)
        for name in reached:
            if name in goals:
                last = _leg(view, {"interface": host}, {"interface": name}, packets)
                if last.decision.disposition == "accepted":
                    return (*_back(came, host), last)
        for name in reached:
            if name not in came and name not in goals and _is_host(view, name):
                leg = _leg(view, {"interface": host}, {"interface": name}, {})
                if leg.decision.disposition == "accepted":
                    came[name] = leg
                    queue.append(name)
    return ()


def _first(view: View, start: End) -> Iterator[tuple[str, Leg | None]]:
    """Yield the hosts with which a passage begins: those of its start, or those that the internet reaches."""
    if start.kind == INTERNET:
        for opening in view.openings:
            for name in opening.arrives:
                if _is_host(view, name) and opening.witness.returns:
                    yield name, Leg(INTERNET, name, opening.witness)
    else:
        yield from ((name, None) for name in start.interfaces if _is_host(view, name))


def _is_host(view: View, name: str) -> bool:
    """Whether something runs at an interface that can begin a connection of its own."""
    interface = view.topology.interfaces.get(name)
    if interface is None:
        return False
    functions = {end for one in view.topology.functions.values() for end in one.interfaces}
    return name in view.index.instance_at or name in functions


def _back(came: Mapping[str, Leg | None], host: str) -> tuple[Leg, ...]:
    legs: list[Leg] = []
    leg = came[host]
    while leg is not None:
        legs.append(leg)
        leg = came.get(leg.start) if leg.start != INTERNET else None
    return tuple(reversed(legs))
