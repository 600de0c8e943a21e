"""SQS queues."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.limits import matches, within
from twin.resources.aws.tagging import SQS
from twin.resources.aws.tags import Tags, sought, tags_of
from twin.resources.call import Steps, aws, sent, together
from twin.resources.canonical import DOCUMENT, text
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
FIFO = ".fifo"


class Queue(Resource):
    """A message queue; its name ends in .fifo when it keeps order."""

    TYPE: ClassVar[str] = "aws.sqs.queue"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    fifo: Annotated[bool, IMMUTABLE] = False
    deduplicate_by_content: bool = Field(False, description="For FIFO queues")
    visibility_timeout: int = Field(30, description="Seconds for which a received message is hidden")
    retention: int = Field(345_600, description="Seconds that a message is kept")
    delay: int = Field(0, description="Seconds before a message can be received")
    receive_wait: int = Field(0, description="Seconds that a receive waits for a message")
    max_message_size: int | None = Field(None, description="Bytes")
    kms_key: Annotated[str | None, RefTo("aws.kms.key", "aws.kms.alias")] = Field(
        None, description="Id, ARN or alias of the key; without it SQS's own key encrypts"
    )
    dead_letter_queue: Annotated[str | None, RefTo("aws.sqs.queue")] = Field(None, description="ARN of the queue")
    max_receive_count: int = Field(3, description="Receives before a message goes to the dead-letter queue")
    policy: Annotated[dict[str, Any] | None, DOCUMENT] = None
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all queues with one ListQueues, and the attributes of ours one by one (SQS has no batch)."""
        reply = yield aws("sqs", "ListQueues", {"MaxResults": 1000}, pages=True)
        urls = {scope.arn("sqs", url.rsplit("/", 1)[1]): url for url in reply.get("QueueUrls") or ()}
        known = sought(wanted)
        mine = {arn for arn, url in urls.items() if url in known or url.rsplit("/", 1)[1] in known}

        def one(arn: str) -> Steps[Tags]:
            return SQS.read(urls[arn])

        tags = yield from tags_of(scope, mine, one)
        ours = [arn for arn in urls if arn in mine or scope.own(tags.get(arn, {}))]
        asked = ({"QueueUrl": urls[arn], "AttributeNames": ["All"]} for arn in ours)
        told = yield from together(sent(aws("sqs", "GetQueueAttributes", params, absent=GONE)) for params in asked)
        attributes_of = dict(zip(ours, told, strict=True))
        found = []
        for arn, url in urls.items():
            own, attributes = tags.get(arn, {}), attributes_of.get(arn)
            fields = _fields(attributes["Attributes"]) if attributes else {}
            named = {"name": url.rsplit("/", 1)[1], "tags": user_tags(own)}
            found.append(
                Observed(url, {**fields, **named}, {"id": url, "arn": arn}, scope.own(own), other=scope.other(own))
            )
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the name."""
        return {"arn": scope.arn("sqs", self.name)}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the queue in one call."""
        attributes = {**self._attributes(), **({"FifoQueue": "true"} if self.fifo else {})}
        params = {"QueueName": self.name, "Attributes": attributes, "tags": scope.tags(address, self.tags)}
        reply = yield aws("sqs", "CreateQueue", params)
        return {"id": reply["QueueUrl"], **self.predict(scope)}

    def _attributes(self) -> dict[str, str]:
        values = {
            "VisibilityTimeout": str(self.visibility_timeout),
            "MessageRetentionPeriod": str(self.retention),
            "DelaySeconds": str(self.delay),
            "ReceiveMessageWaitTimeSeconds": str(self.receive_wait),
        }
        if self.max_message_size is not None:
            values["MaximumMessageSize"] = str(self.max_message_size)
        if self.fifo:
            values["ContentBasedDeduplication"] = text(self.deduplicate_by_content)
        if self.kms_key is not None:
            values["KmsMasterKeyId"] = self.kms_key
        if self.dead_letter_queue is not None:
            redrive = {"deadLetterTargetArn": self.dead_letter_queue, "maxReceiveCount": self.max_receive_count}
            values["RedrivePolicy"] = text(redrive)
        if self.policy is not None:
            values["Policy"] = text(self.policy)
        return values

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Set the attributes anew in one call, then tags."""
        if changed - {"tags", "owner"}:
            yield aws("sqs", "SetQueueAttributes", {"QueueUrl": observed.id, "Attributes": self._attributes()})
        if changed & {"tags", "owner"}:
            yield from SQS.retag(scope, address, arn=observed.id, old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the queue with its messages."""
        yield aws("sqs", "DeleteQueue", {"QueueUrl": observed.id}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Name and bounds are those of SQS, and a FIFO queue's dead letters go to a FIFO queue."""
        yield from matches("services", "sqs.name", self.name, "name")
        for field in ("visibility_timeout", "retention", "delay", "receive_wait", "max_message_size"):
            yield from within("services", f"sqs.{field}", getattr(self, field), field)
        yield from within("services", "sqs.max_receive_count", self.max_receive_count, "max_receive_count")
        if self.fifo != self.name.endswith(FIFO):
            yield Problem("TW0485", "the name of a FIFO queue ends in .fifo, and no other does", "name")
        if self.deduplicate_by_content and not self.fifo:
            yield Problem("TW0494", "only a FIFO queue deduplicates", "deduplicate_by_content")
        dead = peers.get(self.dead_letter_queue)
        if isinstance(dead, Queue) and dead.fifo != self.fifo:
            kind = "FIFO" if self.fifo else "standard"
            yield Problem("TW0494", f"the dead letters of a {kind} queue go to a {kind} queue", "dead_letter_queue")


def _fields(attributes: Mapping[str, str]) -> dict[str, Any]:
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    return {
        "fifo": attributes.get("FifoQueue") == "true",
        "deduplicate_by_content": attributes.get("ContentBasedDeduplication") == "true",
        "visibility_timeout": int(attributes["VisibilityTimeout"]),
        "retention": int(attributes["MessageRetentionPeriod"]),
        "delay": int(attributes["DelaySeconds"]),
        "receive_wait": int(attributes["ReceiveMessageWaitTimeSeconds"]),
        "max_message_size": int(attributes["MaximumMessageSize"]),
        "kms_key": attributes.get("KmsMasterKeyId"),
        "dead_letter_queue": redrive.get("deadLetterTargetArn"),
        "max_receive_count": int(redrive.get("maxReceiveCount", 3)),
        "policy": json.loads(attributes["Policy"]) if attributes.get("Policy") else None,
    }
