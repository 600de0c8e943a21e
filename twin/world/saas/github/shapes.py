"""What GitHub shows of accounts, repositories and commits: records with the addresses of everything around them."""

import base64
from typing import Any

from twin.world.saas.github.git_objects import Commit, Signature
from twin.world.saas.github.repository_settings import DEFAULTS, MERGING
from twin.world.saas.github.state import API, SITE, Account, Hub, Record, Repository, stamp

PARTS = {
    "archive": "/{archive_format}{/ref}", "assignees": "/assignees{/user}", "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}", "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}", "compare": "/compare/{base}...{head}", "contents": "/contents/{+path}",
    "contributors": "/contributors", "deployments": "/deployments", "downloads": "/downloads", "events": "/events",
    "forks": "/forks", "git_commits": "/git/commits{/sha}", "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks", "issue_comment": "/issues/comments{/number}", "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}", "keys": "/keys{/key_id}", "labels": "/labels{/name}", "languages": "/languages",
    "merges": "/merges", "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}", "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers", "statuses": "/statuses/{sha}", "subscribers": "/subscribers",
    "subscription": "/subscription", "tags": "/tags", "teams": "/teams", "trees": "/git/trees{/sha}",
}  # fmt: skip
ZERO = ("forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count", "watchers",
        "watchers_count", "network_count", "subscribers_count")  # fmt: skip


def node(kind: str, key: object) -> str:
    """Return the id that GraphQL has for a thing."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def person(account: Account) -> Record:
    """Return an account as other records show it."""
    url, page = f"{API}/users/{account.login}", f"{SITE}/{account.login}"
    told: Record = {"login": account.login, "id": account.id, "node_id": node("User", account.id)}
    told |= {"avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4", "gravatar_id": "", "url": url}
    told |= {"html_url": page, "followers_url": f"{url}/followers", "following_url": f"{url}/following{{/other_user}}"}
    told |= {"gists_url": f"{url}/gists{{/gist_id}}", "starred_url": f"{url}/starred{{/owner}}{{/repo}}"}
    told |= {
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
    }
    told |= {"events_url": f"{url}/events{{/privacy}}", "received_events_url": f"{url}/received_events"}
    return told | {"type": account.kind, "site_admin": False}


def organisation(hub: Hub, account: Account) -> Record:
    """Return an organisation as it is shown by itself."""
    url = f"{API}/orgs/{account.login}"
    owned = [one for one in hub.repositories.values() if one.owner == account.login]
    told: Record = {"login": account.login, "id": account.id, "node_id": node("Organization", account.id), "url": url}
    told |= {name: f"{url}/{name[:-4]}" for name in ("repos_url", "events_url", "hooks_url", "issues_url")}
    told |= {"members_url": f"{url}/members{{/member}}", "public_members_url": f"{url}/public_members{{/member}}"}
    told |= {"avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4", "description": None}
    told |= {"html_url": f"{SITE}/{account.login}", "name": account.name, "type": "Organization", "archived_at": None}
    told |= {"has_organization_projects": True, "has_repository_projects": True, "public_gists": 0, "followers": 0}
    told |= {"following": 0, "public_repos": sum(not one.private for one in owned)}
    return told | {"created_at": stamp(account.created), "updated_at": stamp(account.created)}


def repository(hub: Hub, repo: Repository) -> Record:
    """Return a repository as other records show it."""
    told: Record = {"id": repo.id, "node_id": node("Repository", repo.id), "name": repo.name}
    told |= {"full_name": repo.full_name, "private": repo.private, "owner": person(hub.account(repo.owner))}
    told |= {"html_url": f"{SITE}/{repo.full_name}", "description": repo.description, "fork": repo.fork_of is not None}
    return told | {"url": repo.url} | {f"{name}_url": repo.url + path for name, path in PARTS.items()}


def whole_repository(hub: Hub, repo: Repository, login: str = "") -> Record:
    """Return a repository as it is shown by itself."""
    made, pushed = stamp(repo.created), stamp(repo.pushed or repo.created)
    told = repository(hub, repo) | dict.fromkeys(ZERO, 0)
    told |= {"clone_url": f"{SITE}/{repo.full_name}.git", "git_url": f"git://github.com/{repo.full_name}.git"}
    told |= {
        "ssh_url": f"git@github.com:{repo.full_name}.git",
        "svn_url": f"{SITE}/{repo.full_name}",
        "mirror_url": None,
    }
    settings = DEFAULTS | {"allow_forking": not repo.private} | repo.settings
    told |= {"default_branch": repo.default_branch, "language": None, "license": None, "has_pages": False}
    told |= {name: value for name, value in settings.items() if name not in MERGING} | {"disabled": False}
    told |= {"visibility": "private" if repo.private else "public", "created_at": made, "updated_at": made}
    told |= {"pushed_at": pushed}
    if login:
        rank = ("pull", "triage", "push", "maintain", "admin")
        role = hub.role(repo, login)
        told |= {name: settings[name] for name in MERGING} if role in ("push", "maintain", "admin") else {}
        told["permissions"] = {one: role != "none" and rank.index(one) <= rank.index(role) for one in reversed(rank)}
    if repo.fork_of is not None and (parent := hub.repositories.get(repo.fork_of.lower())) is not None:
        told |= {"parent": repository(hub, parent), "source": repository(hub, parent)}
    return told


def _signed(signature: Signature) -> Record:
    return {"name": signature.name, "email": signature.email, "date": stamp(signature.at)}


def commit(hub: Hub, repo: Repository, one: Commit) -> Record:
    """Return a commit with whom GitHub knows its author by."""
    url, who = f"{repo.url}/commits/{one.sha}", hub.accounts.get(one.login.lower())
    inner: Record = {"author": _signed(one.author), "committer": _signed(one.author), "message": one.message}
    inner |= {"tree": {"sha": one.tree_sha, "url": f"{repo.url}/git/trees/{one.tree_sha}"}, "comment_count": 0}
    inner |= {"url": f"{repo.url}/git/commits/{one.sha}"}
    told: Record = {"sha": one.sha, "node_id": node("Commit", one.sha), "commit": inner, "url": url}
    told |= {"html_url": f"{SITE}/{repo.full_name}/commit/{one.sha}", "comments_url": f"{url}/comments"}
    told |= {"author": person(who) if who else None, "committer": person(who) if who else None}
    return told | {"parents": [{"sha": sha, "url": f"{repo.url}/commits/{sha}"} for sha in one.parents]}


def git_commit(repo: Repository, one: Commit) -> Record:
    """Return a commit as git has it, as calls that write files show it."""
    told: Record = {"sha": one.sha, "node_id": node("Commit", one.sha), "url": f"{repo.url}/git/commits/{one.sha}"}
    told |= {"html_url": f"{SITE}/{repo.full_name}/commit/{one.sha}", "message": one.message}
    told |= {"author": _signed(one.author), "committer": _signed(one.author)}
    told |= {"tree": {"sha": one.tree_sha, "url": f"{repo.url}/git/trees/{one.tree_sha}"}}
    unsigned = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    told |= {"verification": unsigned}
    page = f"{SITE}/{repo.full_name}/commit/"
    return told | {
        "parents": [{"sha": sha, "url": f"{repo.url}/git/commits/{sha}", "html_url": page + sha} for sha in one.parents]
    }


def shown(record: Record) -> dict[str, Any]:
    """Return a record without what is never shown."""
    return {name: value for name, value in record.items() if not name.startswith("#")}
