"""Branch protection.

https://docs.github.com/en/rest/branches/branch-protection
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import object_of
from twin.world.saas.github.errors import GithubError, unsupported
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

PROTECTION = f"{REPO}/branches/<path:branch>/protection"
DEMANDED = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
SWITCHES = ("required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations",
            "required_conversation_resolution", "lock_branch", "allow_fork_syncing")  # fmt: skip
REVIEWS = {"dismiss_stale_reviews": False, "require_code_owner_reviews": False, "require_last_push_approval": False}


def shown_protection(repo: Repository, branch: str) -> Record:
    """Return what protects a branch."""
    held, url = repo.protection[branch], f"{repo.url}/branches/{branch}/protection"
    told: Record = {"url": url}
    if (checks := held["required_status_checks"]) is not None:
        at = f"{url}/required_status_checks"
        told["required_status_checks"] = {"url": at, "contexts_url": f"{at}/contexts", **checks}
        told["required_status_checks"]["checks"] = [{"context": one, "app_id": None} for one in checks["contexts"]]
    if (reviews := held["required_pull_request_reviews"]) is not None:
        told["required_pull_request_reviews"] = {"url": f"{url}/required_pull_request_reviews", **reviews}
    told["required_signatures"] = {"url": f"{url}/required_signatures", "enabled": False}
    told["enforce_admins"] = {"url": f"{url}/enforce_admins", "enabled": held["enforce_admins"]}
    return told | {name: {"enabled": held[name]} for name in SWITCHES}


@route("GET", PROTECTION, "administration:read")
def get_protection(hub: Hub, hit: Hit) -> Response:
    """Return what protects a branch."""
    repo, branch = _place(hub, hit)
    if branch not in repo.protection:
        raise GithubError(404, "Branch not protected")
    return json_response(200, shown_protection(repo, branch))


@route("PUT", PROTECTION, "administration:write")
def put_protection(hub: Hub, hit: Hit) -> Response:
    """Protect a branch; the four parts that GitHub always wants may be null."""
    repo, branch = _place(hub, hit)
    reviews = {"required_approving_review_count": int, **dict.fromkeys(REVIEWS, bool)}
    checks = {"strict": bool, "contexts": [str], "checks": [{"context": str}]}
    body = object_of(
        hit, required_status_checks=checks, enforce_admins=bool, required_pull_request_reviews=reviews,
        restrictions=dict, **dict.fromkeys(SWITCHES, bool),
    )  # fmt: skip
    if missing := [name for name in DEMANDED if name not in body]:
        raise GithubError(
            422, "Invalid request.\n\n" + ", ".join(f'"{name}" wasn\'t supplied' for name in missing) + "."
        )
    if body["restrictions"] is not None:
        raise unsupported("restrictions of who may push")
    held: Record = {name: bool(body.get(name)) for name in (*SWITCHES, "enforce_admins")}
    held |= {"required_status_checks": None, "required_pull_request_reviews": None}
    if (told := body["required_status_checks"]) is not None:
        if not all(one.get("context") for one in told.get("checks") or ()):
            raise GithubError(422, 'Invalid request.\n\n"context" wasn\'t supplied.')
        contexts = [one["context"] for one in told.get("checks") or ()] or list(told.get("contexts") or ())
        held["required_status_checks"] = {"strict": bool(told.get("strict")), "contexts": contexts}
    if (told := body["required_pull_request_reviews"]) is not None:
        count = told.get("required_approving_review_count", 1)
        if count is None or not 0 <= count <= 6:
            raise GithubError(422, "Invalid request.\n\nrequired_approving_review_count must be between 0 and 6.")
        switches = {name: bool(told.get(name, default)) for name, default in REVIEWS.items()}
        held["required_pull_request_reviews"] = {"required_approving_review_count": count, **switches}
    repo.protection[branch] = held
    hub.note("protected_branch.create", actor_of(hit), repo, branch=branch)
    return json_response(200, shown_protection(repo, branch))


@route("DELETE", PROTECTION, "administration:write")
def delete_protection(hub: Hub, hit: Hit) -> Response:
    """Leave a branch without protection of its own."""
    repo, branch = _place(hub, hit)
    if repo.protection.pop(branch, None) is None:
        raise GithubError(404, "Branch not protected")
    hub.note("protected_branch.destroy", actor_of(hit), repo, branch=branch)
    return Response(204)


def _place(hub: Hub, hit: Hit) -> tuple[Repository, str]:
    repo, branch = repository_of(hub, hit), hit.path["branch"]
    if repo.head(branch) is None:
        raise GithubError(404, "Branch not found")
    return repo, branch
