"""S3: an object that a lifecycle rule will expire says when, and by which rule.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
"""

from typing import Any
from urllib.parse import quote

from moto.s3.models import FakeKey

told_by_moto: Any = FakeKey.response_dict
key: Any = FakeKey


def _told(kept: Any) -> dict[str, Any]:
    """Return what the headers of an object's reply tell of it."""
    from twin.world.due.s3_lifecycle import expiry
    from twin.world.stores.moto_store import find_bucket

    headers: dict[str, Any] = told_by_moto.fget(kept)
    bucket = find_bucket(kept.bucket_name) if kept.bucket_name else None
    found = expiry(bucket, kept) if bucket is not None and bucket.rules else None
    if found is not None:
        moment, rule = found
        headers["x-amz-expiration"] = f'expiry-date="{moment:%a, %d %b %Y %H:%M:%S GMT}", rule-id="{quote(rule)}"'
    return headers


key.response_dict = property(_told)
