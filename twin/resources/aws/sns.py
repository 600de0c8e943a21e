"""SNS topics."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.limits import matches
from twin.resources.aws.tagging import SNS
from twin.resources.aws.tags import sought, tags_of
from twin.resources.call import Steps, aws, sent, together
from twin.resources.canonical import DOCUMENT, text
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

GONE = ("NotFound", "NotFoundException")
MANAGED = (
    "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
    "ListSubscriptionsByTopic", "Publish",
)  # fmt: skip


def default_policy(arn: str) -> dict[str, Any]:
    """Return the policy that SNS gives a topic made without one: whatever acts for the account that owns it."""
    return {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{name}" for name in MANAGED],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
            }
        ],
    }


class Topic(Resource):
    """A topic to which messages are published."""

    TYPE: ClassVar[str] = "aws.sns.topic"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE]
    fifo: Annotated[bool, IMMUTABLE] = False
    display_name: str = ""
    kms_key: Annotated[str | None, RefTo("aws.kms.key", "aws.kms.alias")] = Field(
        None, description="Id, ARN or alias of the key"
    )
    policy: Annotated[dict[str, Any] | None, DOCUMENT] = Field(
        None, description="Without it SNS's own, for the account"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all topics with one ListTopics, and the attributes of ours one by one (SNS has no batch)."""
        reply = yield aws("sns", "ListTopics", pages=True)
        names = {item["TopicArn"]: item["TopicArn"].rsplit(":", 1)[1] for item in reply.get("Topics") or ()}
        known = sought(wanted)
        mine = {arn for arn, name in names.items() if known & {arn, name}}
        tags = yield from tags_of(scope, mine, SNS.read)
        ours = [arn for arn in names if arn in mine or scope.own(tags.get(arn, {}))]
        told = yield from together(
            sent(aws("sns", "GetTopicAttributes", {"TopicArn": arn}, absent=GONE)) for arn in ours
        )
        attributes_of = dict(zip(ours, told, strict=True))
        found = []
        for arn, name in names.items():
            own, attributes = tags.get(arn, {}), attributes_of.get(arn)
            fields = {**(_fields(attributes["Attributes"]) if attributes else {}), "name": name, "tags": user_tags(own)}
            found.append(Observed(arn, fields, {"id": arn, "arn": arn}, scope.own(own), other=scope.other(own)))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """Id and ARN are the same and made of the name."""
        arn = scope.arn("sns", self.name)
        return {"id": arn, "arn": arn}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the topic in one call."""
        attributes = {name: value for name, value in self._attributes().items() if value}
        if self.fifo:
            attributes["FifoTopic"] = "true"
        params = {"Name": self.name, "Attributes": attributes, "Tags": scope.tag_list(address, self.tags)}
        yield aws("sns", "CreateTopic", params)
        return self.predict(scope)

    def _attributes(self) -> dict[str, str]:
        values = {"DisplayName": self.display_name}
        if self.kms_key is not None:
            values["KmsMasterKeyId"] = self.kms_key
        if self.policy is not None:
            values["Policy"] = text(self.policy)
        return values

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Set each attribute that changed, then tags."""
        fields = {"DisplayName": "display_name", "KmsMasterKeyId": "kms_key", "Policy": "policy"}
        for name, value in self._attributes().items():
            if fields[name] in changed:
                params = {"TopicArn": observed.id, "AttributeName": name, "AttributeValue": value}
                yield aws("sns", "SetTopicAttributes", params)
        if changed & {"tags", "owner"}:
            yield from SNS.retag(scope, address, arn=observed.id, old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the topic with its subscriptions."""
        yield aws("sns", "DeleteTopic", {"TopicArn": observed.id}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The name is one that SNS takes."""
        yield from matches("services", "sns.name", self.name, "name")
        if self.fifo != self.name.endswith(".fifo"):
            yield Problem("TW0485", "the name of a FIFO topic ends in .fifo, and no other does", "name")


def _fields(attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "fifo": attributes.get("FifoTopic") == "true",
        "display_name": attributes.get("DisplayName", ""),
        "kms_key": attributes.get("KmsMasterKeyId"),
        "policy": json.loads(attributes["Policy"]) if attributes.get("Policy") else None,
    }
