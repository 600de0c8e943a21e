"""How a run goes on: jobs begin when what they need is done, wait at their environment's gate, and end the run.

https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
"""

from collections.abc import Mapping
from typing import Any

from twin.semantics.workflows import BadExpression, Job, evaluate, filled, truthy
from twin.world.saas.github.deployment_life import new_deployment, set_state
from twin.world.saas.github.environments import environment_of, new_environment
from twin.world.saas.github.errors import GithubError
from twin.world.saas.github.figures import figure
from twin.world.saas.github.hook_payloads import tell_run
from twin.world.saas.github.state import Hub, Record, Repository

OPENS, EXPIRES = "github.gate.opens", "github.approval.expires"
FUNCTIONS = ("success(", "failure(", "always(", "cancelled(")
GOOD = ("success", "skipped", "neutral")


def contexts_of(hub: Hub, repo: Repository, run: Record, job: Job | None = None) -> dict[str, Any]:
    """Return what expressions of a run, or of a job, can look at."""
    pull = repo.pulls.get(run["#pull"]) if run["#pull"] is not None else None
    github: Record = {"event_name": run["event"], "ref": run["#ref"], "sha": run["#sha"], "repository": repo.full_name}
    github |= {"ref_name": run["#ref"].split("/", 2)[-1], "repository_owner": repo.owner, "actor": run["#actor"]}
    github |= {"triggering_actor": run["#triggering"], "run_id": str(run["id"]), "run_number": str(run["run_number"])}
    github |= {"run_attempt": str(run["run_attempt"]), "workflow": run["name"], "job": job.key if job else ""}
    event: Record = {"inputs": run["#inputs"]}
    if pull is not None:
        github |= {"head_ref": pull["#head"][1], "base_ref": pull["base"]}
        event["pull_request"] = {"number": float(pull["number"]), "head": {"sha": pull["#head_sha"]}}
    plan, needs = run["#plan"], {}
    for key in job.needs if job is not None else ():
        held = run["#jobs"][key]
        needs[key] = {"result": held["conclusion"], "outputs": held["#outputs"]}
    variables = {name: one["value"] for name, one in repo.variables.items()}
    found = {"github": github | {"event": event}, "inputs": run["#inputs"], "needs": needs, "vars": variables}
    return found | {"env": {**plan.env, **(job.env if job is not None else {})}}


def progress(hub: Hub, repo: Repository, run: Record) -> None:
    """Begin every job that can begin, and end the run when all have ended."""
    plan, moved = run["#plan"], True
    while moved and run["status"] != "completed":
        moved = False
        for job in plan.jobs:
            held = [run["#jobs"].get(need) for need in job.needs]
            if job.key not in run["#jobs"] and all(one is not None and one["status"] == "completed" for one in held):
                _begin(hub, repo, run, job)
                moved = True
    if run["status"] == "completed":
        return
    jobs = list(run["#jobs"].values())
    states = {one["status"] for one in jobs}
    if len(jobs) == len(plan.jobs) and states == {"completed"}:
        ends = {one["conclusion"] for one in jobs}
        verdict = "cancelled" if "cancelled" in ends else "failure" if "failure" in ends else "success"
        conclude(hub, repo, run, "success" if ends <= set(GOOD) else verdict)
        return
    order = ("in_progress", "queued", "waiting")
    run["status"] = next((one for one in order if one in states), "in_progress")
    if run["status"] == "in_progress" and run.get("#begun") != run["run_attempt"]:
        run["#begun"] = run["run_attempt"]
        tell_run(hub, repo, run, "in_progress")


def conclude(hub: Hub, repo: Repository, run: Record, conclusion: str) -> None:
    """End a run; the next one of its concurrency group begins."""
    run |= {"status": "completed", "conclusion": conclusion, "updated_at": hub.now()}
    hub.tell(
        "github.run.completed", repository=repo.full_name, run=run["id"], workflow=run["path"], conclusion=conclusion
    )
    tell_run(hub, repo, run, "completed")
    if not run["#group"]:
        return
    group, run["#group"] = run["#group"], ""
    waiting = [one for one in repo.runs.values() if one["#group"] == group and one["status"] == "pending"]
    if waiting:
        waiting[0]["status"] = "queued"
        progress(hub, repo, waiting[0])


def _begin(hub: Hub, repo: Repository, run: Record, job: Job) -> None:
    made: Record = {"id": hub.new_id(), "run_id": run["id"], "#key": job.key, "name": job.name, "status": "queued"}
    made |= {"conclusion": None, "created_at": hub.now(), "started_at": hub.now(), "completed_at": None, "#steps": []}
    made |= {"runner_id": None, "runner_name": None, "#outputs": {}, "#environment": "", "#deployment": None}
    made |= {"#gate": None, "#token": "", "#request": "", "#labels": list(job.labels), "#why": ""}
    run["#jobs"][job.key] = repo.jobs[made["id"]] = made
    try:
        wanted = _runs(hub, repo, run, job)
        place = filled(job.environment, contexts_of(hub, repo, run, job)) if wanted else ""
    except BadExpression as bad:
        made["#why"] = str(bad)
        end(hub, repo, made, "failure")
        return
    if not wanted:
        end(hub, repo, made, "skipped")
    elif place:
        _at_gate(hub, repo, run, made, place)


def _runs(hub: Hub, repo: Repository, run: Record, job: Job) -> bool:
    """Tell whether a job's condition holds; without a status function it wants what it needs to have succeeded."""
    before = [run["#jobs"][key]["conclusion"] for key in _all_needs(run["#plan"].jobs, job)]
    good = all(run["#jobs"][key]["conclusion"] == "success" for key in job.needs)
    status = {"success": good, "failure": "failure" in before, "always": True, "cancelled": "cancelled" in before}
    if not job.condition:
        return good
    holds = truthy(evaluate(job.condition, contexts_of(hub, repo, run, job), status))
    return holds and (good or any(name in job.condition for name in FUNCTIONS))


def _all_needs(jobs: tuple[Job, ...], job: Job) -> set[str]:
    by_key, found, queue = {one.key: one for one in jobs}, set[str](), list(job.needs)
    while queue:
        key = queue.pop()
        if key not in found:
            found.add(key)
            queue += by_key[key].needs
    return found


def _at_gate(hub: Hub, repo: Repository, run: Record, job: Record, name: str) -> None:
    """Stop a job at its environment; one that is not there yet is made, without any protection."""
    from twin.world.saas.github.branch_policies import may_deploy

    try:
        place = environment_of(repo, name)
    except GithubError:
        place = new_environment(hub, repo, name)
    job["#environment"] = place["name"]
    told = {"ref": run["#ref"].split("/", 2)[-1], "sha": run["#sha"], "environment": place["name"]}
    job["#deployment"] = new_deployment(hub, repo, run["#triggering"], told)["id"]
    if not may_deploy(repo, place, run["#ref"]):
        branch = run["#ref"].split("/", 2)[-1]
        job["#why"] = (
            f'Branch "{branch}" is not allowed to deploy to {place["name"]} due to environment protection rules.'
        )
        end(hub, repo, job, "failure")
        return
    if not place["#wait_timer"] and not place["#reviewers"]:
        set_state(hub, repo, job["#deployment"], "queued")
        return
    job["status"] = "waiting"
    job["#gate"] = {"approved": not place["#reviewers"], "waited": not place["#wait_timer"], "since": hub.now()}
    set_state(hub, repo, job["#deployment"], "pending")
    hub.tell("github.deployment.waiting", repository=repo.full_name, run=run["id"], environment=place["name"])
    if place["#wait_timer"]:
        hub.agenda.after(place["#wait_timer"] * 60, OPENS, repository=repo.full_name, job=job["id"])
    if place["#reviewers"]:
        hub.agenda.after(figure("approval_days") * 86400, EXPIRES, repository=repo.full_name, job=job["id"])


def pass_gate(hub: Hub, repo: Repository, job: Record, **done: bool) -> None:
    """Note that a gate was approved, or waited for long enough; with both the job is queued."""
    gate = job["#gate"]
    if job["status"] != "waiting" or gate is None:
        return
    gate |= done
    if gate["approved"] and gate["waited"]:
        job |= {"status": "queued", "#gate": None}
        set_state(hub, repo, job["#deployment"], "queued")
        progress(hub, repo, repo.runs[job["run_id"]])


def end(hub: Hub, repo: Repository, job: Record, conclusion: str, outputs: Mapping[str, str] | None = None) -> None:
    """End a job: its token dies, its deployment gets its state, and the run is left to go on by whoever ends it."""
    job |= {"status": "completed", "conclusion": conclusion, "completed_at": hub.now(), "#outputs": dict(outputs or {})}
    hub.tokens.pop(job["#token"], None)
    job["#request"] = ""
    if job["#deployment"] is not None:
        states = {"success": "success", "cancelled": "inactive"}
        set_state(hub, repo, job["#deployment"], states.get(conclusion, "failure"))
    hub.tell(
        "github.job.completed", repository=repo.full_name, run=job["run_id"], job=job["#key"], conclusion=conclusion
    )
