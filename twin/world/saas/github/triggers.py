"""What begins a workflow: an event, held against the triggers of every workflow file of its commit."""

from typing import Any

from twin.semantics.workflows import BadExpression, BadWorkflow, Workflow, filled, parse
from twin.world.saas.github.hook_payloads import tell_run
from twin.world.saas.github.progress import conclude, contexts_of, progress
from twin.world.saas.github.state import Hub, Record, Repository, at_least

FOLDER = ".github/workflows/"


def registered(hub: Hub, repo: Repository, path: str, name: str) -> Record:
    """Return what the API knows of a workflow file, by its path."""
    if path not in repo.workflows:
        made = {"id": hub.new_id(), "name": name, "path": path, "state": "active"}
        repo.workflows[path] = made | {"created_at": hub.now(), "updated_at": hub.now(), "#runs": 0}
    repo.workflows[path]["name"] = name
    return repo.workflows[path]


def began(hub: Hub, repo: Repository, event: str, sha: str, *, ref: str, actor: str, paths: list[str],
          pull: int | None = None, inputs: Record | None = None, only: str = "") -> list[Record]:  # fmt: skip
    """Begin the workflows that an event starts; `only` is the path of the one that is dispatched. Returns the runs."""
    if not repo.actions:
        return []
    base = repo.pulls[pull]["base"] if pull is not None else ref.split("/", 2)[-1]
    runs = []
    for path, text in sorted(repo.commits[sha].tree.items()):
        if not path.startswith(FOLDER) or not path.endswith((".yml", ".yaml")) or (only and path != only):
            continue
        told: dict[str, Any] = {"event": event, "sha": sha, "ref": ref, "actor": actor, "pull": pull, "inputs": inputs}
        try:
            plan = parse(text, path)
        except BadWorkflow as bad:
            if event != "pull_request":
                runs.append(_broken(hub, repo, path, told, str(bad)))
            continue
        known = registered(hub, repo, path, plan.name)
        if known["state"] == "active" and plan.starts_on(event, base, paths):
            runs.append(_run(hub, repo, known, plan, told))
    return runs


def _record(hub: Hub, repo: Repository, workflow: Record, told: Record) -> Record:
    workflow["#runs"] += 1
    pull = repo.pulls.get(told["pull"]) if told["pull"] is not None else None
    head = pull["#head_sha"] if pull is not None else told["sha"]
    branch = pull["#head"][1] if pull is not None else told["ref"].split("/", 2)[-1]
    commit = repo.commits[head]
    run: Record = {"id": hub.new_id(), "name": workflow["name"], "head_branch": branch, "head_sha": head}
    run |= {"path": workflow["path"], "display_title": pull["title"] if pull else commit.message.partition("\n")[0]}
    run |= {"run_number": workflow["#runs"], "run_attempt": 1, "event": told["event"], "status": "queued"}
    run |= {"conclusion": None, "workflow_id": workflow["id"], "created_at": hub.now(), "updated_at": hub.now()}
    run |= {"run_started_at": hub.now(), "#sha": told["sha"], "#ref": told["ref"], "#actor": told["actor"]}
    run |= {"#triggering": told["actor"], "#pull": told["pull"], "#inputs": told["inputs"] or {}, "#jobs": {}}
    run |= {"#fork": pull is not None and pull["#head"][0] != repo.full_name, "#plan": None, "#why": "", "#reviews": []}
    run |= {"#group": ""}
    repo.runs[run["id"]] = run
    hub.note("workflows.created_workflow_run", told["actor"], repo, workflow_run_id=run["id"], event=told["event"])
    hub.tell("github.run.requested", repository=repo.full_name, run=run["id"], workflow=run["path"], event=run["event"])
    tell_run(hub, repo, run, "requested")
    return run


def _broken(hub: Hub, repo: Repository, path: str, told: Record, why: str) -> Record:
    run = _record(hub, repo, registered(hub, repo, path, path), told)
    run["#why"] = why
    conclude(hub, repo, run, "startup_failure")
    return run


def _run(hub: Hub, repo: Repository, workflow: Record, plan: Workflow, told: Record) -> Record:
    run = _record(hub, repo, workflow, told)
    run["#plan"] = plan
    if run["#fork"] and not at_least(hub.role(repo, told["actor"]), "push"):
        # A maintainer approves what strangers' pull requests run:
        # https://docs.github.com/en/actions/how-tos/manage-workflow-runs/approve-runs-from-forks
        conclude(hub, repo, run, "action_required")
        return run
    start(hub, repo, run)
    return run


def start(hub: Hub, repo: Repository, run: Record) -> None:
    """Let a run begin, or wait for the one that is in its concurrency group."""
    run |= {"status": "queued", "conclusion": None}
    if run["#plan"].concurrency:
        try:
            run["#group"] = filled(run["#plan"].concurrency, contexts_of(hub, repo, run))
        except BadExpression as bad:
            run["#why"] = str(bad)
            conclude(hub, repo, run, "startup_failure")
            return
        others = [one for one in repo.runs.values() if one is not run and one["#group"] == run["#group"]]
        for one in others:
            if one["status"] == "pending":
                conclude(hub, repo, one, "cancelled")
        if any(one["status"] != "completed" for one in others):
            run["status"] = "pending"
            return
    progress(hub, repo, run)
