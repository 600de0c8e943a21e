"""Secrets of Secrets Manager."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.kept_settings import keep, kept, own_tags, tag_problems
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, SENSITIVE, WRITE_ONLY, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags

GONE = ("ResourceNotFoundException",)
# AWS answers InvalidRequestException for a name whose secret is scheduled for deletion, emulators the other one.
TAKEN = ("InvalidRequestException", "ResourceExistsException")
WINDOW = "recovery-window"
DEFAULT_KEY = "alias/aws/secretsmanager"


class Generated(BaseModel):
    """How Secrets Manager draws a random value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    length: int = Field(32, description="1 to 4,096 characters")
    punctuation: bool = Field(True, description="Whether punctuation may occur")
    exclude: str = Field("", description="Characters that must not occur")


def all_secrets() -> Steps[list[dict[str, Any]]]:
    """Read the descriptions of all secrets, without values; those scheduled for deletion are left out."""
    reply = yield aws("secretsmanager", "ListSecrets", pages=True)
    return [secret for secret in reply.get("SecretList") or () if not secret.get("DeletedDate")]


class Secret(Resource):
    """A secret; its value comes from outside, is drawn at random, or is left to others (an access key, say)."""

    TYPE: ClassVar[str] = "aws.secretsmanager.secret"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: Annotated[str, IMMUTABLE] = Field(description="The secret's name")
    description: str = Field("", description="What the secret is for")
    kms_key: Annotated[str | None, RefTo("aws.kms.key")] = Field(None, description="ARN of the key that encrypts it")
    value: Annotated[str | None, SENSITIVE] = Field(None, description="Where the value is: env:NAME or file:PATH")
    generate: Annotated[Generated | None, WRITE_ONLY] = Field(None, description="Draw the value at random")
    replicas: Annotated[dict[str, str] | None, RefTo("aws.kms.key")] = Field(
        None, description="Regions that keep copies, each with the ARN of the key there; empty for AWS's own key"
    )
    recovery_window: int = Field(30, description="Days in which a deleted secret can be restored, 7 to 30; 0 is none")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all secrets with one ListSecrets, and the copies of those of which the spec manages them."""
        found = []
        for secret in (yield from all_secrets()):
            arn, tags = secret["ARN"], plain_tags(secret.get("Tags"))
            key = secret.get("KmsKeyId")
            fields = {
                "name": secret["Name"],
                "description": secret.get("Description", ""),
                "kms_key": _key_arn(scope, key) if key else None,
                "recovery_window": int(kept(tags, WINDOW, "30")),
                "tags": own_tags(tags),
            }
            if "replicas" in wanted.managed.get((secret["Name"],), ()):
                fields["replicas"] = yield from _replicas(scope, arn)
            builtin = bool(secret.get("OwningService"))
            found.append(
                Observed(
                    arn, fields, {"id": arn, "arn": arn}, scope.own(tags), other=scope.other(tags), builtin=builtin
                )
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the secret with its value; one scheduled for deletion under the same name is restored instead."""
        params = {
            "Name": self.name,
            "Description": self.description or None,
            "KmsKeyId": self.kms_key,
            "SecretString": (yield from self._value()),
            "AddReplicaRegions": _regions(self.replicas or {}) or None,
            "Tags": scope.tag_list(address, self._tags()),
        }
        reply = yield aws("secretsmanager", "CreateSecret", params, absent=TAKEN)
        if reply is None:
            there = yield aws("secretsmanager", "DescribeSecret", {"SecretId": self.name}, absent=GONE)
            if there and "DeletedDate" in there:
                return (yield from self._restore(scope, there, params))
            # Nothing of that name awaits deletion: whatever AWS minded, it says now.
            reply = yield aws("secretsmanager", "CreateSecret", params)
        return {"id": reply["ARN"], "arn": reply["ARN"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change description, key and value in one call, and the tags."""
        if changed & {"description", "kms_key", "value", "generate"}:
            value = (yield from self._value()) if changed & {"value", "generate"} else None
            yield aws(
                "secretsmanager",
                "UpdateSecret",
                {
                    "SecretId": observed.id,
                    "Description": self.description,
                    "KmsKeyId": self.kms_key,
                    "SecretString": value,
                },
            )
        if "replicas" in changed:
            yield from self._copy(observed)
        if changed & {"tags", "owner", "recovery_window"}:
            tags = scope.tag_list(address, self._tags())
            yield from _retag(observed.id, tags, set(observed.fields.get("tags") or {}) - set(self.tags))

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Take back its copies and schedule the deletion, or delete at once when there is no recovery window."""
        yield from _uncopy(observed.id, sorted(observed.fields.get("replicas") or {}))
        days = observed.fields.get("recovery_window", 30)
        how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        yield aws("secretsmanager", "DeleteSecret", {"SecretId": observed.id, **how}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, the value's source and the recovery window."""
        if "${" not in self.name and not re.fullmatch(facts("secretsmanager")["name_pattern"], self.name):
            yield Problem(
                "TW0458", f"{self.name!r} is not the name of a secret", "name", "letters, digits, / _ + = . @ -"
            )
        if self.value is not None and self.generate is not None:
            yield Problem("TW0458", "a value is given or drawn at random, not both", "generate")
        low, high = facts("secretsmanager")["generated_length"]
        if self.generate and not low <= self.generate.length <= high:
            yield Problem("TW0458", f"a random value has {low} to {high} characters", "generate")
        low, high = facts("secretsmanager")["recovery_window_days"]
        if self.recovery_window and not low <= self.recovery_window <= high:
            yield Problem(
                "TW0456",
                f"a recovery window is {low} to {high} days or 0, not {self.recovery_window}",
                "recovery_window",
            )
        yield from tag_problems(self.tags, 50, ours=3)

    def _copy(self, observed: Observed) -> Steps[None]:
        """Bring the copies to the wanted ones; one under another key is made anew."""
        had, wanted = observed.fields.get("replicas") or {}, self.replicas or {}
        yield from _uncopy(observed.id, sorted(region for region, key in had.items() if wanted.get(region) != key))
        more = {region: key for region, key in wanted.items() if had.get(region) != key}
        if more:
            params = {"SecretId": observed.id, "AddReplicaRegions": _regions(more)}
            yield aws("secretsmanager", "ReplicateSecretToRegions", params)

    def _value(self) -> Steps[str | None]:
        """Return the value to store, drawing one when it is to be random."""
        if self.generate is None:
            return self.value
        reply = yield aws(
            "secretsmanager",
            "GetRandomPassword",
            {
                "PasswordLength": self.generate.length,
                "ExcludePunctuation": not self.generate.punctuation,
                "ExcludeCharacters": self.generate.exclude or None,
            },
        )
        value: str = reply["RandomPassword"]
        return value

    def _tags(self) -> dict[str, str]:
        return keep(self.tags, **{WINDOW: self.recovery_window if self.recovery_window != 30 else None})

    def _restore(self, scope: Scope, there: Mapping[str, Any], params: Mapping[str, Any]) -> Steps[Mapping[str, Any]]:
        arn = there["ARN"]
        yield aws("secretsmanager", "RestoreSecret", {"SecretId": arn})
        yield aws(
            "secretsmanager",
            "UpdateSecret",
            {
                "SecretId": arn,
                "Description": self.description,
                "KmsKeyId": self.kms_key or DEFAULT_KEY,
                "SecretString": params["SecretString"],
            },
        )
        wanted = {tag["Key"] for tag in params["Tags"]}
        yield from _retag(arn, params["Tags"], set(plain_tags(there.get("Tags"))) - wanted)
        return {"id": arn, "arn": arn}


def _regions(replicas: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Region": region, **({"KmsKeyId": key} if key else {})} for region, key in sorted(replicas.items())]


def _uncopy(id_: str, regions: list[str]) -> Steps[None]:
    if regions:
        params = {"SecretId": id_, "RemoveReplicaRegions": regions}
        yield aws("secretsmanager", "RemoveRegionsFromReplication", params, absent=GONE)


def _replicas(scope: Scope, arn: str) -> Steps[dict[str, str]]:
    reply = yield aws("secretsmanager", "DescribeSecret", {"SecretId": arn}, absent=GONE)
    return {
        one["Region"]: "" if one.get("KmsKeyId", DEFAULT_KEY) == DEFAULT_KEY else one["KmsKeyId"]
        for one in (reply or {}).get("ReplicationStatus") or ()
    }


def _retag(arn: str, tags: list[dict[str, str]], gone: Iterable[str]) -> Steps[None]:
    yield aws("secretsmanager", "TagResource", {"SecretId": arn, "Tags": tags})
    keys = sorted(key for key in gone if not key.startswith("aws:"))
    if keys:
        yield aws("secretsmanager", "UntagResource", {"SecretId": arn, "TagKeys": keys})


def _key_arn(scope: Scope, key: str) -> str:
    """Write a key as its ARN, whether its id, its alias or its ARN was told."""
    if key.startswith("arn:"):
        return key
    return scope.arn("kms", key if key.startswith("alias/") else f"key/{key}")
