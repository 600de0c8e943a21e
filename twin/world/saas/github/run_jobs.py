"""The jobs of runs, and what they wrote.

https://docs.github.com/en/rest/actions/workflow-jobs
"""

from twin.wire import Response
from twin.world.saas.github.access import repository_of
from twin.world.saas.github.errors import not_found
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.runs import RUN, run_of
from twin.world.saas.github.shapes import node
from twin.world.saas.github.state import SITE, Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

JOB = f"{REPO}/actions/jobs/<int:job>"


def shown_job(repo: Repository, job: Record) -> Record:
    """Return a job as it is shown."""
    run = repo.runs[job["run_id"]]
    told = {name: value for name, value in job.items() if not name.startswith("#")}
    told |= {"run_url": f"{repo.url}/actions/runs/{run['id']}", "node_id": node("CheckRun", job["id"])}
    told |= {"head_sha": run["head_sha"], "head_branch": run["head_branch"], "run_attempt": run["run_attempt"]}
    told |= {"url": f"{repo.url}/actions/jobs/{job['id']}", "check_run_url": f"{repo.url}/check-runs/{job['id']}"}
    told |= {"html_url": f"{SITE}/{repo.full_name}/actions/runs/{run['id']}/job/{job['id']}", "labels": job["#labels"]}
    told |= {
        "workflow_name": run["name"],
        "steps": [_step(step, number) for number, step in enumerate(job["#steps"], 1)],
    }
    return told | {"runner_group_id": None, "runner_group_name": None}


def _step(step: Record, number: int) -> Record:
    told = {"name": step["name"], "status": "completed", "conclusion": step["conclusion"], "number": number}
    return told | {"started_at": step.get("started_at"), "completed_at": step.get("completed_at")}


@route("GET", f"{RUN}/jobs", "actions:read")
def list_jobs(hub: Hub, hit: Hit) -> Response:
    """List the jobs of a run: those of the last attempt, or all."""
    repo = repository_of(hub, hit)
    run = run_of(repo, hit)
    latest = list(run["#jobs"].values())
    every = [job for job in repo.jobs.values() if job["run_id"] == run["id"]]
    rows = every if hit.query.get("filter") == "all" else latest
    return page(hit, rows, lambda job: shown_job(repo, job), "jobs")


def _job(hub: Hub, hit: Hit) -> tuple[Repository, Record]:
    repo = repository_of(hub, hit)
    if (job := repo.jobs.get(int(hit.path["job"]))) is None:
        raise not_found()
    return repo, job


@route("GET", JOB, "actions:read")
def get_job(hub: Hub, hit: Hit) -> Response:
    """Return one job."""
    return json_response(200, shown_job(*_job(hub, hit)))


@route("GET", f"{JOB}/logs", "actions:read")
def get_logs(hub: Hub, hit: Hit) -> Response:
    """Send to where a job's log lies: what every step wrote, by its number."""
    repo, job = _job(hub, hit)
    if job["status"] != "completed":
        raise not_found()
    place = f"https://productionresultssa0.blob.core.windows.net/actions-results/{repo.id}/{job['id']}.txt"
    reply = Response(302)
    reply.headers["Location"] = place
    return reply
