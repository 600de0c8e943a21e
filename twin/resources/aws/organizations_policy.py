"""What the control policies of an organization share: their document, and where they bind."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.kept_settings import own_tags
from twin.resources.aws.organizations import (
    OUTSIDE,
    retag_in_organization,
    tags_in_organization,
)
from twin.resources.call import Steps, aws
from twin.resources.canonical import DOCUMENT, UNORDERED, document, text
from twin.resources.resource import Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

NOT_THERE = ("PolicyNotAttachedException", "TargetNotFoundException", "PolicyNotFoundException", *OUTSIDE)


class ControlPolicy(Resource):
    """A policy of the organization on all its targets; each type of them is a class with its `POLICY_TYPE`."""

    POLICY_TYPE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: str = Field(description="The policy's name, unique in the organization")
    description: str = Field("", description="What the policy is for")
    policy: Annotated[dict[str, Any], DOCUMENT] = Field(description="The document")
    targets: Annotated[
        list[str],
        RefTo("aws.organizations.organization", "aws.organizations.unit", "aws.organizations.account"),
        UNORDERED,
    ] = Field(default_factory=list, description="Ids of all roots, units and accounts that it binds")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the list of policies, and document, targets and tags of those that AWS did not make."""
        reply = yield aws("organizations", "ListPolicies", {"Filter": cls.POLICY_TYPE}, pages=True, absent=OUTSIDE)
        found = []
        for item in (reply or {}).get("Policies") or ():
            id_, outputs = item["Id"], {"id": item["Id"], "arn": item["Arn"]}
            fields: dict[str, Any] = {"name": item["Name"], "description": item.get("Description", "")}
            if item.get("AwsManaged"):
                found.append(Observed(id_, fields, outputs, builtin=True))
                continue
            tags = yield from tags_in_organization(id_)
            if scope.own(tags) or id_ in wanted.ids or (item["Name"],) in wanted.keys:
                policy = yield aws("organizations", "DescribePolicy", {"PolicyId": id_})
                targets = yield aws("organizations", "ListTargetsForPolicy", {"PolicyId": id_}, pages=True)
                fields["policy"] = document(policy["Policy"]["Content"])
                fields["targets"] = [target["TargetId"] for target in targets.get("Targets") or ()]
            found.append(
                Observed(id_, {**fields, "tags": own_tags(tags)}, outputs, scope.own(tags), other=scope.other(tags))
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the policy and attach it."""
        reply = yield aws(
            "organizations",
            "CreatePolicy",
            {
                "Name": self.name,
                "Description": self.description,
                "Content": text(self.policy),
                "Type": self.POLICY_TYPE,
                "Tags": scope.tag_list(address, self.tags),
            },
        )
        made = reply["Policy"]["PolicySummary"]
        yield from _bind(made["Id"], self.targets, ())
        return {"id": made["Id"], "arn": made["Arn"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change what differs."""
        if changed & {"name", "description", "policy"}:
            content = text(self.policy) if "policy" in changed else None
            settings = {"Name": self.name, "Description": self.description, "Content": content}
            yield aws("organizations", "UpdatePolicy", {"PolicyId": observed.id, **settings})
        if "targets" in changed:
            yield from _bind(observed.id, self.targets, observed.fields.get("targets") or ())
        if changed & {"tags", "owner"}:
            yield from retag_in_organization(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Detach the policy everywhere and delete it."""
        yield from _bind(observed.id, (), observed.fields.get("targets") or ())
        params = {"PolicyId": observed.id}
        yield aws("organizations", "DeletePolicy", params, absent=("PolicyNotFoundException", *OUTSIDE))

    def too_many(self, address: Address, peers: Peers, *, quota: int, builtin: str) -> Iterable[Problem]:
        """Check how many policies of the type a target has; the one that AWS attaches everywhere is of those."""
        for target in self.targets:
            same = sorted(a for a, r in peers.of(self.TYPE) if target in getattr(r, "targets", ()))
            if len(same) > quota - 1 and address == same[quota - 1]:
                message = f"{len(same)} policies and {builtin} on {target}; the quota is {quota}"
                yield Problem("TW0449", message, "targets")


def _bind(policy: str, wanted: Iterable[str], old: Iterable[str]) -> Steps[None]:
    for target in sorted(set(wanted) - set(old)):
        yield aws("organizations", "AttachPolicy", {"PolicyId": policy, "TargetId": target})
    for target in sorted(set(old) - set(wanted)):
        yield aws("organizations", "DetachPolicy", {"PolicyId": policy, "TargetId": target}, absent=NOT_THERE)
