"""Statuses of commits: what others say of one, by context, the newest of each counts.

https://docs.github.com/en/rest/commits/statuses
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.branches import resolve
from twin.world.saas.github.errors import not_found, unprocessable
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import node, person, repository
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

STATES = ("error", "failure", "pending", "success")


def combined(repo: Repository, sha: str) -> list[Record]:
    """Return the newest status of each context of a commit."""
    newest = {one["context"]: one for one in repo.statuses if one["#sha"] == sha}
    return list(newest.values())


def _shown(hub: Hub, repo: Repository, held: Record) -> Record:
    account = hub.accounts.get(held["#creator"].lower())
    told = {name: value for name, value in held.items() if not name.startswith("#")}
    told |= {"url": f"{repo.url}/statuses/{held['#sha']}", "node_id": node("StatusContext", held["id"])}
    return told | {"avatar_url": person(account)["avatar_url"] if account else ""}


@route("POST", f"{REPO}/statuses/<sha>", "statuses:write")
def create_status(hub: Hub, hit: Hit) -> Response:
    """Say something of a commit."""
    repo, body = repository_of(hub, hit), object_of(hit, state=str, context=str, description=str, target_url=str)
    demanded(body, "state")
    if hit.path["sha"] not in repo.commits:
        raise unprocessable(f"No commit found for SHA: {hit.path['sha']}")
    if body["state"] not in STATES:
        raise unprocessable("Validation Failed: State is not included in the list")
    login = actor_of(hit)
    made = {"id": hub.new_id(), "state": body["state"], "description": body.get("description")}
    made |= {"target_url": body.get("target_url"), "context": body.get("context") or "default"}
    made |= {"created_at": hub.now(), "updated_at": hub.now(), "#sha": hit.path["sha"], "#creator": login}
    repo.statuses.append(made)
    account = hub.accounts.get(login.lower())
    return json_response(201, _shown(hub, repo, made) | {"creator": person(account) if account else None})


@route("GET", f"{REPO}/commits/<ref>/status", "statuses:read")
def get_combined(hub: Hub, hit: Hit) -> Response:
    """Return what all contexts together say of a commit."""
    repo = repository_of(hub, hit)
    commit = resolve(repo, hit.path["ref"])
    if commit is None:
        raise not_found()
    rows = combined(repo, commit.sha)
    states = {one["state"] for one in rows}
    bad = states & {"error", "failure"}
    state = "failure" if bad else "pending" if not rows or "pending" in states else "success"
    told: Record = {"state": state, "statuses": [_shown(hub, repo, one) for one in rows], "sha": commit.sha}
    told |= {
        "total_count": len(rows),
        "repository": repository(hub, repo),
        "url": f"{repo.url}/commits/{commit.sha}/status",
    }
    return json_response(200, told | {"commit_url": f"{repo.url}/commits/{commit.sha}"})
