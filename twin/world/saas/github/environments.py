"""Environments of Actions: who must approve, how long to wait, and which branches may deploy.

https://docs.github.com/en/rest/deployments/environments
"""

from urllib.parse import quote

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import object_of
from twin.world.saas.github.errors import GithubError, not_found, unprocessable
from twin.world.saas.github.figures import figure
from twin.world.saas.github.organisations import team
from twin.world.saas.github.paging import page
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node, person
from twin.world.saas.github.state import SITE, Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

ENVIRONMENTS = f"{REPO}/environments"
ONE = f"{ENVIRONMENTS}/<environment>"
POLICY = ("protected_branches", "custom_branch_policies")
SHAPE = {
    "wait_timer": int, "prevent_self_review": bool, "reviewers": [{"type": str, "id": int}],
    "deployment_branch_policy": dict.fromkeys(POLICY, bool),
}  # fmt: skip


def environment_of(repo: Repository, name: str) -> Record:
    """Return an environment; its names do not heed case."""
    found = next((one for key, one in repo.environments.items() if key.lower() == name.lower()), None)
    if found is None:
        raise not_found()
    return found


def new_environment(hub: Hub, repo: Repository, name: str) -> Record:
    """Make an environment that protects nothing, as a job that names one that is not there does."""
    made: Record = {"id": hub.new_id(), "name": name, "created_at": hub.now(), "updated_at": hub.now()}
    made |= {"#wait_timer": 0, "#prevent_self_review": False, "#reviewers": [], "deployment_branch_policy": None}
    made |= {"#policies": {}, "#secrets": {}, "#variables": {}, "#rules": [hub.new_id() for _ in range(3)]}
    repo.environments[name] = made
    return made


def reviewer(hub: Hub, repo: Repository, held: Record) -> Record:
    """Return one of those who may approve, as it is shown."""
    if held["type"] == "User":
        account = next(one for one in hub.accounts.values() if one.id == held["id"])
        return {"type": "User", "reviewer": person(account)}
    owner = hub.account(repo.owner)
    found = next(one for one in owner.teams.values() if one["id"] == held["id"])
    return {"type": "Team", "reviewer": team(owner, found)}


def shown_environment(hub: Hub, repo: Repository, held: Record) -> Record:
    """Return an environment with the rules that protect it."""
    timer, review, branches = held["#rules"]
    rules: list[Record] = []
    if held["#wait_timer"]:
        rules.append(
            {"id": timer, "node_id": node("Gate", timer), "type": "wait_timer", "wait_timer": held["#wait_timer"]}
        )
    if held["#reviewers"]:
        people = [reviewer(hub, repo, one) for one in held["#reviewers"]]
        rule = {"id": review, "node_id": node("Gate", review), "type": "required_reviewers", "reviewers": people}
        rules.append(rule | {"prevent_self_review": held["#prevent_self_review"]})
    if held["deployment_branch_policy"] is not None:
        rules.append({"id": branches, "node_id": node("Gate", branches), "type": "branch_policy"})
    name = quote(held["name"], safe="")
    told: Record = {"id": held["id"], "node_id": node("Environment", held["id"]), "name": held["name"]}
    told |= {
        "url": f"{repo.url}/environments/{name}",
        "created_at": held["created_at"],
        "updated_at": held["updated_at"],
    }
    told["html_url"] = f"{SITE}/{repo.full_name}/deployments/activity_log?environments_filter={name}"
    return told | {"protection_rules": rules, "deployment_branch_policy": held["deployment_branch_policy"]}


@route("GET", ENVIRONMENTS, "actions:read")
def list_environments(hub: Hub, hit: Hit) -> Response:
    """List the environments."""
    repo = repository_of(hub, hit)
    return page(hit, list(repo.environments.values()), lambda one: shown_environment(hub, repo, one), "environments")


@route("GET", ONE, "actions:read")
def get_environment(hub: Hub, hit: Hit) -> Response:
    """Return one environment."""
    repo = repository_of(hub, hit)
    return json_response(200, shown_environment(hub, repo, environment_of(repo, hit.path["environment"])))


@route("PUT", ONE, "administration:write")
def put_environment(hub: Hub, hit: Hit) -> Response:
    """Make or change an environment; what is not given is as if it were given empty."""
    repo, name, body = repository_of(hub, hit), hit.path["environment"], object_of(hit, **SHAPE)
    if unknown := set(body) - set(SHAPE):
        raise unprocessable(f'Invalid request.\n\n"{sorted(unknown)[0]}" is not a permitted key.')
    wait = body.get("wait_timer") or 0
    if not 0 <= wait <= figure("wait_timer_most"):
        raise unprocessable(f"Wait timer must be between 0 and {figure('wait_timer_most')} minutes")
    policy = body.get("deployment_branch_policy")
    if policy is not None and (set(policy) != set(POLICY) or policy[POLICY[0]] == policy[POLICY[1]]):
        raise unprocessable("protected_branches and custom_branch_policies cannot have the same value")
    reviewers = [_reviewing(hub, repo, one) for one in body.get("reviewers") or ()]
    if len(reviewers) > figure("reviewers_most"):
        raise unprocessable(f"Reviewers cannot be more than {figure('reviewers_most')}")
    known = [one for key, one in repo.environments.items() if key.lower() == name.lower()]
    held = known[0] if known else new_environment(hub, repo, name)
    held |= {
        "#wait_timer": wait,
        "#prevent_self_review": bool(body.get("prevent_self_review")),
        "updated_at": hub.now(),
    }
    held |= {"#reviewers": reviewers, "deployment_branch_policy": policy}
    if policy is None or not policy["custom_branch_policies"]:
        held["#policies"] = {}
    action = "environment.update_protection_rule" if known else "environment.create"
    hub.note(action, actor_of(hit), repo, environment_name=held["name"])
    return json_response(200, shown_environment(hub, repo, held))


def _reviewing(hub: Hub, repo: Repository, told: Record) -> Record:
    """Return a reviewer who can read the repository; 422 for anybody else."""
    if told.get("type") == "User":
        account = next((one for one in hub.accounts.values() if one.id == told.get("id")), None)
        if account is not None and hub.role(repo, account.login) != "none":
            return {"type": "User", "id": account.id}
    elif any(one["id"] == told.get("id") for one in hub.account(repo.owner).teams.values()):
        return {"type": "Team", "id": told["id"]}
    raise GithubError(422, "Failed to create the environment protection rule. Please ensure the reviewers are valid.")


@route("DELETE", ONE, "administration:write")
def delete_environment(hub: Hub, hit: Hit) -> Response:
    """Delete an environment with its secrets and variables."""
    repo = repository_of(hub, hit)
    held = environment_of(repo, hit.path["environment"])
    del repo.environments[held["name"]]
    hub.note("environment.delete", actor_of(hit), repo, environment_name=held["name"])
    return Response(204)
