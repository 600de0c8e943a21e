"""Flow logs of VPCs."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.ec2 import describe, outputs, owned, retag, tag_specification
from twin.resources.aws.facts import facts
from twin.resources.call import Refused, Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class FlowLog(Resource):
    """A record of the traffic of a VPC, kept in a log group or a bucket; only its tags ever change."""

    TYPE: ClassVar[str] = "aws.ec2.flow_log"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    vpc: Annotated[str, RefTo("aws.ec2.vpc"), IMMUTABLE] = Field(description="The id of the VPC")
    traffic: Annotated[Literal["ALL", "ACCEPT", "REJECT"], IMMUTABLE] = "ALL"
    destination_type: Annotated[Literal["cloud-watch-logs", "s3"], IMMUTABLE] = "cloud-watch-logs"
    log_group: Annotated[str | None, RefTo("aws.logs.group"), IMMUTABLE] = Field(
        default=None, description="cloud-watch-logs: the name of the log group"
    )
    role: Annotated[str | None, RefTo("aws.iam.role"), IMMUTABLE] = Field(
        default=None, description="cloud-watch-logs: the ARN of the role that writes"
    )
    bucket: Annotated[str | None, RefTo("aws.s3.bucket"), IMMUTABLE] = Field(
        default=None, description="s3: the ARN of the bucket, with a folder when wanted"
    )
    interval: Annotated[int, IMMUTABLE] = Field(default=600, description="Seconds of traffic in one line: 60 or 600")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all flow logs with one DescribeFlowLogs."""
        found = []
        for item in (yield from describe("DescribeFlowLogs", "FlowLogs")):
            id_ = item["FlowLogId"]
            to_bucket = item.get("LogDestinationType") == "s3"
            fields = {
                "vpc": item["ResourceId"],
                "traffic": item["TrafficType"],
                "destination_type": item.get("LogDestinationType", "cloud-watch-logs"),
                "log_group": item.get("LogGroupName"),
                "role": item.get("DeliverLogsPermissionArn"),
                "bucket": item.get("LogDestination") if to_bucket else None,
                "interval": item.get("MaxAggregationInterval"),
            }
            found.append(owned(scope, item, id_, fields, outputs(scope, "vpc-flow-log", id_)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the flow log; EC2 tells a refusal inside a reply that succeeds."""
        call = aws(
            "ec2",
            "CreateFlowLogs",
            {
                "ResourceType": "VPC",
                "ResourceIds": [self.vpc],
                "TrafficType": self.traffic,
                "LogDestinationType": self.destination_type,
                "LogGroupName": self.log_group,
                "DeliverLogsPermissionArn": self.role,
                "LogDestination": self.bucket,
                "MaxAggregationInterval": self.interval,
                "TagSpecifications": tag_specification("vpc-flow-log", scope, address, self.tags),
            },
        )
        reply = yield call
        made = reply["FlowLogIds"]
        if not made:
            error = reply["Unsuccessful"][0]["Error"]
            raise Refused(call, error["Code"], error["Message"], status=400)
        return outputs(scope, "vpc-flow-log", made[0])

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the tags."""
        yield from retag(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the flow log."""
        yield aws("ec2", "DeleteFlowLogs", {"FlowLogIds": [observed.id]}, absent=("InvalidFlowLogId.NotFound",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The destination is complete and of one kind; the interval is one of EC2's."""
        logs = self.destination_type == "cloud-watch-logs"
        for name in ("log_group", "role") if logs else ("bucket",):
            if getattr(self, name) is None:
                yield Problem("TW0419", f"a flow log to {self.destination_type} needs {name}", name)
        for name in ("bucket",) if logs else ("log_group", "role"):
            if getattr(self, name) is not None:
                yield Problem("TW0419", f"a flow log to {self.destination_type} has no {name}", name)
        allowed = facts("network")["flow_log_intervals"]
        if self.interval not in allowed:
            yield Problem("TW0419", f"the interval is one of {allowed} seconds, this is {self.interval}", "interval")
