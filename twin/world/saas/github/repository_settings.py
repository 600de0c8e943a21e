"""The settings of a repository: what it offers, how pull requests are merged, and whether it is read-only.

https://docs.github.com/en/rest/repos/repos#update-a-repository
"""

import re
from typing import Any

from twin.world.saas.github.errors import GithubError, invalid, unsupported
from twin.world.saas.github.state import Record, Repository

DEFAULTS: Record = {
    "homepage": None, "has_issues": True, "has_projects": True, "has_wiki": True, "has_downloads": True,
    "has_discussions": False, "is_template": False, "archived": False, "allow_squash_merge": True,
    "allow_merge_commit": True, "allow_rebase_merge": True, "allow_auto_merge": False, "delete_branch_on_merge": False,
    "allow_update_branch": False, "use_squash_pr_title_as_default": False, "allow_forking": False,
    "squash_merge_commit_title": "COMMIT_OR_PR_TITLE", "squash_merge_commit_message": "COMMIT_MESSAGES",
    "merge_commit_title": "MERGE_MESSAGE", "merge_commit_message": "PR_TITLE", "web_commit_signoff_required": False,
}  # fmt: skip
CHOICES = {
    "squash_merge_commit_title": ("PR_TITLE", "COMMIT_OR_PR_TITLE"),
    "squash_merge_commit_message": ("PR_BODY", "COMMIT_MESSAGES", "BLANK"),
    "merge_commit_title": ("PR_TITLE", "MERGE_MESSAGE"),
    "merge_commit_message": ("PR_BODY", "PR_TITLE", "BLANK"),
}
SHAPE: dict[str, Any] = {name: str if name == "homepage" or name in CHOICES else bool for name in DEFAULTS}
SHAPE |= {"name": str, "description": str, "private": bool, "visibility": str}
# What only those see who may push.
MERGING = tuple(
    name for name in DEFAULTS if name.startswith(("allow_", "delete_", "squash_", "merge_", "use_", "web_"))
)
METHODS = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}
LONGEST = 100
# Documented, and without any effect here that could be told from none.
UNSERVED = ("gitignore_template", "license_template", "team_id", "security_and_analysis", "custom_properties")
READ_ONLY = "Repository was archived so is read-only."


def named(given: str) -> str:
    """Return the name that a repository gets: what GitHub takes no name of becomes a hyphen."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", given)
    if not name or name in (".", ".."):
        raise invalid("Repository", "name", "missing_field" if not name else "custom", "name is invalid")
    if len(name) > LONGEST:
        raise invalid("Repository", "name", "custom", f"name is too long (maximum is {LONGEST} characters)")
    return name


def private(body: Record, before: bool) -> bool:
    """Return whether a repository is private after a request."""
    visibility = body.get("visibility")
    if visibility is None:
        return before if body.get("private") is None else bool(body["private"])
    if visibility not in ("public", "private"):
        raise GithubError(422, f'Invalid request.\n\n{visibility} is not a member of ["public", "private"].')
    return bool(visibility == "private")


def settings_of(body: Record) -> Record:
    """Return the settings that a request gives; 422 for a value that GitHub has not, 501 for what does nothing here."""
    for name in UNSERVED:
        if body.get(name) is not None:
            raise unsupported(f"{name} of a repository")
    for name, allowed in CHOICES.items():
        if body.get(name) is not None and body[name] not in allowed:
            raise invalid("Repository", name, "invalid", f"{name} must be one of {', '.join(allowed)}")
    found = {name: body[name] for name in DEFAULTS if body.get(name) is not None}
    merging = [found.get(name) for name in METHODS.values()]
    if merging == [False, False, False]:
        message = "Sorry, you need to allow at least one merge strategy. (no_merge_method)"
        raise invalid("Repository", "merge_commit_allowed", "custom", message)
    return found


def check_method(repo: Repository, method: str) -> None:
    """Refuse a way of merging that a repository does not allow."""
    if method not in METHODS:
        raise GithubError(422, f'Invalid request.\n\n{method} is not a member of ["merge", "squash", "rebase"].')
    if not setting(repo, METHODS[method]):
        words = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}[method]
        raise GithubError(405, f"{words} are not allowed on this repository.")


def setting(repo: Repository, name: str) -> Any:
    """Return a setting of a repository."""
    return repo.settings.get(name, DEFAULTS[name])
