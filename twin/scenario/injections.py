"""The faults of a run: they begin and end at their times, and each must show that it had an effect."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.errors import FaultError, NothingToBreak
from twin.scenario.document import FaultSpec
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process
from twin.scenario.verdict import Check


class Injections:
    """All faults of a run; `over` happens when the last one is healed, `failure` tells of one that could not begin."""

    def __init__(self, faults: Mapping[str, FaultSpec], stage: Stage) -> None:
        self.faults, self.stage = faults, stage
        self.failure: str | None = None
        self.idle: dict[str, str] = {}
        self.over = stage.timeline.signal()
        self._to_end = set(faults)

    def processes(self) -> Iterator[Process]:
        """Yield a process for each fault."""
        for name, spec in self.faults.items():
            yield self._course(name, spec)

    def _course(self, name: str, spec: FaultSpec) -> Process:
        world = self.stage.world
        yield self.stage.timeline.pass_(spec.at)
        try:
            world.faults.inject(spec.kind, self.stage.values.fill(spec.with_), name=name)
        except FaultError as error:
            self._refused(name, error)
            return
        if spec.for_ is not None:
            yield self.stage.timeline.pass_(spec.for_)
            self._heal(name)

    def _refused(self, name: str, why: FaultError) -> None:
        """Note a fault that cannot begin: a mistake, unless those before it left nothing to break."""
        before = any(self.stage.world.faults.effects(other).total for other in self.stage.world.faults.all())
        if before and isinstance(why, NothingToBreak):
            self.idle[name] = f"it could not begin: {why}"
        else:
            self.failure = self.failure or f"the fault {name} could not begin: {why}"
        self._heal(name)

    def close(self) -> None:
        """Heal what is still on; the safety phase is over."""
        for name in self.faults:
            if name in self.stage.world.faults.active():
                self._heal(name)
        if not self.over.triggered:
            self.over.succeed()

    def _heal(self, name: str) -> None:
        if name in self.stage.world.faults.active():
            self.stage.world.faults.heal(name)
        self._to_end.discard(name)
        if not self._to_end and not self.over.triggered:
            self.over.succeed()

    def figures(self) -> Mapping[str, Any]:
        """Count the effects of each fault, and the seconds for which it was on."""
        found: dict[str, Any] = {}
        for name, injected in self.stage.world.faults.all().items():
            if name not in self.faults:
                continue
            effects = self.stage.world.faults.effects(name)
            seconds = ((injected.ended or self.stage.timeline.now()) - injected.began).total_seconds()
            found |= {
                f"{name}.effects": effects.total,
                f"{name}.refused": effects.refused,
                f"{name}.delayed": effects.delayed,
                f"{name}.shown": effects.shown,
                f"{name}.noticed": effects.noticed,
                f"{name}.seconds": round(seconds, 3),
            }
        return found

    def checks(self) -> Iterator[Check]:
        """Yield whether each fault had an effect."""
        figures = self.figures()
        for name, spec in self.faults.items():
            effects = figures.get(f"{name}.effects", 0)
            found = self.idle.get(name, effects)
            yield Check(f"the fault {name} has an effect", "effect", effects > 0, found, "at least 1", spec.why)
