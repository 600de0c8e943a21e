"""What the protection of a branch and the rulesets of its repository together want of a change.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository: the strictest counts.
"""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from twin.world.saas.github.state import Record, Repository


@dataclass(slots=True)
class Rules:
    """The rules of one branch; `reviews` is None where no pull request is needed, else how many must approve."""

    reviews: int | None = None
    checks: list[str] = field(default_factory=list)
    strict: bool = False
    dismiss_stale: bool = False
    last_push: bool = False
    admins_too: bool = False
    by_ruleset: bool = False
    no_deletion: bool = False
    no_force: bool = False

    def passes(self, *, admin: bool) -> bool:
        """Tell whether a change may come without a pull request."""
        return (self.reviews is None and not self.checks) or (admin and not self.admins_too and not self.by_ruleset)


def rules_of(repo: Repository, branch: str) -> Rules:
    """Return what is wanted of changes to a branch."""
    found = Rules()
    held = repo.protection.get(branch)
    if held is not None:
        found.no_deletion, found.no_force = not held["allow_deletions"], not held["allow_force_pushes"]
        found.admins_too = held["enforce_admins"]
        if (wanted := held["required_status_checks"]) is not None:
            found.checks, found.strict = list(wanted["contexts"]), wanted["strict"]
        if (wanted := held["required_pull_request_reviews"]) is not None:
            found.reviews = wanted["required_approving_review_count"]
            found.dismiss_stale = wanted["dismiss_stale_reviews"]
            found.last_push = wanted["require_last_push_approval"]
    for ruleset in repo.rulesets.values():
        if ruleset["enforcement"] == "active" and ruleset["target"] == "branch" and _includes(ruleset, repo, branch):
            for rule in ruleset["rules"]:
                _add(found, rule)
    return found


def _includes(ruleset: Record, repo: Repository, branch: str) -> bool:
    names = ((ruleset.get("conditions") or {}).get("ref_name")) or {}

    def fits(pattern: str) -> bool:
        if pattern == "~ALL":
            return True
        if pattern == "~DEFAULT_BRANCH":
            return branch == repo.default_branch
        return fnmatchcase(f"refs/heads/{branch}", pattern)

    return any(map(fits, names.get("include", ()))) and not any(map(fits, names.get("exclude", ())))


def _add(found: Rules, rule: Record) -> None:
    told = rule.get("parameters") or {}
    found.by_ruleset = True
    if rule["type"] == "pull_request":
        found.reviews = max(found.reviews or 0, told.get("required_approving_review_count", 0))
        found.dismiss_stale |= bool(told.get("dismiss_stale_reviews_on_push"))
        found.last_push |= bool(told.get("require_last_push_approval"))
    elif rule["type"] == "required_status_checks":
        wanted = [one["context"] for one in told.get("required_status_checks", ())]
        found.checks += [one for one in wanted if one not in found.checks]
        found.strict |= bool(told.get("strict_required_status_checks_policy"))
    elif rule["type"] == "deletion":
        found.no_deletion = True
    elif rule["type"] == "non_fast_forward":
        found.no_force = True
