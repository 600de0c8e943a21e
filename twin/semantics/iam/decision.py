"""A decision with its reasons, and the policies that it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from twin.semantics.iam.grants import Grant
from twin.semantics.iam.policy import Policy
from twin.semantics.iam.statement import Statement

Verdict = Literal["allow", "implicit_deny", "explicit_deny"]


@dataclass(frozen=True, slots=True)
class Level:
    """The policies of one level of the organization: the root, an OU or the account."""

    name: str
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Policies:
    """What binds a request. None: no policy of the kind applies; empty: the kind applies and allows nothing.

    `scps` are those of the principal's account, `rcps` those of the resource's, None for the management account.
    `boundaries` and `session` allow what any of their policies allows.
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundaries: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    scps: tuple[Level, ...] | None = None
    rcps: tuple[Level, ...] | None = None
    vpc_endpoint: tuple[Policy, ...] | None = None
    grants: tuple[Grant, ...] = ()


class Reason(NamedTuple):
    """Why: a statement that allowed or denied, or (`effect` "none") a layer that lacked an allow.

    `policy` and `index` count from 0; `level` names the level of the organization.
    """

    layer: str
    effect: Literal["allow", "deny", "none"]
    why: str
    policy: int | None = None
    statement: Statement | None = None
    level: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the reason as plain data."""
        place: dict[str, Any] = {"layer": self.layer, "effect": self.effect}
        if self.level is not None:
            place["level"] = self.level
        if self.policy is not None:
            place["policy"] = self.policy
        if self.statement is not None:
            place["statement"] = self.statement.name
        return {**place, "why": self.why}


class Decision(NamedTuple):
    """What is decided, and because of what."""

    decision: Verdict
    because: tuple[Reason, ...]

    @property
    def allowed(self) -> bool:
        """Return whether the request goes through."""
        return self.decision == "allow"

    def as_json(self) -> Mapping[str, Any]:
        """Return the decision as plain data."""
        return {"decision": self.decision, "because": [reason.as_json() for reason in self.because]}
