"""The true state of GitHub in the twin: accounts, tokens, repositories and what their Actions do; it pickles."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from twin.world.agenda import Agenda
from twin.world.ids import Ids
from twin.world.saas.github.errors import not_found
from twin.world.saas.github.git_objects import Commit
from twin.world.saas.github.rate_limits import Hours

Record = dict[str, Any]
Tell = Callable[..., object]
API = "https://api.github.com"
SITE = "https://github.com"
ROLES = ("none", "pull", "triage", "push", "maintain", "admin")


@dataclass(slots=True)
class Account:
    """A person or an organisation; `members` of an organisation are logins with `admin` or `member`."""

    id: int
    login: str
    kind: str
    created: datetime
    name: str
    email: str
    members: dict[str, str] = field(default_factory=dict)
    teams: dict[str, Record] = field(default_factory=dict)
    base: str = "pull"
    subject: list[str] = field(default_factory=lambda: ["repo", "context"])


@dataclass(slots=True)
class Token:
    """A token of a person with permissions, or of a job; `repositories` narrows it, without `owner` it is for all."""

    id: str
    name: str
    login: str
    owner: str
    permissions: dict[str, str]
    repositories: tuple[str, ...] | None = None
    job: int | None = None
    expires: datetime | None = None


@dataclass(slots=True)
class Repository:
    """A repository with everything in it; tables map ids or names to records, in the vendor's field names."""

    id: int
    owner: str
    name: str
    private: bool
    created: datetime
    default_branch: str = "main"
    description: str | None = None
    fork_of: str | None = None
    pushed: datetime | None = None
    actions: bool = True
    settings: Record = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    collaborators: dict[str, str] = field(default_factory=dict)
    protection: dict[str, Record] = field(default_factory=dict)
    rulesets: dict[int, Record] = field(default_factory=dict)
    environments: dict[str, Record] = field(default_factory=dict)
    secrets: dict[str, Record] = field(default_factory=dict)
    variables: dict[str, Record] = field(default_factory=dict)
    pulls: dict[int, Record] = field(default_factory=dict)
    comments: dict[int, Record] = field(default_factory=dict)
    statuses: list[Record] = field(default_factory=list)
    checks: dict[int, Record] = field(default_factory=dict)
    deployments: dict[int, Record] = field(default_factory=dict)
    workflows: dict[str, Record] = field(default_factory=dict)
    runs: dict[int, Record] = field(default_factory=dict)
    jobs: dict[int, Record] = field(default_factory=dict)
    hooks: dict[int, Record] = field(default_factory=dict)
    deliveries: dict[str, Record] = field(default_factory=dict)
    subject: Record = field(default_factory=lambda: {"use_default": True})
    deleted: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        """The repository as `owner/name`."""
        return f"{self.owner}/{self.name}"

    @property
    def url(self) -> str:
        """Its address in the API."""
        return f"{API}/repos/{self.full_name}"

    def head(self, branch: str) -> Commit | None:
        """Return the newest commit of a branch."""
        sha = self.refs.get(f"refs/heads/{branch}")
        return self.commits[sha] if sha is not None else None


@dataclass(slots=True)
class Hub:
    """GitHub: every account and repository that there is.

    `tell` hears what happens (`github.run.completed`); `origin` is the text from which its keys are made; `told` holds
    the audit log's entries of the current request.
    """

    agenda: Agenda
    ids: Ids
    origin: str
    tell: Tell
    accounts: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict, repr=False)
    repositories: dict[str, Repository] = field(default_factory=dict)
    audit: list[Record] = field(default_factory=list)
    told: list[Record] = field(default_factory=list)
    limits: Hours = field(default_factory=Hours)
    last_id: int = 1000

    def instant(self) -> datetime:
        """Return the instant."""
        return self.agenda.now()

    def now(self) -> str:
        """Return the instant as GitHub writes it."""
        return stamp(self.instant())

    def new_id(self) -> int:
        """Return the next id."""
        self.last_id += 1
        return self.last_id

    def repository(self, full_name: str) -> Repository:
        """Return a repository, whatever the case of its name; 404 where there is none."""
        found = self.repositories.get(full_name.lower())
        if found is None:
            raise not_found()
        return found

    def account(self, login: str) -> Account:
        """Return an account, whatever the case of its name; 404 where there is none."""
        found = self.accounts.get(login.lower())
        if found is None:
            raise not_found()
        return found

    def role(self, repository: Repository, login: str) -> str:
        """Return the role that a person has in a repository."""
        if login.lower() == repository.owner.lower():
            return "admin"
        owner, roles = self.account(repository.owner), [repository.collaborators.get(login.lower(), "none")]
        if (standing := owner.members.get(login.lower())) is not None:
            roles.append("admin" if standing == "admin" else owner.base)
        if not repository.private:
            roles.append("pull")
        return max(roles, key=ROLES.index)

    def note(self, action: str, actor: str, repository: Repository | None = None, **facts: Any) -> None:
        """Write an entry of the audit log."""
        entry: Record = {"@timestamp": int(self.instant().timestamp() * 1000), "_document_id": self.ids.word(22)}
        entry |= {"action": action, "actor": actor, "created_at": int(self.instant().timestamp() * 1000)}
        if repository is not None:
            entry |= {"org": repository.owner, "repo": repository.full_name, "repo_id": repository.id}
        self.audit.append(entry | facts)
        self.told.append(self.audit[-1])


def stamp(instant: datetime) -> str:
    """Write an instant as `2026-11-22T10:00:00Z`."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def at_least(role: str, wanted: str) -> bool:
    """Tell whether a role reaches another."""
    return ROLES.index(role) >= ROLES.index(wanted)
