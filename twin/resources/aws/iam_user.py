"""IAM users with their groups and inline policies."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
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
    retag_entity,
)
from twin.resources.aws.kept_settings import tag_problems
from twin.resources.call import Steps, aws
from twin.resources.canonical import DOCUMENT, UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class User(Resource):
    """A user of the account, with long-term credentials if any."""

    TYPE: ClassVar[str] = "aws.iam.user"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The user's name, unique in the account in any letter case")
    path: Annotated[str, IMMUTABLE] = Field("/", description="Its path, which becomes part of the ARN")
    groups: Annotated[list[str], RefTo("aws.iam.group"), UNORDERED] = Field(
        default_factory=list, description="Names (ids) of all groups that the user belongs to"
    )
    inline: Annotated[dict[str, dict[str, Any]], DOCUMENT] = Field(
        default_factory=dict, description="All inline policies by name; others are removed"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all users with GetAccountAuthorizationDetails."""
        users = yield from entities("User")
        return [observed_entity(scope, item, "User", {"groups": sorted(item.get("GroupList") or ())}) for item in users]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the user, then its memberships and inline policies."""
        params = {"UserName": self.name, "Path": self.path, "Tags": scope.tag_list(address, self.tags)}
        reply = yield aws("iam", "CreateUser", params)
        yield from _join(self.name, self.groups, ())
        yield from put_inline("User", self.name, self.inline, {})
        return {"id": self.name, "arn": reply["User"]["Arn"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change what differs."""
        if "groups" in changed:
            yield from _join(observed.id, self.groups, observed.fields.get("groups") or ())
        if "inline" in changed:
            yield from put_inline("User", observed.id, self.inline, observed.fields.get("inline") or {})
        if changed & {"tags", "owner"}:
            yield from retag_entity(scope, "User", address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the user; whatever still hangs on it is taken off first."""
        named = {"UserName": observed.id}
        yield from _join(observed.id, (), observed.fields.get("groups") or ())
        yield from put_inline("User", observed.id, {}, observed.fields.get("inline") or {})
        reply = yield aws("iam", "DeleteUser", named, absent=GONE_OR_IN_USE)
        if reply is None:
            yield from detach_all("User", observed.id)
            yield from _disarm(named)
            yield aws("iam", "DeleteUser", named, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the account, the path and the name."""
        return {"id": self.name, "arn": entity_arn(scope, "user", self.path, self.name)}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, the documents and the quotas."""
        yield from name_problems("user", self.name)
        yield from path_problems(self.path)
        yield from inline_problems("user", self.inline)
        yield from tag_problems(self.tags, facts("iam")["tags_per_entity"])
        limit = facts("iam")["groups_per_user"]
        if len(set(self.groups)) > limit:
            yield Problem("TW0449", f"a user belongs to at most {limit} groups, not {len(self.groups)}", "groups")


def _join(user: str, wanted: Iterable[str], old: Iterable[str]) -> Steps[None]:
    """Bring a user's groups to exactly the wanted ones."""
    for group in sorted(set(wanted) - set(old)):
        yield aws("iam", "AddUserToGroup", {"GroupName": group, "UserName": user})
    for group in sorted(set(old) - set(wanted)):
        yield aws("iam", "RemoveUserFromGroup", {"GroupName": group, "UserName": user}, absent=GONE)


def _disarm(named: Mapping[str, str]) -> Steps[None]:
    """Remove a user's credentials: password, access keys, second factors."""
    yield aws("iam", "DeleteLoginProfile", named, absent=GONE)
    keys = yield aws("iam", "ListAccessKeys", named, pages=True, absent=GONE)
    for key in (keys or {}).get("AccessKeyMetadata") or ():
        yield aws("iam", "DeleteAccessKey", {**named, "AccessKeyId": key["AccessKeyId"]}, absent=GONE)
    devices = yield aws("iam", "ListMFADevices", named, pages=True, absent=GONE)
    for device in (devices or {}).get("MFADevices") or ():
        yield aws("iam", "DeactivateMFADevice", {**named, "SerialNumber": device["SerialNumber"]}, absent=GONE)
