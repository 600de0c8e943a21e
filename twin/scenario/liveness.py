"""The liveness phase: after the last fault is healed, all that should hold again does so within its time."""

from collections.abc import Callable, Mapping
from typing import Any

from twin.scenario.document import Convergence
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process
from twin.scenario.verdict import Check, examine

Drift = Callable[[], list[str]]


class Liveness:
    """Looks at the conditions again and again until all hold, or their time is over."""

    def __init__(
        self, wanted: Convergence, stage: Stage, *, figures: Callable[[], Mapping[str, Any]], drift: Drift
    ) -> None:
        self.wanted, self.stage = wanted, stage
        self.checks: tuple[Check, ...] = ()
        self.seconds: float | None = None
        self._figures, self._drift = figures, drift

    def process(self, over: Any) -> Process:
        """Begin when the faults are over."""
        yield over
        begin = self.stage.timeline.elapsed
        deadline = begin + self.wanted.within
        while True:
            self.checks = self._look(last=self.stage.timeline.elapsed >= deadline)
            if all(check.held for check in self.checks):
                self.seconds = round(self.stage.timeline.elapsed - begin, 3)
                self.stage.journal.write("liveness", "converged", seconds=self.seconds)
                return
            if self.stage.timeline.elapsed >= deadline:
                lost = [check.name for check in self.checks if not check.held]
                self.stage.journal.write("liveness", "not converged", within=self.wanted.within, lost=lost)
                return
            yield self.stage.timeline.pass_(min(self.wanted.every, deadline - self.stage.timeline.elapsed))

    def _look(self, *, last: bool) -> tuple[Check, ...]:
        """Check the conditions; drift, which costs a whole plan, only where the rest holds or nothing comes after."""
        checks = examine("converge", self.wanted.expect, self._figures(), self.stage)
        if self.wanted.drift is not None and (last or all(check.held for check in checks)):
            found = self._drift()
            checks.append(Check("no drift", "converge", not found, ", ".join(found) or "none", "none"))
        return tuple(checks)
