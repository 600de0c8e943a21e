"""Somebody, a pipeline say, who makes the same calls again and again, and counts what the world refuses."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.outages import Outages
from twin.scenario.stage import Stage
from twin.scenario.step import Period
from twin.scenario.timeline import Process


class Made(BaseModel):
    """A call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Options(BaseModel):
    """What the callers are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: str | None = Field(None, description="The name of their saved credentials; the administrator's without it")
    every: Period = 120.0
    calls: dict[str, Made] = Field(min_length=1)


class Callers:
    """A run makes every call, whatever the one before came to; it is good when none was refused."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.runs = self.calls = 0
        self.refused: Counter[str] = Counter()
        self.last_refused: list[str] = []
        self.outages = Outages(self.options.every)

    def processes(self) -> Iterator[Process]:
        """Yield the runs, one after the other."""
        yield self._work()

    def _work(self) -> Process:
        while True:
            yield self.stage.timeline.pass_(self.options.every)
            began = self.stage.timeline.elapsed
            refused = yield from self._run()
            self._note(refused, began)

    def _run(self) -> Process:
        refused: dict[str, str] = {}
        for name, made in self.options.calls.items():
            self.calls += 1
            try:
                params = self.stage.values.fill(made.with_)
                yield from self.stage.ask(made.call, params, self.stage.keys(self.options.keys, made.call))
            except Refused as why:
                self.refused[name] += 1
                refused[name] = why.code
        return refused

    def _note(self, refused: Mapping[str, str], began: float) -> None:
        self.runs += 1
        if sorted(refused) != self.last_refused:
            self.stage.journal.write(self.name, "refused" if refused else "recovered", codes=dict(refused))
        self.last_refused = sorted(refused)
        if refused:
            self.outages.lost(self.name, began, "; ".join(f"{call}: {code}" for call, code in sorted(refused.items())))
        else:
            self.outages.recovered(self.name)

    def figures(self) -> Mapping[str, Any]:
        """Count runs, calls and refused ones, in all and by call; the longest time without a good run in seconds."""
        return {
            "runs": self.runs,
            "calls": self.calls,
            "refused": self.refused.total(),
            **{f"refused_{name.replace('-', '_')}": self.refused[name] for name in self.options.calls},
            "failing": self.outages.going_on > 0,
            "because": self.outages.because,
            "longest_outage": self.outages.longest,
        }


ACTOR = Callers
