"""The responder: carries out the steps of a runbook, one after the other, on the clock."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from twin.errors import TargetError
from twin.resources.call import Refused
from twin.scenario.credentials import holder
from twin.scenario.duration import between, following
from twin.scenario.pager import Pager
from twin.scenario.stage import Stage
from twin.scenario.step import Step
from twin.scenario.timeline import Process
from twin.scenario.values import Values
from twin.scenario.vendor_calls import vendor_call


class StepFailed(Exception):
    """A step could not be carried out; the runbook ends there."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(step, why)
        self.step, self.why = step, why

    def __str__(self) -> str:
        return f"step {self.step}: {self.why}"


class Steps:
    """A sequence of steps and what came of it."""

    def __init__(
        self,
        actor: str,
        steps: Mapping[str, Step],
        stage: Stage,
        *,
        begin: float | Pager = 0.0,
        identity: str | None = None,
        after: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.actor, self.steps, self.stage, self.begin = actor, steps, stage, begin
        self.identity, self.after = identity, after
        self.failure: StepFailed | None = None
        self.started: float | None = None
        self.ended: float | None = None
        self.done = 0

    def process(self) -> Process:
        """Carry out the steps; a failure is kept, and ends the sequence."""
        if isinstance(self.begin, Pager):
            yield from self.begin.rings()
        else:
            yield self.stage.timeline.pass_(self.begin)
        self.started = self.stage.timeline.elapsed
        self.after("")
        for name, step in self.steps.items():
            try:
                yield from self.step(name, step, self.stage.values)
            except StepFailed as failure:
                self.failure = failure
                self.stage.journal.write(self.actor, "failed", step=name, why=failure.why)
                return
            self.done += 1
            self.after(name)
        self.ended = self.stage.timeline.elapsed

    def step(self, name: str, step: Step, values: Values) -> Process:
        """Carry out one step; StepFailed when it could not be."""
        if step.wait is not None:
            self.stage.journal.write(self.actor, "wait", step=name, seconds=step.wait)
            yield self.stage.timeline.pass_(step.wait)
        elif step.restore is not None:
            try:
                changed = list(self.stage.restore(step.restore, self.stage.keys(step.as_ or self.identity)))
            except (TargetError, Refused) as error:
                raise StepFailed(name, f"the spec could not be restored: {error}") from error
            self.stage.journal.write(self.actor, "restored", step=name, changed=changed)
        elif step.until is not None:
            yield from self._until(name, step, values)
        else:
            for item in [None] if step.each is None else _once(values[step.each]):
                own = values if item is None else Values({"item": item}, values)
                for inner, each in step.steps.items():
                    yield from self.step(f"{name}/{inner}", each, own)
                if step.call is not None:
                    yield from self._call(name, step, own, into=values)

    def _call(self, name: str, step: Step, values: Values, *, into: Values) -> Process:
        assert step.call is not None
        called = str(values.fill(step.call))
        # The responder is somebody at AWS; other vendors are called as the account owner unless the step says as whom.
        identity = step.as_ or (self.identity if vendor_call(called) is None else None)
        params, item = values.fill(step.with_), values.names.get("item")
        told = {"step": name, "call": called, **({"item": item} if item is not None else {})}
        try:
            keys = _held(name, called, values[identity]) if identity is not None else None
            reply = yield from self.stage.ask(called, params, keys, region=values.fill(step.region), pages=step.pages)
        except Refused as refused:
            if refused.code in step.absent:
                self.stage.journal.write(self.actor, "nothing to do", **told, code=refused.code)
                return {}
            self.stage.journal.write(self.actor, "refused", **told, code=refused.code)
            raise StepFailed(name, f"{step.call} was refused: {refused.code}: {refused.message}") from refused
        for saved, expression in step.save.items():
            found = values.pick(expression, reply)
            if found is None:
                raise StepFailed(name, f"the reply to {step.call} has no {expression}")
            into.save(saved, found)
        if step.until is None:
            self.stage.journal.write(self.actor, "call", **told)
        return reply

    def _until(self, name: str, step: Step, values: Values) -> Process:
        deadline = self.stage.timeline.elapsed + step.timeout
        while True:
            asked = values.fill(step.until or "")  # as things are before the call
            found = values.pick(asked, (yield from self._call(name, step, values, into=values)))
            if self._holds(step, found):
                self.stage.journal.write(self.actor, "reached", step=name, call=step.call)
                return
            if self.stage.timeline.elapsed + step.every > deadline:
                raise StepFailed(name, f"not reached within {step.timeout:g} s: {step.until} is {found}")
            yield self.stage.timeline.pass_(step.every)

    def _holds(self, step: Step, found: Any) -> bool:
        if step.quiet_for is None:
            return bool(found)
        if isinstance(found, str):
            found = datetime.fromisoformat(found)
        if not isinstance(found, datetime):
            return found is None
        return (self.stage.timeline.now() - found).total_seconds() >= step.quiet_for

    @property
    def pager(self) -> Pager | None:
        """The pager that the sequence waits for; None for one that begins by the clock."""
        return self.begin if isinstance(self.begin, Pager) else None

    @property
    def begun(self) -> float | None:
        """When somebody began to respond; None where nobody is called and there is nothing to do."""
        return self.started if self.steps or self.pager is not None else None

    @property
    def resolved(self) -> float | None:
        """When the last step was done; None where there is none."""
        return self.ended if self.steps else None

    def unheard(self, trouble: float | None) -> str:
        """Say why nobody was told of the trouble; "" where somebody was, or nobody was to be."""
        if self.pager is None or trouble is None:
            return ""
        alerted = self.pager.delivered
        if alerted is not None and alerted < trouble:
            return f"the alert came {trouble - alerted:g} s before the trouble: {self.pager.about}"
        return self.pager.silence() if alerted is None else ""

    def noticed(self, trouble: float) -> Mapping[str, Any]:
        """Return the seconds from the trouble to the alert and to the end, and from the alert to the first step."""
        alerted = self.pager.delivered if self.pager is not None else None
        return {
            "ttd": following(trouble, alerted),
            "ttd.because": self.unheard(trouble),
            "ttn": between(alerted, self.started),
            "ttr": following(trouble, self.resolved),
        }

    def figures(self) -> Mapping[str, Any]:
        """Count the steps; the time they took in seconds, None when they did not come to their end."""
        whole = None if self.ended is None or self.started is None else round(self.ended - self.started, 3)
        return {
            "steps": len(self.steps),
            "done": self.done,
            "seconds": whole,
            "completed": self.failure is None and whole is not None,
        }


def _once(items: list[Any]) -> list[Any]:
    """Return the items of a list, each once."""
    return [item for number, item in enumerate(items) if item not in items[:number]]


def _held(name: str, call: str, saved: Any) -> Mapping[str, str]:
    """Return the credentials for a call; StepFailed where what was saved is none."""
    try:
        return holder(call, saved)
    except ValueError as wrong:
        raise StepFailed(name, str(wrong)) from wrong
