"""S3: versions of the same instant in their order, newest first; retention that is asked for; markers that are deleted.

moto lists versions by their time alone, has no GetObjectRetention (it answers with the object), tells of a deleted
marker only when another lies below it, and locks empty buckets only:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
"""

from collections.abc import Iterator
from typing import Any

import xmltodict
from moto.s3.models import FakeDeleteMarker, S3Backend
from moto.s3.responses import S3Response
from moto.s3.utils import _VersionedKeyStore

from twin.world.stores.additions import adds

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
store: Any = _VersionedKeyStore
get_by_moto = S3Response._key_response_get
lock_by_moto = S3Backend.put_object_lock_configuration
delete_by_others: Any = S3Backend.delete_object


def _newest_first(kept: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield each key with its versions; a stable sort by time keeps those of one instant so."""
    for key in kept:
        yield key, kept.getlist(key)[::-1]


store.iterlists = store.lists = _newest_first


@adds(S3Backend)
def delete_object(
    backend: Any, bucket_name: str, key_name: str, version_id: str | None = None, bypass: Any = False
) -> Any:
    """Delete a version; that it was a marker is told."""
    versions = backend.get_bucket(bucket_name).keys.getlist(key_name, []) if version_id is not None else ()
    marker = any(isinstance(each, FakeDeleteMarker) and each.version_id == version_id for each in versions)
    asked = str(bypass).lower() == "true"  # moto takes whatever the header says for yes
    done, told = delete_by_others(backend, bucket_name, key_name, version_id, asked)
    return done, told | {"delete-marker": "true"} if marker else told


@adds(S3Backend)
def put_object_lock_configuration(
    backend: Any, bucket_name: str, lock_enabled: bool, mode: str | None = None, *given: Any, **named: Any
) -> None:
    """Set a lock on a bucket that keeps versions; since November 2023 one with objects takes it too."""
    kept = backend.get_bucket(bucket_name)
    counted, kept.keys = kept.keys, _VersionedKeyStore()
    try:
        lock_by_moto(backend, bucket_name, lock_enabled, mode, *given, **named)
    finally:
        kept.keys = counted


@adds(S3Response)
def _key_response_get(response: Any, query: dict[str, Any], key_name: str) -> Any:
    """Answer a GET on an object; `?retention` asks until when it is locked."""
    if "retention" not in query:
        return get_by_moto(response, query, key_name)
    key, _ = response._get_key(validate_storage_class=False)
    told = {"@xmlns": XMLNS, "Mode": key.lock_mode, "RetainUntilDate": key.lock_until}
    return 200, {"Content-Type": "application/xml"}, xmltodict.unparse({"Retention": told})
