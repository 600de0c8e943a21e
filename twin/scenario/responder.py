"""The responder: carries out the steps of a runbook, one after the other, on the clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from twin.resources.call import Refused
from twin.scenario.document import Step
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process
from twin.scenario.values import Values, pick


class StepFailed(Exception):
    """A step could not be carried out; the runbook ends there."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"step {step}: {why}")
        self.step, self.why = step, why


class Steps:
    """A sequence of steps and what came of it."""

    def __init__(self, actor: str, steps: Mapping[str, Step], stage: Stage, *, begin: float = 0.0) -> None:
        self.actor, self.steps, self.stage, self.begin = actor, steps, stage, begin
        self.failure: StepFailed | None = None
        self.started: float | None = None
        self.ended: float | None = None
        self.done = 0

    def process(self) -> Process:
        """Carry out the steps; a failure is kept, and ends the sequence."""
        yield self.stage.timeline.pass_(self.begin)
        self.started = self.stage.timeline.elapsed
        for name, step in self.steps.items():
            try:
                yield from self._step(name, step)
            except StepFailed as failure:
                self.failure = failure
                self.stage.journal.write(self.actor, "failed", step=name, why=failure.why)
                return
            self.done += 1
        self.ended = self.stage.timeline.elapsed

    def _step(self, name: str, step: Step) -> Process:
        if step.wait is not None:
            self.stage.journal.write(self.actor, "wait", step=name, seconds=step.wait)
            yield self.stage.timeline.pass_(step.wait)
        elif step.until is not None:
            yield from self._until(name, step)
        else:
            items = [None] if step.each is None else list(self.stage.values[step.each])
            for item in items:
                yield from self._call(name, step, item)

    def _call(self, name: str, step: Step, item: Any) -> Process:
        assert step.call is not None
        values = Values({} if item is None else {"item": item}, self.stage.values)
        params = values.fill(step.with_)
        told = {"step": name, "call": step.call, **({"item": item} if item is not None else {})}
        try:
            reply = yield from self.stage.ask(step.call, params)
        except Refused as refused:
            self.stage.journal.write(self.actor, "refused", **told, code=refused.code)
            raise StepFailed(name, f"{step.call} was refused: {refused.code}: {refused.message}") from refused
        for saved, expression in step.save.items():
            found = pick(expression, reply)
            if found is None:
                raise StepFailed(name, f"the reply to {step.call} has no {expression}")
            self.stage.values.save(saved, found)
        if step.until is None:
            self.stage.journal.write(self.actor, "call", **told)
        return reply

    def _until(self, name: str, step: Step) -> Process:
        deadline = self.stage.timeline.elapsed + step.timeout
        while True:
            found = pick(step.until or "", (yield from self._call(name, step, None)))
            if self._holds(step, found):
                self.stage.journal.write(self.actor, "reached", step=name, call=step.call)
                return
            if self.stage.timeline.elapsed + step.every > deadline:
                raise StepFailed(name, f"not reached within {step.timeout:g} s: {step.until} is {found}")
            yield self.stage.timeline.pass_(step.every)

    def _holds(self, step: Step, found: Any) -> bool:
        if step.quiet_for is None:
            return bool(found)
        if not isinstance(found, datetime):
            return found is None
        return (self.stage.timeline.now() - found).total_seconds() >= step.quiet_for

    def figures(self) -> Mapping[str, Any]:
        """Count the steps; the time they took in seconds, None when they did not come to their end."""
        whole = None if self.ended is None or self.started is None else round(self.ended - self.started, 3)
        return {
            "steps": len(self.steps),
            "done": self.done,
            "seconds": whole,
            "completed": self.failure is None and whole is not None,
        }
