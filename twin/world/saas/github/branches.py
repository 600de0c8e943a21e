"""Branches, commits and references.

https://docs.github.com/en/rest/branches/branches, .../commits/commits, .../git/refs
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.branch_rules import rules_of
from twin.world.saas.github.errors import GithubError, not_found, unprocessable
from twin.world.saas.github.git_objects import Commit, ancestors
from twin.world.saas.github.hook_payloads import tell_push
from twin.world.saas.github.paging import page
from twin.world.saas.github.protections import shown_protection
from twin.world.saas.github.pushes import BRANCH, push
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import commit, node
from twin.world.saas.github.state import SITE, Hub, Record, Repository
from twin.world.saas.router import Hit, json_response


def protected(repo: Repository, branch: str) -> bool:
    """Tell whether a branch counts as protected: by its own protection, or by a ruleset."""
    return branch in repo.protection or rules_of(repo, branch).by_ruleset


def resolve(repo: Repository, ref: str) -> Commit | None:
    """Return the commit that a branch, a reference or the beginning of an id names."""
    for name in (ref, f"refs/{ref}", BRANCH + ref, f"refs/tags/{ref}"):
        if name in repo.refs:
            return repo.commits[repo.refs[name]]
    found = [one for sha, one in repo.commits.items() if len(ref) >= 7 and sha.startswith(ref)]
    return found[0] if len(found) == 1 else None


@route("GET", f"{REPO}/branches", "contents:read")
def list_branches(hub: Hub, hit: Hit) -> Response:
    """List branches, with `protected` only those that are or are not."""
    repo, wanted = repository_of(hub, hit), hit.query.get("protected")
    names = sorted(ref.removeprefix(BRANCH) for ref in repo.refs if ref.startswith(BRANCH))
    rows = [name for name in names if wanted is None or str(protected(repo, name)).lower() == wanted]

    def short(name: str) -> Record:
        sha = repo.refs[BRANCH + name]
        at = {"sha": sha, "url": f"{repo.url}/commits/{sha}"}
        return {"name": name, "commit": at, "protected": protected(repo, name)}

    return page(hit, rows, short)


@route("GET", f"{REPO}/branches/<path:branch>", "contents:read")
def get_branch(hub: Hub, hit: Hit) -> Response:
    """Return one branch with its newest commit."""
    repo, name = repository_of(hub, hit), hit.path["branch"]
    head = repo.head(name)
    if head is None:
        raise GithubError(404, "Branch not found")
    address = f"{repo.url}/branches/{name}"
    told: Record = {"name": name, "commit": commit(hub, repo, head), "protected": protected(repo, name)}
    told["_links"] = {"html": f"{SITE}/{repo.full_name}/tree/{name}", "self": address}
    told["protection"] = shown_protection(repo, name) if name in repo.protection else {"enabled": False}
    return json_response(200, told | {"protection_url": f"{address}/protection"})


@route("GET", f"{REPO}/commits", "contents:read")
def list_commits(hub: Hub, hit: Hit) -> Response:
    """List the commits of a branch, newest first."""
    repo = repository_of(hub, hit)
    head = resolve(repo, hit.query.get("sha") or repo.default_branch)
    if head is None:
        raise GithubError(409, "Git Repository is empty.") if not repo.commits else not_found()
    rows = [repo.commits[sha] for sha in ancestors(repo.commits, head.sha)]
    return page(hit, rows, lambda one: commit(hub, repo, one))


@route("GET", f"{REPO}/commits/<path:ref>", "contents:read")
def get_commit(hub: Hub, hit: Hit) -> Response:
    """Return one commit."""
    repo = repository_of(hub, hit)
    found = resolve(repo, hit.path["ref"])
    if found is None:
        raise unprocessable(f"No commit found for SHA: {hit.path['ref']}")
    return json_response(200, commit(hub, repo, found))


def _reference(repo: Repository, ref: str) -> Record:
    sha, url = repo.refs[ref], f"{repo.url}/git/{ref}"
    at = {"type": "commit", "sha": sha, "url": f"{repo.url}/git/commits/{sha}"}
    return {"ref": ref, "node_id": node("Ref", f"{repo.id}:{ref}"), "url": url, "object": at}


@route("GET", f"{REPO}/git/ref/<path:ref>", "contents:read")
def get_reference(hub: Hub, hit: Hit) -> Response:
    """Return one reference, `heads/main`."""
    repo, ref = repository_of(hub, hit), f"refs/{hit.path['ref']}"
    if ref not in repo.refs:
        raise not_found()
    return json_response(200, _reference(repo, ref))


@route("POST", f"{REPO}/git/refs", "contents:write")
def create_reference(hub: Hub, hit: Hit) -> Response:
    """Make a branch or a tag at a commit that is there."""
    repo, body = repository_of(hub, hit), object_of(hit, ref=str, sha=str)
    demanded(body, "ref", "sha")
    if not body["ref"].startswith("refs/") or body["ref"].count("/") < 2:
        raise unprocessable("Reference name must start with 'refs/' and have at least two slashes")
    if body["ref"] in repo.refs:
        raise unprocessable("Reference already exists")
    if body["sha"] not in repo.commits:
        raise unprocessable("Object does not exist")
    _move(hub, hit, repo, body["ref"], body["sha"])
    return json_response(201, _reference(repo, body["ref"]))


def _move(hub: Hub, hit: Hit, repo: Repository, ref: str, sha: str) -> None:
    if not ref.startswith(BRANCH):
        before = repo.refs.get(ref)
        repo.refs[ref] = sha
        tell_push(hub, repo, ref, before=before, after=sha, login=actor_of(hit))
        return
    push(hub, repo, ref.removeprefix(BRANCH), sha, login=actor_of(hit), quiet=hit.principal.job is not None)


@route("PATCH", f"{REPO}/git/refs/<path:ref>", "contents:write")
def update_reference(hub: Hub, hit: Hit) -> Response:
    """Move a branch forward, or with `force` anywhere, where its rules let that be."""
    repo, ref = repository_of(hub, hit), f"refs/{hit.path['ref']}"
    body = object_of(hit, sha=str, force=bool)
    demanded(body, "sha")
    if ref not in repo.refs or body["sha"] not in repo.commits:
        raise unprocessable("Reference does not exist" if ref not in repo.refs else "Object does not exist")
    rules = rules_of(repo, ref.removeprefix(BRANCH))
    forward = repo.refs[ref] in ancestors(repo.commits, body["sha"])
    if not forward and (not body.get("force") or rules.no_force):
        raise unprocessable(
            "Update is not a fast forward" if not body.get("force") else "Cannot force-push to this branch"
        )
    if not rules.passes(admin=hub.role(repo, actor_of(hit)) == "admin"):
        raise unprocessable("Changes must be made through a pull request.")
    _move(hub, hit, repo, ref, body["sha"])
    return json_response(200, _reference(repo, ref))


@route("DELETE", f"{REPO}/git/refs/<path:ref>", "contents:write")
def delete_reference(hub: Hub, hit: Hit) -> Response:
    """Delete a branch or a tag."""
    repo, ref = repository_of(hub, hit), f"refs/{hit.path['ref']}"
    if ref not in repo.refs:
        raise unprocessable("Reference does not exist")
    if ref.startswith(BRANCH) and rules_of(repo, ref.removeprefix(BRANCH)).no_deletion:
        raise unprocessable("Cannot delete this branch")
    tell_push(hub, repo, ref, before=repo.refs.pop(ref), after=None, login=actor_of(hit))
    return Response(204)
