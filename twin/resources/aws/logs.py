"""CloudWatch log groups."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.limits import matches, one_of
from twin.resources.aws.tagging import LOGS
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Call, Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

GONE = ("ResourceNotFoundException",)


class LogGroup(Resource):
    """A log group."""

    TYPE: ClassVar[str] = "aws.logs.group"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    retention_days: int | None = Field(None, description="One of the periods that CloudWatch documents")
    kms_key: Annotated[str | None, RefTo("aws.kms.key")] = Field(None, description="ARN of the key")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all groups with one DescribeLogGroups, their tags with the tagging API."""
        reply = yield aws("logs", "DescribeLogGroups", pages=True)
        groups = {group["logGroupName"]: group for group in reply["logGroups"]}
        arns = {name: scope.arn("logs", f"log-group:{name}") for name in groups}
        tags = yield from tags_of(scope, (arns[name] for name in sought(wanted) & groups.keys()), LOGS.read)
        found = []
        for name, group in groups.items():
            own = tags.get(arns[name], {})
            fields = {
                "name": name,
                "retention_days": group.get("retentionInDays"),
                "kms_key": group.get("kmsKeyId"),
                "tags": user_tags(own),
            }
            found.append(
                Observed(name, fields, {"id": name, "arn": arns[name]}, scope.own(own), other=scope.other(own))
            )
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN (without the `:*` that names its streams) is made of the name."""
        return {"id": self.name, "arn": scope.arn("logs", f"log-group:{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the group and set its retention."""
        params = {"logGroupName": self.name, "kmsKeyId": self.kms_key, "tags": scope.tags(address, self.tags)}
        yield aws("logs", "CreateLogGroup", params)
        if self.retention_days is not None:
            yield self._retention()
        return self.predict(scope)

    def _retention(self) -> Call:
        params = {"logGroupName": self.name, "retentionInDays": self.retention_days}
        return aws("logs", "PutRetentionPolicy", params)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change retention, key, tags."""
        if "retention_days" in changed:
            yield self._retention()
        if "kms_key" in changed:
            yield aws("logs", "AssociateKmsKey", {"logGroupName": self.name, "kmsKeyId": self.kms_key})
        if changed & {"tags", "owner"}:
            yield from LOGS.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the group with its logs."""
        yield aws("logs", "DeleteLogGroup", {"logGroupName": observed.id}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Name and retention are ones that CloudWatch takes."""
        yield from matches("services", "logs.name", self.name, "name")
        yield from one_of("services", "logs.retention_days", self.retention_days, "retention_days")
