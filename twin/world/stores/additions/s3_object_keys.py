"""S3: an object lies under the key that a name meant when it was written, or under S3's own when nothing was said.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html: S3 tells the key's ARN, also of an alias.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html: since January 2023.
"""

from typing import Any

from moto.s3.models import S3Backend

from twin.world.stores.additions import adds
from twin.world.stores.kms_keys import Where, find_key

S3_MANAGED = "AES256"
put_by_moto = S3Backend.put_object


@adds(S3Backend)
def put_object(backend: Any, bucket_name: str, *told: Any, **more: Any) -> Any:
    """Keep an object, and with it the ARN of its key."""
    if not more.get("encryption") and not backend.get_bucket(bucket_name).encryption:
        more["encryption"] = S3_MANAGED
    made = put_by_moto(backend, bucket_name, *told, **more)
    if made.kms_key_id:
        key = find_key(made.kms_key_id, Where(backend.account_id, backend.get_bucket(bucket_name).region_name))
        made.kms_key_id = made.kms_key_id if key is None else key.arn
    return made
