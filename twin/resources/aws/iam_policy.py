"""Customer managed IAM policies and their versions."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.iam_account import (
    GONE,
    GONE_OR_IN_USE,
    Item,
    account_details,
    entity_arn,
    name_problems,
    path_problems,
)
from twin.resources.aws.policy_document import identity_policy
from twin.resources.call import Steps, aws
from twin.resources.canonical import DOCUMENT, document, text
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import OWNER_TAG, Scope, plain_tags, unmark


class Policy(Resource):
    """A managed policy, to be attached to roles, users and groups.

    No batch read tells the tags of policies, so the owner stands in the description, which the creating call sets for
    good. A policy that was adopted or let go has its owner in tags; they are read only for what the spec names.
    """

    TYPE: ClassVar[str] = "aws.iam.policy"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The policy's name")
    path: Annotated[str, IMMUTABLE] = Field("/", description="Its path, which becomes part of the ARN")
    policy: Annotated[dict[str, Any], DOCUMENT] = Field(description="The document")
    description: Annotated[str, IMMUTABLE] = Field("", description="What the policy is for")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all customer managed policies with GetAccountAuthorizationDetails."""
        details = yield from account_details()
        found = []
        for item in details.get("Policies") or ():
            arn = item["Arn"]
            if not arn.startswith(scope.arn("iam", "policy", region="")):
                continue
            name, mark = arn.rpartition("/")[2], item.get("Description") or ""
            owner, other = scope.marked(mark), scope.marked_by_other(mark)
            if owner is None and ((name,) in wanted.keys or arn in wanted.ids):
                reply = yield aws("iam", "ListPolicyTags", {"PolicyArn": arn}, pages=True, absent=GONE)
                tags = plain_tags((reply or {}).get("Tags"))
                owner, other = scope.own(tags), scope.other(tags) if OWNER_TAG in tags else other
            fields = {"name": name, "path": item.get("Path", "/"), "policy": _current(item)}
            found.append(
                Observed(arn, {**fields, "description": unmark(mark)}, {"id": arn, "arn": arn}, owner, other=other)
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the policy."""
        reply = yield aws(
            "iam",
            "CreatePolicy",
            {
                "PolicyName": self.name,
                "Path": self.path,
                "PolicyDocument": text(self.policy),
                "Description": scope.mark(address, self.description),
                "Tags": scope.tag_list(address, {}),
            },
        )
        arn = reply["Policy"]["Arn"]
        return {"id": arn, "arn": arn}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Make the document the policy's new default version, after the oldest one when five are kept already."""
        named = {"PolicyArn": observed.id}
        if "policy" in changed:
            reply = yield aws("iam", "ListPolicyVersions", named, pages=True)
            versions = list(reply.get("Versions") or ())
            if len(versions) >= facts("iam")["policy_versions"]:
                spare = [v for v in versions if not v["IsDefaultVersion"]]
                oldest = min(spare, key=lambda v: (v["CreateDate"], v["VersionId"]))
                yield aws("iam", "DeletePolicyVersion", {**named, "VersionId": oldest["VersionId"]}, absent=GONE)
            params = {**named, "PolicyDocument": text(self.policy), "SetAsDefault": True}
            yield aws("iam", "CreatePolicyVersion", params)
        if "owner" in changed:
            yield aws("iam", "TagPolicy", {**named, "Tags": scope.tag_list(address, {})})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the policy; its older versions and attachments go first where there are any."""
        named = {"PolicyArn": observed.id}
        reply = yield aws("iam", "DeletePolicy", named, absent=GONE_OR_IN_USE)
        if reply is not None:
            return
        versions = yield aws("iam", "ListPolicyVersions", named, pages=True, absent=GONE)
        if versions is None:
            return
        for version in versions.get("Versions") or ():
            if not version["IsDefaultVersion"]:
                params = {**named, "VersionId": version["VersionId"]}
                yield aws("iam", "DeletePolicyVersion", params, absent=GONE)
        holders = yield aws("iam", "ListEntitiesForPolicy", named, pages=True, absent=GONE)
        for kind in ("Role", "User", "Group"):
            for holder in (holders or {}).get(f"Policy{kind}s") or ():
                params = {**named, f"{kind}Name": holder[f"{kind}Name"]}
                yield aws("iam", f"Detach{kind}Policy", params, absent=GONE)
        yield aws("iam", "DeletePolicy", named, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the account, the path and the name."""
        arn = entity_arn(scope, "policy", self.path, self.name)
        return {"id": arn, "arn": arn}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, the document and its size."""
        yield from name_problems("policy", self.name)
        yield from path_problems(self.path)
        yield from identity_policy(self.policy, "policy", facts("iam")["managed_policy_size"])
        if len(peers.scope.mark(address, self.description)) > facts("iam")["description_length"]:
            yield Problem("TW0440", "description and ownership mark have more than 1,000 characters", "description")


def _current(item: Item) -> Any:
    versions = item.get("PolicyVersionList") or ()
    return next((document(v["Document"]) for v in versions if v.get("IsDefaultVersion")), None)
