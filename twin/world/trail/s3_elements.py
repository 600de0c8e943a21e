"""What events tell of calls to S3, whose parameters are the URL's and the headers' rather than the model's.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import data_type

HIDDEN_QUERY = ("x-amz-signature", "x-amz-security-token", "x-amz-credential", "signature", "awsaccesskeyid")
HIDDEN_HEADERS = (
    "customer-key", "x-amz-security-token", "x-amz-content-sha256", "x-amz-date", "x-amz-decoded", "x-amz-trailer",
    "x-amz-sdk", "x-amz-checksum", "x-amz-meta-",
)  # fmt: skip
ANSWERED = ("x-amz-version-id", "x-amz-server-side-encryption", "x-amz-delete-marker")


def bucket_and_key(entry: Witnessed) -> tuple[str, str]:
    """Return the bucket and the key of a call, of which either may be empty."""
    return _named(entry.url)


@lru_cache(1024)
def _named(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    path = unquote(parts.path).lstrip("/")
    label = host.partition(".s3")[0] if ".s3" in host else ""
    if label:
        return label, path
    bucket, _, key = path.partition("/")
    return bucket, key


def s3_asked(entry: Witnessed, parsed: dict[str, Any]) -> dict[str, Any]:
    """Return `requestParameters`."""
    asked = dict(_asked(entry.url))
    for name, value in entry.headers:
        if told := _told(name):
            asked[told] = value
    asked |= {name: value for name, value in parsed.items() if isinstance(value, dict) and name != "Metadata"}
    if isinstance(policy := parsed.get("Policy"), str):
        asked["bucketPolicy"] = _document(policy)
    return asked


@lru_cache(1024)
def _asked(url: str) -> Mapping[str, Any]:
    bucket, key = _named(url)
    parts = urlsplit(url)
    asked = {"bucketName": bucket} if bucket else {}
    asked["Host"] = parts.hostname or ""
    if key:
        asked["key"] = key
    query = parse_qsl(parts.query, keep_blank_values=True)
    return asked | {name: value for name, value in query if name.lower() not in HIDDEN_QUERY}


@lru_cache(1024)
def _told(header: str) -> str:
    """Return under which name a header is told, "" for one that is not."""
    name = header.lower()
    return name if name.startswith("x-amz-") and not any(part in name for part in HIDDEN_HEADERS) else ""


def _document(policy: str) -> Any:
    try:
        return json.loads(policy)
    except ValueError:
        return policy


def s3_answered(entry: Witnessed) -> dict[str, Any] | None:
    """Return `responseElements`."""
    return {told: value for name, value in entry.reply_headers if (told := _given(name))} or None


@lru_cache(1024)
def _given(header: str) -> str:
    return name if (name := header.lower()) in ANSWERED else ""


def s3_resources(entry: Witnessed) -> list[dict[str, Any]]:
    """Return the object and the bucket of a call; one about a bucket's objects names what their ARNs begin with."""
    bucket, key = bucket_and_key(entry)
    if not bucket:
        return []
    arn = f"arn:aws:s3:::{bucket}"
    held: list[dict[str, Any]] = [{"accountId": entry.account, "type": "AWS::S3::Bucket", "ARN": arn}]
    if key:
        return [{"type": "AWS::S3::Object", "ARN": f"{arn}/{key}"}, *held]
    return [{"type": "AWS::S3::Object", "ARNPrefix": f"{arn}/"}, *held] if data_type("s3", entry.operation) else held
