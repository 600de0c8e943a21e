"""What events tell of calls to S3, whose parameters are the URL's and the headers' rather than the model's.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html
"""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import data_type

HIDDEN_QUERY = ("x-amz-signature", "x-amz-security-token", "x-amz-credential")
HIDDEN_HEADERS = (
    "customer-key", "x-amz-security-token", "x-amz-content-sha256", "x-amz-date", "x-amz-decoded", "x-amz-trailer",
    "x-amz-sdk", "x-amz-checksum", "x-amz-meta-",
)  # fmt: skip
ANSWERED = ("x-amz-version-id", "x-amz-server-side-encryption", "x-amz-delete-marker")


def bucket_and_key(entry: Witnessed) -> tuple[str, str]:
    """Return the bucket and the key of a call, of which either may be empty."""
    parts = urlsplit(entry.url)
    host = parts.hostname or ""
    path = unquote(parts.path).lstrip("/")
    label = host.partition(".s3")[0] if ".s3" in host else ""
    if label:
        return label, path
    bucket, _, key = path.partition("/")
    return bucket, key


def s3_asked(entry: Witnessed, parsed: dict[str, Any]) -> dict[str, Any]:
    """Return `requestParameters`."""
    bucket, key = bucket_and_key(entry)
    parts = urlsplit(entry.url)
    asked: dict[str, Any] = {"bucketName": bucket} if bucket else {}
    asked["Host"] = parts.hostname or ""
    if key:
        asked["key"] = key
    query = parse_qsl(parts.query, keep_blank_values=True)
    asked |= {name: value for name, value in query if name.lower() not in HIDDEN_QUERY}
    asked |= {name.lower(): value for name, value in entry.headers if _told(name.lower())}
    asked |= {name: value for name, value in parsed.items() if isinstance(value, dict) and name != "Metadata"}
    if isinstance(policy := parsed.get("Policy"), str):
        asked["bucketPolicy"] = _document(policy)
    return asked


def _told(header: str) -> bool:
    return header.startswith("x-amz-") and not any(part in header for part in HIDDEN_HEADERS)


def _document(policy: str) -> Any:
    try:
        return json.loads(policy)
    except ValueError:
        return policy


def s3_answered(entry: Witnessed) -> dict[str, Any] | None:
    """Return `responseElements`."""
    found = {name.lower(): value for name, value in entry.reply_headers if name.lower() in ANSWERED}
    return found or None


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
