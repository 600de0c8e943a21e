"""S3: writes on a condition that the store does not look at.

`If-None-Match` takes `*` alone, `If-Match` an ETag, of which an absent object has none; both hold for CopyObject and
CompleteMultipartUpload as for PutObject: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, stored

WRITES = ("PutObject", "CopyObject", "CompleteMultipartUpload")
UNHEEDED = ("CopyObject", "CompleteMultipartUpload")


@refuses("s3", *WRITES)
def only_absence_can_be_demanded(asked: Asked) -> None:
    """An ETag that must not be there is not implemented."""
    wanted = asked.headers.get("if-none-match")
    if wanted is not None and wanted.strip('"') != "*":
        raise Refusal(
            "NotImplemented", "A header you provided implies functionality that is not implemented", status=501
        )


@refuses("s3", *UNHEEDED)
def condition_must_hold(asked: Asked) -> None:
    """The object must be absent, or have the ETag, when the write would take effect."""
    absent, etag = asked.headers.get("if-none-match"), asked.headers.get("if-match")
    if absent is None and etag is None:
        return
    bucket, key, _ = addressed(asked)
    there = stored(bucket, key, None)
    if etag is not None and there is None:
        raise Refusal("NoSuchKey", "The specified key does not exist.", status=404)
    if (absent is not None and there is not None) or (etag is not None and there.etag.strip('"') != etag.strip('"')):
        message = "At least one of the pre-conditions you specified did not hold"
        raise Refusal("PreconditionFailed", message, status=412)
