"""One run of a scenario: setup, actors, faults and runbook on the clock, then the liveness phase."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from twin.errors import UsageError
from twin.scenario.actors import kinds
from twin.scenario.actors.log_detector import LogDetector
from twin.scenario.breach import Breach, Intruder
from twin.scenario.check import saved_by
from twin.scenario.document import ActorSpec, Alert, Page, Scenario
from twin.scenario.injections import Injections
from twin.scenario.liveness import Drift, Liveness
from twin.scenario.paged import PagedPager
from twin.scenario.pager import Pager
from twin.scenario.pagerduty_setup import Refusal
from twin.scenario.raised import Raised
from twin.scenario.responder import Steps
from twin.scenario.spending import METERING, Spending
from twin.scenario.stage import Actor, Stage
from twin.scenario.trouble import hostile, stirred, struck
from twin.scenario.values import Unplayable, Values
from twin.scenario.verdict import Check, examine

FINDINGS = "the findings that it documents"


class Play:
    """A scenario on its stage; `perform` plays it once, then it has figures and checks."""

    def __init__(self, scenario: Scenario, stage: Stage, drift: Drift) -> None:
        self.scenario, self.stage = scenario, stage
        self.actors: dict[str, Actor] = {}
        self.injections = Injections(scenario.faults, stage)
        self.runbook = Steps(
            "responder",
            scenario.runbook,
            stage,
            begin=_begin(scenario, stage),
            identity=scenario.responder,
            after=self._look,
        )
        self.began: float | None = None
        self.raised: Raised | None = None
        self.breach = Breach([], self.runbook, stage)
        self.missed: list[str] = []
        self.spending = Spending(self.runbook, stage) if METERING in scenario.requires else None
        self.liveness: Liveness | None = None
        if scenario.converge is not None:
            self.liveness = Liveness(scenario.converge, stage, figures=self.figures, drift=drift)
        self._delays = Counter(stage.world.scene.delays_used)

    def prepare(self) -> str | None:
        """Do the setup and call the actors; returns why it could not be done, None when it could."""
        if isinstance(self.runbook.pager, PagedPager):
            try:
                self.runbook.pager.set_up()
            except Refusal as refusal:
                return f"on_call, {refusal}"
        setup = Steps("setup", self.scenario.setup, self.stage)
        self.stage.timeline.finish(setup.process())
        if setup.failure is not None:
            return f"setup, {setup.failure}"
        if self.spending is not None:
            self.spending.begin()
        self.actors = {name: _actor(name, told, self.stage) for name, told in self.scenario.actors.items()}
        self.breach.intruders += [actor for actor in self.actors.values() if isinstance(actor, Intruder)]
        if self.breach.intruders:
            self.breach.exposure()  # the org as it was, before anybody touches it
        return None

    def perform(self) -> str | None:
        """Let everything happen; returns why it could not, None when it could."""
        timeline = self.stage.timeline
        if (failure := self.prepare()) is not None:
            return failure
        if isinstance(self.runbook.pager, PagedPager):
            self.runbook.pager.look()
        self.began, self.raised = timeline.elapsed, Raised(self.stage.world, timeline)
        for part in (*self.actors.values(), self.injections):
            for process in part.processes():
                timeline.spawn(process)
        timeline.spawn(self.runbook.process())
        converged = timeline.spawn(self.liveness.process(self.injections.over)) if self.liveness else None
        timeline.run(until=timeline.elapsed + self.scenario.duration)
        self._look("the end")
        self.injections.close()
        if converged is not None:
            timeline.reach(converged)
        return self.injections.failure

    def _look(self, step: str) -> None:
        self.breach.look(step)

    def figures(self) -> dict[str, Any]:
        """Return what every actor, the runbook, the faults and a breach counted, and how long convergence took."""
        figures = {f"{name}.{k}": v for name, actor in self.actors.items() for k, v in actor.figures().items()}
        figures |= {f"runbook.{k}": v for k, v in self.runbook.figures().items()}
        figures |= {f"fault.{k}": v for k, v in self.injections.figures().items()}
        figures |= {f"breach.{k}": v for k, v in self.breach.figures()}
        if isinstance(self.runbook.pager, PagedPager):
            figures |= {f"paging.{k}": v for k, v in self.runbook.pager.figures(self._trouble()).items()}
        elif self.runbook.pager is not None and self.began is not None and not self.breach.intruders:
            figures |= {f"alert.{k}": v for k, v in self.runbook.noticed(self._trouble() or self.began).items()}
        if self.spending is not None:
            figures |= {f"bill.{k}": v for k, v in self.spending.figures()}
        if self.liveness is not None:
            figures["converge.seconds"] = self.liveness.seconds
        if self.raised is not None:
            figures["findings.raised"] = [*self.raised.names(), *self._read()]
        return figures

    def _read(self) -> list[str]:
        """Name the readers of logs that told of something."""
        return [f"reader {name}" for name, one in self.actors.items() if isinstance(one, LogDetector) and one.told]

    def _documented(self, figures: Mapping[str, Any]) -> Iterator[Check]:
        """Yield whether exactly that tells of the scenario which it says."""
        if self.scenario.findings is not None and self.raised is not None:
            logged = self.raised.logged(self.runbook.started)
            amiss = self.scenario.findings.amiss(figures["findings.raised"], logged)
            yield Check("what-tells-of-it", "expect", not amiss, "; ".join(amiss) or FINDINGS, FINDINGS)

    def _trouble(self) -> float | None:
        """Return when the first fault began or the first attacker struck; None when nothing is amiss."""
        begins = [] if self.began is None else [self.began + spec.at for spec in self.scenario.faults.values()]
        strikes = [one.first for one in hostile(self.scenario, self.actors) if one.first is not None]
        return min(begins + strikes, default=None)

    def checks(self, figures: Mapping[str, Any]) -> list[Check]:
        """Return everything that was to hold."""
        return [
            *struck(self.scenario, figures, hostile(self.scenario, self.actors)),
            *_runbook_check(self.scenario, self.runbook, attacked=self._provoked()),
            *examine("expect", self.scenario.expect, figures, self.stage),
            *self._documented(figures),
            *(self.liveness.checks if self.liveness is not None else ()),
            *self.injections.checks(),
            *examine("effect", self.scenario.effects, figures, self.stage),
            *stirred(self.scenario),
        ]

    def _provoked(self) -> bool:
        """Tell whether a message may come at all."""
        begin = self.scenario.begin
        unprovoked = isinstance(begin, Alert) and begin.unprovoked
        return any(hostile(self.scenario, self.actors)) or unprovoked or bool(self.scenario.faults)

    def delays(self) -> Mapping[str, int]:
        """Return how often each of the world's delays was drawn in this run."""
        return Counter(self.stage.world.scene.delays_used) - self._delays


def _begin(scenario: Scenario, stage: Stage) -> float | Pager:
    """Return what the responder waits for."""
    if isinstance(scenario.begin, Alert):
        return Pager(scenario.begin, stage)
    if isinstance(scenario.begin, Page):
        return PagedPager(scenario.begin, scenario.on_call, stage)
    return scenario.begin


def _actor(name: str, told: ActorSpec, stage: Stage) -> Actor:
    """Make an actor; `${item}` and what its own steps save are its own to fill."""
    kind = kinds().get(told.kind)
    if kind is None:
        raise UsageError(f"there is no kind of actor {told.kind!r}; there are {', '.join(kinds())}")
    own = {later: f"${{{later}}}" for later in ("item", *saved_by(told.with_))}
    try:
        return kind(name, Values(own, stage.values).fill(told.with_), stage)
    except ValidationError as wrong:
        amiss = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors(include_url=False))
        raise Unplayable(f"the actor {name} cannot be told what it is told: {amiss}") from wrong


def _runbook_check(scenario: Scenario, runbook: Steps, *, attacked: bool) -> tuple[Check, ...]:
    pager = runbook.pager
    if pager is not None and not attacked:
        return (
            Check("nobody is alerted without an attack", "expect", pager.delivered is None, pager.about, "nothing"),
        )
    if not scenario.runbook:
        return ()
    found = str(runbook.failure) if runbook.failure else f"{runbook.done} of {len(runbook.steps)} steps"
    if pager is not None and runbook.started is None:
        found = pager.silence()
    elif runbook.failure is None and runbook.done < len(runbook.steps):
        found += f": {list(runbook.steps)[runbook.done]} was not done when the run was over"
    held = bool(runbook.figures()["completed"])
    return (Check("the runbook comes to its end", "runbook", held, found, f"{len(runbook.steps)} steps"),)
