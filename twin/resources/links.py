"""A directed graph: which nodes lead to which."""

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterator
from heapq import heapify, heappop, heappush
from typing import Any, Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Links(Generic[Node]):
    """Nodes in the order in which they were named, and the links between them, each once."""

    def __init__(self) -> None:
        self._out: dict[Node, dict[Node, None]] = {}
        self._in: dict[Node, dict[Node, None]] = {}

    def add(self, node: Node) -> None:
        """Name a node."""
        self._out.setdefault(node, {})
        self._in.setdefault(node, {})

    def connect(self, start: Node, end: Node) -> None:
        """Have one node lead to another."""
        self.add(start)
        self.add(end)
        self._out[start][end] = None
        self._in[end][start] = None

    def __contains__(self, node: object) -> bool:
        return node in self._out

    def __iter__(self) -> Iterator[Node]:
        return iter(self._out)

    def __len__(self) -> int:
        return len(self._out)

    def after(self, node: Node) -> Collection[Node]:
        """Return the nodes to which one leads at once."""
        return self._out[node].keys()

    def beyond(self, node: Node) -> set[Node]:
        """Return the nodes to which one leads, however far; itself only where it stands in a circle."""
        return _reached(node, self._out)

    def behind(self, node: Node) -> set[Node]:
        """Return the nodes that lead to one, from however far; itself only where it stands in a circle."""
        return _reached(node, self._in)

    def in_order(self, key: Callable[[Node], Any]) -> list[Node]:
        """Return the nodes so that each comes after those that lead to it, ties by `key`; ValueError for a circle."""
        place = {node: number for number, node in enumerate(self._out)}
        waiting = {node: len(before) for node, before in self._in.items()}
        free = [(key(node), place[node], node) for node, count in waiting.items() if not count]
        heapify(free)
        found = []
        while free:
            node = heappop(free)[2]
            found.append(node)
            for end in self._out[node]:
                waiting[end] -= 1
                if not waiting[end]:
                    heappush(free, (key(end), place[end], end))
        if len(found) < len(self._out):
            raise ValueError("nodes that lead to one another in a circle have no order")
        return found

    def generations(self) -> Iterator[list[Node]]:
        """Yield the nodes in layers, each as early as those that lead to it let it; a circle is left out."""
        waiting = {node: len(before) for node, before in self._in.items()}
        layer = [node for node, count in waiting.items() if not count]
        while layer:
            yield layer
            following = []
            for node in layer:
                for end in self._out[node]:
                    waiting[end] -= 1
                    if not waiting[end]:
                        following.append(end)
            layer = following

    def knots(self) -> list[set[Node]]:
        """Return the nodes that lead to one another in circles, those of each knot together."""
        rest = _peeled(_peeled(set(self._out), self._in, self._out), self._out, self._in)
        found = []
        for node in self._out:
            if node in rest:
                knot = self.beyond(node) & self.behind(node)
                rest -= {node, *knot}
                found += [knot] if knot else []
        return found


def _reached(start: Node, links: dict[Node, dict[Node, None]]) -> set[Node]:
    found: set[Node] = set()
    waiting = [start]
    while waiting:
        for node in links[waiting.pop()]:
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found


def _peeled(
    nodes: set[Node], into: dict[Node, dict[Node, None]], out: dict[Node, dict[Node, None]]
) -> set[Node]:  # fmt: skip
    """Return the nodes without those that no circle leads to: what is never free of others stays."""
    rest = set(nodes)
    waiting = {node: sum(one in rest for one in into[node]) for node in rest}
    free = deque(node for node, count in waiting.items() if not count)
    while free:
        node = free.popleft()
        rest.discard(node)
        for end in out[node]:
            if end in rest:
                waiting[end] -= 1
                if not waiting[end]:
                    free.append(end)
    return rest
