"""Instance profiles, through which EC2 instances get a role."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.iam_account import GONE, entity_arn, name_problems, path_problems, retag_entity
from twin.resources.aws.kept_settings import own_tags, tag_problems
from twin.resources.aws.made_by_eks import made_by_eks
from twin.resources.aws.policy_document import untrusting
from twin.resources.aws.tags import Tags, tags_of
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags


class InstanceProfile(Resource):
    """A container for the one role that an instance may use."""

    TYPE: ClassVar[str] = "aws.iam.instance_profile"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The profile's name")
    path: Annotated[str, IMMUTABLE] = Field("/", description="Its path, which becomes part of the ARN")
    role: Annotated[str, RefTo("aws.iam.role")] = Field(description="The role's name (id)")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all profiles with one ListInstanceProfiles, which tells no tags."""
        reply = yield aws("iam", "ListInstanceProfiles", pages=True)
        items = {item["Arn"]: item for item in reply.get("InstanceProfiles") or ()}
        ours = [
            arn
            for arn, item in items.items()
            if item["InstanceProfileName"] in wanted.ids or (item["InstanceProfileName"],) in wanted.keys
        ]
        tags = yield from tags_of(scope, ours, _tags)
        found = []
        for arn, item in items.items():
            name, roles = item["InstanceProfileName"], item.get("Roles") or ()
            mine = tags.get(arn, {})
            found.append(
                Observed(
                    id=name,
                    fields={
                        "name": name,
                        "path": item.get("Path", "/"),
                        "role": roles[0]["RoleName"] if roles else "",
                        "tags": own_tags(mine),
                    },
                    outputs={"id": name, "arn": arn},
                    owner=scope.own(mine),
                    other=scope.other(mine),
                    builtin=made_by_eks(name, mine),
                )
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the profile and put the role in."""
        params = {"InstanceProfileName": self.name, "Path": self.path, "Tags": scope.tag_list(address, self.tags)}
        reply = yield aws("iam", "CreateInstanceProfile", params)
        yield aws("iam", "AddRoleToInstanceProfile", {"InstanceProfileName": self.name, "RoleName": self.role})
        return {"id": self.name, "arn": reply["InstanceProfile"]["Arn"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Exchange the role, change tags."""
        if "role" in changed:
            yield from _empty(observed)
            yield aws("iam", "AddRoleToInstanceProfile", {"InstanceProfileName": observed.id, "RoleName": self.role})
        if changed & {"tags", "owner"}:
            yield from retag_entity(scope, "InstanceProfile", address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Take the role out and delete the profile."""
        yield from _empty(observed)
        yield aws("iam", "DeleteInstanceProfile", {"InstanceProfileName": observed.id}, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the account, the path and the name."""
        return {"id": self.name, "arn": entity_arn(scope, "instance-profile", self.path, self.name)}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, and that EC2 may assume the role."""
        yield from name_problems("instance profile", self.name)
        yield from path_problems(self.path)
        yield from untrusting(peers, self.role, "ec2.amazonaws.com", "role")
        yield from tag_problems(self.tags, facts("iam")["tags_per_entity"])


def _tags(arn: str) -> Steps[Tags]:
    params = {"InstanceProfileName": arn.rpartition("/")[2]}
    reply = yield aws("iam", "GetInstanceProfile", params, absent=GONE)
    return plain_tags(reply["InstanceProfile"].get("Tags")) if reply else {}


def _empty(observed: Observed) -> Steps[None]:
    if observed.fields.get("role"):
        params = {"InstanceProfileName": observed.id, "RoleName": observed.fields["role"]}
        yield aws("iam", "RemoveRoleFromInstanceProfile", params, absent=GONE)
