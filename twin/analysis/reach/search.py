"""Finds the ways from a principal to a goal, the shortest first: everything that it may come to hold, step by step."""

import heapq
from collections import defaultdict
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
        near: dict[str, tuple[list[Node], list[Node]]] = defaultdict(lambda: ([], []))
        queue: list[tuple[int, int, Node, Path]] = [(0, next(order), start, ())]
        while queue:
            _, _, node, path = heapq.heappop(queue)
            if node in best:
                continue
            best[node] = path
            yield node, path
            for hop in self._gains(node, near[account_of(node.arn)]):
                if hop.to in best or (banned and hop in banned):
                    continue
                way = _merged(best[hop.by], best[hop.also] if hop.also else (), hop)
                heapq.heappush(queue, (len(way), next(order), hop.to, way))

    def _gains(self, node: Node, near: tuple[list[Node], list[Node]]) -> Iterator[Hop]:
        """Yield what a newly held node leads to, by itself or with what is held of its account.

        `near` has all that is held there and those of them that write rights; the node is added.
        """
        mates, writers = near
        mates.append(node)
        yield from self.hops(node)
        for writer in writers:
            yield from self.rises(writer, node)
        if self.ways.writes(node):
            writers.append(node)
            for mate in mates:
                yield from self.rises(node, mate)

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
