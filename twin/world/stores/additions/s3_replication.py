"""S3: what is new in a bucket with a replication waits to be copied; moto keeps the configuration only."""

from typing import Any

from moto.core.utils import utcnow
from moto.s3.models import S3Backend

from twin.world.stores.additions import adds

STATUS, QUEUE = "replication_status", "replicating"

put_by_moto = S3Backend.put_object
marker_by_moto = S3Backend._set_delete_marker
start_by_moto = S3Backend.create_multipart_upload


def _queue(backend: Any, bucket: Any, thing: Any) -> None:
    backend.__dict__.setdefault(QUEUE, []).append((utcnow(), bucket.name, thing))


def _prefix(rule: dict[str, Any]) -> str:
    filter_ = rule.get("Filter") or {}
    return str((filter_.get("And") or filter_).get("Prefix") or rule.get("Prefix") or "")


def _rules(bucket: Any, name: str) -> list[dict[str, Any]]:
    rules = (getattr(bucket, "replication", None) or {}).get("Rule", [])
    return [rule for rule in rules if rule["Status"] == "Enabled" and name.startswith(_prefix(rule))]


@adds(S3Backend)
def put_object(backend: Any, bucket_name: str, key_name: str, *given: Any, **named: Any) -> Any:
    """Write an object; where a replication covers it, it is pending."""
    key = put_by_moto(backend, bucket_name, key_name, *given, **named)
    bucket = backend.get_bucket(bucket_name)
    if _rules(bucket, key_name):
        setattr(key, STATUS, "PENDING")
        _queue(backend, bucket, key)
    return key


@adds(S3Backend)
def _set_delete_marker(backend: Any, bucket_name: str, key_name: str) -> Any:
    """Mark an object as deleted; the mark is copied where a rule says so."""
    marker = marker_by_moto(backend, bucket_name, key_name)
    bucket = backend.get_bucket(bucket_name)
    if any((rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled" for rule in _rules(bucket, key_name)):
        _queue(backend, bucket, marker)
    return marker


@adds(S3Backend)
def create_multipart_upload(backend: Any, *given: Any, **named: Any) -> Any:
    """Start a multipart upload and note when, for the rule that ends those left over."""
    upload: Any = start_by_moto(backend, *given, **named)
    upload.initiated = utcnow()
    return upload
