"""The objects of S3 that a call is about, as the store has them."""

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote

from twin.world.refusals import Asked

SOURCE = "x-amz-copy-source"
VERSION = "versionId"
Named = tuple[str, str, str | None]


def addressed(asked: Asked) -> Named:
    """Return bucket, key and version from a call's URL, which is quicker than to parse the call."""
    return _named(asked.call.url.partition("://")[2].partition("/")[2])


def copy_source(asked: Asked) -> Named:
    """Return bucket, key and version from which a call copies."""
    return _named(asked.call.request.headers.get(SOURCE, "").lstrip("/"))


@lru_cache(1024)
def _named(text: str) -> Named:
    path, _, query = text.partition("?")
    bucket, _, key = path.partition("/")
    version = parse_qs(query).get(VERSION, [None])[0] if VERSION in query else None
    return unquote(bucket), unquote(key), version


def stored(bucket: str, key: str, version: str | None) -> Any:
    """Return the store's object, of whichever account its bucket is; None when there is none."""
    from twin.world.stores.moto_store import backends

    kept = bucket_of(bucket)
    return backends("s3")[kept.account_id]["aws"].get_object(bucket, key, version_id=version) if kept else None


def bucket_of(name: str) -> Any:
    """Return the store's bucket, of whichever account it is; None when there is none."""
    from twin.world.stores.moto_store import find_bucket

    return find_bucket(name)
