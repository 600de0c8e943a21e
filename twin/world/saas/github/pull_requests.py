"""Pull requests as they stand: their heads, what they would come to, and what still keeps them from being merged."""

from twin.world.saas.github.branch_rules import Rules, rules_of
from twin.world.saas.github.checks import checks_of
from twin.world.saas.github.git_objects import Signature, ancestors, commit, merge_base, merged
from twin.world.saas.github.progress import GOOD
from twin.world.saas.github.state import Hub, Record, Repository, at_least
from twin.world.saas.github.statuses import combined


def head_sha(hub: Hub, pull: Record) -> str:
    """Return the newest commit of a pull request's branch; the last one that there was, where it is gone."""
    name, branch = pull["#head"]
    source = hub.repositories.get(name.lower())
    head = source.head(branch) if source is not None else None
    return head.sha if head is not None else str(pull["#head_sha"])


def tried_merge(hub: Hub, repo: Repository, pull: Record) -> str | None:
    """Make the commit that merging would come to; None where both sides changed the same file."""
    base = repo.head(pull["base"])
    assert base is not None, "a pull request's base is a branch that is there"
    common = merge_base(repo.commits, base.sha, pull["#head_sha"])
    origin = repo.commits[common].tree if common is not None else {}
    tree = merged(origin, base.tree, repo.commits[pull["#head_sha"]].tree)
    if tree is None:
        pull["#merge"] = None
        return None
    who = hub.account(pull["#user"])
    told = f"Merge {pull['#head_sha']} into {base.sha}"
    made = commit(tree, (base.sha, pull["#head_sha"]), Signature(who.name, who.email, hub.instant()), told, who.login)
    repo.commits[made.sha] = made
    repo.refs[f"refs/pull/{pull['number']}/merge"] = made.sha
    repo.refs[f"refs/pull/{pull['number']}/head"] = pull["#head_sha"]
    pull["#merge"] = made.sha
    return made.sha


def hindrances(hub: Hub, repo: Repository, pull: Record) -> list[str]:
    """Return what the rules of the base still want, in GitHub's words."""
    rules = rules_of(repo, pull["base"])
    return [*_reviews(hub, repo, pull, rules), *_checks(repo, pull, rules)]


def _reviews(hub: Hub, repo: Repository, pull: Record, rules: Rules) -> list[str]:
    latest = {one["#user"]: one for one in pull["#reviews"] if one["state"] != "COMMENTED"}
    if any(one["state"] == "CHANGES_REQUESTED" for one in latest.values()) and rules.reviews is not None:
        return ["Changes have been requested."]
    pusher = pull["#pusher"] if rules.last_push else ""
    good = [
        login
        for login, one in latest.items()
        if one["state"] == "APPROVED" and login != pusher and at_least(hub.role(repo, login), "push")
    ]
    wanted = rules.reviews or 0
    if len(good) >= wanted:
        return []
    noun = "approving review is" if wanted == 1 else "approving reviews are"
    return [f"At least {wanted} {noun} required by reviewers with write access."]


def _checks(repo: Repository, pull: Record, rules: Rules) -> list[str]:
    sha, base = pull["#head_sha"], repo.head(pull["base"])
    states = {one["context"]: one["state"] for one in combined(repo, sha)}
    for check in reversed(checks_of(repo, sha)):
        states[check["name"]] = check["conclusion"] if check["status"] == "completed" else "pending"
    lacking = [name for name in rules.checks if states.get(name) not in GOOD]
    if len(lacking) == 1:
        seen = states.get(lacking[0])
        verb = "expected" if seen is None else "pending" if seen == "pending" else "failing"
        return [f'Required status check "{lacking[0]}" is {verb}.']
    if lacking:
        return [f"{len(lacking)} of {len(rules.checks)} required status checks are expected."]
    if rules.strict and base is not None and base.sha not in ancestors(repo.commits, sha):
        return ["The head branch is not up to date with the base branch."]
    return []
