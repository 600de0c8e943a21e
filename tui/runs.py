"""Runs of scenarios as `twin run --json` tells them: verdict, checks, figures, and the journal by lanes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from twin.scenario.recording.journal import LANES, Event, events
from twin.scenario.recording.recording import Recording

if TYPE_CHECKING:
    from twin.scenario.recording.instants import Instants


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
        made.grow(events(recording.journal))
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
            self.grow(events([line]))
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
            list(events(told["journal"])),
        )
        for told in document["results"]
    ]
