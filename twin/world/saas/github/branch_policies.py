"""Which branches and tags may deploy to an environment: patterns of names.

https://docs.github.com/en/rest/deployments/branch-policies
"""

from fnmatch import fnmatchcase

from twin.wire import Response
from twin.world.saas.github.access import repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.branches import protected
from twin.world.saas.github.environments import ONE, environment_of
from twin.world.saas.github.errors import GithubError, not_found
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import route
from twin.world.saas.github.shapes import node
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

POLICIES = f"{ONE}/deployment-branch-policies"


def may_deploy(repo: Repository, environment: Record, ref: str) -> bool:
    """Tell whether an environment takes deployments of a reference."""
    policy = environment["deployment_branch_policy"]
    if policy is None:
        return True
    kind, name = ("tag" if ref.startswith("refs/tags/") else "branch"), ref.split("/", 2)[-1]
    if policy["protected_branches"]:
        return ref.startswith("refs/heads/") and protected(repo, name)
    held = environment["#policies"].values()
    # A star does not go past a slash: https://docs.github.com/en/actions/reference/deployments-and-environments
    return any(
        one["type"] == kind and one["name"].count("/") == name.count("/") and fnmatchcase(name, one["name"])
        for one in held
        if ref.startswith(("refs/heads/", "refs/tags/"))
    )


@route("GET", POLICIES, "actions:read")
def list_policies(hub: Hub, hit: Hit) -> Response:
    """List the patterns."""
    held = environment_of(repository_of(hub, hit), hit.path["environment"])
    return page(hit, list(held["#policies"].values()), dict, "branch_policies")


@route("GET", f"{POLICIES}/<int:key>", "actions:read")
def get_policy(hub: Hub, hit: Hit) -> Response:
    """Return one pattern."""
    return json_response(200, _found(hub, hit)[1])


@route("POST", POLICIES, "administration:write")
def create_policy(hub: Hub, hit: Hit) -> Response:
    """Let branches of a name deploy, where the environment goes by patterns."""
    held = environment_of(repository_of(hub, hit), hit.path["environment"])
    body = object_of(hit, name=str, type=str)
    demanded(body, "name")
    policy = held["deployment_branch_policy"]
    if policy is None or not policy["custom_branch_policies"]:
        raise not_found()
    if any(one["name"] == body["name"] for one in held["#policies"].values()):
        raise GithubError(303, "Response if the same branch name pattern already exists")
    key = hub.new_id()
    made = {"id": key, "node_id": node("GateBP", key), "name": body["name"], "type": body.get("type") or "branch"}
    held["#policies"][key] = made
    return json_response(200, made)


@route("PUT", f"{POLICIES}/<int:key>", "administration:write")
def update_policy(hub: Hub, hit: Hit) -> Response:
    """Change a pattern."""
    _, one = _found(hub, hit)
    body = object_of(hit, name=str)
    demanded(body, "name")
    one["name"] = body["name"]
    return json_response(200, one)


@route("DELETE", f"{POLICIES}/<int:key>", "administration:write")
def delete_policy(hub: Hub, hit: Hit) -> Response:
    """Take a pattern away."""
    held, one = _found(hub, hit)
    del held["#policies"][one["id"]]
    return Response(204)


def _found(hub: Hub, hit: Hit) -> tuple[Record, Record]:
    held = environment_of(repository_of(hub, hit), hit.path["environment"])
    one = held["#policies"].get(int(hit.path["key"]))
    if one is None:
        raise not_found()
    return held, one
