"""Check runs: those of Actions' jobs, and those that jobs make with their tokens.

https://docs.github.com/en/rest/checks/runs: only apps write them, which a job's token counts as.
"""

from twin.wire import Response
from twin.world.saas.github.access import repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.branches import resolve
from twin.world.saas.github.errors import GithubError, not_found, unprocessable
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node, person
from twin.world.saas.github.state import SITE, Account, Hub, Record, Repository, stamp
from twin.world.saas.router import Hit, json_response

CHECKS = f"{REPO}/check-runs"
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
APP = 15368
"""The id of the app of Actions: https://api.github.com/apps/github-actions."""


def checks_of(repo: Repository, sha: str) -> list[Record]:
    """Return the check runs of a commit, newest first: jobs of runs on it, and those made by the API."""
    jobs = [_of_job(repo, job) for job in repo.jobs.values() if repo.runs[job["run_id"]]["head_sha"] == sha]
    made = [one for one in repo.checks.values() if one["head_sha"] == sha]
    return sorted(jobs + made, key=lambda one: one["id"], reverse=True)


def _of_job(repo: Repository, job: Record) -> Record:
    run = repo.runs[job["run_id"]]
    status = "queued" if job["status"] == "waiting" else job["status"]
    told = {"id": job["id"], "name": job["name"], "head_sha": run["head_sha"], "status": status, "external_id": ""}
    told |= {"conclusion": job["conclusion"], "started_at": job["started_at"], "completed_at": job["completed_at"]}
    output = {"title": job["#why"] or None, "summary": job["#why"] or None, "text": None}
    at = f"{SITE}/{repo.full_name}/actions/runs/{run['id']}/job/{job['id']}"
    return told | {"#suite": run["id"], "output": output, "details_url": at}


def shown_check(hub: Hub, repo: Repository, held: Record) -> Record:
    """Return a check run as it is shown."""
    url = f"{repo.url}/check-runs/{held['id']}"
    output = held["output"] | {"annotations_count": 0, "annotations_url": f"{url}/annotations"}
    told = {name: value for name, value in held.items() if not name.startswith("#")}
    told |= {"node_id": node("CheckRun", held["id"]), "url": url, "output": output, "pull_requests": []}
    site = f"{SITE}/{repo.full_name}/runs/{held['id']}"
    return told | {"html_url": site, "check_suite": {"id": held["#suite"]}, "app": _app(hub)}


def _app(hub: Hub) -> Record:
    owner = Account(9919, "github", "Organization", hub.instant(), "GitHub", "")
    made = "2018-07-30T09:30:17Z"
    told = {"id": APP, "node_id": node("App", APP), "slug": "github-actions", "owner": person(owner)}
    told |= {"name": "GitHub Actions", "description": "Automate your workflow from idea to production", "events": []}
    told |= {"external_url": "https://help.github.com/en/actions", "html_url": f"{SITE}/apps/github-actions"}
    return told | {"created_at": made, "updated_at": made, "permissions": {"checks": "write", "metadata": "read"}}


@route("GET", f"{REPO}/commits/<ref>/check-runs", "checks:read")
def list_checks(hub: Hub, hit: Hit) -> Response:
    """List the check runs of a commit; of each name the newest."""
    repo = repository_of(hub, hit)
    commit = resolve(repo, hit.path["ref"])
    if commit is None:
        raise unprocessable(f"No commit found for SHA: {hit.path['ref']}")
    rows = [one for one in checks_of(repo, commit.sha) if hit.query.get("check_name", one["name"]) == one["name"]]
    if hit.query.get("filter", "latest") == "latest":
        rows = list({one["name"]: one for one in reversed(rows)}.values())
    return page(hit, rows, lambda one: shown_check(hub, repo, one), "check_runs")


@route("GET", f"{CHECKS}/<int:check>", "checks:read")
def get_check(hub: Hub, hit: Hit) -> Response:
    """Return one check run."""
    repo, key = repository_of(hub, hit), int(hit.path["check"])
    held = _of_job(repo, repo.jobs[key]) if key in repo.jobs else repo.checks.get(key)
    if held is None:
        raise not_found()
    return json_response(200, shown_check(hub, repo, held))


def _app_only(hit: Hit) -> None:
    if hit.principal.job is None:
        raise GithubError(403, "You must authenticate via a GitHub App.")


def _told(hub: Hub, body: Record) -> Record:
    """Return what a body says of how a check run stands; a conclusion completes it."""
    found: Record = {
        name: body[name] for name in ("name", "details_url", "external_id", "status", "started_at") if name in body
    }
    if (conclusion := body.get("conclusion")) is not None:
        if conclusion not in CONCLUSIONS:
            raise unprocessable("Invalid request.\n\nconclusion is not a possible value.")
        found |= {
            "status": "completed",
            "conclusion": conclusion,
            "completed_at": body.get("completed_at") or hub.now(),
        }
    elif body.get("status") == "completed":
        raise unprocessable("Invalid request.\n\nconclusion is required when status is completed.")
    if (output := body.get("output")) is not None:
        found["output"] = {"title": output.get("title"), "summary": output.get("summary"), "text": output.get("text")}
    return found


@route("POST", CHECKS, "checks:write")
def create_check(hub: Hub, hit: Hit) -> Response:
    """Make a check run of a commit."""
    repo, body = (
        repository_of(hub, hit),
        object_of(hit, name=str, head_sha=str, status=str, conclusion=str, output=dict),
    )
    _app_only(hit)
    demanded(body, "name", "head_sha")
    if body["head_sha"] not in repo.commits:
        raise unprocessable(f"No commit found for SHA: {body['head_sha']}")
    made: Record = {"id": hub.new_id(), "head_sha": body["head_sha"], "status": "queued", "conclusion": None}
    made |= {"started_at": stamp(hub.instant()), "completed_at": None, "external_id": "", "details_url": ""}
    made |= {"output": {"title": None, "summary": None, "text": None}, "#suite": hub.new_id()}
    repo.checks[made["id"]] = made | _told(hub, body)
    return json_response(201, shown_check(hub, repo, repo.checks[made["id"]]))


@route("PATCH", f"{CHECKS}/<int:check>", "checks:write")
def update_check(hub: Hub, hit: Hit) -> Response:
    """Change a check run that was made by the API."""
    repo, body = repository_of(hub, hit), object_of(hit, name=str, status=str, conclusion=str, output=dict)
    _app_only(hit)
    held = repo.checks.get(int(hit.path["check"]))
    if held is None:
        raise not_found()
    held |= _told(hub, body)
    return json_response(200, shown_check(hub, repo, held))
