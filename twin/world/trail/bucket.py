"""What S3 says when CloudTrail writes a log file into a trail's bucket."""

from datetime import datetime
from typing import Any

from twin.world.stores.moto_store import backends
from twin.world.trail.access import Writer


class Refused(Exception):
    """S3 does not take the file; its text is the error's code."""


def write(trail: Any, key: str, *, body: bytes, time: datetime) -> str:
    """Put a log file as the service itself and return the bucket's account; Refused when S3 would not take it."""
    account, state = _owner(trail.bucket_name)
    bucket = state.buckets[trail.bucket_name]
    writer = Writer(trail.arn, trail.account_id)
    if not writer.may_put(trail.bucket_name, key, bucket.policy):
        raise Refused("AccessDenied")
    master = _master_key(trail, writer)
    encrypted = {"encryption": "aws:kms", "kms_key_id": master} if master else {}
    kept = state.put_object(trail.bucket_name, key, body, disable_notification=True, **encrypted)
    kept.last_modified = time.replace(tzinfo=None)
    kept.set_metadata({"Content-Type": "application/json", "Content-Encoding": "gzip"}, replace=True)
    return account


def _owner(name: str) -> tuple[str, Any]:
    for account, held in backends("s3").items():
        if name in held["aws"].buckets:
            return account, held["aws"]
    raise Refused("NoSuchBucket")


def _master_key(trail: Any, writer: Writer) -> str | None:
    """Return the key that encrypts the files; it must be usable, and its policy must let CloudTrail use it."""
    if not trail.kms_key_id:
        return None
    found = find_key(str(trail.kms_key_id))
    if found is None:
        raise Refused("KMS.NotFoundException")
    if found.key_state != "Enabled":
        raise Refused("KMS.DisabledException")
    if not writer.may_encrypt(found.arn, found.policy):
        raise Refused("KMS.AccessDeniedException")
    return str(trail.kms_key_id)


def find_key(name: str) -> Any:
    """Return the key of an ARN or id, of whichever account; None when there is none."""
    id_ = name.rpartition("/")[2]
    held = (backend for account in backends("kms").values() for backend in account.values())
    return next((backend.keys[id_] for backend in held if id_ in backend.keys), None)
