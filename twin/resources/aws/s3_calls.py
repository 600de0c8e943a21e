"""The calls that read and write the parts of a bucket's configuration."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from twin.resources.aws.s3_parts import Encryption, LifecycleRule, Logging, ObjectLock, PublicAccessBlock, Replication
from twin.resources.call import Steps, aws
from twin.resources.canonical import document, text

GONE = ("NoSuchBucket",)
ALWAYS = frozenset({"versioning", "public_access_block", "policy"})
"""Parts that are read of each bucket of ours, since others change them to do harm."""


@dataclass(frozen=True, slots=True)
class PartCalls:
    """How one part is read, written and taken away; `write` returns the operation and its parameters."""

    get: str
    absent: tuple[str, ...]
    told: Callable[[Any], Any]
    write: Callable[[Any], tuple[str, dict[str, Any]]]


def _policy(value: Any) -> tuple[str, dict[str, Any]]:
    return ("PutBucketPolicy", {"Policy": text(value)}) if value else ("DeleteBucketPolicy", {})


def _lifecycle(rules: list[LifecycleRule]) -> tuple[str, dict[str, Any]]:
    if not rules:
        return "DeleteBucketLifecycle", {}
    return "PutBucketLifecycleConfiguration", {"LifecycleConfiguration": {"Rules": [rule.sent() for rule in rules]}}


PARTS: Mapping[str, PartCalls] = {
    "versioning": PartCalls(
        "GetBucketVersioning",
        (),
        lambda reply: reply.get("Status") == "Enabled",
        lambda on: ("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled" if on else "Suspended"}}),
    ),
    "object_lock": PartCalls(
        "GetObjectLockConfiguration",
        ("ObjectLockConfigurationNotFoundError",),
        lambda reply: ObjectLock.told(reply) if reply else None,
        lambda value: ("PutObjectLockConfiguration", {"ObjectLockConfiguration": value.sent()}),
    ),
    "encryption": PartCalls(
        "GetBucketEncryption",
        ("ServerSideEncryptionConfigurationNotFoundError",),
        lambda reply: Encryption.told(reply) if reply else None,
        lambda value: ("PutBucketEncryption", {"ServerSideEncryptionConfiguration": value.sent()}),
    ),
    "public_access_block": PartCalls(
        "GetPublicAccessBlock",
        ("NoSuchPublicAccessBlockConfiguration",),
        PublicAccessBlock.told,
        lambda value: ("PutPublicAccessBlock", {"PublicAccessBlockConfiguration": value.sent()}),
    ),
    "object_ownership": PartCalls(
        "GetBucketOwnershipControls",
        ("OwnershipControlsNotFoundError",),
        lambda reply: reply["OwnershipControls"]["Rules"][0]["ObjectOwnership"] if reply else None,
        lambda value: ("PutBucketOwnershipControls", {"OwnershipControls": {"Rules": [{"ObjectOwnership": value}]}}),
    ),
    "lifecycle": PartCalls(
        "GetBucketLifecycleConfiguration",
        ("NoSuchLifecycleConfiguration",),
        lambda reply: [LifecycleRule.told(rule) for rule in (reply or {}).get("Rules") or ()],
        _lifecycle,
    ),
    "policy": PartCalls(
        "GetBucketPolicy",
        ("NoSuchBucketPolicy",),
        lambda reply: document(reply["Policy"]) if reply else {},
        _policy,
    ),
    "logging": PartCalls(
        "GetBucketLogging",
        (),
        Logging.told,
        lambda value: ("PutBucketLogging", {"BucketLoggingStatus": value.sent()}),
    ),
    "replication": PartCalls(
        "GetBucketReplication",
        ("ReplicationConfigurationNotFoundError",),
        lambda reply: Replication.told(reply) if reply else None,
        lambda value: ("PutBucketReplication", {"ReplicationConfiguration": value.sent()}),
    ),
}
"""In S3's own order: versions before locks and replication, the block of public policies before a policy."""


def read_parts(bucket: str, names: Collection[str]) -> Steps[dict[str, Any]]:
    """Read the named parts of a bucket."""
    found = {}
    for name, part in PARTS.items():
        if name in names:
            reply = yield aws("s3", part.get, {"Bucket": bucket}, absent=part.absent)
            found[name] = part.told(reply)
    return found


def write_parts(bucket: str, values: Mapping[str, Any]) -> Steps[None]:
    """Write parts of a bucket, in S3's order."""
    for name, part in PARTS.items():
        if name in values:
            operation, params = part.write(values[name])
            yield aws("s3", operation, {"Bucket": bucket, **params})


def empty(bucket: str) -> Steps[None]:
    """Delete every version and delete marker, up to a thousand in a call."""
    while True:
        reply = yield aws("s3", "ListObjectVersions", {"Bucket": bucket}, absent=GONE)
        versions = [*((reply or {}).get("Versions") or ()), *((reply or {}).get("DeleteMarkers") or ())]
        if not versions:
            return
        objects = [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in versions]
        reply = yield aws("s3", "DeleteObjects", {"Bucket": bucket, "Delete": {"Objects": objects, "Quiet": True}})
        if reply.get("Errors"):
            # An object that S3 keeps (a lock, a denying policy) comes back in every listing.
            return
