"""Divides a plan's steps into waves: the smallest blast radius first, never against the order of dependencies."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter

import networkx as nx

from twin.address import Address
from twin.aws_data import worldwide
from twin.engine.execution import Node, nodes
from twin.engine.graph import graph
from twin.engine.plan import Change, Wave
from twin.resources.declaration import Desired
from twin.spec.model.waves import Waves

CANARY, REST, REMOVALS = "canary", "everything else", "removals"
ZONE = "availability_zone"


def waves(changes: Sequence[Change], desired: Desired, asked: Waves, *, home: str) -> tuple[Wave, ...]:
    """Return the waves of a plan; one that would be empty is left out. `home` is the org's own Region.

    What a step needs of what is new comes along with it: nobody relies on that yet. Where it needs a change of what
    is there, it waits for that change's own wave. Removals cannot be taken back whole, and wait for all else.
    """
    needs = nodes([change for change in changes if change.writes])
    reach = _Reach(changes, desired, home)
    names = reach.names(asked, needs)
    place = _placed(needs, {node: names.index(reach.group(asked, node)) for node in needs})
    found = []
    for number, name in enumerate(names):
        steps = sorted(node for node in needs if place[node] == number)
        if steps:
            pairs = tuple((node.key, node.action) for node in steps)
            found.append(Wave(name, pairs, len(reach.touched(node.change for node in steps))))
    return tuple(found)


def _placed(needs: Mapping[Node, tuple[Node, ...]], wanted: Mapping[Node, int]) -> dict[Node, int]:
    """Move steps between waves until none comes before one that it needs."""
    place = dict(wanted)
    order = list(TopologicalSorter(needs).static_order())
    for node in reversed(order):
        for need in needs[node]:
            if need.change.action == "create":
                place[need] = min(place[need], place[node])
    for node in order:
        place[node] = max([place[node], *(place[need] for need in needs[node])])
    return place


class _Reach:
    """Who relies on what, among the resources that exist."""

    def __init__(self, changes: Sequence[Change], desired: Desired, home: str) -> None:
        self.home = home
        self.links = graph(desired)
        self.desired = desired
        self.there = {c.address for c in changes if c.action != "create"}

    def touched(self, changes: Iterable[Change]) -> set[Address]:
        """Return the existing resources that are changed, or that rely on one that is, however far."""
        found: set[Address] = set()
        for change in changes:
            if change.action == "create":
                continue
            found.add(change.address)
            if change.address in self.links:
                found |= nx.descendants(self.links, change.address)
        return found & self.there

    def group(self, asked: Waves, node: Node) -> str:
        """Return the name of the wave into which a step falls by itself."""
        change = node.change
        if change.action == "delete":
            return REMOVALS
        if any(fnmatchcase(str(change.address), pattern) for pattern in asked.canary):
            return CANARY
        if asked.by == "zone":
            return self._zone(change.address) or REST
        if asked.by == "region":
            return self._region(change.address) or REST
        radius = len(self.touched([change]))
        return next((_step(step) for step in asked.steps if radius <= step), REST)

    def names(self, asked: Waves, needs: Iterable[Node]) -> list[str]:
        """Return the names of all waves in their order; places go by how much relies on what changes in them."""
        if asked.by == "radius":
            return [CANARY, *map(_step, asked.steps), REST, REMOVALS]
        places = defaultdict[str, list[Change]](list)
        for node in needs:
            name = self.group(asked, node)
            if name not in (CANARY, REST, REMOVALS):
                places[name].append(node.change)
        ranked = sorted(places.keys() - set(asked.regions), key=lambda name: (len(self.touched(places[name])), name))
        return [CANARY, *asked.regions, *ranked, REST, REMOVALS]

    def _region(self, address: Address) -> str | None:
        """Return the Region of a resource; what AWS has once for all Regions, and other vendors, are in none."""
        system, service, *_ = address.type.split(".")
        return None if system != "aws" or service in worldwide() else address.region or self.home

    def _zone(self, address: Address) -> str | None:
        """Return the zone of a resource: its own, or the one in which all lies that it needs."""
        if address not in self.links:
            return None
        found = {
            zone
            for one in (address, *nx.ancestors(self.links, address))
            if (zone := self.desired[one].values.get(ZONE)) is not None
        }
        return found.pop() if len(found) == 1 else None


def _step(step: int) -> str:
    return f"radius {step}"
