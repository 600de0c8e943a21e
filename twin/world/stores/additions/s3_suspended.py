"""S3: a bucket whose versioning is suspended keeps the versions that it has; moto takes it for one without versions.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/VersionSuspendedBehavior.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.s3.models import S3Backend

from twin.world.stores.additions import adds

SUSPENDED, ENABLED, NULL = "Suspended", "Enabled", "null"

put_before: Any = S3Backend.put_object
delete_before: Any = S3Backend.delete_object


@adds(S3Backend)
def put_object(backend: Any, bucket_name: str, key_name: str, *given: Any, **named: Any) -> Any:
    """Write the null version in the place of the one before, beside those with ids."""
    bucket = backend.get_bucket(bucket_name)
    if bucket.versioning_status != SUSPENDED:
        return put_before(backend, bucket_name, key_name, *given, **named)
    with _versioned(bucket):
        written = put_before(backend, bucket_name, key_name, *given, **named)
    written._version_id = NULL
    _keep(bucket, key_name, written)
    return written


@adds(S3Backend)
def delete_object(
    backend: Any, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
) -> Any:
    """Delete the version that is named, or put a null delete marker in the place of the null version."""
    bucket = backend.get_bucket(bucket_name)
    if bucket.versioning_status != SUSPENDED:
        return delete_before(backend, bucket_name, key_name, version_id, bypass)
    with _versioned(bucket):
        done, told = delete_before(backend, bucket_name, key_name, version_id, bypass)
    if done and version_id is None and "delete-marker" in told:
        marker = bucket.keys[key_name]
        marker._version_id = told["version-id"] = NULL
        _keep(bucket, key_name, marker)
    return done, told


def _keep(bucket: Any, name: str, null: Any) -> None:
    bucket.keys.setlist(name, [one for one in bucket.keys.getlist(name, []) if one is null or one.version_id != NULL])


@contextmanager
def _versioned(bucket: Any) -> Iterator[None]:
    bucket.versioning_status = ENABLED
    try:
        yield
    finally:
        bucket.versioning_status = SUSPENDED
