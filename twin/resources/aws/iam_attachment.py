"""Attachments of managed policies to roles, users and groups."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.iam_account import GONE, account_details, made_by_aws
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

KINDS = ("role", "user", "group")


class Attachment(Resource):
    """A managed policy on exactly one role, user or group; it belongs to that identity's set."""

    TYPE: ClassVar[str] = "aws.iam.attachment"
    KEY: ClassVar[tuple[str, ...]] = ("role", "user", "group", "policy")
    TOLD_WITH: ClassVar[tuple[str, ...]] = ("aws.iam.role", "aws.iam.user", "aws.iam.group")

    role: Annotated[str | None, RefTo("aws.iam.role"), IMMUTABLE] = Field(None, description="The role's name (id)")
    user: Annotated[str | None, RefTo("aws.iam.user"), IMMUTABLE] = Field(None, description="The user's name (id)")
    group: Annotated[str | None, RefTo("aws.iam.group"), IMMUTABLE] = Field(None, description="The group's name (id)")
    policy: Annotated[str, RefTo("aws.iam.policy"), IMMUTABLE] = Field(
        description="The policy's ARN, ours or AWS's own"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all attachments with GetAccountAuthorizationDetails."""
        details = yield from account_details()
        found = []
        for kind in KINDS:
            for item in details.get(f"{kind.title()}DetailList") or ():
                holder = item[f"{kind.title()}Name"]
                for policy in item.get("AttachedManagedPolicies") or ():
                    arn = policy["PolicyArn"]
                    id_ = _id(kind, holder, arn)
                    found.append(
                        Observed(
                            id=id_,
                            fields={kind: holder, "policy": arn},
                            outputs={"id": id_},
                            member_of=(f"aws.iam.{kind}", holder),
                            builtin=made_by_aws(item.get("Path", "/")) or (kind == "user" and _quarantines(arn)),
                        )
                    )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Attach the policy; attached already is as good."""
        for kind, holder in self._holders():
            yield aws("iam", f"Attach{kind.title()}Policy", {f"{kind.title()}Name": holder, "PolicyArn": self.policy})
            return {"id": _id(kind, holder, self.policy)}
        raise ValueError(f"{address} names no role, user or group")

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Detach the policy."""
        kind = next(k for k in KINDS if observed.fields.get(k))
        params = {f"{kind.title()}Name": observed.fields[kind], "PolicyArn": observed.fields["policy"]}
        yield aws("iam", f"Detach{kind.title()}Policy", params, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Exactly one holder, a policy's ARN, and no more attachments than the holder may have."""
        holders = self._holders()
        if len(holders) != 1:
            yield Problem("TW0463", f"{address} names {len(holders)} of role, user and group; it names one", "policy")
            return
        if "${" not in self.policy and ":policy/" not in self.policy:
            help_ = "as in arn:aws:iam::aws:policy/ReadOnlyAccess"
            yield Problem("TW0463", f"{self.policy!r} is not the ARN of a managed policy", "policy", help_)
        kind, holder = holders[0]
        same = sorted(a for a, r in peers.of(self.TYPE) if getattr(r, kind) == holder)
        limit = facts("iam")["attached_policies"][kind]
        if len(same) > limit and address == same[limit]:
            yield Problem("TW0449", f"{len(same)} managed policies on one {kind}; the quota is {limit}", kind)

    def _holders(self) -> list[tuple[str, str]]:
        return [(kind, getattr(self, kind)) for kind in KINDS if getattr(self, kind) is not None]


def _quarantines(policy_arn: str) -> bool:
    """Tell a policy that AWS itself puts on a user when a key of theirs has leaked."""
    # AWS asks not to remove it before its case is closed: with it gone, whoever has the key may go on. It has versions
    # V2, V3, ... (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html).
    return policy_arn.partition("::")[2].startswith("aws:policy/AWSCompromisedKeyQuarantine")


def _id(kind: str, holder: str, policy_arn: str) -> str:
    """Write an id without colons: `role/deploy/aws/policy/ReadOnlyAccess`."""
    return f"{kind}/{holder}/{policy_arn.partition('::')[2].replace(':', '/')}"
