"""The nodes of a plan's execution: a replacement is a removal and a creation, all else is one of the two."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappush
from typing import Literal

from twin.engine.plan import Change, Plan


@dataclass(frozen=True, order=True)
class Node:
    """One step of one change; ordered by key and action so that every run takes the same way."""

    key: str
    action: Literal["create", "update", "delete"]
    change: Change = field(compare=False)


def nodes(pending: Iterable[Change]) -> Mapping[Node, tuple[Node, ...]]:
    """Return each node with those for which it waits."""
    makes: dict[str, Node] = {}
    removals: dict[str, Node] = {}
    for change in pending:
        if change.action in ("delete", "replace"):
            removals[change.key] = Node(change.key, "delete", change)
        if change.action != "delete":
            makes[change.key] = Node(change.key, "update" if change.action == "update" else "create", change)
    waits: dict[Node, tuple[Node, ...]] = {}
    for node in removals.values():
        change = node.change
        keys = change.removal_after if change.action == "replace" else change.after
        own = (makes[node.key],) if change.create_first else ()
        waits[node] = own + tuple(n for k in keys if (n := removals.get(k) or makes.get(k)))
    for key, node in makes.items():
        own = (removals[key],) if key in removals and not node.change.create_first else ()
        waits[node] = own + tuple(makes[k] for k in node.change.after if k in makes)
    return waits


class Walk:
    """What of a plan is still to do, wave by wave: a step is ready once all that it needs is done."""

    def __init__(self, plan: Plan) -> None:
        self.needs = nodes(plan.pending)
        self.place = {step: number for number, wave in enumerate(plan.waves) for step in wave.steps}
        self.users: dict[Node, list[Node]] = {}
        for node, wanted in self.needs.items():
            for need in wanted:
                self.users.setdefault(need, []).append(node)
        self.missing = {node: len(wanted) for node, wanted in self.needs.items()}
        self.ready: list[list[Node]] = [[] for _ in plan.waves or (None,)]
        for node, count in self.missing.items():
            if not count:
                self._enter(node)

    @property
    def done(self) -> bool:
        """Whether nothing waits any more."""
        return not any(self.missing.values())

    def release(self, node: Node) -> None:
        """Let those go on that waited for a step."""
        for user in self.users.get(node, ()):
            self.missing[user] -= 1
            if not self.missing[user]:
                self._enter(user)

    def _enter(self, node: Node) -> None:
        heappush(self.ready[self.place[node.key, node.action] if self.place else 0], node)
