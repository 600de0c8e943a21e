"""S3 copies new objects to the buckets of a replication, some seconds after they came."""

from datetime import timedelta
from typing import Any

from twin.world.due import habit
from twin.world.due.s3_lifecycle import DELAYS
from twin.world.refusals import Refusal
from twin.world.refusals.encrypted_objects import KMS, usable
from twin.world.refusals.roles import may_be_assumed_by
from twin.world.stores.kms_keys import Where

DELAY = timedelta(seconds=DELAYS["replication_seconds"]["value"])
SERVICE = "s3.amazonaws.com"
QUEUE, STATUS, CUSTOMER_KEY = "replicating", "replication_status", "customer_key_md5"


@habit("s3")
def copy_what_waits() -> None:
    """Copy everything whose time has come, in the order in which it was written."""
    from twin.world.stores.moto_store import CLOCK, backends

    for account in list(backends("s3").values()):
        queue = vars(account["aws"]).get(QUEUE)
        while queue and queue[0][0] + DELAY <= CLOCK.now().replace(tzinfo=None):
            _, bucket_name, thing = queue.pop(0)
            bucket = account["aws"].buckets.get(bucket_name)
            if bucket is not None and not getattr(thing, "disposed", False):
                _replicate(account["aws"], bucket, thing)


def _replicate(backend: Any, bucket: Any, thing: Any) -> None:
    configuration = getattr(bucket, "replication", None) or {}
    best: dict[str, dict[str, Any]] = {}
    for rule in sorted(configuration.get("Rule", ()), key=lambda rule: int(rule["Priority"])):
        if rule["Status"] == "Enabled" and _covers(backend, rule, thing):
            best[rule["Destination"]["Bucket"].rpartition(":")[2]] = rule
    is_object = hasattr(thing, "size")
    results = []
    for name, rule in best.items():
        target = _target(name)
        if not is_object:
            if _enabled(rule.get("DeleteMarkerReplication")) and target is not None:
                _copy_marker(target, thing)
        elif _eligible(rule, thing):
            allowed = may_be_assumed_by(configuration.get("Role", ""), SERVICE)
            possible = allowed and target is not None and _locks(bucket, target)
            results.append(possible and _copy(bucket, target, rule, thing))
    if is_object:
        setattr(thing, STATUS, ("COMPLETED" if all(results) else "FAILED") if results else None)


def _target(name: str) -> Any:
    from twin.world.stores.moto_store import find_bucket

    bucket = find_bucket(name)
    return bucket if bucket is not None and bucket.is_versioned else None


def _locks(source: Any, target: Any) -> bool:
    """What a lock keeps is copied only under one (DstBucketObjectLockConfigMissing).

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html
    """
    return bool(target.object_lock_enabled or not source.object_lock_enabled)


def _enabled(part: Any) -> bool:
    return (part or {}).get("Status") == "Enabled"


def _eligible(rule: dict[str, Any], key: Any) -> bool:
    # Objects under keys of KMS are left out unless the rule names them and a key for their replicas.
    criteria = (rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects")
    return key.encryption not in KMS or (_enabled(criteria) and bool(_replica_key(rule)))


def _replica_key(rule: dict[str, Any]) -> str | None:
    found: str | None = (rule["Destination"].get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID")
    return found


def _copy(source: Any, target: Any, rule: dict[str, Any], key: Any) -> bool:
    from twin.world.stores.additions.s3_replication import put_by_moto
    from twin.world.stores.moto_store import backends

    replica_key = _replica_key(rule) if key.encryption in KMS else None
    try:
        if key.encryption in KMS and key.kms_key_id:
            usable(key.kms_key_id, Where(source.account_id, source.region_name))
        if replica_key:
            usable(replica_key, Where(target.account_id, target.region_name))
    except Refusal:
        return False
    backend = backends("s3")[target.account_id]["aws"]
    copy = put_by_moto(
        backend,
        target.name,
        key.name,
        key.value,
        storage=rule["Destination"].get("StorageClass") or key.storage_class,
        etag=key._etag,
        multipart=key.multipart,
        encryption=key.encryption,
        kms_key_id=replica_key,
        lock_mode=key.lock_mode,
        lock_legal_status=key.lock_legal_status,
        lock_until=key.lock_until,
        disable_notification=True,
    )
    copy._version_id, copy.last_modified = key._version_id, key.last_modified
    copy.set_metadata(key.metadata)
    copy.checksum_algorithm, copy.checksum_value = key.checksum_algorithm, key.checksum_value
    tags = backends("s3")[source.account_id]["aws"].tagger.get_tag_dict_for_resource(key.arn)
    backend.put_object_tagging(copy, tags)
    if getattr(key, CUSTOMER_KEY, None):
        setattr(copy, CUSTOMER_KEY, getattr(key, CUSTOMER_KEY))
        copy.encryption = copy.kms_key_id = None
    setattr(copy, STATUS, "REPLICA")
    return True


def _copy_marker(target: Any, marker: Any) -> None:
    from twin.world.stores.additions.s3_markers import marker_of

    copy = marker_of(target.keys, marker.name)
    copy._version_id, copy.last_modified = marker._version_id, marker.last_modified
    target.keys[marker.name] = copy


def _covers(backend: Any, rule: dict[str, Any], thing: Any) -> bool:
    filter_ = rule.get("Filter") or {}
    narrowed = filter_.get("And") or filter_
    tags = narrowed.get("Tag") or []
    tags = [tags] if isinstance(tags, dict) else tags
    if not thing.name.startswith(narrowed.get("Prefix") or rule.get("Prefix") or ""):
        return False
    if not tags:
        return True
    # A rule with tags leaves delete markers alone, as they have none.
    has = backend.tagger.get_tag_dict_for_resource(thing.arn) if hasattr(thing, "arn") else {}
    return all(has.get(tag["Key"]) == tag.get("Value", "") for tag in tags)
