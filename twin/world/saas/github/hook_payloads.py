"""The events of a repository as webhooks tell them: pushes, deployments with their statuses, and workflow runs.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from twin.world.saas.github.git_objects import Commit, ancestors
from twin.world.saas.github.hook_deliveries import send, wanting
from twin.world.saas.github.shapes import person, whole_repository
from twin.world.saas.github.state import SITE, Hub, Record, Repository

ZERO = "0" * 40
MOST_COMMITS = 2048


def tell(hub: Hub, repo: Repository, event: str, payload: Record, *, sender: str) -> None:
    """Have every hook that wants an event get it, with the repository and who caused it."""
    whole = payload | told_by(hub, repo, sender)
    for hook in wanting(repo, event):
        send(hub, repo, hook, event, whole)


def told_by(hub: Hub, repo: Repository, sender: str) -> Record:
    """Return what every event tells of its repository and its sender."""
    told: Record = {"repository": whole_repository(hub, repo)}
    owner = hub.account(repo.owner)
    if owner.kind == "Organization":
        told["organization"] = person(owner)
    return told | {"sender": _person(hub, sender)}


def _person(hub: Hub, login: str) -> Record:
    account = hub.accounts.get(login.lower())
    return person(account) if account is not None else {"login": login, "id": 41898282, "type": "Bot"}


def tell_push(hub: Hub, repo: Repository, ref: str, *, before: str | None, after: str | None, login: str) -> None:
    """Tell that a branch or a tag was made, moved or deleted."""
    if not wanting(repo, "push"):
        return
    old, new = before or ZERO, after or ZERO
    fresh = _fresh(repo, before, after)
    head = _commit(repo, repo.commits[after]) if after is not None else None
    told: Record = {"ref": ref, "before": old, "after": new, "base_ref": None, "created": before is None}
    told |= {"deleted": after is None, "forced": _forced(repo, before, after)}
    told |= {"compare": f"{SITE}/{repo.full_name}/compare/{old[:12]}...{new[:12]}"}
    told |= {"commits": [_commit(repo, one) for one in fresh], "head_commit": head}
    mail = hub.accounts[login.lower()].email if login.lower() in hub.accounts else None
    tell(hub, repo, "push", told | {"pusher": {"name": login, "email": mail}}, sender=login)


def _fresh(repo: Repository, before: str | None, after: str | None) -> list[Commit]:
    """Return the commits that a push brought, oldest first."""
    if after is None:
        return []
    known = set(ancestors(repo.commits, before)) if before is not None else set[str]()
    new = [sha for sha in ancestors(repo.commits, after) if sha not in known]
    return [repo.commits[sha] for sha in reversed(new[:MOST_COMMITS])]


def _forced(repo: Repository, before: str | None, after: str | None) -> bool:
    return before is not None and after is not None and before not in ancestors(repo.commits, after)


def _commit(repo: Repository, one: Commit) -> Record:
    parent = repo.commits[one.parents[0]].tree if one.parents else {}
    who: Record = {"name": one.author.name, "email": one.author.email, "username": one.login}
    told: Record = {"id": one.sha, "tree_id": one.tree_sha, "distinct": True, "message": one.message}
    told |= {"timestamp": one.author.at.isoformat(), "url": f"{SITE}/{repo.full_name}/commit/{one.sha}"}
    told |= {"author": who, "committer": who, "added": sorted(set(one.tree) - set(parent))}
    told |= {"removed": sorted(set(parent) - set(one.tree))}
    return told | {"modified": sorted(path for path in set(parent) & set(one.tree) if parent[path] != one.tree[path])}


def tell_deployment(hub: Hub, repo: Repository, held: Record) -> None:
    """Tell that a deployment was made."""
    from twin.world.saas.github.deployments import shown_deployment

    if wanting(repo, "deployment"):
        told: Record = {"action": "created", "deployment": shown_deployment(hub, repo, held), "workflow": None}
        tell(hub, repo, "deployment", told | {"workflow_run": None}, sender=held["#creator"])


def tell_deployment_status(hub: Hub, repo: Repository, held: Record, status: Record) -> None:
    """Tell that a deployment got a status; of one that makes it inactive GitHub tells nothing."""
    from twin.world.saas.github.deployments import shown_deployment, shown_status

    if status["state"] != "inactive" and wanting(repo, "deployment_status"):
        told: Record = {"action": "created", "deployment_status": shown_status(hub, repo, held, status)}
        told |= {"deployment": shown_deployment(hub, repo, held), "workflow": None, "workflow_run": None}
        tell(hub, repo, "deployment_status", told, sender=status["#creator"])


def tell_run(hub: Hub, repo: Repository, run: Record, action: str) -> None:
    """Tell that a workflow run was `requested`, is `in_progress` or `completed`."""
    from twin.world.saas.github.runs import shown_run
    from twin.world.saas.github.workflows import shown_workflow

    if wanting(repo, "workflow_run"):
        told = {"action": action, "workflow_run": shown_run(hub, repo, run)}
        told["workflow"] = shown_workflow(repo, repo.workflows[run["path"]])
        tell(hub, repo, "workflow_run", told, sender=run["#triggering"])
