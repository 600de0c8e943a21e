"""S3: whatever is written under a lock is kept by it; moto forgets that for copies by S3 and for uploads in parts.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from typing import Any

from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

from twin.world.stores.additions import adds

LOCK = "x-amz-object-lock-"
HELD = {"mode": "lock_mode", "retain-until-date": "lock_until", "legal-hold": "lock_legal_status"}
put_before: Any = S3Backend.put_object
lock_before: Any = S3Backend.get_object_lock_configuration
delete_before: Any = S3Response._bucket_response_delete_keys
post_before: Any = S3Response._key_response_post


@adds(S3Backend)
def put_object(backend: Any, bucket_name: str, key_name: str, *given: Any, **named: Any) -> Any:
    """Write an object under the lock that it came with, else under that of its bucket."""
    key = put_before(backend, bucket_name, key_name, *given, **named)
    for name, value in getattr(named.get("multipart"), "lock", {}).items():
        setattr(key, name, value)
    bucket = backend.get_bucket(bucket_name)
    if bucket.has_default_lock and not key.lock_mode:
        key.lock_mode, key.lock_until = bucket.default_lock_mode, bucket.default_retention()
    return key


@adds(S3Response)
def _key_response_post(response: Any, request: Any, body: bytes, bucket_name: str, query: Any, key_name: str) -> Any:
    """Start or complete an upload in parts; the lock that came at the start counts for the object."""
    reply = post_before(response, request, body, bucket_name, query, key_name)
    lock = {field: response.headers[LOCK + name] for name, field in HELD.items() if response.headers.get(LOCK + name)}
    if lock and "uploads" in query and not body:
        uploads = response.backend.get_bucket(bucket_name).multiparts
        uploads[next(reversed(uploads))].lock = lock
    return reply


@adds(S3Backend)
def get_object_lock_configuration(backend: Any, bucket_name: str) -> tuple[bool, str | None, int | None, int | None]:
    """Tell a bucket's lock, with days or years, whichever it has."""
    locked, mode, days, years = lock_before(backend, bucket_name)
    return locked, mode, days or None, years or None


@adds(S3Response)
def _bucket_response_delete_keys(response: Any, bucket_name: str, *given: Any, **named: Any) -> Any:
    """Delete many; what the gateway spared of them, it spared of this call alone."""
    try:
        return delete_before(response, bucket_name, *given, **named)
    finally:
        vars(response.backend.get_bucket(bucket_name)).pop("spared", None)
