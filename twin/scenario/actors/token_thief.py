"""A thief of an API token: it does what it came for with every token that it has, and takes more where it can."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.credentials import holder
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds, Step
from twin.scenario.timeline import Process
from twin.scenario.values import Values


class Options(BaseModel):
    """What a thief is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str = Field(description="The name of the saved token that it stole")
    at: Seconds = Field(0.0, description="When it begins")
    every: Period = Field(60.0, description="How often it does what it came for, anew")
    script: dict[str, Step] = Field(min_length=1, description="What it does each time; a refusal ends the rest of it")
    spread: dict[str, Step] = Field(default_factory=dict, description="What gives it a token more: it saves `token`")


class TokenThief:
    """Everything goes through the vendor's API; what it does is counted as it succeeds or is refused."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.tokens: list[Any] = []
        self.succeeded = self.refused = 0
        self.last: float | None = None
        self.first: float | None = None

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        yield self.stage.timeline.pass_(self.options.at)
        self.tokens.append(self.stage.values[self.options.token])
        for step in self.options.spread.values():
            taken = Values({}, self.stage.values)
            yield from self._do(step, taken, self.tokens[0])
            if "token" in taken.names:
                self.tokens.append(taken["token"])
                self.stage.journal.write(self.name, "has a token of its own")
        while True:
            for token in list(self.tokens):
                yield from self._strike(token)
            yield self.stage.timeline.pass_(self.options.every)

    def _strike(self, token: Any) -> Process:
        values = Values({}, self.stage.values)
        for step in self.options.script.values():
            if not (yield from self._do(step, values, token)):
                return

    def _do(self, step: Step, values: Values, token: Any) -> Process:
        """Make one call; whether it succeeded is the process's result."""
        called = str(values.fill(step.call))
        now = self.stage.timeline.elapsed
        try:
            reply = yield from self.stage.ask(called, values.fill(step.with_), holder(called, token))
        except Refused as refused:
            self.refused += 1
            self.stage.journal.write(self.name, "refused", call=called, code=refused.code)
            return False
        self.succeeded += 1
        self.first = now if self.first is None else self.first
        self.last = now
        for name, expression in step.save.items():
            values.save(name, values.pick(expression, reply))
        return True

    def figures(self) -> Mapping[str, Any]:
        """Count the calls; `held` is for how long its tokens worked, in seconds, `tokens` how many it had."""
        held = None if self.first is None or self.last is None else round(self.last - self.first, 3)
        return {"succeeded": self.succeeded, "refused": self.refused, "held": held, "tokens": len(self.tokens)}


ACTOR = TokenThief
