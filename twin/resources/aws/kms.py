"""KMS keys and their aliases."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.kept_settings import keep, kept, own_tags, tag_problems
from twin.resources.aws.policy_actions import allows
from twin.resources.aws.policy_document import resource_policy
from twin.resources.aws.policy_grammar import statements
from twin.resources.aws.policy_principals import principals
from twin.resources.aws.tags import Tags, tags_of
from twin.resources.call import Steps, aws, together
from twin.resources.canonical import DOCUMENT, document, text
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags

GONE = ("NotFoundException",)
DYING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})
WINDOW = "deletion-window"


def default_policy(scope: Scope) -> dict[str, Any]:
    """Return the policy that KMS gives a key made without one: the account's IAM policies decide."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": scope.arn("iam", "root", region="")},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }


def _aliases() -> Steps[list[dict[str, Any]]]:
    reply = yield aws("kms", "ListAliases", pages=True)
    return list(reply.get("Aliases") or ())


class Key(Resource):
    """A symmetric key for encryption.

    State, policy and rotation are read one by one (KMS has no batch read), so only of the keys that are ours.
    """

    TYPE: ClassVar[str] = "aws.kms.key"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    description: str = Field("", description="What the key is for")
    policy: Annotated[dict[str, Any] | None, DOCUMENT] = Field(
        None, description="The key's policy; KMS's own, which leaves it to IAM, when left out"
    )
    rotation: bool = Field(True, description="Whether KMS renews the key material by itself")
    rotation_days: int | None = Field(None, description="Days between two renewals, 90 to 2560; 365 when left out")
    multi_region: Annotated[bool, IMMUTABLE] = Field(False, description="Whether it can be replicated to other Regions")
    primary: Annotated[str | None, RefTo("aws.kms.key"), IMMUTABLE] = Field(
        None, description="ARN of the multi-Region key in another Region of which this one is a replica"
    )
    deletion_window: int = Field(30, description="Days between deletion and destruction, 7 to 30")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the list of keys, whose they are, and what ours are like."""
        reply = yield aws("kms", "ListKeys", pages=True)
        keys = {item["KeyArn"]: item["KeyId"] for item in reply.get("Keys") or ()}
        aliases = yield from _aliases()
        made_by_aws = {a.get("TargetKeyId") for a in aliases if a["AliasName"].startswith("alias/aws/")}
        tags = yield from tags_of(scope, [arn for arn, id_ in keys.items() if id_ in wanted.ids], _tags)
        ours = [id_ for arn, id_ in keys.items() if id_ in wanted.ids or scope.own(tags.get(arn, {}))]
        told = yield from together(_details(id_) for id_ in ours)
        details = dict(zip(ours, told, strict=True))
        found = []
        for arn, id_ in keys.items():
            mine = tags.get(arn, {})
            outputs = {"id": id_, "arn": arn}
            if id_ not in details:
                found.append(Observed(id_, {}, outputs, builtin=id_ in made_by_aws))
                continue
            fields = details[id_]
            if fields is not None:
                more = {"tags": own_tags(mine), "deletion_window": int(kept(mine, WINDOW, "30"))}
                found.append(Observed(id_, {**fields, **more}, outputs, scope.own(mine), other=scope.other(mine)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the key and turn rotation on; a replica has its primary's material, and its rotation."""
        if self.primary is not None:
            return (yield from self._replicate(scope, address, self.primary))
        reply = yield aws(
            "kms",
            "CreateKey",
            {
                "Description": self.description or None,
                "Policy": text(self.policy) if self.policy is not None else None,
                "MultiRegion": self.multi_region or None,
                "Tags": scope.tag_list(address, self._tags(), key="TagKey", value="TagValue"),
            },
        )
        id_ = reply["KeyMetadata"]["KeyId"]
        if self.rotation:
            yield aws("kms", "EnableKeyRotation", {"KeyId": id_, "RotationPeriodInDays": self.rotation_days})
        return {"id": id_, "arn": reply["KeyMetadata"]["Arn"]}

    def _replicate(self, scope: Scope, address: Address, primary: str) -> Steps[Mapping[str, Any]]:
        reply = yield aws(
            "kms",
            "ReplicateKey",
            {
                "KeyId": primary,
                "ReplicaRegion": scope.region,
                "Description": self.description or None,
                "Policy": text(self.policy) if self.policy is not None else None,
                "Tags": scope.tag_list(address, self._tags(), key="TagKey", value="TagValue"),
            },
            region=primary.split(":")[3] if primary.startswith("arn:") else None,
        )
        return {"id": reply["ReplicaKeyMetadata"]["KeyId"], "arn": reply["ReplicaKeyMetadata"]["Arn"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change what differs."""
        named = {"KeyId": observed.id}
        if "description" in changed:
            yield aws("kms", "UpdateKeyDescription", {**named, "Description": self.description})
        if "policy" in changed:
            policy = text(self.policy if self.policy is not None else default_policy(scope))
            yield aws("kms", "PutKeyPolicy", {**named, "PolicyName": "default", "Policy": policy})
        if changed & {"rotation", "rotation_days"} and self.primary is None:
            if self.rotation:
                yield aws("kms", "EnableKeyRotation", {**named, "RotationPeriodInDays": self.rotation_days})
            else:
                yield aws("kms", "DisableKeyRotation", named)
        if changed & {"tags", "owner", "deletion_window"}:
            tags = scope.tag_list(address, self._tags(), key="TagKey", value="TagValue")
            yield aws("kms", "TagResource", {**named, "Tags": tags})
            gone = sorted(set(observed.fields.get("tags") or {}) - set(self.tags))
            if gone:
                yield aws("kms", "UntagResource", {**named, "TagKeys": gone})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Schedule the key's deletion; one that is being deleted already is as good."""
        days = observed.fields.get("deletion_window", 30)
        params = {"KeyId": observed.id, "PendingWindowInDays": days}
        yield aws("kms", "ScheduleKeyDeletion", params, absent=(*GONE, "KMSInvalidStateException"))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the policy, which must leave the account able to change it, the window and the texts."""
        if self.policy is not None:
            found = list(resource_policy(self.policy, "policy", facts("kms")["policy_size"], peers))
            yield from found
            if not found and not _governable(self.policy, peers.scope):
                yield Problem(
                    "TW0455",
                    "nobody of the account could change this policy again, so KMS refuses it",
                    "policy",
                    f"allow kms:* to {peers.scope.arn('iam', 'root', region='')}",
                )
        low, high = facts("kms")["deletion_window_days"]
        if not low <= self.deletion_window <= high:
            yield Problem(
                "TW0456", f"a deletion window is {low} to {high} days, not {self.deletion_window}", "deletion_window"
            )
        if len(self.description) > facts("kms")["description_length"]:
            yield Problem("TW0440", "the description has more than 8,192 characters", "description")
        yield from tag_problems(self.tags, 50, ours=3)

    def _tags(self) -> dict[str, str]:
        return keep(self.tags, **{WINDOW: self.deletion_window})


def _governable(policy: Any, scope: Scope) -> bool:
    """Tell whether some statement lets a principal of the account, or one not known yet, put the key's policy."""
    return any(
        statement.get("Effect") == "Allow"
        and allows(statement, "kms:PutKeyPolicy")
        and any(
            value in ("*", scope.account) or f"::{scope.account}:" in value or "${" in value
            for kind, value in principals(statement)
            if kind == "AWS"
        )
        for statement in statements(policy)
    )


def _tags(arn: str) -> Steps[Tags]:
    reply = yield aws("kms", "ListResourceTags", {"KeyId": arn}, pages=True, absent=GONE)
    return plain_tags((reply or {}).get("Tags"), key="TagKey", value="TagValue")


def _details(id_: str) -> Steps[dict[str, Any] | None]:
    """Read what a key is like; None when it is gone or about to go."""
    reply = yield aws("kms", "DescribeKey", {"KeyId": id_}, absent=GONE)
    if reply is None or reply["KeyMetadata"]["KeyState"] in DYING:
        return None
    policy = yield aws("kms", "GetKeyPolicy", {"KeyId": id_, "PolicyName": "default"})
    rotation = yield aws("kms", "GetKeyRotationStatus", {"KeyId": id_})
    several = reply["KeyMetadata"].get("MultiRegionConfiguration") or {}
    replica = several.get("MultiRegionKeyType") == "REPLICA"
    return {
        "description": reply["KeyMetadata"].get("Description", ""),
        "primary": several["PrimaryKey"]["Arn"] if replica else None,
        "multi_region": reply["KeyMetadata"].get("MultiRegion", False),
        "policy": document(policy["Policy"]),
        "rotation": rotation["KeyRotationEnabled"],
        "rotation_days": rotation.get("RotationPeriodInDays"),
    }


class Alias(Resource):
    """A name for a key."""

    TYPE: ClassVar[str] = "aws.kms.alias"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The name, beginning with alias/")
    key: Annotated[str, RefTo("aws.kms.key")] = Field(description="The key's id")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all aliases with one ListAliases."""
        return [
            Observed(
                id=alias["AliasName"],
                fields={"name": alias["AliasName"], "key": alias.get("TargetKeyId")},
                outputs={"id": alias["AliasName"], "arn": alias["AliasArn"]},
                builtin=alias["AliasName"].startswith("alias/aws/"),
            )
            for alias in (yield from _aliases())
        ]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the alias."""
        yield aws("kms", "CreateAlias", {"AliasName": self.name, "TargetKeyId": self.key})
        return {"id": self.name, "arn": scope.arn("kms", self.name)}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Point the alias to another key."""
        if "key" in changed:
            yield aws("kms", "UpdateAlias", {"AliasName": observed.id, "TargetKeyId": self.key})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the alias; the key stays."""
        yield aws("kms", "DeleteAlias", {"AliasName": observed.id}, absent=GONE)

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the account, the Region and the name."""
        return {"id": self.name, "arn": scope.arn("kms", self.name)}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name."""
        if "${" not in self.name and not re.fullmatch(facts("kms")["alias_pattern"], self.name):
            help_ = "it begins with alias/, not with alias/aws/, and has letters, digits, / _ -"
            yield Problem("TW0457", f"{self.name!r} is not the name of an alias", "name", help_)
