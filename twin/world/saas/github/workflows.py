"""Workflow files as the API knows them: listed, disabled, dispatched.

https://docs.github.com/en/rest/actions/workflows
"""

from twin.semantics.workflows import BadWorkflow, parse
from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.errors import GithubError, not_found, unprocessable
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node
from twin.world.saas.github.state import SITE, Hub, Record, Repository
from twin.world.saas.github.triggers import FOLDER, began, registered
from twin.world.saas.router import Hit, json_response

WORKFLOWS = f"{REPO}/actions/workflows"
ONE = f"{WORKFLOWS}/<workflow>"
PERMISSIONS = f"{REPO}/actions/permissions"


def shown_workflow(repo: Repository, held: Record) -> Record:
    """Return a workflow as it is shown."""
    told = {name: held[name] for name in ("id", "name", "path", "state", "created_at", "updated_at")}
    page_ = f"{SITE}/{repo.full_name}/blob/{repo.default_branch}/{held['path']}"
    badge = f"{SITE}/{repo.full_name}/workflows/{held['name'].replace(' ', '%20')}/badge.svg"
    told |= {"node_id": node("Workflow", held["id"]), "url": f"{repo.url}/actions/workflows/{held['id']}"}
    return told | {"html_url": page_, "badge_url": badge}


def known_workflows(hub: Hub, repo: Repository) -> list[Record]:
    """Return the workflows of the default branch, and all that ever ran."""
    head = repo.head(repo.default_branch)
    for path, text in (head.tree if head is not None else {}).items():
        if path.startswith(FOLDER) and path.endswith((".yml", ".yaml")) and path not in repo.workflows:
            try:
                registered(hub, repo, path, parse(text, path).name)
            except BadWorkflow:
                registered(hub, repo, path, path)
    return list(repo.workflows.values())


def workflow_of(hub: Hub, repo: Repository, hit: Hit) -> Record:
    """Return the workflow that a path names, by id or by the name of its file."""
    wanted = hit.path["workflow"]
    for held in known_workflows(hub, repo):
        if wanted in (str(held["id"]), held["path"].removeprefix(FOLDER)):
            return held
    raise not_found()


@route("GET", WORKFLOWS, "actions:read")
def list_workflows(hub: Hub, hit: Hit) -> Response:
    """List the workflows."""
    repo = repository_of(hub, hit)
    return page(hit, known_workflows(hub, repo), lambda one: shown_workflow(repo, one), "workflows")


@route("GET", ONE, "actions:read")
def get_workflow(hub: Hub, hit: Hit) -> Response:
    """Return one workflow."""
    repo = repository_of(hub, hit)
    return json_response(200, shown_workflow(repo, workflow_of(hub, repo, hit)))


@route("PUT", f"{ONE}/disable", "actions:write")
def disable(hub: Hub, hit: Hit) -> Response:
    """Have a workflow begin no more."""
    return _switched(hub, hit, "disabled_manually")


@route("PUT", f"{ONE}/enable", "actions:write")
def enable(hub: Hub, hit: Hit) -> Response:
    """Have a workflow begin again."""
    return _switched(hub, hit, "active")


def _switched(hub: Hub, hit: Hit, state: str) -> Response:
    repo = repository_of(hub, hit)
    held = workflow_of(hub, repo, hit)
    held |= {"state": state, "updated_at": hub.now()}
    verb = "enable" if state == "active" else "disable"
    hub.note(f"workflows.{verb}_workflow", actor_of(hit), repo, workflow_id=held["id"])
    return Response(204)


@route("POST", f"{ONE}/dispatches", "actions:write")
def dispatch(hub: Hub, hit: Hit) -> Response:
    """Begin a workflow by hand, on a branch that has it, with the inputs that it declares."""
    repo, body = repository_of(hub, hit), object_of(hit, ref=str, inputs=dict, return_run_details=bool)
    demanded(body, "ref")
    held, branch = workflow_of(hub, repo, hit), body["ref"].removeprefix("refs/heads/")
    head = repo.head(branch)
    if head is None:
        raise unprocessable(f"No ref found for: {body['ref']}")
    if held["path"] not in head.tree:
        raise not_found()
    if held["state"] != "active":
        raise unprocessable("Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    inputs = _inputs(head.tree[held["path"]], held["path"], body.get("inputs") or {})
    ref, login = f"refs/heads/{branch}", actor_of(hit)
    runs = began(
        hub, repo, "workflow_dispatch", head.sha, ref=ref, actor=login, paths=[], inputs=inputs, only=held["path"]
    )
    if not runs or not body.get("return_run_details"):
        return Response(204)
    url, key = f"{repo.url}/actions/runs/{runs[0]['id']}", runs[0]["id"]
    html = f"{SITE}/{repo.full_name}/actions/runs/{key}"
    return json_response(200, {"workflow_run_id": key, "run_url": url, "html_url": html})


def _inputs(text: str, path: str, given: Record) -> Record:
    try:
        triggers = parse(text, path).triggers
    except BadWorkflow as bad:
        raise unprocessable(str(bad)) from bad
    if "workflow_dispatch" not in triggers:
        raise unprocessable("Workflow does not have 'workflow_dispatch' trigger")
    declared = triggers["workflow_dispatch"].get("inputs") or {}
    if unknown := sorted(set(given) - set(declared)):
        raise unprocessable(f"Unexpected inputs provided: {unknown}")
    for name, told in declared.items():
        if (told or {}).get("required") and name not in given and "default" not in told:
            raise unprocessable(f"Required input '{name}' not provided")
    return {name: given.get(name, (told or {}).get("default", "")) for name, told in declared.items()}


@route("GET", PERMISSIONS, "administration:read")
def get_permissions(hub: Hub, hit: Hit) -> Response:
    """Tell whether Actions are on."""
    on = repository_of(hub, hit).actions
    return json_response(200, {"enabled": on} | ({"allowed_actions": "all"} if on else {}))


@route("PUT", PERMISSIONS, "administration:write")
def put_permissions(hub: Hub, hit: Hit) -> Response:
    """Turn Actions on or off; which actions may be used is not restricted here."""
    repo, body = repository_of(hub, hit), object_of(hit, enabled=bool, allowed_actions=str)
    demanded(body, "enabled")
    if body.get("allowed_actions", "all") != "all":
        raise GithubError(501, "TwinUnsupportedOperation: restricting which actions are used is not simulated here")
    repo.actions = body["enabled"]
    hub.note("repo.actions_enabled" if repo.actions else "repo.actions_disabled", actor_of(hit), repo)
    return Response(204)
