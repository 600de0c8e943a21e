"""Signature Version 2 in the query, by which boto3 presigns URLs of S3 unless it is told otherwise.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
"""

import hmac
import re
from base64 import b64encode
from urllib.parse import parse_qsl, urlsplit

from twin.wire import Request
from twin.world.aws_errors import AwsError
from twin.world.equal import same
from twin.world.sigv4 import Signature, mismatch, signed_values

SIGNED_QUERY = re.compile(r"[?&](?:AWSAccessKeyId|X-Amz-Algorithm)=")
PRESIGNED = re.compile(r"[?&]AWSAccessKeyId=")
REQUIRED = {"AWSAccessKeyId", "Signature", "Expires"}
# What of a query is part of the resource that is signed.
SUBRESOURCES = {
    "accelerate", "acl", "cors", "delete", "inventory", "lifecycle", "location", "logging", "notification",
    "partNumber", "policy", "replication", "requestPayment", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "response-content-language", "response-content-type", "response-expires", "restore",
    "select", "select-type", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions",
    "website",
}  # fmt: skip


def read_presigned(request: Request) -> Signature:
    """Read a presigned URL; AccessDenied when a part is missing."""
    query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    if not query.keys() >= REQUIRED:
        message = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
        raise AwsError("AccessDenied", message, 403)
    if not query["Expires"].isdecimal():
        raise AwsError("AccessDenied", f"Invalid date (should be seconds since epoch): {query['Expires']}", 403)
    return Signature(
        access_key_id=query["AWSAccessKeyId"],
        date="",
        region="",
        service="s3",
        signed_headers=(),
        digest=query["Signature"],
        timestamp="",
        session_token=query.get("x-amz-security-token"),
        form="query-v2",
        headers=signed_values(request.headers),
        expires=query["Expires"],
    )


def verify_presigned(request: Request, signature: Signature, *, url: str, secret: str) -> None:
    """Accept a presigned URL whose signature is true; `url` has the bucket in its path, as it is signed."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    told = {name.lower(): value for name, value in pairs if name.lower().startswith(("x-amz-", "content-"))}
    sent = told | {name: value for name, value in signature.headers.items() if name.startswith(("x-amz-", "content-"))}
    amz = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent) if name.startswith("x-amz-"))
    own = sorted(f"{name}={value}" if value else name for name, value in pairs if name in SUBRESOURCES)
    resource = parts.path + ("?" + "&".join(own) if own else "")
    lines = (request.method, sent.get("content-md5", ""), sent.get("content-type", ""), signature.expires or "")
    expected = b64encode(hmac.digest(secret.encode(), ("\n".join(lines) + f"\n{amz}{resource}").encode(), "sha1"))
    if not same(expected.decode(), signature.digest):
        raise mismatch()
