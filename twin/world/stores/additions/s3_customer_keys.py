"""S3: an object written with a key of the caller's remembers the key's MD5, never the key; a new bucket takes none.

Since April 2026 a bucket takes them only when PutBucketEncryption says so; one that says nothing of it changes nothing.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_BlockedEncryptionTypes.html
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.s3.models import FakeBucket, FakeKey, S3Backend
from moto.s3.responses import S3Response

from twin.world.stores.additions import adds

PREFIX = "x-amz-server-side-encryption-customer-"
ALGORITHM, DIGEST = PREFIX + "algorithm", PREFIX + "key-MD5"
MARK = "customer_key_md5"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html: of a bucket that nobody configured.
DEFAULT: dict[str, Any] = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}

put_by_moto = S3Response.put_object
copy_by_moto = S3Response.copy_object
post_by_moto = S3Response._key_response_post
part_by_moto, copied_by_moto = S3Backend.upload_part, S3Backend.upload_part_copy
multipart_by_moto = S3Backend.complete_multipart_upload
encrypt_by_moto = S3Backend.put_bucket_encryption
headers_by_moto: Any = vars(FakeKey)["response_dict"]


bucket_class: Any = FakeBucket
bucket_class.blocked_encryption = "SSE-C"


@adds(S3Backend)
def put_bucket_encryption(backend: Any, bucket_name: str, encryption: dict[str, Any]) -> None:
    """Set how a bucket encrypts, and which encryption it takes from nobody."""
    encrypt_by_moto(backend, bucket_name, encryption)
    told = (encryption["Rule"].get("BlockedEncryptionTypes") or {}).get("EncryptionType")
    if told:
        backend.get_bucket(bucket_name).blocked_encryption = told


@adds(S3Response)
def get_bucket_encryption(response: Any) -> Any:
    """Tell how a bucket encrypts, and which encryption it takes from nobody."""
    response.data["Action"] = "GetBucketEncryption"
    bucket = response.backend.get_bucket(response.bucket_name)
    rule = (bucket.encryption or DEFAULT)["Rule"]
    told = {
        "ApplyServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
        "BucketKeyEnabled": str(rule.get("BucketKeyEnabled")).lower() == "true",
        "BlockedEncryptionTypes": {"EncryptionType": [bucket.blocked_encryption]},
    }
    return response.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [told]}}))


def _mark(response: Any, reply: Any) -> Any:
    digest = response.headers.get(DIGEST)
    if digest and reply[0] == 200:
        key = response.backend.get_object(response.bucket_name, response.parse_key_name())
        setattr(key, MARK, digest)
        # What moto takes for the default of the bucket is not how this object is kept.
        key.encryption = key.kms_key_id = None
        for name in [name for name in reply[1] if name.lower().startswith("x-amz-server-side-encryption")]:
            del reply[1][name]
        reply[1].update(_echo(key))
    return reply


def _echo(key: Any) -> dict[str, str]:
    digest = getattr(key, MARK, None)
    return {ALGORITHM: "AES256", DIGEST: digest} if digest else {}


@adds(S3Response)
def put_object(response: Any) -> Any:
    """Write an object; with a key it is marked."""
    return _mark(response, put_by_moto(response))


@adds(S3Response)
def copy_object(response: Any) -> Any:
    """Copy an object; the copy has the key that is given for it, or none."""
    return _mark(response, copy_by_moto(response))


@adds(S3Response)
def _key_response_post(response: Any, request: Any, body: bytes, bucket_name: str, query: Any, key_name: str) -> Any:
    """Start or complete a multipart upload; the key that came at the start counts for the object."""
    reply = post_by_moto(response, request, body, bucket_name, query, key_name)
    digest = response.headers.get(DIGEST)
    if "uploads" in query and not body:
        bucket = response.backend.get_bucket(bucket_name)
        if digest:
            bucket.multiparts[next(reversed(bucket.multiparts))].metadata[MARK] = digest
        else:
            default = (bucket.encryption or DEFAULT)["Rule"]["ApplyServerSideEncryptionByDefault"]
            reply[1].setdefault("x-amz-server-side-encryption", default["SSEAlgorithm"])
    return reply


@adds(S3Backend)
def complete_multipart_upload(backend: Any, bucket_name: str, multipart_id: str, body: Any) -> Any:
    """Put the parts together; the object is marked as its upload was."""
    upload = backend.get_bucket(bucket_name).multiparts.get(multipart_id)
    digest = upload.metadata.pop(MARK, None) if upload is not None else None
    key = multipart_by_moto(backend, bucket_name, multipart_id, body)
    if digest and key is not None:
        setattr(key, MARK, digest)
        key.encryption = key.kms_key_id = None
    return key


def _part(backend: Any, bucket_name: str, multipart_id: str, part: Any) -> Any:
    """Have a part tell how its object will be encrypted: by the customer's key, as was asked, or as the bucket does."""
    bucket = backend.get_bucket(bucket_name)
    digest = bucket.multiparts[multipart_id].metadata.get(MARK)
    if digest:
        setattr(part, MARK, digest)
    elif part.encryption is None:
        default = (bucket.encryption or DEFAULT)["Rule"]["ApplyServerSideEncryptionByDefault"]
        part.encryption, part.kms_key_id = default["SSEAlgorithm"], default.get("KMSMasterKeyID")
    return part


@adds(S3Backend)
def upload_part(backend: Any, bucket_name: str, multipart_id: str, *given: Any, **named: Any) -> Any:
    """Take a part of an upload."""
    return _part(backend, bucket_name, multipart_id, part_by_moto(backend, bucket_name, multipart_id, *given, **named))


@adds(S3Backend)
def upload_part_copy(backend: Any, dest_bucket_name: str, multipart_id: str, *given: Any, **named: Any) -> Any:
    """Take a part of an upload from an object."""
    return _part(
        backend,
        dest_bucket_name,
        multipart_id,
        copied_by_moto(backend, dest_bucket_name, multipart_id, *given, **named),
    )


def _headers(key: Any) -> dict[str, Any]:
    headers: dict[str, Any] = headers_by_moto.fget(key)
    headers.update(_echo(key))
    status = getattr(key, "replication_status", None)
    if status:
        headers["x-amz-replication-status"] = status
    return headers


object_class: Any = FakeKey
object_class.response_dict = property(_headers)
