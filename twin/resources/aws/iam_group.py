"""IAM groups."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.iam_account import (
    GONE,
    GONE_OR_IN_USE,
    detach_all,
    entities,
    entity_arn,
    inline_problems,
    name_problems,
    observed_entity,
    path_problems,
    put_inline,
)
from twin.resources.call import Steps, aws
from twin.resources.canonical import DOCUMENT
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope


class Group(Resource):
    """A group of users; who belongs to it is said at each user. IAM has no tags for groups."""

    TYPE: ClassVar[str] = "aws.iam.group"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The group's name, unique in the account in any letter case")
    path: Annotated[str, IMMUTABLE] = Field("/", description="Its path, which becomes part of the ARN")
    inline: Annotated[dict[str, dict[str, Any]], DOCUMENT] = Field(
        default_factory=dict, description="All inline policies by name; others are removed"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all groups with GetAccountAuthorizationDetails."""
        groups = yield from entities("Group")
        return [observed_entity(scope, item, "Group", {}, tagged=False) for item in groups]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the group, then its inline policies."""
        reply = yield aws("iam", "CreateGroup", {"GroupName": self.name, "Path": self.path})
        yield from put_inline("Group", self.name, self.inline, {})
        return {"id": self.name, "arn": reply["Group"]["Arn"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the inline policies."""
        if "inline" in changed:
            yield from put_inline("Group", observed.id, self.inline, observed.fields.get("inline") or {})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the group; whatever still hangs on it is taken off first."""
        named = {"GroupName": observed.id}
        yield from put_inline("Group", observed.id, {}, observed.fields.get("inline") or {})
        reply = yield aws("iam", "DeleteGroup", named, absent=GONE_OR_IN_USE)
        if reply is not None:
            return
        yield from detach_all("Group", observed.id)
        members = yield aws("iam", "GetGroup", named, pages=True, absent=GONE)
        for user in (members or {}).get("Users") or ():
            yield aws("iam", "RemoveUserFromGroup", {**named, "UserName": user["UserName"]}, absent=GONE)
        yield aws("iam", "DeleteGroup", named, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the account, the path and the name."""
        return {"id": self.name, "arn": entity_arn(scope, "group", self.path, self.name)}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name and the documents."""
        yield from name_problems("group", self.name)
        yield from path_problems(self.path)
        yield from inline_problems("group", self.inline)
