"""The trace of requests: what became of them tick by tick, and the figures that follow from it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np

from twin.scenario.traffic.outcome import OUTCOMES, Counts, Outcome

ANSWERED = ("good", "slow", "cached")
NAMED = 3
"""How many reasons a verdict names."""


@dataclass(slots=True)
class Trace:
    """Counts per outcome and tick; `first` is the elapsed second of tick 0."""

    first: float
    tick: float
    stretches: list[tuple[int, Mapping[str, Counts]]] = field(default_factory=list)
    because: Counter[str] = field(default_factory=Counter)
    length: int = 0

    def add(self, outcomes: Mapping[str, Outcome], ticks: int) -> None:
        """Append a stretch, all kinds together."""
        summed = {name: np.zeros(ticks, np.int64) for name in OUTCOMES}
        for one in outcomes.values():
            for name in OUTCOMES:
                summed[name] += one.counts[name]
            self.because.update(one.because)
        self.stretches.append((self.length, summed))
        self.length += ticks

    def columns(self) -> dict[str, Counts]:
        """Return the counts of each outcome, one number per tick."""
        found: dict[str, list[Counts]] = defaultdict(list)
        for _, stretch in self.stretches:
            for name in OUTCOMES:
                found[name].append(stretch[name])
        return {name: np.concatenate(found[name]) if found[name] else np.zeros(0, np.int64) for name in OUTCOMES}

    def figures(
        self, faults: list[tuple[float, float]], *, tolerance: float, grace: float, over: bool = True
    ) -> dict[str, Any]:
        """Return the sums, the availability, and the RTO; `faults` are the spans in which something was broken.

        `settled_availability` is the least that any fault left, from `grace` after its beginning to its end; without a
        fault, the availability of the whole. `rto` is the time from the first to the last bad second after a fault, as
        clients see it, before the next one begins unless seconds are bad then too; a second is bad when more than
        `tolerance` of its requests are. `bad_seconds` counts them, `longest` is the longest run of them.

        Where the last second is bad, or the trouble is not `over`, nobody knows how long it takes: both are None.
        """
        columns = self.columns()
        asked = sum(columns.values(), np.zeros(self.length, np.int64))
        answered = sum((columns[name] for name in ANSWERED), np.zeros(self.length, np.int64))
        bad = (asked > 0) & (columns["bad"] + columns["blocked"] > tolerance * asked)
        times = self.first + np.arange(self.length) * self.tick
        spans = [(times >= began + grace) & (times < ended) for began, ended in faults]
        settled = [_share(answered[span].sum(), asked[span].sum()) for span in spans or [asked >= 0]]
        parts = _joined(_parts(faults), times[bad], self.tick)
        rto = max(_span(times[bad & (times >= since) & (times < until)], self.tick) for since, until in parts)
        over = over and not bad[asked > 0][-1:].any()
        return {
            "requests": int(asked.sum()),
            **{name: int(columns[name].sum()) for name in OUTCOMES},
            "availability": _share(answered.sum(), asked.sum()),
            "settled_availability": min((one for one in settled if one is not None), default=None),
            "rto": round(rto, 3) if over else None,
            "bad_seconds": round(float(bad.sum()) * self.tick, 3),
            "longest": round(_longest(bad) * self.tick, 3) if over else None,
            "because": self.words() + ("" if over else "; it is not over at the end"),
        }

    def words(self) -> str:
        """Name the reasons of most bad requests, with their shares."""
        whole = sum(self.because.values())
        if not whole:
            return ""
        told = [(why, count) for why, count in self.because.most_common(NAMED) if count / whole >= 0.01]
        return "; ".join(f"{why} ({count / whole:.0%})" for why, count in told)


def _share(part: Any, whole: Any) -> float | None:
    return round(float(part) / float(whole), 6) if whole else None


def _parts(faults: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Divide the time into parts, one for each fault, from its beginning to the next one's."""
    began = sorted({since for since, _ in faults}) or [0.0]
    return [(0.0 if place == 0 else since, ended) for place, (since, ended) in enumerate(pairwise([*began, inf]))]


def _joined(parts: list[tuple[float, float]], bad: Any, tick: float) -> list[tuple[float, float]]:
    """Join parts where what was bad when one ended was still bad when the next began: that is one outage."""
    found = parts[:1]
    for since, until in parts[1:]:
        goes_on = ((bad >= since - tick) & (bad < since)).any() and ((bad >= since) & (bad < since + tick)).any()
        found = [*found[:-1], (found[-1][0], until)] if goes_on else [*found, (since, until)]
    return found


def _span(times: Any, tick: float) -> float:
    return float(times[-1] - times[0] + tick) if len(times) else 0.0


def _longest(bad: Any) -> int:
    longest = run = 0
    for one in bad.tolist():
        run = run + 1 if one else 0
        longest = max(longest, run)
    return longest
