"""S3: a delete marker also where no object was, which moto does not make.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
"""

from dataclasses import dataclass
from typing import Any

from moto.s3.models import FakeDeleteMarker, S3Backend

from twin.world.stores.additions import adds


@dataclass(frozen=True)
class Nothing:
    """What lies below the marker of a key that has no version."""

    name: str


@adds(S3Backend)
def _set_delete_marker(backend: Any, bucket_name: str, key_name: str) -> Any:
    """Mark a key as deleted, whether there is anything to delete or not."""
    kept = backend.get_bucket(bucket_name).keys
    kept[key_name] = marker_of(kept, key_name)
    return kept[key_name]


def marker_of(kept: Any, name: str) -> Any:
    """Return a new marker for the key in a bucket's store."""
    below: Any = kept.get(name) or Nothing(name)
    return FakeDeleteMarker(key=below)
