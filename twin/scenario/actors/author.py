"""Somebody who changes the spec: a branch, a commit, a pull request, and the merge once GitHub lets it be."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from twin.scenario.delivery.people import Colleague
from twin.scenario.document import merge
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process


class Options(BaseModel):
    """What an author is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str
    repository: str
    change: dict[str, Any] = Field(description="A merge patch on the spec")
    path: str = "org.yaml"
    branch: str = "change"
    base: str = "main"
    at: Seconds = 60.0
    every: Period = Field(60.0, description="How often they look whether it can be merged")
    role: str = "push"
    again: Seconds | None = Field(None, description="When they start their merge's run once more, all jobs of it")


class Author:
    """The pull request goes through the rules of the branch; a refusal to merge is counted, and tried again."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.self = Colleague(stage, self.options.login, self.options.repository, self.options.role)
        self.number: int | None = None
        self.merged: float | None = None
        self.refused = 0

    def processes(self) -> Iterator[Process]:
        """Yield the work."""
        yield self._work()

    def _work(self) -> Process:
        yield self.stage.timeline.pass_(self.options.at)
        self.number = self._propose()
        self.stage.journal.write(self.name, "proposes", pull=self.number)
        while self.merged is None:
            yield self.stage.timeline.pass_(self.options.every)
            refusal = self.self.tries("PUT", f"/pulls/{self.number}/merge", {})
            if refusal is None:
                self.merged = self.stage.timeline.elapsed
                self.stage.journal.write(self.name, "merges", pull=self.number)
            else:
                self.refused += 1
        if self.options.again is not None:
            yield self.stage.timeline.pass_(max(0.0, self.options.again - self.stage.timeline.elapsed))
            (run,) = self.self.ask("GET", "/actions/runs", query={"event": "push"})["workflow_runs"]
            self.self.ask("POST", f"/actions/runs/{run['id']}/rerun")
            self.stage.journal.write(self.name, "starts again", run=run["id"])

    def _propose(self) -> int:
        told, ask = self.options, self.self.ask
        head = ask("GET", f"/git/ref/heads/{told.base}")["object"]["sha"]
        ask("POST", "/git/refs", {"ref": f"refs/heads/{told.branch}", "sha": head})
        held = ask("GET", f"/contents/{told.path}")
        spec = merge(yaml.safe_load(base64.b64decode(held["content"])), told.change)
        text = yaml.safe_dump(spec, sort_keys=False, allow_unicode=True)
        body = {"message": "Change the spec", "branch": told.branch, "sha": held["sha"]}
        ask("PUT", f"/contents/{told.path}", body | {"content": base64.b64encode(text.encode()).decode()})
        pull = ask("POST", "/pulls", {"title": "Change the spec", "head": told.branch, "base": told.base})
        return int(pull["number"])

    def figures(self) -> Mapping[str, Any]:
        """Tell when the change was merged, in seconds, and how often that was refused."""
        return {"merged": self.merged, "refused": self.refused}


ACTOR = Author
