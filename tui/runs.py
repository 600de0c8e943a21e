"""Runs of scenarios as `twin run --json` tells them: verdict, checks, figures, and the journal by lanes."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

LANES = ("traffic", "faults", "world", "alarms", "attacker", "responder")
"""From what users feel to who answers; a lane in which nothing happened is not drawn."""
ALARMS = ("cloudwatch.alarm", "guardduty.finding", "config.compliance", "sns.", "events.target")
BREAKS = ("fault.", "zone.", "region.", "host.", "capacity.")
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
        details = (f"{name}={_short(value)}" for name, value in self.facts.items())
        return f"{self.actor} {self.kind}  {' '.join(details)}".rstrip()


@dataclass(frozen=True)
class Run:
    """One run of a scenario or of a variant of it."""

    scenario: str
    variant: str | None
    verdict: str
    wanted: str
    reason: str
    seed: int
    checks: Sequence[Mapping[str, Any]] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    @property
    def name(self) -> str:
        """The scenario, and its variant when it is one."""
        return f"{self.scenario} {self.variant}" if self.variant else self.scenario

    @property
    def good(self) -> bool:
        """Whether the verdict is the wanted one."""
        return self.verdict == self.wanted

    @property
    def end(self) -> float:
        """When the last thing happened, in seconds since the start."""
        return self.events[-1].t if self.events else 0.0

    @cached_property
    def times(self) -> list[float]:
        """The instants of the events, for bisection."""
        return [event.t for event in self.events]

    @cached_property
    def by_lane(self) -> Mapping[str, list[float]]:
        """The instants of each lane's events."""
        found: dict[str, list[float]] = defaultdict(list)
        for event in self.events:
            found[event.lane].append(event.t)
        return found

    @cached_property
    def lanes(self) -> tuple[str, ...]:
        """The lanes in which something happened."""
        return tuple(lane for lane in LANES if lane in self.by_lane)

    def at(self, t: float) -> int:
        """Return how many events have happened by an instant, that instant included."""
        return bisect_right(self.times, t)

    def before(self, t: float) -> float:
        """Return the instant of the last event before another; the start when there is none."""
        index = bisect_left(self.times, t)
        return self.times[index - 1] if index else 0.0

    def after(self, t: float) -> float:
        """Return the instant of the next event; the end when there is none."""
        index = bisect_right(self.times, t)
        return self.times[index] if index < len(self.times) else self.end

    def counts(self, lane: str, bins: int) -> list[int]:
        """Return how many events of a lane fall into each of so many equal stretches of the run."""
        times, width = self.by_lane.get(lane, []), (self.end or 1.0) / bins
        edges = [bisect_left(times, number * width) for number in range(bins)] + [len(times)]
        return [after - before for before, after in pairwise(edges)]


def read_runs(document: Mapping[str, Any]) -> list[Run]:
    """Return the runs of a report, in its order; KeyError or TypeError when it is none."""
    return [
        Run(
            told["scenario"],
            told["variant"],
            told["verdict"],
            told["wanted"],
            told["reason"],
            told["seed"],
            tuple(told["checks"]),
            dict(told["figures"]),
            tuple(_events(told["journal"])),
        )
        for told in document["results"]
    ]


def _events(lines: Sequence[Mapping[str, Any]]) -> Iterator[Event]:
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


def clock(seconds: float) -> str:
    """Write seconds as `2:05:00`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
