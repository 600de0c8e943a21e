"""Drops guessed waits that would close a circle: a leftover's users are known by type only, which may err."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from twin.engine.execution import Node, nodes
from twin.engine.plan import Change
from twin.resources.canonical import text
from twin.resources.declaration import Desired


def without_circles(changes: Sequence[Change], desired: Desired) -> list[Change]:
    """Return the changes so that an order of them exists.

    The spec's own references never form a circle. Waits that touch a leftover are guessed from the types; of those in
    a circle the first goes where nothing observed shows that the two belong together.
    """
    found = list(changes)
    strays = {c.key for c in found if c.action == "delete" and (c.surplus or c.address not in desired)}
    if not strays or all(c.key in strays for c in found if c.writes):
        return found
    while circle := _circle(found):
        guessed = [edge for edge in circle if {edge[0].key, edge[1].key} & strays]
        need, user = min(guessed, key=lambda edge: _related(edge[1].change, edge[0].change))
        found = [_without(c, need.key) if c.key == user.key else c for c in found]
    return found


def _circle(changes: Sequence[Change]) -> list[tuple[Node, Node]]:
    """Return the edges of a circle, from what is needed to what waits; empty when there is none."""
    import networkx as nx

    graph: nx.DiGraph[Node] = nx.DiGraph()
    for node, needs in nodes(c for c in changes if c.writes).items():
        graph.add_edges_from((need, node) for need in needs)
    try:
        circle: list[Any] = nx.find_cycle(graph)
    except nx.NetworkXNoCycle:
        return []
    return circle


def _related(used: Change, user: Change) -> bool:
    """Tell whether what was observed of the user names the object that it is said to use."""
    return used.id is not None and used.id in text(user.observed)


def _without(change: Change, key: str) -> Change:
    return replace(
        change,
        after=tuple(k for k in change.after if k != key),
        removal_after=tuple(k for k in change.removal_after if k != key),
    )
