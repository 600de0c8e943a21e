"""CloudTrail trails."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.limits import at_most, matches
from twin.resources.aws.policy_document import untrusting
from twin.resources.aws.trail_bucket import bucket_problems
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags, user_tags

GONE = ("TrailNotFoundException",)
BATCH = 20
PARAMETERS = {
    "bucket": "S3BucketName",
    "prefix": "S3KeyPrefix",
    "multi_region": "IsMultiRegionTrail",
    "global_events": "IncludeGlobalServiceEvents",
    "kms_key": "KmsKeyId",
    "log_group_arn": "CloudWatchLogsLogGroupArn",
    "log_role": "CloudWatchLogsRoleArn",
}


class DataEvents(BaseModel):
    """Objects of one type whose reads and writes are recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"] = "AWS::S3::Object"
    values: list[str] = Field(description="ARN prefixes, such as arn:aws:s3:::bucket/")


class Selector(BaseModel):
    """Which events a trail records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    read_write: Literal["All", "ReadOnly", "WriteOnly"] = "All"
    management: bool = True
    data: list[DataEvents] = Field(default_factory=list)


class Trail(Resource):
    """A record of API calls, delivered to a bucket."""

    TYPE: ClassVar[str] = "aws.cloudtrail.trail"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    bucket: Annotated[str, RefTo("aws.s3.bucket")] = Field(description="Name of the bucket")
    prefix: str | None = None
    multi_region: bool = True
    global_events: bool = Field(True, description="Whether events of global services are recorded")
    log_validation: bool = Field(True, description="Whether digest files prove that logs were not changed")
    kms_key: Annotated[str | None, RefTo("aws.kms.key")] = Field(None, description="ARN of the key")
    log_group_arn: Annotated[str | None, RefTo("aws.logs.group")] = Field(None, description="ARN, ending in :*")
    log_role: Annotated[str | None, RefTo("aws.iam.role")] = Field(
        None, description="ARN of the role for the log group"
    )
    logging: bool = True
    selectors: Annotated[list[Selector] | None, UNORDERED] = None
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the trails at home in this Region and their tags in batches, state and selectors of ours singly."""
        reply = yield aws("cloudtrail", "DescribeTrails", {"includeShadowTrails": False})
        trails = {item["TrailARN"]: item for item in reply["trailList"] if item.get("HomeRegion") == scope.region}
        tags = yield from _tags(sorted(trails))
        found = []
        for arn, item in trails.items():
            own = tags.get(arn, {})
            fields = {field: item.get(parameter) for field, parameter in PARAMETERS.items()}
            fields |= {
                "name": item["Name"],
                "log_validation": item.get("LogFileValidationEnabled", False),
                "tags": user_tags(own),
            }
            if scope.own(own) or item["Name"] in wanted.ids or (item["Name"],) in wanted.keys:
                fields |= yield from _state(arn)
            found.append(
                Observed(item["Name"], fields, {"id": item["Name"], "arn": arn}, scope.own(own), other=scope.other(own))
            )
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"id": self.name, "arn": scope.arn("cloudtrail", f"trail/{self.name}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the trail, say which events, start it."""
        yield aws("cloudtrail", "CreateTrail", {**self._params(), "TagsList": scope.tag_list(address, self.tags)})
        if self.selectors is not None:
            yield self._select()
        if self.logging:
            yield self._switch()
        return self.predict(scope)

    def _params(self) -> dict[str, Any]:
        params = {parameter: getattr(self, field) for field, parameter in PARAMETERS.items()}
        return {**params, "Name": self.name, "EnableLogFileValidation": self.log_validation}

    def _select(self) -> Call:
        selectors = [
            {
                "ReadWriteType": selector.read_write,
                "IncludeManagementEvents": selector.management,
                "DataResources": [{"Type": data.type, "Values": data.values} for data in selector.data],
            }
            for selector in self.selectors or ()
        ]
        return aws("cloudtrail", "PutEventSelectors", {"TrailName": self.name, "EventSelectors": selectors})

    def _switch(self) -> Call:
        return aws("cloudtrail", "StartLogging" if self.logging else "StopLogging", {"Name": self.name})

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change settings, selectors, logging, tags."""
        if changed & {*PARAMETERS, "log_validation"}:
            yield aws("cloudtrail", "UpdateTrail", self._params())
        if "selectors" in changed:
            yield self._select()
        if "logging" in changed:
            yield self._switch()
        if changed & {"tags", "owner"}:
            trail = {"ResourceId": observed.outputs["arn"]}
            yield aws("cloudtrail", "AddTags", {**trail, "TagsList": scope.tag_list(address, self.tags)})
            gone = sorted(set(observed.fields.get("tags") or {}) - set(self.tags))
            if gone:
                yield aws("cloudtrail", "RemoveTags", {**trail, "TagsList": [{"Key": key} for key in gone]})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the trail; what it delivered stays."""
        yield aws("cloudtrail", "DeleteTrail", {"Name": observed.id}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name is CloudTrail's, and its bucket lets CloudTrail in."""
        yield from matches("services", "cloudtrail.name", self.name, "name")
        yield from at_most("services", "cloudtrail.selectors", len(self.selectors or ()), "selectors")
        yield from bucket_problems(self.bucket, self.prefix, peers)
        if (self.log_group_arn is None) != (self.log_role is None):
            field = "log_role" if self.log_role is None else "log_group_arn"
            yield Problem("TW0494", "a log group and the role to write to it go together", field)
        if self.log_role is not None:
            yield from untrusting(peers, self.log_role, "cloudtrail.amazonaws.com", "log_role")
        if self.multi_region and not self.global_events:
            yield Problem("TW0494", "a trail over all Regions records global services too", "global_events")


def _tags(arns: list[str]) -> Steps[dict[str, dict[str, str]]]:
    tags: dict[str, dict[str, str]] = {}
    for start in range(0, len(arns), BATCH):
        reply = yield aws("cloudtrail", "ListTags", {"ResourceIdList": arns[start : start + BATCH]}, pages=True)
        tags |= {item["ResourceId"]: plain_tags(item.get("TagsList")) for item in reply["ResourceTagList"]}
    return tags


def _state(arn: str) -> Steps[dict[str, Any]]:
    status = yield aws("cloudtrail", "GetTrailStatus", {"Name": arn})
    reply = yield aws("cloudtrail", "GetEventSelectors", {"TrailName": arn})
    selectors = [
        {
            "read_write": item.get("ReadWriteType", "All"),
            "management": item.get("IncludeManagementEvents", True),
            "data": [{"type": data["Type"], "values": data["Values"]} for data in item.get("DataResources") or ()],
        }
        for item in reply.get("EventSelectors") or ()
    ]
    return {"logging": status["IsLogging"], "selectors": selectors}
