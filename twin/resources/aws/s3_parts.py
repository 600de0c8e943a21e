"""The parts of a bucket's configuration, each as the spec writes it, as S3 takes it and as S3 tells it."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

StorageClass = Literal["STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]


class Part(BaseModel):
    """A part of a bucket's configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Encryption(Part):
    """How S3 encrypts objects that come without an encryption of their own."""

    algorithm: Literal["AES256", "aws:kms"] = Field("AES256", description="S3's own key, or one of KMS")
    kms_key: str | None = Field(None, description="ARN of the KMS key; AWS's own for S3 when left out")
    bucket_key: bool = Field(False, description="Whether a key per bucket spares calls to KMS")
    customer_keys: bool = Field(False, description="Whether objects may come with a key of the caller's (SSE-C)")

    def sent(self) -> dict[str, Any]:
        """Write the parameter of PutBucketEncryption."""
        default: dict[str, str] = {"SSEAlgorithm": self.algorithm}
        if self.kms_key is not None:
            default["KMSMasterKeyID"] = self.kms_key
        blocked = {"EncryptionType": ["NONE" if self.customer_keys else "SSE-C"]}
        rule = {
            "ApplyServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": self.bucket_key,
            "BlockedEncryptionTypes": blocked,
        }
        return {"Rules": [rule]}

    @staticmethod
    def told(reply: Mapping[str, Any]) -> dict[str, Any]:
        """Read the reply of GetBucketEncryption."""
        rule = reply["ServerSideEncryptionConfiguration"]["Rules"][0]
        default = rule["ApplyServerSideEncryptionByDefault"]
        return {
            "algorithm": default["SSEAlgorithm"],
            "kms_key": default.get("KMSMasterKeyID"),
            "bucket_key": rule.get("BucketKeyEnabled", False),
            "customer_keys": "NONE" in rule.get("BlockedEncryptionTypes", {}).get("EncryptionType", ()),
        }


class PublicAccessBlock(Part):
    """What S3 refuses however a policy or an access control list is written."""

    block_public_acls: bool = True
    ignore_public_acls: bool = True
    block_public_policy: bool = True
    restrict_public_buckets: bool = True

    def sent(self) -> dict[str, Any]:
        """Write the parameter of PutPublicAccessBlock."""
        return {_camel(name): value for name, value in self.model_dump().items()}

    @classmethod
    def told(cls, reply: Mapping[str, Any] | None) -> dict[str, Any]:
        """Read the reply of GetPublicAccessBlock; without one nothing is blocked."""
        told = (reply or {}).get("PublicAccessBlockConfiguration", {})
        return {name: told.get(_camel(name), False) for name in cls.model_fields}


class ObjectLock(Part):
    """The lock under which versions of objects are written; S3 never takes it off a bucket again."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"] | None = Field(
        None, description="Whose objects say nothing else: lifted by who may bypass it, or by nobody; none by default"
    )
    days: int | None = Field(None, description="How long; days or years go with a mode")
    years: int | None = None

    def sent(self) -> dict[str, Any]:
        """Write the parameter of PutObjectLockConfiguration."""
        how = {"Mode": self.mode, "Days": self.days, "Years": self.years}
        rule = {"DefaultRetention": {name: value for name, value in how.items() if value is not None}}
        return {"ObjectLockEnabled": "Enabled", **({"Rule": rule} if self.mode else {})}

    @staticmethod
    def told(reply: Mapping[str, Any]) -> dict[str, Any]:
        """Read the reply of GetObjectLockConfiguration."""
        rule = (reply["ObjectLockConfiguration"].get("Rule") or {}).get("DefaultRetention") or {}
        return {"mode": rule.get("Mode"), "days": rule.get("Days") or None, "years": rule.get("Years") or None}


def _camel(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


class Transition(Part):
    """The move of objects to another storage class."""

    days: int = Field(description="Days after creation, or after a version became noncurrent")
    storage_class: StorageClass


class LifecycleRule(Part):
    """What becomes of objects with age."""

    id: str = Field(description="The rule's name")
    enabled: bool = True
    prefix: str = Field("", description="Only objects whose key begins so")
    tags: dict[str, str] = Field(default_factory=dict, description="Only objects that have all these tags")
    transitions: list[Transition] = Field(default_factory=list)
    expiration_days: int | None = None
    expired_delete_marker: bool = Field(False, description="Remove delete markers that hide no version any more")
    noncurrent_transitions: list[Transition] = Field(default_factory=list)
    noncurrent_days: int | None = Field(None, description="Days after which noncurrent versions are deleted")
    abort_uploads_days: int | None = Field(None, description="Days after which unfinished uploads are dropped")

    def sent(self) -> dict[str, Any]:
        """Write a rule of PutBucketLifecycleConfiguration."""
        rule: dict[str, Any] = {
            "ID": self.id,
            "Status": "Enabled" if self.enabled else "Disabled",
            "Filter": _filter(self.prefix, self.tags),
        }
        if self.transitions:
            rule["Transitions"] = [{"Days": t.days, "StorageClass": t.storage_class} for t in self.transitions]
        if self.expiration_days is not None:
            rule["Expiration"] = {"Days": self.expiration_days}
        elif self.expired_delete_marker:
            rule["Expiration"] = {"ExpiredObjectDeleteMarker": True}
        if self.noncurrent_transitions:
            rule["NoncurrentVersionTransitions"] = [
                {"NoncurrentDays": t.days, "StorageClass": t.storage_class} for t in self.noncurrent_transitions
            ]
        if self.noncurrent_days is not None:
            rule["NoncurrentVersionExpiration"] = {"NoncurrentDays": self.noncurrent_days}
        if self.abort_uploads_days is not None:
            rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": self.abort_uploads_days}
        return rule

    @staticmethod
    def told(rule: Mapping[str, Any]) -> dict[str, Any]:
        """Read a rule of GetBucketLifecycleConfiguration."""
        filter_ = rule.get("Filter") or {}
        both = filter_.get("And") or filter_
        tags = both.get("Tags") or ([filter_["Tag"]] if "Tag" in filter_ else [])
        expiration = rule.get("Expiration") or {}
        return {
            "id": rule.get("ID", ""),
            "enabled": rule["Status"] == "Enabled",
            "prefix": both.get("Prefix") or rule.get("Prefix") or "",
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
            "transitions": _transitions(rule.get("Transitions"), "Days"),
            "expiration_days": expiration.get("Days"),
            "expired_delete_marker": bool(expiration.get("ExpiredObjectDeleteMarker")),
            "noncurrent_transitions": _transitions(rule.get("NoncurrentVersionTransitions"), "NoncurrentDays"),
            "noncurrent_days": (rule.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays"),
            "abort_uploads_days": (rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation"),
        }


def _transitions(told: Any, days: str) -> list[dict[str, Any]]:
    return [{"days": t.get(days), "storage_class": t["StorageClass"]} for t in told or ()]


def _filter(prefix: str, tags: Mapping[str, str]) -> dict[str, Any]:
    pairs = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    if not pairs:
        return {"Prefix": prefix}
    if len(pairs) == 1 and not prefix:
        return {"Tag": pairs[0]}
    return {"And": {**({"Prefix": prefix} if prefix else {}), "Tags": pairs}}


class Logging(Part):
    """Where S3 writes the log of requests."""

    bucket: str = Field(description="Name (id) of the bucket that takes the logs")
    prefix: str = ""

    def sent(self) -> dict[str, Any]:
        """Write the parameter of PutBucketLogging."""
        return {"LoggingEnabled": {"TargetBucket": self.bucket, "TargetPrefix": self.prefix}}

    @staticmethod
    def told(reply: Mapping[str, Any]) -> dict[str, Any] | None:
        """Read the reply of GetBucketLogging."""
        told = reply.get("LoggingEnabled")
        return {"bucket": told["TargetBucket"], "prefix": told.get("TargetPrefix", "")} if told else None


class ReplicationRule(Part):
    """Which objects are copied where."""

    id: str = Field(description="The rule's name")
    priority: int = Field(1, description="Of the rules that fit an object the highest wins")
    enabled: bool = True
    prefix: str = ""
    bucket: str = Field(description="ARN of the bucket that takes the copies")
    storage_class: str | None = Field(None, description="Storage class of the copies; the object's own when left out")
    replica_kms_key: str | None = Field(
        None, description="ARN of the key that encrypts the copies of KMS-encrypted objects"
    )
    delete_markers: bool = Field(False, description="Whether delete markers are copied too")

    def sent(self) -> dict[str, Any]:
        """Write a rule of PutBucketReplication."""
        destination: dict[str, Any] = {"Bucket": self.bucket}
        if self.storage_class is not None:
            destination["StorageClass"] = self.storage_class
        rule = {
            "ID": self.id,
            "Priority": self.priority,
            "Status": "Enabled" if self.enabled else "Disabled",
            "Filter": {"Prefix": self.prefix},
            "DeleteMarkerReplication": {"Status": "Enabled" if self.delete_markers else "Disabled"},
            "Destination": destination,
        }
        if self.replica_kms_key is not None:
            destination["EncryptionConfiguration"] = {"ReplicaKmsKeyID": self.replica_kms_key}
            rule["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
        return rule

    @staticmethod
    def told(rule: Mapping[str, Any]) -> dict[str, Any]:
        """Read a rule of GetBucketReplication."""
        destination = rule["Destination"]
        return {
            "id": rule.get("ID", ""),
            "priority": rule.get("Priority", 1),
            "enabled": rule["Status"] == "Enabled",
            "prefix": (rule.get("Filter") or {}).get("Prefix", ""),
            "bucket": destination["Bucket"],
            "storage_class": destination.get("StorageClass"),
            "replica_kms_key": (destination.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID"),
            "delete_markers": (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled",
        }


class Replication(Part):
    """The copying of new objects to other buckets."""

    role: str = Field(description="ARN of the role by which S3 reads here and writes there")
    rules: list[ReplicationRule]

    def sent(self) -> dict[str, Any]:
        """Write the parameter of PutBucketReplication."""
        return {"Role": self.role, "Rules": [rule.sent() for rule in self.rules]}

    @staticmethod
    def told(reply: Mapping[str, Any]) -> dict[str, Any]:
        """Read the reply of GetBucketReplication."""
        told = reply["ReplicationConfiguration"]
        return {"role": told["Role"], "rules": [ReplicationRule.told(rule) for rule in told["Rules"]]}
