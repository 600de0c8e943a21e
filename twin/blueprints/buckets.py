"""Buckets: private, encrypted, over TLS alone, with what the spec says of age, logs and copies."""

from typing import Literal

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import allow, document, tls_only, trust
from twin.blueprints.log_delivery import deliveries
from twin.blueprints.names import bucket_arn, bucket_name, key_arn
from twin.resources.aws.iam_role import Role
from twin.resources.aws.s3 import Bucket
from twin.resources.aws.s3_parts import (
    Encryption,
    LifecycleRule,
    Logging,
    ObjectLock,
    PublicAccessBlock,
    Replication,
    ReplicationRule,
    Transition,
)
from twin.resources.declaration import Path
from twin.spec.model.data import BucketIntent

CLASSES = {
    "infrequent": "STANDARD_IA",
    "one_zone": "ONEZONE_IA",
    "intelligent": "INTELLIGENT_TIERING",
    "glacier_instant": "GLACIER_IR",
    "glacier": "GLACIER",
    "deep_archive": "DEEP_ARCHIVE",
}


MODES: dict[str, Literal["GOVERNANCE", "COMPLIANCE"]] = {"governance": "GOVERNANCE", "compliance": "COMPLIANCE"}


def build(blueprint: Blueprint) -> None:
    """Declare the buckets and the roles that copy between them."""
    for key, intent in blueprint.org.data.buckets.items():
        _bucket(blueprint, key, intent)
    for key, place in _log_targets(blueprint).items():
        if blueprint.org.data.buckets[key].key:
            message = f"`{key}` receives access logs, which S3 and load balancers write only with S3's own key"
            blueprint.problem("TW0726", message, place, f"send them to a bucket without `key`, or take it from `{key}`")


def _log_targets(blueprint: Blueprint) -> dict[str, Path]:
    buckets, alb = blueprint.org.data.buckets, blueprint.org.compute.alb
    found: dict[str, Path] = {b.logging: ("data", "buckets", n, "logging") for n, b in buckets.items() if b.logging}
    if alb and alb.access_logs:
        found[alb.access_logs] = ("compute", "alb", "access_logs")
    return found


def _bucket(blueprint: Blueprint, key: str, intent: BucketIntent) -> None:
    at: Path = ("data", "buckets", key)
    arn = bucket_arn(blueprint, key)
    bucket = Bucket(
        bucket=bucket_name(blueprint, key),
        versioning=intent.versioning,
        encryption=_encryption(intent),
        lifecycle=_lifecycle(intent),
        policy=document([tls_only(arn), *deliveries(blueprint, key)]),
        logging=Logging(bucket=ref("aws.s3.bucket", intent.logging), prefix=f"s3/{key}/") if intent.logging else None,
        replication=_replication(blueprint, key, intent),
        object_lock=_lock(intent),
        public_access_block=PublicAccessBlock(**dict.fromkeys(PublicAccessBlock.model_fields, not intent.public)),
        force_destroy=intent.disposable,
        tags={"purpose": intent.purpose} if intent.purpose else {},
    )
    written = ("versioning", "lifecycle", "logging", "object_lock")
    places: dict[str, Path] = {field: (*at, field) for field in written}
    places |= {
        "bucket": (*at, "name"),
        "replication": (*at, "replicate_to"),
        "encryption": (*at, "key"),
        "force_destroy": (*at, "disposable"),
        "public_access_block": (*at, "public"),
    }
    blueprint.add(key, bucket, at, {field: blueprint.place(place) for field, place in places.items()})


def _encryption(intent: BucketIntent) -> Encryption | None:
    """S3's own key encrypts, and customers' keys are blocked, without being asked: only what is not so is said."""
    if intent.key is None:
        return Encryption(customer_keys=True) if intent.customer_keys else None
    return Encryption(
        algorithm="aws:kms", kms_key=key_arn(intent.key), bucket_key=True, customer_keys=intent.customer_keys
    )


def _lock(intent: BucketIntent) -> ObjectLock | None:
    lock = intent.object_lock
    return ObjectLock(mode=MODES[lock.mode], days=lock.retention.days) if lock else None


def _lifecycle(intent: BucketIntent) -> list[LifecycleRule] | None:
    moves = [Transition(days=step.after.days, storage_class=CLASSES[step.to]) for step in intent.lifecycle]
    rule = LifecycleRule(
        id="age",
        transitions=moves,
        expiration_days=intent.expire.days if intent.expire else None,
        noncurrent_days=intent.expire_old_versions.days if intent.expire_old_versions else None,
        abort_uploads_days=intent.abort_uploads.days if intent.abort_uploads else None,
    )
    ages = (rule.transitions, rule.expiration_days, rule.noncurrent_days, rule.abort_uploads_days)
    return [rule] if any(ages) else None


def _aim(blueprint: Blueprint, key: str, intent: BucketIntent) -> tuple[Blueprint, str, Path] | None:
    """Return where a bucket's copies go: a bucket here, or the one of its name in another Region."""
    at: Path = ("data", "buckets", key)
    if intent.replicate_to is not None:
        return blueprint, intent.replicate_to, (*at, "replicate_to")
    if intent.replicate_in is None or blueprint.abroad:
        return None
    there = blueprint.spec.regions.get(intent.replicate_in)
    if there is None or key not in there.org.data.buckets:
        message = f"`{key}` stands nowhere in {intent.replicate_in}"
        blueprint.problem(
            "TW0737", message, (*at, "replicate_in"), "name a Region under `regions` that keeps the bucket"
        )
        return None
    return blueprint.elsewhere(intent.replicate_in), key, (*at, "replicate_in")


def _replication(blueprint: Blueprint, key: str, intent: BucketIntent) -> Replication | None:
    aim = _aim(blueprint, key, intent)
    if aim is None:
        return None
    there, copies, at = aim
    source, target = bucket_arn(blueprint, key), bucket_arn(there, copies)
    ours = {"StringEquals": {"aws:SourceAccount": blueprint.scope.account}, "ArnLike": {"aws:SourceArn": source}}
    statements = [
        allow(("s3:GetReplicationConfiguration", "s3:ListBucket"), source),
        allow(
            ("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"),
            f"{source}/*",
        ),
        allow(("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"), f"{target}/*"),
    ]
    # S3 copies what a key of ours encrypts only when it is told a key for the copies.
    place = f"@{there.scope.region}" if there is not blueprint else ""
    copy_key = there.org.data.buckets[copies].key or intent.key
    copy_key = key_arn(copy_key + place if copy_key else None)
    if intent.object_lock:
        statements.append(allow(("s3:GetObjectLegalHold", "s3:GetObjectRetention"), f"{source}/*"))
    if intent.key:
        statements.append(allow("kms:Decrypt", str(key_arn(intent.key))))
    if copy_key:
        statements.append(allow(("kms:Encrypt", "kms:GenerateDataKey"), copy_key))
    role = Role(
        name=blueprint.name(key, "replication"),
        description=f"Copies {key} to {bucket_name(there, copies)}",
        trust=trust("s3.amazonaws.com", ours),
        inline={"copy": document(statements)},
    )
    copier = blueprint.add(f"{key}-replication", role, at)
    rule = ReplicationRule(id="all", bucket=target, replica_kms_key=copy_key)
    return Replication(role=copier.arn, rules=[rule])
