"""What load balancers count of the requests: the answers that may be expected, minute by minute of the clock."""

from collections import defaultdict
from collections.abc import Mapping
from math import floor

import numpy as np

from twin.analysis.way.answers import Answer, status
from twin.analysis.way.kind import Chances
from twin.scenario.traffic.outcome import Counts, Limits, tried
from twin.world.behaviors.load_balancer_metrics import Answered, answered
from twin.world.scene import Scene

MINUTE = 60.0


class Measured:
    """Gathers answers by the minute in which they were given, and tells those of minutes that are over.

    What is left of a share that makes no whole answer counts in the next minute.
    """

    def __init__(self, scene: Scene, account: str, limits: Limits, *, tick: float) -> None:
        self.scene, self.account, self.limits, self.tick = scene, account, limits, tick
        self._gathered: dict[float, dict[Answer, float]] = {}
        self._rest: dict[Answer, float] = defaultdict(float)

    def gather(
        self, asked: Mapping[str, Counts], chances: Mapping[str, Chances], *,
        answers: Mapping[str, Mapping[Answer, float]], since: float,
    ) -> None:  # fmt: skip
        """Add the answers to what was asked at ticks, of which the first begins at `since`, in seconds since 1970."""
        parts = max(1, round(self.tick / MINUTE))  # a tick of several minutes is shared out among them
        ticks = len(next(iter(asked.values()), ()))
        starts = since + np.arange(ticks * parts) * self.tick / parts
        edges = np.flatnonzero(np.diff(starts // MINUTE, prepend=-1.0))
        tries = tried(asked, chances, self.limits)
        for name, shares in answers.items():
            count, over = tries[name]
            count, over = (np.repeat(np.broadcast_to(one, ticks), parts) for one in (count / parts, over))
            free = np.add.reduceat(count * (1 - over), edges)
            whole = np.add.reduceat(count, edges)
            for place, edge in enumerate(edges):
                minute = self._gathered.setdefault(float(starts[edge] // MINUTE * MINUTE), defaultdict(float))
                for answer, share in shares.items():
                    served = float((free if answer.good else whole)[place])
                    minute[answer] += share * served
                    if answer.good and (late := share * (float(whole[place]) - served)) > 0:
                        minute[answer._replace(by="balancer", status=status("overloaded"))] += late

    def tell(self, now: float) -> None:
        """Tell of the minutes that are over."""
        for minute in sorted(one for one in self._gathered if one + MINUTE <= now):
            counts: dict[Answered, int] = {}
            for answer, count in self._gathered.pop(minute).items():
                whole = floor(count + self._rest[answer] + 1e-9)
                self._rest[answer] += count - whole
                counts[Answered(*answer)] = whole
            answered(self.scene, self.account, minute, counts)
