"""A delivery pipeline: the repository with its workflows, GitHub's machines, and the accounts to which they deploy."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from twin.blueprints.workflow_files import FOLDER, workflow_files
from twin.engine.plan import Plan
from twin.errors import UsageError
from twin.scenario.delivery.machines import Machines
from twin.scenario.delivery.places import Place
from twin.scenario.document import merge
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process
from twin.spec.load import parse
from twin.spec.model.promotion import Window
from twin.spec.shipped import folder
from twin.spec.windows import is_open
from twin.world.saas.github.pushes import write
from twin.world.scene import Happening

DEMANDED = "scenarios/demanded"


class Options(BaseModel):
    """What the pipeline is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spec: str = Field(description="The bundled spec that stands in the repository")
    edits: dict[str, Any] = Field(default_factory=dict, description="A merge patch on what stands there at first")
    environments: list[str] = Field(min_length=1, description="Those that are made besides the scenario's own")
    production: str = "prod"
    window: dict[str, Any] = Field(description="When production may change, whatever the spec says")
    scenarios: list[str] = Field(
        default_factory=list, description="Those of scenarios/demanded that stand in the repository too"
    )
    without_steps: list[str] = Field(default_factory=list, description="Names of steps that somebody took out")
    every: Period = 30.0
    step: Seconds = Field(10.0, description="How long a step takes")


class Pipeline:
    """The spec's own workflow files run; what they change is counted, and held against approvals and the window."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        told = {name: tuple(one) if isinstance(one, list) else one for name, one in self.options.window.items()}
        self.window = Window.model_validate(told)
        self.place = Place(stage, self._applied, self._began)
        self.repository = self._prepare()
        self.machines = Machines(
            self.place, self.repository, every=self.options.every, step=self.options.step, write=self._write
        )
        self.applied: list[tuple[str, str]] = []
        self.outside = self.unapproved = self.own = 0
        stage.world.scene.listeners.append(self._hear)

    def _write(self, event: str, **more: Any) -> None:
        self.stage.journal.write(self.name, event, **more)

    def _prepare(self) -> str:
        """Lay the spec and its workflows into the repository, and make the other environments."""
        raw = (folder("specs") / self.options.spec).read_text(encoding="utf-8")
        values = yaml.safe_load(raw)
        text = yaml.safe_dump(merge(values, self.options.edits), sort_keys=False, allow_unicode=True)
        names = list(values["environments"])
        specs = {name: parse(text.encode(), Path(self.options.spec), name, environ={}) for name in names}
        pipeline = specs[names[0]].org.delivery.pipeline
        if pipeline is None:
            raise UsageError(f"{self.options.spec} has no delivery.pipeline")
        files = {pipeline.spec: text}
        files |= {f"scenarios/{name}": (folder(DEMANDED) / name).read_text("utf-8") for name in self.options.scenarios}
        for name, content in workflow_files(specs).items():
            files[f"{FOLDER}/{name}"] = self._lessened(content)
        hub = self.stage.world.vendors.github()
        repo = hub.repository(pipeline.repository)
        head = repo.head(pipeline.branch)
        tree = {**(head.tree if head is not None else {}), **files}
        owner = self.stage.world.github.owner
        write(hub, repo, pipeline.branch, tree, message="Add the spec and its workflows", login=owner, quiet=True)
        for name in self.options.environments:
            self.place.build(specs[name])
        return repo.full_name

    def _lessened(self, content: str) -> str:
        if not self.options.without_steps:
            return content
        told = yaml.load(content, Loader=yaml.BaseLoader)  # noqa: S506 - only texts, no objects
        for job in told["jobs"].values():
            job["steps"] = [step for step in job["steps"] if step.get("name") not in self.options.without_steps]
        return yaml.safe_dump(told, sort_keys=False)

    def processes(self) -> Iterator[Process]:
        """Yield the machines."""
        yield self.machines.process()

    def _began(self, plan: Plan) -> None:
        """Note that something changes: whether production's window is open."""
        if plan.scope.environment == self.options.production:
            self.outside += not is_open(self.window, self.stage.timeline.now())

    def _applied(self, plan: Plan) -> None:
        """Note a plan that went through: whether it was the one that was approved."""
        environment = plan.scope.environment
        self.applied.append((environment, plan.digest))
        approved = self._approved(environment)
        self.unapproved += approved is not None and plan.effect not in approved
        self._write("applied", environment=environment, changes=[change.key for change in plan.pending])

    def _approved(self, environment: str) -> set[str] | None:
        """Return the effects of the plans that were approved for an environment; None where nobody has to."""
        repo = self.stage.world.vendors.github().repository(self.repository)
        planned = [
            run["#jobs"][f"{environment}-plan"] for run in repo.runs.values() if f"{environment}-plan" in run["#jobs"]
        ]
        return {job["#outputs"].get("effect", "") for job in planned} if planned else None

    def _hear(self, happening: Happening) -> None:
        """Count approvals that somebody gave to their own change."""
        told = happening.facts
        if happening.kind != "github.deployment.approved" or told["repository"] != self.repository:
            return
        repo = self.stage.world.vendors.github().repository(self.repository)
        waiting = [run for run in repo.runs.values() if run["#reviews"] and run["#reviews"][-1]["#by"] == told["by"]]
        self.own += any(run["#triggering"] == told["by"] for run in waiting[-1:])

    def figures(self) -> Mapping[str, Any]:
        """Count jobs and what they applied: in all, to production, outside its window, unapproved, self-approved."""
        there = [environment for environment, _ in self.applied]
        return {
            "jobs": self.machines.jobs,
            "failed": self.machines.failed,
            "applied": len(there),
            "production": there.count(self.options.production),
            "in_order": there == sorted(there, key=[*self.options.environments, self.options.production].index),
            "outside_window": self.outside,
            "unapproved": self.unapproved,
            "self_approved": self.own,
        }


ACTOR = Pipeline
