"""The stand-ins of the services that LocalStack keeps, in the form in which the rest of the world asks for their state.

moto, behaviors and authorisers look things up by name (`queues.get(name).policy`); each look is a call to LocalStack.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource

from twin.world.aws_errors import AwsError
from twin.world.stores.elsewhere import Make, RemoteState, RemoteThings
from twin.world.stores.localstack_contents import BUSES, DEFAULT_BUS, QUEUES, TOPICS, Contents

# How the services say that a thing is not there, or that no thing can have such a name.
ABSENT = {
    "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NotFound", "ResourceNotFoundException",
    "InvalidParameter", "InvalidParameterValue", "ValidationException",
}  # fmt: skip


class _State(RemoteState):
    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def _call(self, operation: str, **params: Any) -> Any:
        given = {name: value for name, value in params.items() if value is not None}
        return self._contents.call(self.service, operation, given)

    def _asked(self, operation: str, **params: Any) -> Any:
        """Return a reply, None when the thing that is asked about is not there."""
        try:
            return self._call(operation, **params)
        except AwsError as refused:
            if refused.code not in ABSENT:
                raise
            return None


class Queue(_State):
    """A queue: its policy, key, ARN and tags."""

    service = "sqs"

    def __init__(self, contents: Contents, url: str, attributes: dict[str, str]) -> None:
        super().__init__(contents)
        self._url = url
        self.policy = attributes.get("Policy")
        self.kms_master_key_id = attributes.get("KmsMasterKeyId")
        self.arn = self.queue_arn = attributes["QueueArn"]

    @property
    def tags(self) -> dict[str, str]:
        """The tags."""
        return dict(self._call("ListQueueTags", QueueUrl=self._url).get("Tags") or {})


class Queues(_State):
    """SQS: queues by name; messages are sent; tags are read and written."""

    service = "sqs"

    @property
    def queues(self) -> RemoteThings:
        """The queues, by name."""
        return RemoteThings(self.service, "queues", self._find)

    def send_message(self, queue_name: str, message_body: str) -> Any:
        """Send a message to a queue by its name."""
        return self._call("SendMessage", QueueUrl=self._url(queue_name), MessageBody=message_body)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield the queues."""
        for url in self._contents.names(QUEUES):
            name = url.rpartition("/")[2]
            arn = f"arn:aws:sqs:{self._contents.region}:{self._contents.account}:{name}"
            yield TaggedResource(arn, self._call("ListQueueTags", QueueUrl=url).get("Tags") or {}, "sqs")

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """Tag a queue."""
        self._call("TagQueue", QueueUrl=self._url(arn), Tags=tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Take tags from a queue."""
        self._call("UntagQueue", QueueUrl=self._url(arn), TagKeys=tag_keys)

    def _url(self, name_or_arn: str) -> str:
        return str(self._call("GetQueueUrl", QueueName=name_or_arn.rpartition(":")[2])["QueueUrl"])

    def _find(self, name: str) -> Queue | None:
        found = self._asked("GetQueueUrl", QueueName=name)
        if found is None:
            return None
        told = self._asked("GetQueueAttributes", QueueUrl=found["QueueUrl"], AttributeNames=["All"])
        return Queue(self._contents, found["QueueUrl"], told["Attributes"]) if told is not None else None


class _Listed(_State):
    # The two services spell the ARN's parameter differently, and have the rest in common.
    arn_parameter = "ResourceArn"

    def _pairs(self, arn: str) -> list[dict[str, str]]:
        return list(self._call("ListTagsForResource", **{self.arn_parameter: arn}).get("Tags") or ())

    def _tagged(self, arn: str, kind: str) -> TaggedResource:
        return TaggedResource(arn, {pair["Key"]: pair["Value"] for pair in self._pairs(arn)}, kind)

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """Tag a resource."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._call("TagResource", **{self.arn_parameter: arn, "Tags": pairs})

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Take tags from a resource."""
        self._call("UntagResource", **{self.arn_parameter: arn, "TagKeys": tag_keys})


class Topic(_Listed):
    """A topic: its policy, key, ARN and tags."""

    service = "sns"

    def __init__(self, contents: Contents, attributes: dict[str, str]) -> None:
        super().__init__(contents)
        self.arn = attributes["TopicArn"]
        self.policy = attributes.get("Policy")
        self.kms_master_key_id = attributes.get("KmsMasterKeyId")

    @property
    def _tags(self) -> list[dict[str, str]]:
        return self._pairs(self.arn)


class Topics(_Listed):
    """SNS: topics by ARN; messages are published; tags are read and written."""

    service = "sns"

    @property
    def topics(self) -> RemoteThings:
        """The topics, by ARN."""
        return RemoteThings(self.service, "topics", self._find)

    def publish(self, message: str, *, arn: str, subject: str | None = None) -> Any:
        """Publish a message to a topic."""
        return self._call("Publish", TopicArn=arn, Message=message, Subject=subject)

    def get_topic(self, arn: str) -> Topic:
        """Return a topic; a refusal when there is none."""
        return Topic(self._contents, self._call("GetTopicAttributes", TopicArn=arn)["Attributes"])

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield the topics."""
        for arn in self._contents.names(TOPICS):
            yield self._tagged(arn, "sns")

    def _find(self, arn: str) -> Topic | None:
        found = self._asked("GetTopicAttributes", TopicArn=arn)
        return Topic(self._contents, found["Attributes"]) if found is not None else None


class EveryRule(_State):
    """The rules of the default bus as a service of AWS sees them: it hands over an event, and is told no more."""

    service = "events"

    def send_to_targets(self, event: dict[str, Any], transform_input: bool = True) -> None:
        """Put an event on the bus, where LocalStack matches it with the rules."""
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "Resources": event.get("resources", []),
        }
        self._call("PutEvents", Entries=[entry])


class Bus(_State):
    """An event bus: its ARN and policy."""

    service = "events"

    def __init__(self, contents: Contents, told: dict[str, Any]) -> None:
        super().__init__(contents)
        self.name, self.arn, self.policy = told["Name"], told["Arn"], told.get("Policy")

    @property
    def rules(self) -> dict[str, EveryRule]:
        """Stand for all rules, to which events of AWS's services go; they do so on the default bus only."""
        return {"every": EveryRule(self._contents)} if self.name == DEFAULT_BUS else {}


class Buses(RemoteThings):
    """The event buses, by name; walked through, they are the default one, to which AWS's services send."""

    def values(self) -> list[Any]:
        """Return the default bus."""
        return [self[DEFAULT_BUS]]


class Events(_Listed):
    """EventBridge: buses by name; events of services are put; tags of rules and buses are read and written."""

    service = "events"
    arn_parameter = "ResourceARN"

    @property
    def event_buses(self) -> Buses:
        """The event buses, by name."""
        return Buses(self.service, "event buses", self._find)

    @property
    def tagger(self) -> "Events":
        """The tags by ARN, which moto keeps in a thing of their own."""
        return self

    def get_tag_dict_for_resource(self, arn: str) -> dict[str, str]:
        """Return the tags of a rule or a bus."""
        found = self._asked("ListTagsForResource", ResourceARN=arn)
        return {pair["Key"]: pair["Value"] for pair in (found or {}).get("Tags") or ()}

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield the rules and the buses."""
        for _, rule in self._contents.rules():
            yield self._tagged(rule["Arn"], "events:rule")
        for name in self._contents.names(BUSES):
            yield self._tagged(self._call("DescribeEventBus", Name=name)["Arn"], "events:event-bus")

    def _find(self, name: str) -> Bus | None:
        told = self._asked("DescribeEventBus", Name=name)
        return Bus(self._contents, told) if told is not None else None


STATES: dict[str, type[_State]] = {state.service: state for state in (Queues, Topics, Events)}


def stand_ins(services: Iterable[str], contents: Callable[[str, str], Contents]) -> dict[str, Make]:
    """Return a maker of the stand-in of each service; KeyError for one that nobody wrote a stand-in for."""

    def maker(state: type[_State]) -> Make:
        return lambda account, region: state(contents(account, region))

    return {service: maker(STATES[service]) for service in sorted(services)}
