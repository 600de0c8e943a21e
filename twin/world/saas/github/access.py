"""Who calls, and what of it the token and the person behind it may see and do."""

from typing import Any

from twin.world.saas.github.errors import GithubError, not_found
from twin.world.saas.github.repository_settings import READ_ONLY, setting
from twin.world.saas.github.routes import NEEDS, REPO, Need
from twin.world.saas.github.state import Hub, Repository, Token, at_least
from twin.world.saas.router import Hit

# What may be done to a repository that is only read.
UNARCHIVING = (f"PATCH {REPO}", f"DELETE {REPO}")
SCHEMES = ("bearer ", "token ")
ACTIONS = "github-actions[bot]"


def token_of(hub: Hub, authorization: str) -> Token | None:
    """Return the token of a call; None for one without, 401 for one that is not good."""
    if not authorization:
        return None
    scheme = next((one for one in SCHEMES if authorization.lower().startswith(one)), None)
    found = hub.tokens.get(authorization[len(scheme) :].strip()) if scheme else None
    if found is None or (found.expires is not None and found.expires <= hub.instant()):
        raise GithubError(401, "Bad credentials")
    return found


def payer(token: Token | None, source: str) -> tuple[str, str]:
    """Return on whose account a call is counted, and by which limit."""
    if token is None:
        return source, "hourly_anonymous"
    if token.job is not None:
        return f"{token.owner}/{token.repositories}", "hourly_actions"
    return token.login, "hourly"


def admit(hub: Hub, hit: Hit, token: Token | None) -> None:
    """Refuse a call that its token or its person may not make: 404 for what they may not see, 403 for the rest."""
    need = NEEDS[hit.operation]
    hit.principal = token
    if "repo" in hit.path and "owner" in hit.path:
        repo = hub.repository(f"{hit.path['owner']}/{hit.path['repo']}")
        hit.path["full_name"] = repo.full_name
        _repository(hub, repo, token, need)
        if need.level == "write" and setting(repo, "archived") and hit.operation not in UNARCHIVING:
            raise GithubError(403, READ_ONLY)
    elif "org" in hit.path:
        _organisation(hub, hit.path["org"], token, need)
    elif token is None and need.permission:
        raise GithubError(401, "Requires authentication")


def _repository(hub: Hub, repo: Repository, token: Token | None, need: Need) -> None:
    if token is None:
        if repo.private:
            raise not_found()
        if need.level == "write" or need.role != "pull":
            raise GithubError(401, "Requires authentication")
        return
    role, covered = _role(hub, repo, token), covers(hub, token, repo)
    if not visible(hub, repo, token):
        raise not_found()
    granted = covered and has(token, need)
    if not need.permission or (need.level == "read" and need.role == "pull" and not repo.private):
        return
    if not granted:
        raise forbidden(token, need)
    if not at_least(role, need.role):
        # GitHub says of what only administrators see that it is not there.
        raise not_found() if need.role == "admin" else GithubError(403, "Must have push access to repository")


def visible(hub: Hub, repo: Repository, token: Token | None) -> bool:
    """Tell whether a caller may see that a repository is there."""
    if token is None:
        return not repo.private
    return at_least(_role(hub, repo, token), "pull") and (covers(hub, token, repo) or not repo.private)


def _role(hub: Hub, repo: Repository, token: Token) -> str:
    # The token of a job acts for the repository: what it may do is in its permissions alone.
    return "push" if token.job is not None else hub.role(repo, token.login)


def covers(hub: Hub, token: Token, repo: Repository) -> bool:
    """Tell whether a repository is among those that a token is for."""
    if token.owner and token.owner.lower() != repo.owner.lower():
        return False
    return token.repositories is None or repo.name.lower() in [one.lower() for one in token.repositories]


def has(token: Token, need: Need) -> bool:
    """Tell whether a token has a permission; whoever may write may read."""
    if need.permission == "metadata":
        return True
    held = token.permissions.get(need.permission, "")
    return held == "write" or held == need.level


def forbidden(token: Token, need: Need) -> GithubError:
    """Build the 403 that names the permission that is missing."""
    kind = "integration" if token.job is not None else "personal access token"
    accepted = {"x-accepted-github-permissions": f"{need.permission}={need.level}"}
    return GithubError(403, f"Resource not accessible by {kind}", headers=accepted)


def _organisation(hub: Hub, login: str, token: Token | None, need: Need) -> None:
    account = hub.account(login)
    if account.kind != "Organization":
        raise not_found()
    if not need.permission:
        return
    if token is None:
        raise GithubError(401, "Requires authentication")
    standing = account.members.get(token.login.lower())
    if (token.owner and token.owner.lower() != account.login.lower()) or not has(token, need):
        raise forbidden(token, need)
    if standing is None or (need.role == "admin" and standing != "admin"):
        raise GithubError(403, "You must be an admin of this organization.") if standing else not_found()


def repository_of(hub: Hub, hit: Hit) -> Repository:
    """Return the repository of a call that was admitted."""
    return hub.repository(hit.path["full_name"])


def actor_of(hit: Hit) -> str:
    """Return the login of whoever calls."""
    token: Any = hit.principal
    if token is None:
        raise GithubError(401, "Requires authentication")
    return str(token.login)
