"""A graph by who needs whom: its orders, its circles, and what lies up and down from a node."""

from collections.abc import Callable, Collection, Iterator
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Generic, TypeVar

Node = TypeVar("Node")


class Circle(ValueError):
    """Nodes that need one another have no order."""


class Links(Generic[Node]):
    """Nodes in the order in which they came; `needs` and `users` have a node's neighbours on either side."""

    def __init__(self) -> None:
        self.needs: dict[Node, list[Node]] = {}
        self.users: dict[Node, list[Node]] = {}

    def __contains__(self, node: object) -> bool:
        return node in self.users

    def __iter__(self) -> Iterator[Node]:
        return iter(self.users)

    def add(self, node: Node) -> None:
        """Add a node, if it is new."""
        self.needs.setdefault(node, [])
        self.users.setdefault(node, [])

    def join(self, need: Node, user: Node) -> None:
        """Note that one node needs another; both are added if they are new."""
        self.add(need)
        self.add(user)
        if user not in self.users[need]:
            self.users[need].append(user)
            self.needs[user].append(need)

    def above(self, node: Node) -> set[Node]:
        """Return what a node needs, however far."""
        return _reached(node, self.needs)

    def below(self, node: Node) -> set[Node]:
        """Return what needs a node, however far."""
        return _reached(node, self.users)

    def order(self, key: Callable[[Node], str]) -> list[Node]:
        """Return the nodes so that each comes after those that it needs, ties by `key`; Circle when there is none."""
        place = {node: number for number, node in enumerate(self)}
        missing = {node: len(needs) for node, needs in self.needs.items()}
        free = [(key(node), place[node], node) for node, count in missing.items() if not count]
        heapify(free)
        found = []
        while free:
            node = heappop(free)[2]
            found.append(node)
            for user in self.users[node]:
                missing[user] -= 1
                if not missing[user]:
                    heappush(free, (key(user), place[user], user))
        if len(found) < len(missing):
            raise Circle(f"{len(missing) - len(found)} nodes need one another")
        return found

    def groups(self) -> list[list[Node]]:
        """Return the nodes in groups: who needs one another in a circle is together, all others are alone.

        A group comes after those that it needs.
        """
        finished: list[Node] = []
        seen: set[Node] = set()
        for node in self:
            _finish(node, self.needs, seen, finished)
        # By the last finished first, whoever reaches another and is reached by it: Kosaraju's two passes.
        found: list[list[Node]] = []
        seen.clear()
        for node in reversed(finished):
            group: list[Node] = []
            _finish(node, self.users, seen, group)
            if group:
                found.append(group)
        return found[::-1]

    def circle(self, among: Collection[Node] | None = None) -> list[tuple[Node, Node]]:
        """Return the steps of a circle, from what is needed to what needs it; empty when there is none."""
        allowed = set(self if among is None else among)
        done: set[Node] = set()
        for start in self:
            path = [start] if start in allowed and start not in done else []
            ways = [iter(self.users[node]) for node in path]
            while path:
                user = next((u for u in ways[-1] if u in allowed and u not in done), None)
                if user is None:
                    done.add(path.pop())
                    ways.pop()
                elif user in path:
                    return list(pairwise([*path[path.index(user) :], user]))
                else:
                    path.append(user)
                    ways.append(iter(self.users[user]))
        return []


def _reached(start: Node, ways: dict[Node, list[Node]]) -> set[Node]:
    found: set[Node] = set()
    waiting = [start]
    while waiting:
        new = [node for node in ways[waiting.pop()] if node not in found]
        found.update(new)
        waiting += new
    return found - {start}


def _finish(start: Node, ways: dict[Node, list[Node]], seen: set[Node], finished: list[Node]) -> None:
    """Walk on from a node to all that was not seen, and note each when everything beyond it is noted."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(ways[start]))]
    while path:
        node, rest = path[-1]
        following = next((one for one in rest if one not in seen), None)
        if following is None:
            finished.append(node)
            path.pop()
        else:
            seen.add(following)
            path.append((following, iter(ways[following])))
