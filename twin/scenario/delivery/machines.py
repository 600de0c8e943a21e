"""GitHub's machines in a rehearsal: each takes a job that is queued, carries out its steps, and tells how it ended."""

from collections.abc import Callable, Mapping
from typing import Any

from twin.scenario.delivery.commands import carry_out
from twin.scenario.delivery.places import Place
from twin.scenario.delivery.workplace import StepFailed, Workplace
from twin.scenario.timeline import Process
from twin.semantics.workflows import evaluate, filled, truthy
from twin.world.saas.github.runner import Lease, finish, queued, take

API = "https://api.github.com"


class Machines:
    """Takes the jobs of one repository every so often; a step takes some seconds."""

    def __init__(self, place: Place, repository: str, *, every: float, step: float, write: Callable[..., None]) -> None:
        self.place, self.repository, self.every, self.step, self.write = place, repository, every, step, write
        self.jobs = self.failed = 0
        self.why: dict[str, str] = {}
        self.ended: dict[str, str] = {}

    def process(self) -> Process:
        """Look for jobs for as long as there is time."""
        hub = self.place.world.vendors.github()
        while True:
            for repository, key in [one for one in queued(hub) if one[0] == self.repository]:
                self.place.stage.timeline.spawn(self._job(take(hub, repository, key)))
            yield self.place.stage.timeline.pass_(self.every)

    def _job(self, lease: Lease) -> Process:
        work, steps, why = Workplace(lease, self.place, _env(lease)), list[dict[str, Any]](), ""
        self.jobs += 1
        self.write("job", job=lease.what.key, repository=lease.repository, run=lease.run)
        for number, step in enumerate(lease.what.steps, 1):
            name = str(step.get("name") or step.get("uses") or step.get("run"))
            if not self._wanted(step, lease, failed=bool(why)):
                steps.append({"name": name, "conclusion": "skipped"})
                continue
            yield self.place.stage.timeline.pass_(self.step)
            try:
                yield from self._step(work, step, str(step.get("id") or number))
            except StepFailed as failed:
                why = f"{name}: {failed}"
                self.write("step failed", job=lease.what.key, step=name, why=str(failed))
            steps.append({"name": name, "conclusion": "failure" if why else "success"})
        contexts = {**lease.contexts, "steps": {key: {"outputs": told} for key, told in work.told.items()}}
        outputs = {} if why else {name: filled(text, contexts) for name, text in lease.what.outputs.items()}
        self.ended[lease.what.key] = "failure" if why else "success"
        self.why[lease.what.key] = why
        self.failed += bool(why)
        hub = self.place.world.vendors.github()
        finish(hub, lease, self.ended[lease.what.key], steps=steps, outputs=outputs, why=why)

    def _wanted(self, step: Mapping[str, Any], lease: Lease, *, failed: bool) -> bool:
        status = {"success": not failed, "failure": failed, "always": True, "cancelled": False}
        return truthy(evaluate(str(step["if"]), lease.contexts, status)) if "if" in step else not failed

    def _step(self, work: Workplace, step: Mapping[str, Any], key: str) -> Process:
        work.step = key
        before = dict(work.env)
        work.env |= {name: filled(str(value), work.lease.contexts) for name, value in (step.get("env") or {}).items()}
        if "uses" in step:
            _use(work, str(step["uses"]))
            return
        for line in filled(str(step["run"]), work.lease.contexts).strip().splitlines():
            yield from carry_out(work, line.strip())
        for name in step.get("env") or {}:
            work.env.pop(name, None)
            work.env |= {name: before[name]} if name in before else {}


def _env(lease: Lease) -> dict[str, str]:
    return {"RUNNER_TEMP": "/home/runner/work/_temp", **lease.contexts["env"]}


def _use(work: Workplace, action: str) -> None:
    """Check the repository out with the job's own token, which must be allowed to read it."""
    if action.partition("@")[0] != "actions/checkout":
        raise StepFailed(f"TwinUnsupportedOperation: the action {action} is not simulated")
    lease = work.lease
    work.ask("GET", f"{API}/repos/{lease.repository}/contents?ref={lease.contexts['github']['sha']}", lease.token)
    repository = work.place.world.vendors.github().repository(lease.repository)
    work.files |= repository.commits[lease.contexts["github"]["sha"]].tree
