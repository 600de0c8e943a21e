"""What temporary credentials remember of how they were asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Means = Literal[
    "GetSessionToken", "GetFederationToken", "AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"
]


@dataclass(frozen=True, slots=True)
class Session:
    """How a session came about, and what limits it or tells about it for as long as it lives.

    `limited`: it was given session policies, by `documents` or by the ARNs of managed ones. `claims` are the condition
    keys that the identity provider's token gave.
    """

    means: Means
    limited: bool = False
    documents: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()
    mfa: datetime | None = None
    tags: tuple[tuple[str, str], ...] = ()
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None
    provider: str | None = None
    claims: tuple[tuple[str, str], ...] = ()
