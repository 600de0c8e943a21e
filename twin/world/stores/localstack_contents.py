"""What a LocalStack holds in an account and a Region, of the services that the twin keeps there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jmespath

from twin.world.aws_errors import AwsError
from twin.world.stores.localstack_api import LocalStackApi


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: the operation that lists it, where the names stand in its reply, and what takes them."""

    service: str
    word: str
    lists: str
    names: str
    deletes: str
    parameter: str
    within: dict[str, Any] = field(default_factory=dict)


QUEUES = Kind("sqs", "queues", "ListQueues", "QueueUrls[]", "DeleteQueue", "QueueUrl", {"MaxResults": 1000})
TOPICS = Kind("sns", "topics", "ListTopics", "Topics[].TopicArn", "DeleteTopic", "TopicArn")
BUSES = Kind("events", "event buses", "ListEventBuses", "EventBuses[?Name != 'default'].Name", "DeleteEventBus", "Name")
# In the order in which they can be deleted.
KINDS = (
    Kind("sns", "subscriptions", "ListSubscriptions", "Subscriptions[].SubscriptionArn", "Unsubscribe",
         "SubscriptionArn"),
    TOPICS,
    Kind("sns", "platform applications", "ListPlatformApplications", "PlatformApplications[].PlatformApplicationArn",
         "DeletePlatformApplication", "PlatformApplicationArn"),
    QUEUES,
    Kind("events", "archives", "ListArchives", "Archives[].ArchiveName", "DeleteArchive", "ArchiveName"),
    Kind("events", "API destinations", "ListApiDestinations", "ApiDestinations[].Name", "DeleteApiDestination", "Name"),
    Kind("events", "connections", "ListConnections", "Connections[].Name", "DeleteConnection", "Name"),
    BUSES,
)  # fmt: skip
DEFAULT_BUS = "default"
PENDING = "PendingConfirmation"


@dataclass(frozen=True, slots=True)
class Contents:
    """An account's Region of a LocalStack, for the services that the twin keeps there."""

    api: LocalStackApi
    services: frozenset[str]
    account: str
    region: str

    def call(self, service: str, operation: str, params: dict[str, Any]) -> Any:
        """Call an operation here."""
        return self.api.call(service, operation, params, account=self.account, region=self.region)

    def pages(self, service: str, operation: str, params: dict[str, Any]) -> Iterator[Any]:
        """Yield all pages of an operation's replies here."""
        yield from self.api.pages(service, operation, params, account=self.account, region=self.region)

    def names(self, kind: Kind) -> list[str]:
        """List the things of a kind."""
        replies = self.pages(kind.service, kind.lists, kind.within)
        return [name for reply in replies for name in jmespath.search(kind.names, reply) or ()]

    def rules(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the rules of EventBridge, each with the name of its bus."""
        for bus in (DEFAULT_BUS, *self.names(BUSES)):
            for rule in self.call("events", "ListRules", {"EventBusName": bus}).get("Rules", ()):
                yield bus, rule

    def counted(self) -> dict[str, int]:
        """Count what is here, by kind; nothing is left out, so that an empty answer means an empty store."""
        found = {kind.word: len(self.names(kind)) for kind in KINDS if kind.service in self.services}
        if "events" in self.services:
            found["rules"] = len(list(self.rules()))
        return {word: number for word, number in found.items() if number}

    def empty(self) -> None:
        """Delete everything that is here."""
        if "events" in self.services:
            for bus, rule in list(self.rules()):
                self._delete_rule({"EventBusName": bus}, rule["Name"])
        if "sns" in self.services:
            for topic in self.names(TOPICS):
                self.unsubscribe_all(topic)
        for kind in KINDS:
            if kind.service in self.services:
                for name in self.names(kind):
                    self._delete(kind, name)

    def unsubscribe_all(self, topic: str) -> None:
        """Remove the subscriptions of a topic, also those that wait for a confirmation and do not tell their ARN."""
        for reply in self.pages("sns", "ListSubscriptionsByTopic", {"TopicArn": topic}):
            for found in reply.get("Subscriptions", ()):
                arn = found["SubscriptionArn"]
                if arn == PENDING:
                    again = {"TopicArn": topic, "Protocol": found["Protocol"], "Endpoint": found["Endpoint"]}
                    arn = self.call("sns", "Subscribe", {**again, "ReturnSubscriptionArn": True})["SubscriptionArn"]
                self.call("sns", "Unsubscribe", {"SubscriptionArn": arn})

    def _delete(self, kind: Kind, name: str) -> None:
        try:
            self.call(kind.service, kind.deletes, {kind.parameter: name})
        except AwsError as refused:
            # What went with its owner is gone; `counted` tells what is really left.
            if refused.status >= 500:
                raise

    def _delete_rule(self, bus: dict[str, str], name: str) -> None:
        targets = self.call("events", "ListTargetsByRule", {"Rule": name, **bus}).get("Targets", ())
        if targets:
            ids = [target["Id"] for target in targets]
            self.call("events", "RemoveTargets", {"Rule": name, "Ids": ids, "Force": True, **bus})
        self.call("events", "DeleteRule", {"Name": name, "Force": True, **bus})
