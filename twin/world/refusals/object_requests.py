"""What S3 refuses about the form of requests for objects: sizes, conditions of a copy, uploads, owners, pages."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from twin.world.refusals import EVERY, Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, bucket_of, copy_source, stored

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
LONGEST_KEY = 1024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
LARGEST_METADATA = 2048
METADATA = "x-amz-meta-"
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
MOST_DELETED = 1000
WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload")
IF = "x-amz-copy-source-if-"
UPLOAD = re.compile(r"[?&]uploadId=(?P<id>[^&]*)")
OBJECT = re.compile(rb"<(?:\w+:)?Object[\s>]")
UNMET = "At least one of the pre-conditions you specified did not hold"


@refuses("s3", EVERY)
def expected_owner(asked: Asked) -> None:
    """A bucket is of the account that the caller expects."""
    headers = asked.headers
    if (expected := headers.get("x-amz-expected-bucket-owner")) is not None:
        _owned(addressed(asked)[0], expected)
    if (expected := headers.get("x-amz-source-expected-bucket-owner")) is not None:
        _owned(copy_source(asked)[0], expected)


def _owned(name: str, expected: str) -> None:
    bucket = bucket_of(name)
    if bucket is not None and bucket.account_id != expected:
        raise Refusal("AccessDenied", "Access Denied", 403)


@refuses("s3", *WRITES)
def key_and_metadata(asked: Asked) -> None:
    """A key has at most 1,024 bytes, an object's metadata at most two kilobytes."""
    if len(addressed(asked)[1].encode()) > LONGEST_KEY:
        raise Refusal("KeyTooLongError", "Your key is too long")
    own = ((name[len(METADATA) :], value) for name, value in asked.headers.items() if name.startswith(METADATA))
    if sum(len(name) + len(value.encode()) for name, value in own) > LARGEST_METADATA:
        raise Refusal("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")


@refuses("s3", "CopyObject", "UploadPartCopy")
def condition_on_the_source(asked: Asked) -> None:
    """A copy is made only of a source that is as the caller expects it."""
    given = {name[len(IF) :]: value for name, value in asked.headers.items() if name.startswith(IF)}
    source = stored(*copy_source(asked)) if given else None
    if source is None:
        return
    etag, changed = source.etag.strip('"'), source.last_modified.replace(microsecond=0, tzinfo=UTC)
    matches, differs = _tag(given, "match", etag), _tag(given, "none-match", etag)
    unchanged = "unmodified-since" not in given or changed <= _instant(given["unmodified-since"])
    newer = "modified-since" not in given or changed > _instant(given["modified-since"])
    # A matching ETag outweighs the date, and a different one does not save what is too old.
    if matches is False or (matches is None and not unchanged) or differs is True or (differs is None and not newer):
        raise Refusal("PreconditionFailed", UNMET, 412)


def _tag(given: Mapping[str, str], name: str, etag: str) -> bool | None:
    return given[name].strip('"') in (etag, "*") if name in given else None


def _instant(text: str) -> datetime:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise Refusal("InvalidArgument", f"{text} is no date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@refuses("s3", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "AbortMultipartUpload", "ListParts")
def upload_is_there(asked: Asked) -> None:
    """An upload that was never begun, or is over, takes nothing."""
    name, key, _ = addressed(asked)
    bucket, told = bucket_of(name), UPLOAD.search(asked.call.url)
    if bucket is None or told is None:
        return
    upload = bucket.multiparts.get(told["id"])
    if upload is None or upload.key_name != key:
        raise Refusal(
            "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
            "or completed.",
            404,
        )


@refuses("s3", "CompleteMultipartUpload")
def parts_in_order(asked: Asked) -> None:
    """Parts are listed by their numbers, before anybody looks at their sizes."""
    listed = (asked.parameters.get("MultipartUpload") or {}).get("Parts") or []
    numbers = [int(part.get("PartNumber", 0)) for part in listed]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        message = "The list of parts was not in ascending order. Parts must be ordered by part number."
        raise Refusal("InvalidPartOrder", message)


@refuses("s3", "DeleteObjects")
def deleted_at_once(asked: Asked) -> None:
    """At most 1,000 objects are deleted with one call."""
    if len(OBJECT.findall(asked.call.request.body)) > MOST_DELETED:
        raise Refusal(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
        )


@refuses("s3", "ListObjectsV2")
def page_is_known(asked: Asked) -> None:
    """A token is one that a list gave out."""
    from twin.world.stores.moto_store import backends

    given = parse_qs(urlsplit(asked.call.url).query).get("continuation-token")
    bucket = bucket_of(addressed(asked)[0])
    if given and bucket is not None and given[0] not in backends("s3")[bucket.account_id]["aws"]._pagination_tokens:
        raise Refusal("InvalidArgument", "The continuation token provided is incorrect")
