"""Runs of scenarios as `twin run --json` tells them: verdict, checks, figures, and the journal by lanes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from twin.scenario.duration import seconds
from twin.scenario.recording.recording import Recording

if TYPE_CHECKING:
    from twin.scenario.recording.instants import Instants

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


@dataclass(slots=True)
class Run:
    """One run of a scenario or of a variant of it; while it is on its verdict is empty and its events grow.

    `recording` has the org at each instant, where the run was recorded.
    """

    scenario: str
    variant: str | None
    verdict: str
    wanted: str
    reason: str
    seed: int
    checks: Sequence[Mapping[str, Any]] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    recording: Recording | None = None
    instants: "Instants | None" = None
    times: list[float] = field(default_factory=list)
    by_lane: dict[str, list[float]] = field(default_factory=dict)
    naming: dict[str, list[Event]] = field(default_factory=dict)
    """The events in whose facts a text stands: an id, an ARN, a name."""

    def __post_init__(self) -> None:
        events, self.events = self.events, []
        self.grow(events)

    @classmethod
    def of(cls, recording: Recording) -> "Run":
        """Return what a recording has by now."""
        made = cls(recording.scenario, recording.variant, "", "", "", recording.seed, recording=recording)
        made.grow(_events(recording.journal))
        if recording.result is not None:
            made.ended(recording.result)
        return made

    def grow(self, events: Iterable[Event]) -> None:
        """Take what happened next."""
        for event in events:
            self.events.append(event)
            self.times.append(event.t)
            self.by_lane.setdefault(event.lane, []).append(event.t)
            for name in {value for value in event.facts.values() if isinstance(value, str)}:
                self.naming.setdefault(name, []).append(event)

    def feed(self, line: Mapping[str, Any]) -> None:
        """Take the next line of the recording."""
        assert self.recording is not None
        self.recording.feed(line)
        if "event" in line:
            self.grow(_events([line]))
        elif "result" in line:
            self.ended(line["result"])

    def ended(self, result: Mapping[str, Any]) -> None:
        """Take what the run came to."""
        self.verdict, self.reason = result["verdict"], result["reason"]
        self.wanted = self.wanted or "PASS"
        self.checks, self.figures = result["checks"], result["figures"]

    def take(self, told: "Run") -> None:
        """Take what the report of the same run tells besides."""
        self.verdict, self.wanted, self.reason = told.verdict, told.wanted, told.reason
        self.checks, self.figures = told.checks, told.figures

    def holds(self, name: str) -> bool:
        """Tell whether the run's recording has a ledger."""
        return self.recording is not None and name in self.recording.ledgers

    @property
    def on(self) -> bool:
        """Whether the run is not over yet."""
        return not self.verdict

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
        return max(self.times[-1] if self.times else 0.0, self.recording.end if self.recording else 0.0)

    @property
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
        edges = [bisect_left(times, width * index) for index in range(bins)]
        return [after - before for before, after in pairwise([*edges, len(times)])]

    def of_names(self, names: Iterable[str], t: float) -> list[Event]:
        """Return the events that name one of these by an instant, in their order."""
        found = {id(event): event for name in names for event in self.naming.get(name, ()) if event.t <= t}
        return sorted(found.values(), key=lambda event: event.t)


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
            list(_events(told["journal"])),
        )
        for told in document["results"]
    ]


def _events(lines: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
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


def instant(text: str, end: float) -> float:
    """Read an instant of a run as people write it, `1:05:00`, `90`, `65m` or `50%`; ValueError when it is none."""
    text = text.strip()
    if text.endswith("%"):
        return end * float(text[:-1]) / 100
    if ":" in text:
        found = 0.0
        for part in text.split(":"):
            found = found * 60 + float(part)
        return found
    return float(text) if text.replace(".", "", 1).isdigit() else seconds(text)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
