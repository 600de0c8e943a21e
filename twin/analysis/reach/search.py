"""Finds the ways from a principal to a goal, the shortest first: everything that it may come to hold, step by step."""

import heapq
from collections.abc import Callable, Collection, Iterator
from itertools import count

from twin.analysis.reach.hops import Hop, Path
from twin.analysis.reach.rights import rises
from twin.analysis.reach.subject import Node
from twin.analysis.reach.ways import Ways
from twin.observe.iam.org import account_of

Goal = Callable[[Node], Hop | bool]
"""Whether holding a node is the goal; or the last hop that it takes from there."""


class Search:
    """One person's gains from a start; what each node yields is remembered for all searches over the same org."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self._hops: dict[Node, tuple[Hop, ...]] = {}
        self._rises: dict[tuple[Node, Node], tuple[Hop, ...]] = {}

    def hops(self, node: Node) -> tuple[Hop, ...]:
        """Return the ways out of a node."""
        if node not in self._hops:
            self._hops[node] = tuple(self.ways.hops(node))
        return self._hops[node]

    def rises(self, by: Node, of: Node) -> tuple[Hop, ...]:
        """Return what a node may make of the rights of another."""
        if (by, of) not in self._rises:
            self._rises[by, of] = tuple(rises(self.ways, by, of))
        return self._rises[by, of]

    def held(self, start: Node, banned: Collection[Hop] = ()) -> Iterator[tuple[Node, Path]]:
        """Yield every node that can be held, with the shortest way to it, the nearest first.

        Dijkstra's algorithm as Knuth generalised it: a change of rights needs two nodes, the writer and the written.
        """
        order = count()
        best: dict[Node, Path] = {}
        queue: list[tuple[int, int, Node, Path]] = [(0, next(order), start, ())]
        while queue:
            _, _, node, path = heapq.heappop(queue)
            if node in best:
                continue
            best[node] = path
            yield node, path
            for hop in self._gains(node, best):
                if hop.to in best or hop in banned:
                    continue
                way = _merged(best[hop.by], best[hop.also] if hop.also else (), hop)
                heapq.heappush(queue, (len(way), next(order), hop.to, way))

    def _gains(self, node: Node, best: dict[Node, Path]) -> Iterator[Hop]:
        yield from self.hops(node)
        administers = self.ways.administers(node)
        for other in [one for one in best if account_of(one.arn) == account_of(node.arn)]:
            if not administers:
                yield from self.rises(node, other)
            if other != node and not self.ways.administers(other):
                yield from self.rises(other, node)

    def paths(self, start: Node, goal: Goal, limit: int) -> list[Path]:
        """Return up to `limit` ways to the goal, none of which contains another; the shortest first.

        Every other way lacks some hop of the one that was found, so each hop is banned in turn (Lawler). A way ends
        where the goal is first reached: what its holder could do besides is no other way.
        """
        found: list[Path] = []
        queue: list[tuple[int, int, Path, frozenset[Hop]]] = []
        seen: set[frozenset[Hop]] = set()
        order = count()

        def look(banned: frozenset[Hop]) -> None:
            if banned in seen:
                return
            seen.add(banned)
            way = self._nearest(start, goal, banned)
            if way is not None:
                heapq.heappush(queue, (len(way), next(order), way, banned))

        look(frozenset())
        while queue and len(found) < limit:
            _, _, way, banned = heapq.heappop(queue)
            if way not in found:
                found.append(way)
            for hop in way:
                if not hop.things:
                    look(banned | {hop})
        return found

    def _nearest(self, start: Node, goal: Goal, banned: frozenset[Hop]) -> Path | None:
        for node, path in self.held(start, banned):
            reached = goal(node)
            if isinstance(reached, bool):
                if reached:
                    return path
            else:
                return (*path, reached)
        return None


def _merged(first: Path, second: Path, last: Hop) -> Path:
    return (*first, *(hop for hop in second if hop not in first), last)
