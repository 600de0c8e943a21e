"""Runs of workflows: listed, approved, cancelled, begun again.

https://docs.github.com/en/rest/actions/workflow-runs
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.errors import conflict, not_found
from twin.world.saas.github.paging import page
from twin.world.saas.github.progress import conclude, end
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node, person, repository
from twin.world.saas.github.state import SITE, Hub, Record, Repository
from twin.world.saas.github.triggers import start
from twin.world.saas.github.workflows import ONE, workflow_of
from twin.world.saas.router import Hit, json_response

RUNS = f"{REPO}/actions/runs"
RUN = f"{RUNS}/<int:run>"
FILTERS = {"branch": "head_branch", "event": "event", "head_sha": "head_sha"}


def shown_run(hub: Hub, repo: Repository, run: Record) -> Record:
    """Return a run as it is shown."""
    url, site = f"{repo.url}/actions/runs/{run['id']}", f"{SITE}/{repo.full_name}/actions/runs/{run['id']}"
    told = {name: value for name, value in run.items() if not name.startswith("#")}
    told |= {"node_id": node("WorkflowRun", run["id"]), "check_suite_id": run["id"], "url": url, "html_url": site}
    told |= {"check_suite_node_id": node("CheckSuite", run["id"]), "previous_attempt_url": None}
    told |= {f"{part}_url": f"{url}/{part}" for part in ("jobs", "logs", "artifacts", "cancel", "rerun")}
    told |= {"check_suite_url": f"{repo.url}/check-suites/{run['id']}", "referenced_workflows": []}
    told |= {"workflow_url": f"{repo.url}/actions/workflows/{run['workflow_id']}", "pull_requests": []}
    for field, login in (("actor", run["#actor"]), ("triggering_actor", run["#triggering"])):
        told[field] = person(hub.account(login)) if login.lower() in hub.accounts else None
    commit = repo.commits[run["head_sha"]]
    who = {"name": commit.author.name, "email": commit.author.email}
    told["head_commit"] = {"id": commit.sha, "tree_id": commit.tree_sha, "message": commit.message, "author": who}
    told["head_commit"] |= {"committer": who, "timestamp": commit.author.at.isoformat()}
    head = repo
    if run["#fork"]:
        head = hub.repositories.get(repo.pulls[run["#pull"]]["#head"][0].lower(), repo)
    return told | {"repository": repository(hub, repo), "head_repository": repository(hub, head)}


def run_of(repo: Repository, hit: Hit) -> Record:
    """Return the run that a path names."""
    run = repo.runs.get(int(hit.path["run"]))
    if run is None:
        raise not_found()
    return run


def _listed(hub: Hub, hit: Hit, repo: Repository, rows: list[Record]) -> Response:
    for name, field in FILTERS.items():
        rows = [run for run in rows if name not in hit.query or run[field] == hit.query[name]]
    if (wanted := hit.query.get("status")) is not None:
        rows = [run for run in rows if wanted in (run["status"], run["conclusion"])]
    if (actor := hit.query.get("actor")) is not None:
        rows = [run for run in rows if run["#actor"].lower() == actor.lower()]
    newest = sorted(rows, key=lambda run: run["id"], reverse=True)
    return page(hit, newest, lambda run: shown_run(hub, repo, run), "workflow_runs")


@route("GET", RUNS, "actions:read")
def list_runs(hub: Hub, hit: Hit) -> Response:
    """List the runs, newest first."""
    repo = repository_of(hub, hit)
    return _listed(hub, hit, repo, list(repo.runs.values()))


@route("GET", f"{ONE}/runs", "actions:read")
def list_runs_of_workflow(hub: Hub, hit: Hit) -> Response:
    """List the runs of one workflow, newest first."""
    repo = repository_of(hub, hit)
    wanted = workflow_of(hub, repo, hit)["id"]
    return _listed(hub, hit, repo, [run for run in repo.runs.values() if run["workflow_id"] == wanted])


@route("GET", RUN, "actions:read")
def get_run(hub: Hub, hit: Hit) -> Response:
    """Return one run."""
    repo = repository_of(hub, hit)
    return json_response(200, shown_run(hub, repo, run_of(repo, hit)))


@route("POST", f"{RUN}/approve", "actions:write")
def approve_run(hub: Hub, hit: Hit) -> Response:
    """Let what a stranger's pull request runs begin."""
    repo = repository_of(hub, hit)
    run = run_of(repo, hit)
    if run["conclusion"] != "action_required":
        raise conflict("This run is not waiting for approval.")
    start(hub, repo, run)
    hub.note("workflows.approve_workflow_job", actor_of(hit), repo, workflow_run_id=run["id"])
    return json_response(201, {})


@route("POST", f"{RUN}/cancel", "actions:write")
def cancel(hub: Hub, hit: Hit) -> Response:
    """Stop a run with all that is in it."""
    repo = repository_of(hub, hit)
    run = run_of(repo, hit)
    if run["status"] == "completed":
        raise conflict("Cannot cancel a workflow run that is completed.")
    for job in run["#jobs"].values():
        if job["status"] != "completed":
            end(hub, repo, job, "cancelled")
    conclude(hub, repo, run, "cancelled")
    hub.note("workflows.cancel_workflow_run", actor_of(hit), repo, workflow_run_id=run["id"])
    return json_response(202, {})


@route("POST", f"{RUN}/rerun", "actions:write")
def rerun(hub: Hub, hit: Hit) -> Response:
    """Begin a run again from its first job, on the same commit."""
    return _again(hub, hit, failed_only=False)


@route("POST", f"{RUN}/rerun-failed-jobs", "actions:write")
def rerun_failed(hub: Hub, hit: Hit) -> Response:
    """Begin again what failed in a run, and what needed it."""
    return _again(hub, hit, failed_only=True)


def _again(hub: Hub, hit: Hit, *, failed_only: bool) -> Response:
    repo = repository_of(hub, hit)
    run = run_of(repo, hit)
    if run["status"] != "completed" or run["#plan"] is None:
        raise conflict("This workflow is already running" if run["#plan"] else "This workflow run cannot be retried")
    kept = {key: job for key, job in run["#jobs"].items() if failed_only and job["conclusion"] == "success"}
    run |= {
        "#jobs": kept,
        "run_attempt": run["run_attempt"] + 1,
        "#triggering": actor_of(hit),
        "run_started_at": hub.now(),
    }
    start(hub, repo, run)
    hub.note("workflows.rerun_workflow_run", actor_of(hit), repo, workflow_run_id=run["id"])
    return json_response(201, {})
