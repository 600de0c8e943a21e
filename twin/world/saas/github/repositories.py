"""Repositories: made, forked, changed, deleted; and who collaborates in one.

https://docs.github.com/en/rest/repos/repos
"""

from twin.wire import Response
from twin.world.saas.github.access import actor_of, repository_of
from twin.world.saas.github.body import demanded, object_of
from twin.world.saas.github.errors import GithubError, invalid, not_found, unsupported
from twin.world.saas.github.git_objects import Signature, Tree, commit
from twin.world.saas.github.paging import page
from twin.world.saas.github.repository_settings import READ_ONLY, SHAPE, named, private, setting, settings_of
from twin.world.saas.github.routes import REPO, route
from twin.world.saas.github.shapes import repository, whole_repository
from twin.world.saas.github.state import ROLES, Hub, Record, Repository
from twin.world.saas.router import Hit, json_response

LEVELS = ("pull", "triage", "push", "maintain", "admin")


def make(hub: Hub, owner: str, name: str, login: str, *, private: bool, tree: Tree | None = None,
         description: str | None = None) -> Repository:  # fmt: skip
    """Add a repository; with a tree it has its first commit."""
    if f"{owner}/{name}".lower() in hub.repositories:
        raise invalid("Repository", "name", "custom", "name already exists on this account")
    made = Repository(hub.new_id(), hub.account(owner).login, name, private, hub.instant(), description=description)
    if tree is not None:
        who = hub.account(login)
        first = commit(tree, (), Signature(who.name, who.email, hub.instant()), "Initial commit", who.login)
        made.commits[first.sha] = first
        made.refs["refs/heads/main"] = first.sha
        made.pushed = hub.instant()
    hub.repositories[made.full_name.lower()] = made
    hub.note("repo.create", login, made)
    return made


def _created(hub: Hub, hit: Hit, owner: str) -> Response:
    body = object_of(hit, **SHAPE, auto_init=bool)
    demanded(body, "name")
    login, name, settings = actor_of(hit), named(body["name"]), settings_of(body)
    tree = {"README.md": f"# {name}\n"} if body.get("auto_init") else None
    told, hidden = body.get("description"), private(body, before=False)
    made = make(hub, owner, name, login, private=hidden, tree=tree, description=told)
    made.settings |= settings
    return json_response(201, whole_repository(hub, made, login))


@route("POST", "/orgs/<org>/repos", "administration:write")
def create_in_organisation(hub: Hub, hit: Hit) -> Response:
    """Make a repository of an organisation."""
    return _created(hub, hit, hit.path["org"])


@route("POST", "/user/repos", "administration:write")
def create_own(hub: Hub, hit: Hit) -> Response:
    """Make a repository of one's own."""
    return _created(hub, hit, actor_of(hit))


@route("GET", "/orgs/<org>/repos")
def list_repositories(hub: Hub, hit: Hit) -> Response:
    """List those repositories of an organisation that the caller may see."""
    login = hit.principal.login if hit.principal is not None else ""
    rows = [one for one in hub.repositories.values() if one.owner.lower() == hit.path["org"].lower()]
    seen = [one for one in rows if not one.private or (login and hub.role(one, login) != "none")]
    return page(hit, seen, lambda one: repository(hub, one))


@route("GET", REPO, "metadata:read")
def get_repository(hub: Hub, hit: Hit) -> Response:
    """Return one repository."""
    login = hit.principal.login if hit.principal is not None and hit.principal.job is None else ""
    return json_response(200, whole_repository(hub, repository_of(hub, hit), login))


@route("PATCH", REPO, "administration:write")
def update_repository(hub: Hub, hit: Hit) -> Response:
    """Change the description, the default branch, the settings or whether all may see it."""
    repo, body = repository_of(hub, hit), object_of(hit, **SHAPE, default_branch=str)
    if named(body.get("name") or repo.name) != repo.name:
        raise unsupported("another name for a repository")
    settings, hidden = settings_of(body), private(body, before=repo.private)
    if setting(repo, "archived") and settings.get("archived") is not False:
        raise GithubError(403, READ_ONLY)
    branch = body.get("default_branch", repo.default_branch)
    if branch != repo.default_branch and repo.head(branch) is None:
        raise invalid("Repository", "default_branch", "invalid", f"The branch {branch} was not found.")
    repo.default_branch, repo.description = branch, body.get("description", repo.description)
    if settings.get("archived", setting(repo, "archived")) != setting(repo, "archived"):
        hub.note("repo.archived" if settings["archived"] else "repo.unarchived", actor_of(hit), repo)
    repo.settings |= settings
    if hidden != repo.private:
        repo.private = hidden
        hub.note("repo.access", actor_of(hit), repo, visibility="private" if hidden else "public")
    return json_response(200, whole_repository(hub, repo, actor_of(hit)))


@route("DELETE", REPO, "administration:write")
def delete_repository(hub: Hub, hit: Hit) -> Response:
    """Delete a repository with all it holds."""
    repo = repository_of(hub, hit)
    hub.note("repo.destroy", actor_of(hit), repo)
    del hub.repositories[repo.full_name.lower()]
    return Response(204)


@route("POST", f"{REPO}/forks", "metadata:read")
def fork(hub: Hub, hit: Hit) -> Response:
    """Copy a repository to the caller, or to an organisation that the caller is in."""
    repo, body, login = repository_of(hub, hit), object_of(hit, organization=str, name=str), actor_of(hit)
    owner = hub.account(body.get("organization") or login)
    if owner.login.lower() != login.lower() and login.lower() not in owner.members:
        raise GithubError(403, "You do not have permission to fork into this organization")
    made = make(hub, owner.login, body.get("name") or repo.name, login, private=repo.private)
    made.fork_of, made.commits, made.refs = repo.full_name, dict(repo.commits), dict(repo.refs)
    made.default_branch, made.pushed, made.actions = repo.default_branch, repo.pushed, False
    return json_response(202, whole_repository(hub, made, login))


@route("GET", f"{REPO}/collaborators/<login>/permission", "metadata:read")
def get_permission(hub: Hub, hit: Hit) -> Response:
    """Tell what a person may do in a repository."""
    role = hub.role(repository_of(hub, hit), hub.account(hit.path["login"]).login)
    plain: Record = {"pull": "read", "triage": "read", "push": "write", "maintain": "write"}
    return json_response(200, {"permission": plain.get(role, role), "role_name": role})


@route("PUT", f"{REPO}/collaborators/<login>", "administration:write")
def add_collaborator(hub: Hub, hit: Hit) -> Response:
    """Give a member of the organisation a role in the repository; strangers would have to accept first."""
    repo, body = repository_of(hub, hit), object_of(hit, permission=str)
    account, level = hub.account(hit.path["login"]), body.get("permission") or "push"
    if level not in LEVELS:
        raise invalid("Repository", "permission", "invalid", f"{level} is none of {', '.join(ROLES[1:])}")
    if account.login.lower() not in hub.account(repo.owner).members:
        raise unsupported("an invitation of somebody outside of the organisation")
    repo.collaborators[account.login.lower()] = level
    hub.note("repo.add_member", actor_of(hit), repo, user=account.login, permission=level)
    return Response(204)


@route("DELETE", f"{REPO}/collaborators/<login>", "administration:write")
def remove_collaborator(hub: Hub, hit: Hit) -> Response:
    """Take a person's own role in the repository away."""
    repo = repository_of(hub, hit)
    if repo.collaborators.pop(hit.path["login"].lower(), None) is None:
        raise not_found()
    hub.note("repo.remove_member", actor_of(hit), repo, user=hit.path["login"])
    return Response(204)
