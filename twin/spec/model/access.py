"""Who may do what on AWS: statements, and the IAM users, groups and roles that are not people."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from pydantic import Field

from twin.spec.model.pipeline import Pipeline
from twin.spec.model.promotion import Promotion
from twin.spec.model.reference import Group, IamGroup, IamUserName, ResourceName
from twin.spec.model.section import Problem, Section
from twin.spec.model.values import AccountId, Action, Duration, Host, Name, RepositoryName, Text


class Statement(Section):
    """One IAM policy statement."""

    effect: Literal["allow", "deny"] = "allow"
    """Whether the actions are allowed or denied."""
    actions: tuple[Action, ...] = Field(min_length=1)
    """IAM actions, such as `s3:GetObject`."""
    resources: tuple[ResourceName, ...] = Field(min_length=1)
    """ARNs, `*`, or items of this spec such as `data.buckets.lake` or `data.buckets.lake/*`."""
    when: dict[str, dict[str, tuple[Text, ...]]] = Field(default_factory=dict)
    """Conditions: operator → condition key → values."""


class Grants(Section):
    """What an identity may do."""

    policies: tuple[Text, ...] = ()
    """Names of AWS managed policies."""
    statements: tuple[Statement, ...] = ()
    """Statements of its own."""


class WorkforceRole(Grants):
    """An AWS role that people assume through SAML from their Okta groups."""

    groups: tuple[Group, ...] = Field(min_length=1)
    """The Okta groups whose members may assume the role."""
    session: Duration = timedelta(hours=1)
    """How long one session lasts, 1h to 12h."""
    description: Text | None = None
    """What the role is for."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a session that STS would refuse."""
        if not timedelta(hours=1) <= self.session <= timedelta(hours=12):
            yield Problem("TW0201", ("session",), "a role's session lasts from 1h to 12h")


class IamUser(Grants):
    """A machine outside AWS, with access keys."""

    groups: tuple[IamGroup, ...] = ()
    """The IAM groups that it belongs to."""
    access_keys: int = Field(default=1, ge=0, le=2)
    """How many access keys it has; AWS allows two."""


class IamRole(Grants):
    """A role that an AWS service, users of this spec, or other accounts assume."""

    service: Host | None = None
    """The service, such as `ec2.amazonaws.com`."""
    users: tuple[IamUserName, ...] = ()
    """Users of this spec that may assume it."""
    accounts: tuple[AccountId, ...] = ()
    """Accounts whose own policies say who of them may assume it, as a break-glass role needs it."""
    mfa: bool = False
    """Whether users and accounts must have shown a second factor."""
    session: Duration = timedelta(hours=1)
    """How long one session may last."""
    description: Text | None = None
    """What the role is for."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a role that nobody could assume, and what STS or a service could not do."""
        if not timedelta(hours=1) <= self.session <= timedelta(hours=12):
            yield Problem("TW0201", ("session",), "a role's session lasts from 1h to 12h")
        if self.mfa and not (self.users or self.accounts):
            yield Problem("TW0214", ("mfa",), "a service has no second factor", "leave `mfa` out")
        if not (self.service or self.users or self.accounts):
            message = "nobody may assume the role"
            yield Problem(
                "TW0214", (), message, "add `service: ec2.amazonaws.com`, `users: [...]` or `accounts: [...]`"
            )


class Iam(Section):
    """AWS identities that are not people."""

    groups: dict[Name, Grants] = Field(default_factory=dict)
    """IAM groups by name."""
    users: dict[Name, IamUser] = Field(default_factory=dict)
    """IAM users by name."""
    roles: dict[Name, IamRole] = Field(default_factory=dict)
    """Service roles by name."""


class DeliveryRole(Grants):
    """An AWS role that one repository's workflows assume through GitHub's OIDC provider."""

    repository: RepositoryName
    """The repository, `owner/name`."""
    branches: tuple[Text, ...] = ()
    """Branches whose workflows may assume the role."""
    environments: tuple[Text, ...] = ()
    """GitHub environments whose jobs may assume the role."""
    pull_requests: bool = False
    """Whether jobs of pull requests may assume the role: for what only reads; GitHub gives those of forks no token."""
    session: Duration = timedelta(hours=1)
    """How long one session lasts."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a role that any workflow of the repository could assume."""
        if not self.branches and not self.environments and not self.pull_requests:
            message = "the role names neither a branch nor an environment"
            yield Problem("TW0214", (), message, "add `branches: [main]` or `environments: [production]`")


class Delivery(Section):
    """How changes reach the accounts: GitHub Actions without stored keys."""

    roles: dict[Name, DeliveryRole] = Field(default_factory=dict)
    """AWS roles by name."""
    promotion: Promotion = Promotion()
    """What must be shown before a plan goes to the real accounts."""
    pipeline: Pipeline | None = None
    """The GitHub repository whose workflows plan and apply this spec."""
