"""Deployments and their statuses.

https://docs.github.com/en/rest/deployments
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.deployment_life import STATES, new_deployment, set_state
from twin.world.saas.github.errors import not_found, unprocessable
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node, person
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

DEPLOYMENTS = f"{REPO}/deployments"
ONE = f"{DEPLOYMENTS}/<int:deployment>"


def _creator(hub: Hub, login: str) -> Record | None:
    account = hub.accounts.get(login.lower())
    return person(account) if account is not None else None


def shown_deployment(hub: Hub, repo: Repository, held: Record) -> Record:
    """Return a deployment as it is shown."""
    url = f"{repo.url}/deployments/{held['id']}"
    told = {name: value for name, value in held.items() if not name.startswith("#")}
    told |= {"url": url, "node_id": node("Deployment", held["id"]), "statuses_url": f"{url}/statuses"}
    return told | {"repository_url": repo.url, "creator": _creator(hub, held["#creator"])}


def shown_status(hub: Hub, repo: Repository, held: Record, status: Record) -> Record:
    """Return the status of a deployment as it is shown."""
    url = f"{repo.url}/deployments/{held['id']}"
    told = {name: value for name, value in status.items() if not name.startswith("#")}
    told |= {"url": f"{url}/statuses/{status['id']}", "node_id": node("DeploymentStatus", status["id"])}
    return told | {"deployment_url": url, "repository_url": repo.url, "creator": _creator(hub, status["#creator"])}


def _found(repo: Repository, hit: Hit) -> Record:
    held = repo.deployments.get(int(hit.path["deployment"]))
    if held is None:
        raise not_found()
    return held


@route("GET", DEPLOYMENTS, "deployments:read")
def list_deployments(hub: Hub, hit: Hit) -> Response:
    """List deployments, newest first; by commit, reference, task and environment."""
    repo = repository_of(hub, hit)
    rows = sorted(repo.deployments.values(), key=lambda one: one["id"], reverse=True)
    for name in ("sha", "ref", "task", "environment"):
        rows = [one for one in rows if name not in hit.query or one[name] == hit.query[name]]
    return page(hit, rows, lambda one: shown_deployment(hub, repo, one))


@route("GET", ONE, "deployments:read")
def get_deployment(hub: Hub, hit: Hit) -> Response:
    """Return one deployment."""
    repo = repository_of(hub, hit)
    return json_response(200, shown_deployment(hub, repo, _found(repo, hit)))


@route("POST", DEPLOYMENTS, "deployments:write")
def create_deployment(hub: Hub, hit: Hit) -> Response:
    """Make a deployment of a reference whose commit statuses are good, or of which none is required."""
    from twin.world.saas.github.branches import resolve
    from twin.world.saas.github.statuses import combined

    repo = repository_of(hub, hit)
    body = object_of(hit, ref=str, task=str, environment=str, description=str, required_contexts=[str])
    demanded(body, "ref")
    if not isinstance(body.get("payload", {}), dict | str):
        raise unprocessable("Invalid request.\n\npayload must be an object or a string.")
    commit = resolve(repo, body["ref"])
    if commit is None:
        raise unprocessable(f"No ref found for: {body['ref']}")
    latest = {one["context"]: one["state"] for one in combined(repo, commit.sha)}
    wanted = body.get("required_contexts")
    if any(latest.get(name) != "success" for name in (latest if wanted is None else wanted)):
        from twin.world.saas.github.errors import conflict

        raise conflict(f"Conflict: Commit status checks failed for {body['ref']}.")
    told = {"ref": body["ref"], "sha": commit.sha, "environment": body.get("environment") or "production"}
    told |= {name: body[name] for name in ("task", "description", "payload") if body.get(name) is not None}
    made = new_deployment(hub, repo, actor_of(hit), told)
    return json_response(201, shown_deployment(hub, repo, made))


@route("GET", f"{ONE}/statuses", "deployments:read")
def list_statuses(hub: Hub, hit: Hit) -> Response:
    """List the statuses of a deployment, newest first."""
    repo = repository_of(hub, hit)
    held = _found(repo, hit)
    return page(hit, held["#statuses"][::-1], lambda one: shown_status(hub, repo, held, one))


@route("POST", f"{ONE}/statuses", "deployments:write")
def create_status(hub: Hub, hit: Hit) -> Response:
    """Give a deployment a status."""
    repo, body = repository_of(hub, hit), object_of(hit, state=str, description=str, target_url=str)
    held = _found(repo, hit)
    demanded(body, "state")
    if body["state"] not in STATES:
        raise unprocessable("Validation Failed: state is not included in the list")
    told, at = body.get("description") or "", body.get("target_url") or ""
    made = set_state(hub, repo, held["id"], body["state"], login=actor_of(hit), description=told, target=at)
    return json_response(201, shown_status(hub, repo, held, made))
