"""IAM roles with their trust, inline policies and permissions boundary."""

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
from twin.resources.aws.policy_document import trust_policy
from twin.resources.call import Steps, aws
from twin.resources.canonical import DOCUMENT, document, text
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class Role(Resource):
    """A role that services, users or federated identities assume.

    Description and session length come from ListRoles, since GetAccountAuthorizationDetails leaves them out.
    """

    TYPE: ClassVar[str] = "aws.iam.role"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The role's name, unique in the account in any letter case")
    path: Annotated[str, IMMUTABLE] = Field("/", description="Its path, which becomes part of the ARN")
    trust: Annotated[dict[str, Any], DOCUMENT] = Field(description="The policy that says who may assume the role")
    description: str = Field("", description="What the role is for")
    max_session: int = Field(3600, description="The longest session in seconds, 3,600 to 43,200")
    inline: Annotated[dict[str, dict[str, Any]], DOCUMENT] = Field(
        default_factory=dict, description="All inline policies by name; others are removed"
    )
    boundary: Annotated[str | None, RefTo("aws.iam.policy")] = Field(
        None, description="ARN of the policy that bounds its permissions; an empty text takes a boundary away"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all roles with GetAccountAuthorizationDetails and ListRoles."""
        roles = yield from entities("Role")
        listed = yield aws("iam", "ListRoles", pages=True)
        more = {item["RoleName"]: item for item in listed.get("Roles") or ()}
        return [
            observed_entity(
                scope,
                role,
                "Role",
                {
                    "trust": document(role["AssumeRolePolicyDocument"]),
                    "description": more.get(role["RoleName"], {}).get("Description", ""),
                    "max_session": more.get(role["RoleName"], {}).get("MaxSessionDuration"),
                    "boundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", ""),
                },
            )
            for role in roles
        ]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the role, then its inline policies."""
        reply = yield aws(
            "iam",
            "CreateRole",
            {
                "RoleName": self.name,
                "Path": self.path,
                "AssumeRolePolicyDocument": text(self.trust),
                "Description": self.description or None,
                "MaxSessionDuration": self.max_session,
                "PermissionsBoundary": self.boundary or None,
                "Tags": scope.tag_list(address, self.tags),
            },
        )
        yield from put_inline("Role", self.name, self.inline, {})
        return {"id": self.name, "arn": reply["Role"]["Arn"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change what differs."""
        named = {"RoleName": observed.id}
        if "trust" in changed:
            yield aws("iam", "UpdateAssumeRolePolicy", {**named, "PolicyDocument": text(self.trust)})
        if changed & {"description", "max_session"}:
            settings = {"Description": self.description, "MaxSessionDuration": self.max_session}
            yield aws("iam", "UpdateRole", {**named, **settings})
        if "inline" in changed:
            yield from put_inline("Role", observed.id, self.inline, observed.fields.get("inline") or {})
        if "boundary" in changed and self.boundary:
            yield aws("iam", "PutRolePermissionsBoundary", {**named, "PermissionsBoundary": self.boundary})
        elif "boundary" in changed:
            yield aws("iam", "DeleteRolePermissionsBoundary", named)
        if changed & {"tags", "owner"}:
            yield from retag_entity(scope, "Role", address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the role; whatever still hangs on it is taken off first."""
        named = {"RoleName": observed.id}
        yield from put_inline("Role", observed.id, {}, observed.fields.get("inline") or {})
        reply = yield aws("iam", "DeleteRole", named, absent=GONE_OR_IN_USE)
        if reply is not None:
            return
        yield from detach_all("Role", observed.id)
        profiles = yield aws("iam", "ListInstanceProfilesForRole", named, pages=True, absent=GONE)
        for profile in (profiles or {}).get("InstanceProfiles") or ():
            params = {**named, "InstanceProfileName": profile["InstanceProfileName"]}
            yield aws("iam", "RemoveRoleFromInstanceProfile", params, absent=GONE)
        yield aws("iam", "DeleteRole", named, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the account, the path and the name."""
        return {"id": self.name, "arn": entity_arn(scope, "role", self.path, self.name)}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, the documents, the session's length and the quotas."""
        yield from name_problems("role", self.name)
        yield from path_problems(self.path)
        yield from trust_policy(self.trust, "trust", peers)
        yield from inline_problems("role", self.inline)
        yield from tag_problems(self.tags, facts("iam")["tags_per_entity"])
        shortest, longest = facts("iam")["session_seconds"]
        if not shortest <= self.max_session <= longest:
            yield Problem(
                "TW0448",
                f"a session lasts {shortest:,} to {longest:,} seconds, not {self.max_session:,}",
                "max_session",
            )
        if len(self.description) > facts("iam")["description_length"]:
            yield Problem("TW0440", "the description has more than 1,000 characters", "description")
