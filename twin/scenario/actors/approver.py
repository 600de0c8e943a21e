"""Somebody who reviews pull requests, and lets runs pass the gates of some environments."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.delivery.people import Colleague
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process


class Options(BaseModel):
    """What an approver is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str
    repository: str
    reviews: bool = Field(False, description="Whether they approve pull requests whose checks are good")
    gates: list[str] = Field(default_factory=list, description="Environments into which they let runs")
    at: Seconds = Field(0.0, description="When they begin")
    every: Period = 60.0
    role: str = "push"


class Approver:
    """What GitHub does not let them do is counted, and tried again only for another run."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.self = Colleague(stage, self.options.login, self.options.repository, self.options.role)
        self.approved = self.reviewed = self.refused = 0
        self._done: set[tuple[str, int, str]] = set()

    def processes(self) -> Iterator[Process]:
        """Yield the work."""
        yield self._work()

    def _work(self) -> Process:
        yield self.stage.timeline.pass_(self.options.at)
        while True:
            if self.options.reviews:
                self._review()
            if self.options.gates:
                self._pass()
            yield self.stage.timeline.pass_(self.options.every)

    def _review(self) -> None:
        for pull in self.self.ask("GET", "/pulls"):
            sha = pull["head"]["sha"]
            checks = self.self.ask("GET", f"/commits/{sha}/check-runs")["check_runs"]
            if not checks or any(one["conclusion"] != "success" for one in checks):
                continue
            if self._once("pull", pull["number"], sha, f"/pulls/{pull['number']}/reviews", {"event": "APPROVE"}):
                self.reviewed += 1

    def _pass(self) -> None:
        for run in self.self.ask("GET", "/actions/runs", query={"status": "waiting"})["workflow_runs"]:
            path = f"/actions/runs/{run['id']}/pending_deployments"
            for waiting in self.self.ask("GET", path):
                place = waiting["environment"]
                if place["name"] not in self.options.gates:
                    continue
                body = {"environment_ids": [place["id"]], "state": "approved", "comment": f"by {self.options.login}"}
                if self._once(place["name"], run["id"], str(run["run_attempt"]), path, body):
                    self.approved += 1

    def _once(self, what: str, key: int, version: str, path: str, body: Any) -> bool:
        """Approve something that was not tried before; tell whether GitHub let it."""
        if (f"{what}:{version}", key, path) in self._done:
            return False
        self._done.add((f"{what}:{version}", key, path))
        refusal: Refused | None = self.self.tries("POST", path, body)
        self.refused += refusal is not None
        said = {} if refusal is None else {"why": refusal.message}
        self.stage.journal.write(self.name, "approves" if refusal is None else "refused", what=what, of=key, **said)
        return refusal is None

    def figures(self) -> Mapping[str, Any]:
        """Count runs that they let pass, pull requests that they approved, and what GitHub refused them."""
        return {"approved": self.approved, "reviewed": self.reviewed, "refused": self.refused}


ACTOR = Approver
