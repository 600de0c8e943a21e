"""What a push does: the branch moves if its rules let it, the log says so, and workflows begin."""

from twin.world.saas.github.branch_rules import Rules, rules_of
from twin.world.saas.github.errors import PROTECTED, conflict
from twin.world.saas.github.git_objects import Signature, Tree, changed, commit
from twin.world.saas.github.hook_payloads import tell_push
from twin.world.saas.github.state import Hub, Repository
from twin.world.saas.github.triggers import began

BRANCH = "refs/heads/"


def push(hub: Hub, repo: Repository, branch: str, sha: str, *, login: str, quiet: bool = False) -> None:
    """Move a branch to a commit; `quiet` for the token of a job, whose pushes begin no workflows."""
    before = repo.refs.get(BRANCH + branch)
    repo.refs[BRANCH + branch] = sha
    repo.pushed = hub.instant()
    hub.note("git.push", login, repo, ref=BRANCH + branch, before=before or "0" * 40, after=sha)
    tell_push(hub, repo, BRANCH + branch, before=before, after=sha, login=login)
    if quiet:
        return
    old = repo.commits[before].tree if before is not None else {}
    began(hub, repo, "push", sha, ref=BRANCH + branch, actor=login, paths=changed(old, repo.commits[sha].tree))
    for pull in repo.pulls.values():
        if pull["#head"] == (repo.full_name, branch) and pull["state"] == "open":
            synchronize(hub, repo, pull["number"], login)
    if repo.fork_of is not None and (parent := hub.repositories.get(repo.fork_of.lower())) is not None:
        for pull in parent.pulls.values():
            if pull["#head"] == (repo.full_name, branch) and pull["state"] == "open":
                parent.commits.update(repo.commits)
                synchronize(hub, parent, pull["number"], login)


def synchronize(hub: Hub, repo: Repository, number: int, login: str) -> None:
    """Take a new commit of a pull request's branch into account: its approvals may be dismissed, its checks begin."""
    from twin.world.saas.github.pull_requests import head_sha, tried_merge

    pull = repo.pulls[number]
    rules = rules_of(repo, pull["base"])
    if rules.dismiss_stale:
        for review in pull["#reviews"]:
            review["state"] = "DISMISSED" if review["state"] == "APPROVED" else review["state"]
    pull["#head_sha"] = head_sha(hub, pull)
    pull["updated_at"] = hub.now()
    merge = tried_merge(hub, repo, pull)
    if merge is not None:
        base = repo.head(pull["base"])
        old = base.tree if base is not None else {}
        paths = changed(old, repo.commits[merge].tree)
        began(hub, repo, "pull_request", merge, ref=f"refs/pull/{number}/merge", actor=login, paths=paths, pull=number)


def write(hub: Hub, repo: Repository, branch: str, tree: Tree, *, message: str, login: str, quiet: bool = False) -> str:
    """Commit a tree onto a branch and push it; returns the commit's id."""
    head, who = repo.head(branch), hub.accounts.get(login.lower())
    name, mail = (who.name, who.email) if who else (login, f"{login}@users.noreply.github.com")
    parents = (head.sha,) if head is not None else ()
    made = commit(tree, parents, Signature(name, mail, hub.instant()), message, login)
    repo.commits[made.sha] = made
    push(hub, repo, branch, made.sha, login=login, quiet=quiet)
    return made.sha


def refuse_direct(rules: Rules, verb: str, admin: bool) -> None:
    """Refuse a change that does not come through a pull request, where the branch wants one."""
    if rules.passes(admin=admin):
        return
    reasons = (
        [f"{len(rules.checks)} of {len(rules.checks)} required status checks are expected."] if rules.checks else []
    )
    if rules.reviews is not None:
        reasons.append("Changes must be made through a pull request.")
    if rules.by_ruleset:
        raise conflict("Repository rule violations found\n\n" + "\n\n".join(reasons) + "\n\n", docs=PROTECTED)
    raise conflict(f"Could not {verb} file: {' '.join(reasons)}", docs=PROTECTED)
