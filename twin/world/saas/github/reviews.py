"""Jobs that wait at an environment, and the people who let them pass or not.

https://docs.github.com/en/rest/actions/workflow-runs#review-pending-deployments-for-a-workflow-run
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.deployments import shown_deployment
from twin.world.saas.github.environments import environment_of, reviewer, shown_environment
from twin.world.saas.github.errors import unprocessable
from twin.world.saas.github.progress import end, pass_gate, progress
from twin.world.saas.github.routes import route
from twin.world.saas.github.runs import RUN, run_of
from twin.world.saas.github.shapes import person
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

NEITHER = "You are not allowed to review this deployment"


def may_review(hub: Hub, repo: Repository, run: Record, place: Record, login: str) -> bool:
    """Tell whether a person may let a run into an environment: one of its reviewers, and not who began it."""
    if place["#prevent_self_review"] and login.lower() == run["#triggering"].lower():
        return False
    account = hub.accounts.get(login.lower())
    teams = {one["id"]: one["#members"] for one in hub.account(repo.owner).teams.values()}
    return account is not None and any(
        one["id"] == account.id if one["type"] == "User" else login.lower() in teams.get(one["id"], ())
        for one in place["#reviewers"]
    )


def _waiting(repo: Repository, run: Record) -> list[tuple[Record, Record]]:
    jobs = [job for job in run["#jobs"].values() if job["status"] == "waiting"]
    return [(job, environment_of(repo, job["#environment"])) for job in jobs]


@route("GET", f"{RUN}/pending_deployments", "actions:read")
def list_pending(hub: Hub, hit: Hit) -> Response:
    """List the environments at which a run waits."""
    repo = repository_of(hub, hit)
    run, rows, seen = run_of(repo, hit), [], set[int]()
    for job, place in _waiting(repo, run):
        if place["id"] in seen:
            continue
        seen.add(place["id"])
        whole = shown_environment(hub, repo, place)
        short = {name: whole[name] for name in ("id", "node_id", "name", "url", "html_url")}
        allowed = hit.principal is not None and may_review(hub, repo, run, place, hit.principal.login)
        since = job["#gate"]["since"] if place["#wait_timer"] else None
        told = {"environment": short, "wait_timer": place["#wait_timer"], "wait_timer_started_at": since}
        told |= {"current_user_can_approve": allowed}
        rows.append(told | {"reviewers": [reviewer(hub, repo, one) for one in place["#reviewers"]]})
    return json_response(200, rows)


@route("POST", f"{RUN}/pending_deployments", "deployments:write", role="pull")
def review(hub: Hub, hit: Hit) -> Response:
    """Approve or reject what waits at some environments; nobody reviews for others, nor what they began themselves."""
    repo, login = repository_of(hub, hit), actor_of(hit)
    run, body = run_of(repo, hit), object_of(hit, environment_ids=[int], state=str, comment=str)
    demanded(body, "environment_ids", "state", "comment")
    if body["state"] not in ("approved", "rejected"):
        raise unprocessable("Invalid request.\n\nstate must be one of approved, rejected.")
    waiting = [(job, place) for job, place in _waiting(repo, run) if place["id"] in body["environment_ids"]]
    if not waiting or {place["id"] for _, place in waiting} != set(body["environment_ids"]):
        raise unprocessable("There are no pending deployment requests to approve or reject")
    for _, place in waiting:
        if not may_review(hub, repo, run, place, login):
            raise unprocessable(NEITHER)
    places = [shown_environment(hub, repo, place) for _, place in waiting]
    run["#reviews"].append({"state": body["state"], "comment": body["comment"], "#by": login, "environments": places})
    for job, place in waiting:
        action = "approve_workflow_job" if body["state"] == "approved" else "reject_workflow_job"
        hub.note(f"workflows.{action}", login, repo, workflow_run_id=run["id"], environment_name=place["name"])
        hub.tell(f"github.deployment.{body['state']}", repository=repo.full_name, environment=place["name"], by=login)
        if body["state"] == "approved":
            pass_gate(hub, repo, job, approved=True)
        else:
            end(hub, repo, job, "failure")
            progress(hub, repo, run)
    return json_response(200, [shown_deployment(hub, repo, repo.deployments[job["#deployment"]]) for job, _ in waiting])


@route("GET", f"{RUN}/approvals", "actions:read")
def list_approvals(hub: Hub, hit: Hit) -> Response:
    """List who approved or rejected what in a run."""
    repo = repository_of(hub, hit)
    keep = ("id", "node_id", "name", "url", "html_url", "created_at", "updated_at")
    rows = [
        {
            "environments": [{name: place[name] for name in keep} for place in one["environments"]],
            "state": one["state"],
            "user": person(hub.account(one["#by"])),
            "comment": one["comment"],
        }
        for one in run_of(repo, hit)["#reviews"]
    ]
    return json_response(200, rows)
