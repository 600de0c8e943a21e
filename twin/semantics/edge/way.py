"""A request on its way through the edge: as it is now, as it was first, and what rules decided for later stages."""

from dataclasses import dataclass, field
from typing import Any

from twin.semantics.edge.asked import Asked, answered, facts
from twin.semantics.edge.configuration import Zone
from twin.semantics.edge.evaluation import Evaluation
from twin.semantics.edge.expressions import value
from twin.semantics.edge.header_changes import changed
from twin.semantics.edge.memory import Memory
from twin.semantics.edge.outcome import Lines, Log
from twin.semantics.edge.rate_limits import Counter
from twin.semantics.edge.replies import Reply
from twin.semantics.rules import fields


@dataclass
class Way:
    """What is known of a request while it passes the stages; `reply` ends it."""

    zone: Zone
    memory: Memory
    first: Asked
    asked: Asked
    seen: Asked
    log: Log
    evaluation: Evaluation
    settings: dict[str, Any]
    route: dict[str, Any] = field(default_factory=dict)
    caching: dict[str, Any] = field(default_factory=dict)
    counters: list[tuple[dict[str, Any], Counter]] = field(default_factory=list)
    reply: Reply | None = None

    def refresh(self) -> None:
        """Let later phases see what earlier ones changed."""
        if self.asked is not self.seen:
            self.seen = self.asked
            self.evaluation.renew(lambda: fields(self._facts()))

    def hear(self, status: int, headers: Lines) -> None:
        """Let the response's phases see the response."""
        self.evaluation.renew(lambda: fields(self._facts() | answered(status, headers)))

    def _facts(self) -> dict[str, Any]:
        return facts(self.asked, self.first, self.zone.name, self.zone.plan)

    def say(self, part: dict[str, Any]) -> str:
        """Return a value that a rule gives, written out or as an expression."""
        if "value" in part:
            return str(part["value"])
        said = value(part["expression"], self.evaluation.fields, self.zone.lists)
        return "" if said is None else str(said)

    def headers(self, before: Lines, changes: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """Return headers after a rule's changes."""
        return changed(before, changes, self.evaluation.fields, self.zone.lists)


def begin(zone: Zone, memory: Memory, asked: Asked, log: Log) -> Way:
    """Return the way of a request that has just arrived."""
    settings = {"ssl": zone.setting("ssl")}
    evaluation = Evaluation(zone, lambda: fields(facts(asked, asked, zone.name, zone.plan)), log)
    return Way(zone, memory, asked, asked, asked, log, evaluation, settings)
