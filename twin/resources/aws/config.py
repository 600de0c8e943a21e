"""AWS Config: recorder and delivery channel."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.limits import matches
from twin.resources.aws.policy_document import untrusting
from twin.resources.call import Call, Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

NO_RECORDER = ("NoSuchConfigurationRecorderException",)


class Recorder(Resource):
    """What AWS Config records; an account has one recorder of its own in a Region.

    It records once its delivery channel starts it, since Config starts no recorder without a channel and takes no
    channel without a recorder.
    """

    TYPE: ClassVar[str] = "aws.config.recorder"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    name: Annotated[str, IMMUTABLE] = "default"
    role: Annotated[str, RefTo("aws.iam.role")] = Field(description="ARN of the role that Config assumes")
    resource_types: Annotated[list[str] | None, UNORDERED] = Field(None, description="Without it all types")
    global_types: bool = Field(True, description="Whether IAM's types are recorded too; with all types only")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the recorder with one DescribeConfigurationRecorders; those of other services are theirs."""
        reply = yield aws("config", "DescribeConfigurationRecorders")
        found = []
        for item in reply["ConfigurationRecorders"]:
            group = item.get("recordingGroup") or {}
            fields = {
                "name": item["name"],
                "role": item.get("roleARN"),
                "resource_types": group.get("resourceTypes") or [],
                "global_types": group.get("includeGlobalResourceTypes", False),
            }
            found.append(
                Observed(item["name"], fields, {"id": item["name"]}, builtin=bool(item.get("servicePrincipal")))
            )
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The id is the name."""
        return {"id": self.name}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the recorder."""
        yield self._put()
        return self.predict(scope)

    def _put(self) -> Call:
        everything = self.resource_types is None
        group: dict[str, Any] = {"allSupported": everything, "includeGlobalResourceTypes": self._global()}
        if self.resource_types is not None:
            group["resourceTypes"] = self.resource_types
        recorder = {"name": self.name, "roleARN": self.role, "recordingGroup": group}
        return aws("config", "PutConfigurationRecorder", {"ConfigurationRecorder": recorder})

    def _global(self) -> bool:
        return self.resource_types is None and self.global_types

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Put the recorder anew."""
        if changed - {"owner"}:
            yield self._put()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the recorder; what it recorded stays."""
        params = {"ConfigurationRecorderName": observed.id}
        yield aws("config", "DeleteConfigurationRecorder", params, absent=NO_RECORDER)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A Region has one recorder, and Config may assume its role."""
        yield from untrusting(peers, self.role, "config.amazonaws.com", "role")
        if self.resource_types is not None and self.global_types:
            yield Problem("TW0494", "global_types goes with all types only", "global_types", "name IAM's types instead")
        first = min((other for other, _ in peers.beside(address)), default=address)
        if first != address:
            yield Problem("TW0495", f"an account has one recorder in a Region, and {first} is it already")


class DeliveryChannel(Resource):
    """Where AWS Config delivers what a recorder records; with it the recorder is started and stopped."""

    TYPE: ClassVar[str] = "aws.config.delivery_channel"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    name: Annotated[str, IMMUTABLE] = "default"
    recorder: Annotated[str, RefTo("aws.config.recorder")] = Field(description="Id (name) of the recorder")
    recording: bool = True
    bucket: Annotated[str, RefTo("aws.s3.bucket")] = Field(description="Name of the bucket")
    prefix: str | None = None
    topic: Annotated[str | None, RefTo("aws.sns.topic")] = Field(None, description="ARN of the topic")
    snapshots: Literal["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"] | None = None

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the channel, and whether its recorder records."""
        channels = (yield aws("config", "DescribeDeliveryChannels"))["DeliveryChannels"]
        status = (yield aws("config", "DescribeConfigurationRecorderStatus"))["ConfigurationRecordersStatus"]
        recorder = status[0] if status else {}
        return [
            Observed(
                item["name"],
                {
                    "name": item["name"],
                    "recorder": recorder.get("name"),
                    "recording": recorder.get("recording", False),
                    "bucket": item["s3BucketName"],
                    "prefix": item.get("s3KeyPrefix"),
                    "topic": item.get("snsTopicARN"),
                    "snapshots": (item.get("configSnapshotDeliveryProperties") or {}).get("deliveryFrequency"),
                },
                {"id": item["name"]},
            )
            for item in channels
        ]

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The id is the name."""
        return {"id": self.name}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the channel and start the recorder."""
        yield self._put()
        if self.recording:
            yield self._switch()
        return self.predict(scope)

    def _put(self) -> Call:
        channel = {
            "name": self.name,
            "s3BucketName": self.bucket,
            "s3KeyPrefix": self.prefix,
            "snsTopicARN": self.topic,
            "configSnapshotDeliveryProperties": {"deliveryFrequency": self.snapshots} if self.snapshots else None,
        }
        given = {name: value for name, value in channel.items() if value is not None}
        return aws("config", "PutDeliveryChannel", {"DeliveryChannel": given})

    def _switch(self) -> Call:
        operation = "StartConfigurationRecorder" if self.recording else "StopConfigurationRecorder"
        return aws("config", operation, {"ConfigurationRecorderName": self.recorder})

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Put the channel anew, start or stop the recorder."""
        if changed - {"recording", "recorder", "owner"}:
            yield self._put()
        if changed & {"recording", "recorder"}:
            yield self._switch()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Stop the recorder, without which Config keeps the channel, and delete the channel."""
        if observed.fields.get("recording"):
            params = {"ConfigurationRecorderName": observed.fields["recorder"]}
            yield aws("config", "StopConfigurationRecorder", params, absent=NO_RECORDER)
        params = {"DeliveryChannelName": observed.id}
        yield aws("config", "DeleteDeliveryChannel", params, absent=("NoSuchDeliveryChannelException",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A Region has one channel with a name that Config takes, to a bucket without a lock."""
        yield from matches("services", "config.name", self.name, "name")
        if getattr(peers.get(self.bucket), "object_lock", None):
            message = "AWS Config does not deliver to a bucket under Object Lock"
            yield Problem("TW0494", message, "bucket", "name a bucket without a lock")
        first = min((other for other, _ in peers.beside(address)), default=address)
        if first != address:
            yield Problem("TW0495", f"an account has one delivery channel in a Region, and {first} is it already")
