"""Everything that decides who may do what in an org, as one plain value."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A policy that stands in an identity, a group or a level of the organization; `text` is its JSON."""

    name: str
    text: str


Levels = tuple[tuple[str, tuple[Document, ...]], ...]
"""The levels of an organization from the root down to an account, each with its policies."""


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account; `scps` and `rcps` are its levels from the root down, None where none apply.

    None apply to the management account, and none of a type that is not enabled. `path` is the account's place, as
    `aws:PrincipalOrgPaths` tells it.
    """

    id: str
    scps: Levels | None = None
    organization: str = ""
    rcps: Levels | None = None
    path: str = ""

    @property
    def key(self) -> str:
        """Name the account among the objects of the org."""
        return f"account:{self.id}"


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or a role; `attached`, `groups` and `boundary` are ARNs, `trust` is a role's JSON."""

    arn: str
    inline: tuple[Document, ...] = ()
    attached: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    boundary: str = ""
    trust: str = ""
    tags: Tags = ()

    @property
    def key(self) -> str:
        """Name the identity among the objects of the org."""
        return self.arn


@dataclass(frozen=True, slots=True)
class Group:
    """A group of users."""

    arn: str
    inline: tuple[Document, ...] = ()
    attached: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name the group among the objects of the org."""
        return self.arn


@dataclass(frozen=True, slots=True)
class Managed:
    """A managed policy with the JSON of each version."""

    arn: str
    versions: tuple[tuple[str, str], ...]
    default: str

    @property
    def key(self) -> str:
        """Name the policy among the objects of the org."""
        return self.arn

    @property
    def text(self) -> str:
        """Return the version in force."""
        return dict(self.versions)[self.default]


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource: its own policy and grants, and the roles that work for it.

    `kind` reads `s3.bucket`, `lambda.function`, `ec2.instance`. `tags` is None where they were not read.
    """

    arn: str
    kind: str
    account: str
    policy: str = ""
    grants: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    tags: Tags | None = None

    @property
    def key(self) -> str:
        """Name the resource among the objects of the org."""
        return self.arn


@dataclass(frozen=True, slots=True)
class Point:
    """An access point of S3: the bucket (an ARN) that it leads to, its own policy, the one network that it serves.

    `open`: a public policy lets others in too.
    """

    arn: str
    account: str
    bucket: str
    policy: str = ""
    vpc: str = ""
    open: bool = False

    @property
    def key(self) -> str:
        """Name the access point among the objects of the org."""
        return self.arn


@dataclass(frozen=True, slots=True)
class Member:
    """A person of an Okta group."""

    person: str
    group: str

    @property
    def key(self) -> str:
        """Name the membership among the objects of the org."""
        return f"{self.person} in {self.group}"


@dataclass(frozen=True, slots=True)
class Door:
    """An Okta group or person whose assertion, by an app's settings, names an AWS role and its identity provider."""

    holder: str
    app: str
    role: str
    provider: str

    @property
    def key(self) -> str:
        """Name the door among the objects of the org."""
        return f"{self.holder} through {self.app} to {self.role} by {self.provider}"


Object = Account | Identity | Group | Managed | Thing | Point | Member | Door


@dataclass(frozen=True, slots=True)
class Org:
    """The objects of an org, and what could not be read of it."""

    objects: tuple[Object, ...]
    gaps: tuple[str, ...] = ()

    def by_key(self) -> dict[str, Object]:
        """Return the objects by their keys."""
        return {one.key: one for one in self.objects}

    def changed(self, *objects: Object, gone: Iterable[str] = ()) -> "Org":
        """Return the org with other or new objects, and without those whose keys are `gone`."""
        found = self.by_key()
        found.update((one.key, one) for one in objects)
        for key in gone:
            del found[key]
        return Org(tuple(found.values()), self.gaps)


def text(document: Mapping[str, Any] | str) -> str:
    """Write a policy document as the JSON text of the org: equal documents have equal texts."""
    read = json.loads(document) if isinstance(document, str) else document
    return json.dumps(read, separators=(",", ":"))


def account_of(arn: str) -> str:
    """Return the account in an ARN, empty where it has none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
