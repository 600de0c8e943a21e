"""What S3 refuses about objects under keys of KMS that are disabled, about to be deleted, or not there.

S3 hands on KMS's codes behind `KMS.`, as in https://github.com/aws/aws-cli/issues/1517 (KMS.NotFoundException) and
https://github.com/localstack/localstack/issues/8422 (KMS.DisabledException, KMS.KMSInvalidStateException).
"""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, copy_source, stored
from twin.world.stores.kms_keys import DISABLED, DYING, Where, find_key, is_managed

KMS = ("aws:kms", "aws:kms:dsse")


@refuses("s3", "PutObject", "CopyObject", "CreateMultipartUpload")
def written(asked: Asked) -> None:
    """An object is written under a key that is there and enabled, its own or the bucket's default."""
    bucket = _bucket(asked)
    if bucket is None:
        return
    headers = asked.headers
    default = ((bucket.encryption or {}).get("Rule") or {}).get("ApplyServerSideEncryptionByDefault") or {}
    algorithm = headers.get("x-amz-server-side-encryption") or default.get("SSEAlgorithm")
    # Without a key beside it, a wish for KMS takes the key of the bucket, or else AWS's own.
    key = headers.get("x-amz-server-side-encryption-aws-kms-key-id") or default.get("KMSMasterKeyID")
    if algorithm in KMS and key:
        usable(key, Where(asked.call.account, bucket.region_name))


@refuses("s3", "GetObject")
def read(asked: Asked) -> None:
    """An object under a key that is not usable is not read."""
    _readable(stored(*addressed(asked)))


@refuses("s3", "CopyObject", "UploadPartCopy")
def copied(asked: Asked) -> None:
    """Nor is it copied."""
    _readable(stored(*copy_source(asked)))


def usable(name: str, where: Where) -> None:
    """Refuse a key of KMS that is not there, or not enabled."""
    if is_managed(name):
        return
    key = find_key(name, where)
    if key is None:
        arn = name if name.startswith("arn:") else f"arn:aws:kms:{where.region}:{where.account}:key/{name}"
        raise Refusal("KMS.NotFoundException", f"Key '{arn}' does not exist")
    if key.key_state == DISABLED:
        raise Refusal("KMS.DisabledException", f"{key.arn} is disabled.")
    if key.key_state in DYING:
        raise Refusal("KMS.KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _readable(found: Any) -> None:
    if found is not None and found.encryption in KMS and found.kms_key_id:
        owner = _owner(found.bucket_name)
        usable(found.kms_key_id, Where(owner.account_id, owner.region_name))


def _bucket(asked: Asked) -> Any:
    return _owner(addressed(asked)[0])


def _owner(name: str) -> Any:
    from twin.world.stores.moto_store import find_bucket

    return find_bucket(name)
