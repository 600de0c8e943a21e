"""What S3 refuses about keys that the caller brings (SSE-C): an object is read with the key it was written with."""

import base64
import binascii
import hashlib
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, copy_source, stored

PREFIX = "x-amz-server-side-encryption-customer-"
SOURCE = "x-amz-copy-source-server-side-encryption-customer-"
KEY_BYTES = 32
MARK = "customer_key_md5"


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidArgument", message)


@refuses("s3", "PutObject", "CreateMultipartUpload", "UploadPart", "CopyObject", "UploadPartCopy")
def written(asked: Asked) -> None:
    """A key is given whole: AES256, 256 bits, and its MD5."""
    digest = key_given(asked.headers, PREFIX)
    if digest and asked.headers.get("x-amz-server-side-encryption"):
        raise _invalid("Server Side Encryption with Customer provided key is incompatible with the encryption method "
                       "specified")  # fmt: skip


@refuses("s3", "PutObject", "CreateMultipartUpload", "CopyObject")
def blocked(asked: Asked) -> None:
    """A bucket takes such objects only when it was told to: new ones block them.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
    """
    if not asked.headers.get(PREFIX + "key"):
        return
    bucket = asked.state().buckets.get(asked.parameters["Bucket"])
    if bucket is not None and bucket.blocked_encryption == "SSE-C":
        raise Refusal("AccessDenied", "Access Denied", 403)


@refuses("s3", "UploadPart", "UploadPartCopy")
def part(asked: Asked) -> None:
    """Every part comes with the key of its upload."""
    bucket = asked.state().buckets.get(asked.parameters["Bucket"])
    upload = bucket.multiparts.get(asked.parameters.get("UploadId")) if bucket is not None else None
    if upload is not None:
        _matches(upload.metadata.get(MARK), key_given(asked.headers, PREFIX))


@refuses("s3", "GetObject", "HeadObject")
def read(asked: Asked) -> None:
    """An object that was written with a key is read with that key, and no other with any."""
    found = stored(*addressed(asked))
    if found is not None:
        _matches(getattr(found, MARK, None), key_given(asked.headers, PREFIX))


@refuses("s3", "CopyObject", "UploadPartCopy")
def copied(asked: Asked) -> None:
    """The source of a copy is read with its key."""
    found = stored(*copy_source(asked))
    if found is not None:
        _matches(getattr(found, MARK, None), key_given(asked.headers, SOURCE))


def key_given(headers: Any, prefix: str) -> str | None:
    """Return the MD5 of the key in a request's headers, which has to be one; None without a key."""
    algorithm, key, digest = (headers.get(prefix + part) for part in ("algorithm", "key", "key-md5"))
    if not (algorithm or key or digest):
        return None
    if algorithm != "AES256":
        raise Refusal("InvalidEncryptionAlgorithmError", "The encryption request that you specified is not valid. The "
                      "valid value is AES256.")  # fmt: skip
    if not key or not digest:
        raise _invalid("Requests specifying Server Side Encryption with Customer provided keys must provide an "
                       "appropriate secret key.")  # fmt: skip
    try:
        secret = base64.b64decode(key, validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise _invalid("The secret key was invalid for the specified algorithm.")
    # S3 wants the MD5 as a check of transmission.
    if base64.b64encode(hashlib.md5(secret, usedforsecurity=False).digest()).decode() != digest:
        raise _invalid("The calculated MD5 hash of the key did not match the hash that was provided.")
    return str(digest)


def _matches(kept: str | None, given: str | None) -> None:
    if kept == given:
        return
    if kept is None:
        raise Refusal("InvalidRequest", "The encryption parameters are not applicable to this object.")
    if given is None:
        raise Refusal("InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct "
                      "parameters must be provided to retrieve the object.")  # fmt: skip
    raise Refusal("AccessDenied", "Requests specifying Server Side Encryption with Customer provided keys must provide "
                  "the correct secret key.", 403)  # fmt: skip
