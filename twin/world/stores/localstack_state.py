"""The stand-ins of the services that LocalStack keeps, in the form in which the embedded store asks for their state."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from moto.core.resource_tagging import TaggedResource

from twin.world.stores.elsewhere import Make, RemoteState
from twin.world.stores.localstack_contents import BUSES, QUEUES, TOPICS, Contents


class _State(RemoteState):
    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def _call(self, operation: str, **params: Any) -> Any:
        given = {name: value for name, value in params.items() if value is not None}
        return self._contents.call(self.service, operation, given)


class Queues(_State):
    """SQS: messages are sent, tags are read and written."""

    service = "sqs"

    def send_message(self, queue_name: str, message_body: str) -> Any:
        """Send a message to a queue by its name."""
        url = self._call("GetQueueUrl", QueueName=queue_name)["QueueUrl"]
        return self._call("SendMessage", QueueUrl=url, MessageBody=message_body)

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

    def _url(self, arn: str) -> str:
        return str(self._call("GetQueueUrl", QueueName=arn.rpartition(":")[2])["QueueUrl"])


class _Listed(_State):
    # The two services spell the ARN's parameter differently, and have the rest in common.
    arn_parameter = "ResourceArn"

    def _tagged(self, arn: str, kind: str) -> TaggedResource:
        pairs = self._call("ListTagsForResource", **{self.arn_parameter: arn}).get("Tags") or ()
        return TaggedResource(arn, {pair["Key"]: pair["Value"] for pair in pairs}, kind)

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """Tag a resource."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._call("TagResource", **{self.arn_parameter: arn, "Tags": pairs})

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Take tags from a resource."""
        self._call("UntagResource", **{self.arn_parameter: arn, "TagKeys": tag_keys})


class Topics(_Listed):
    """SNS: messages are published, topics are looked up, tags are read and written."""

    service = "sns"

    def publish(self, message: str, *, arn: str, subject: str | None = None) -> Any:
        """Publish a message to a topic."""
        return self._call("Publish", TopicArn=arn, Message=message, Subject=subject)

    def get_topic(self, arn: str) -> Any:
        """Return a topic's attributes; a refusal when there is none."""
        return self._call("GetTopicAttributes", TopicArn=arn)["Attributes"]

    @property
    def topics(self) -> list[str]:
        """The ARNs of the topics."""
        return self._contents.names(TOPICS)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield the topics."""
        for arn in self.topics:
            yield self._tagged(arn, "sns")


class Events(_Listed):
    """EventBridge: events of services are put, tags of rules and buses are read and written."""

    service = "events"
    arn_parameter = "ResourceARN"

    def send_to_targets(self, event: dict[str, Any], transform_input: bool = True) -> None:
        """Put an event on the default bus, where LocalStack matches it with the rules."""
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "Resources": event.get("resources", []),
        }
        self._call("PutEvents", Entries=[entry])

    @cached_property
    def event_buses(self) -> dict[str, Any]:
        """The default bus as a service of AWS sees it: it takes an event, and what becomes of it is not told."""
        return {"default": SimpleNamespace(rules={"every": self})}

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """Yield the rules and the buses."""
        for _, rule in self._contents.rules():
            yield self._tagged(rule["Arn"], "events:rule")
        for name in self._contents.names(BUSES):
            yield self._tagged(self._call("DescribeEventBus", Name=name)["Arn"], "events:event-bus")


STATES: dict[str, type[_State]] = {state.service: state for state in (Queues, Topics, Events)}


def stand_ins(services: Iterable[str], contents: Callable[[str, str], Contents]) -> dict[str, Make]:
    """Return a maker of the stand-in of each service; KeyError for one that nobody wrote a stand-in for."""

    def maker(state: type[_State]) -> Make:
        return lambda account, region: state(contents(account, region))

    return {service: maker(STATES[service]) for service in services}
