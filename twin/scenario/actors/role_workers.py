"""Workers of a role: each takes a session of it, calls again and again, and takes another when it is refused."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.credentials import credentials
from twin.scenario.outages import Outages
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process


class Options(BaseModel):
    """What the workers are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str = Field(description="The role's ARN")
    keys: str = Field(description="The name of the credentials with which it is taken")
    workers: int = Field(3, ge=1)
    every: Period = 60.0
    renew: Seconds = Field(3000.0, description="The age at which a session is replaced")
    call: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class RoleWorkers:
    """A call fails when the world refuses it; the next one is made with a new session."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.calls = self.failed = self.taken = 0
        self.outages = Outages(self.options.every)
        self._sessions: dict[int, tuple[Mapping[str, str], float]] = {}

    def processes(self) -> Iterator[Process]:
        """Yield a process for each worker."""
        for number in range(self.options.workers):
            yield self._work(number)

    def _work(self, number: int) -> Process:
        yield self.stage.timeline.pass_(self.stage.random.uniform(0, self.options.every))
        while True:
            yield from self._once(number)
            yield self.stage.timeline.pass_(self.options.every)

    def _once(self, number: int) -> Process:
        worker, now = f"{self.name}-{number}", self.stage.timeline.elapsed
        self.calls += 1
        try:
            keys = yield from self._session(number)
            yield from self.stage.ask(self.options.call, self.stage.values.fill(self.options.with_), keys)
        except Refused as refused:
            self.failed += 1
            self._sessions.pop(number, None)
            if self.outages.lost(number, now, refused.code):
                self.stage.journal.write(worker, "refused", code=refused.code)
        else:
            if self.outages.recovered(number):
                self.stage.journal.write(worker, "recovered")

    def _session(self, number: int) -> Process:
        kept = self._sessions.get(number)
        if kept is None or self.stage.timeline.elapsed - kept[1] >= self.options.renew:
            asked = {"RoleArn": self.options.role, "RoleSessionName": f"{self.name}-{number}"}
            reply = yield from self.stage.ask("sts:AssumeRole", asked, self.stage.keys(self.options.keys))
            self.taken += 1
            kept = self._sessions[number] = (credentials(reply["Credentials"]), self.stage.timeline.elapsed)
        return kept[0]

    def figures(self) -> Mapping[str, Any]:
        """Count calls, failed ones and sessions, who fails at the end; the longest outage of one worker in seconds."""
        return {
            "calls": self.calls,
            "failed": self.failed,
            "sessions": self.taken,
            "failing": self.outages.going_on,
            "because": self.outages.because,
            "longest_outage": self.outages.longest,
            "availability": round(1 - self.failed / self.calls, 6) if self.calls else None,
        }


ACTOR = RoleWorkers
