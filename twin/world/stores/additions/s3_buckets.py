"""S3: what a new bucket has on since April 2023, which moto leaves off.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
"""

from typing import Any

from moto.s3.models import PublicAccessBlock, S3Backend

from twin.world.stores.additions import adds

OWNERSHIP = "BucketOwnerEnforced"
create_by_moto = S3Backend.create_bucket


@adds(S3Backend)
def create_bucket(backend: Any, *given: Any, **named: Any) -> Any:
    """Make a bucket that blocks all public access and has no access control lists."""
    bucket: Any = create_by_moto(backend, *given, **named)
    bucket.public_access_block = PublicAccessBlock(True, True, True, True)
    bucket.ownership_rule = OWNERSHIP
    return bucket
