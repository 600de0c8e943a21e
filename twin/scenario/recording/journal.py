"""The journal of a run as events by lanes, from what users feel to who answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LANES = ("traffic", "faults", "world", "alarms", "attacker", "responder")
"""From what users feel to who answers; a lane in which nothing happened is not drawn."""
ALARMS = ("cloudwatch.alarm", "guardduty.finding", "config.compliance", "sns.", "events.target")
BREAKS = ("fault.", "zone.", "region.", "host.", "capacity.")
WHERE = ("account", "region")
"""Facts that most events have alike."""
PLAYED = frozenset({"setup", "responder", "liveness"})


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a journal: the seconds since the start, and what happened in which lane."""

    t: float
    lane: str
    actor: str
    kind: str
    facts: Mapping[str, Any]

    def told(self) -> str:
        """Return the event in one line."""
        return f"{self.actor} {self.kind}  {self.details()}".rstrip()

    def details(self) -> str:
        """Return the facts in one line, what tells events apart first."""
        ordered = sorted(self.facts.items(), key=lambda fact: fact[0] in WHERE)
        return " ".join(f"{name}={_short(value)}" for name, value in ordered)


def events(lines: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    """Yield what the lines of a journal tell."""
    for line in lines:
        actor, kind = str(line["actor"]), str(line["event"])
        if kind == "delay":
            continue  # the list of delays used, which the journal has at its end, is nothing that happened
        rest = {name: value for name, value in line.items() if name not in ("t", "actor", "event", "facts")}
        yield Event(float(line["t"]), _lane(actor, kind), actor, kind, {**rest, **line.get("facts", {})})


def _lane(actor: str, kind: str) -> str:
    if actor == "world":
        return "faults" if kind.startswith(BREAKS) else "alarms" if kind.startswith(ALARMS) else "world"
    if actor in PLAYED:
        return "responder"
    return "attacker" if actor.startswith("attacker") else "traffic"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
