"""SNS subscriptions."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import one_of
from twin.resources.aws.sns import GONE, Topic
from twin.resources.call import Steps, aws
from twin.resources.canonical import text
from twin.resources.reference import unknown, whole
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

RAW = ("sqs", "http", "https", "firehose")


class Subscription(Resource):
    """An endpoint that gets a topic's messages; e-mail and HTTP wait for their owner's confirmation.

    While it waits SNS tells nothing more of a subscription and deletes it by no call (it goes after 48 hours).
    """

    TYPE: ClassVar[str] = "aws.sns.subscription"
    KEY: ClassVar[tuple[str, ...]] = ("topic", "protocol", "endpoint")
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    topic: Annotated[str, RefTo("aws.sns.topic"), IMMUTABLE] = Field(description="ARN of the topic")
    protocol: Annotated[str, IMMUTABLE]
    endpoint: Annotated[str, RefTo("aws.sqs.queue"), IMMUTABLE] = Field(description="Address, URL or ARN")
    raw: bool = Field(False, description="Whether messages come without SNS's envelope")
    filter_policy: dict[str, Any] | None = None

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all subscriptions with one ListSubscriptions, the attributes of the wanted confirmed ones singly."""
        reply = yield aws("sns", "ListSubscriptions", pages=True)
        found = []
        for item in reply.get("Subscriptions") or ():
            key, arn = (item["TopicArn"], item["Protocol"], item["Endpoint"]), item["SubscriptionArn"]
            if arn == "Deleted":
                continue
            id_ = "|".join(key)
            fields: dict[str, Any] = dict(zip(cls.KEY, key, strict=True))
            if not arn.startswith("arn:"):
                fields["raw"] = False
            elif key in wanted.keys or id_ in wanted.ids:
                attributes = yield aws("sns", "GetSubscriptionAttributes", {"SubscriptionArn": arn}, absent=GONE)
                fields |= _fields(attributes["Attributes"]) if attributes else {}
            found.append(Observed(id_, fields, {"id": id_, "arn": arn}, member_of=("aws.sns.topic", item["TopicArn"])))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The id is the key; SNS's own is not there before the confirmation."""
        return {"id": f"{self.topic}|{self.protocol}|{self.endpoint}"}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Subscribe the endpoint."""
        attributes = {"RawMessageDelivery": "true"} if self.raw else {}
        if self.filter_policy is not None:
            attributes["FilterPolicy"] = text(self.filter_policy)
        params = {"TopicArn": self.topic, "Protocol": self.protocol, "Endpoint": self.endpoint}
        yield aws("sns", "Subscribe", {**params, "Attributes": attributes, "ReturnSubscriptionArn": True})
        return self.predict(scope)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Set each attribute that changed."""
        values = {
            "raw": ("RawMessageDelivery", text(self.raw)),
            "filter_policy": ("FilterPolicy", text(self.filter_policy)),
        }
        for field in sorted(changed & values.keys()):
            name, value = values[field]
            params = {"SubscriptionArn": observed.outputs["arn"], "AttributeName": name, "AttributeValue": value}
            yield aws("sns", "SetSubscriptionAttributes", params)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Unsubscribe, unless the endpoint never confirmed."""
        if observed.outputs["arn"].startswith("arn:"):
            yield aws("sns", "Unsubscribe", {"SubscriptionArn": observed.outputs["arn"]}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Protocol and endpoint fit each other and the topic."""
        yield from one_of("services", "sns.protocols", self.protocol, "protocol")
        forms = facts("services")["sns.endpoints"]
        if self.protocol in forms and not self._fits(forms[self.protocol]["pattern"]):
            yield Problem(
                "TW0486",
                f"{self.endpoint!r} is no endpoint for {self.protocol}: {forms[self.protocol]['says']}",
                "endpoint",
            )
        if self.raw and self.protocol not in RAW:
            yield Problem("TW0494", f"{self.protocol} takes no raw messages", "raw", f"only {', '.join(RAW)}")
        topic = peers.get(self.topic)
        if isinstance(topic, Topic) and topic.fifo and self.protocol != "sqs":
            yield Problem("TW0486", "only SQS queues subscribe to a FIFO topic", "protocol")

    def _fits(self, pattern: str) -> bool:
        target = whole(self.endpoint)
        if target is not None:
            return target.attribute == "arn" if self.protocol in ("sqs", "lambda", "firehose") else True
        return unknown(self.endpoint) or re.fullmatch(pattern, self.endpoint) is not None


def _fields(attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "raw": attributes.get("RawMessageDelivery") == "true",
        "filter_policy": json.loads(attributes["FilterPolicy"]) if attributes.get("FilterPolicy") else None,
    }
