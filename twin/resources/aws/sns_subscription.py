"""SNS subscriptions."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import one_of
from twin.resources.aws.sns import GONE, Topic
from twin.resources.call import Steps, aws, pagerduty
from twin.resources.canonical import text
from twin.resources.reference import unknown, whole
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope
from twin.semantics.oncall.addresses import HOST, inbound_address

PAGER = "pagerduty.integration"
PAGER_ID = re.compile(r"[A-Z0-9]+/[A-Z0-9]+")
NO_PAGER = ("404",)
RAW = ("sqs", "http", "https", "firehose")


class Subscription(Resource):
    """An endpoint that gets a topic's messages; e-mail and HTTP wait for their owner's confirmation.

    While it waits SNS tells nothing more of a subscription and deletes it by no call (it goes after 48 hours). The
    address of a PagerDuty integration holds its key: it is named by its id, and PagerDuty is asked for the address
    when one subscribes or reads.
    """

    TYPE: ClassVar[str] = "aws.sns.subscription"
    KEY: ClassVar[tuple[str, ...]] = ("topic", "protocol", "endpoint")
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id",)

    topic: Annotated[str, RefTo("aws.sns.topic"), IMMUTABLE] = Field(description="ARN of the topic")
    protocol: Annotated[str, IMMUTABLE]
    endpoint: Annotated[str, RefTo("aws.sqs.queue", PAGER), IMMUTABLE] = Field(
        description="Address, URL, ARN, or the id of a PagerDuty integration"
    )
    raw: bool = Field(False, description="Whether messages come without SNS's envelope")
    filter_policy: dict[str, Any] | None = None

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all subscriptions with one ListSubscriptions, the attributes of the wanted confirmed ones singly."""
        reply = yield aws("sns", "ListSubscriptions", pages=True)
        pagers = yield from _pagers(wanted)
        found = []
        for item in reply.get("Subscriptions") or ():
            arn, endpoint = item["SubscriptionArn"], item["Endpoint"]
            key = (item["TopicArn"], item["Protocol"], endpoint)
            if key not in wanted.keys:
                key = (*key[:2], pagers.get(endpoint) or _masked(endpoint))
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
        endpoint = self.endpoint
        if _is_pager(endpoint):
            endpoint = yield from _address(endpoint)
        params = {"TopicArn": self.topic, "Protocol": self.protocol, "Endpoint": endpoint}
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
        if self.protocol == "https" and _is_pager(self.endpoint):
            return True
        return unknown(self.endpoint) or re.fullmatch(pattern, self.endpoint) is not None


def _is_pager(endpoint: str) -> bool:
    target = whole(endpoint)
    return PAGER_ID.fullmatch(endpoint) is not None if target is None else target.address.type == PAGER


def _address(pager: str) -> Steps[str]:
    """Ask PagerDuty for the address of an integration."""
    service, _, own = pager.partition("/")
    told = yield pagerduty("GET", f"/services/{service}/integrations/{own}")
    return inbound_address(told["integration"]["type"], told["integration"]["integration_key"])


def _pagers(wanted: Wanted) -> Steps[dict[str, str]]:
    """Return the integrations that are wanted or were subscribed, by their addresses."""
    named = {str(key[2]) for key in wanted.keys} | {id_.rpartition("|")[2] for id_ in wanted.ids}
    found = {}
    for pager in sorted(name for name in named if PAGER_ID.fullmatch(name)):
        service, _, own = pager.partition("/")
        told = yield pagerduty("GET", f"/services/{service}/integrations/{own}", absent=NO_PAGER)
        if told is not None:
            one = told["integration"]
            found[inbound_address(one["type"], one["integration_key"])] = pager
    return found


def _masked(endpoint: str) -> str:
    """Return an endpoint without the key of a pager in it."""
    if f"//{HOST}/" not in endpoint:
        return endpoint
    return f"https://{HOST}/{hashlib.sha256(endpoint.encode()).hexdigest()[:12]}"


def _fields(attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "raw": attributes.get("RawMessageDelivery") == "true",
        "filter_policy": json.loads(attributes["FilterPolicy"]) if attributes.get("FilterPolicy") else None,
    }
