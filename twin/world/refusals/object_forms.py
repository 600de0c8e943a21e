"""What S3 refuses as no well-formed request: versions, pages, tags and ranges that are none, empty documents.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, copy_source, stored

# Ours are UUIDs, AWS's 32 characters of its own.
VERSION = re.compile(r"null|[0-9a-f-]{36}|[\w.-]{32}")
RANGE = re.compile(r"bytes=(\d+)-(\d+)")
LARGEST = 2**31 - 1
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
OWNERSHIP = ("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
PAGED = {"ListObjects": "max-keys", "ListObjectsV2": "max-keys", "ListObjectVersions": "max-keys",
         "ListMultipartUploads": "max-uploads", "ListParts": "max-parts"}  # fmt: skip


@refuses("s3", "GetObject", "HeadObject", "DeleteObject", "GetObjectTagging", "PutObjectTagging")
def version_of_an_object(asked: Asked) -> None:
    """A version is named as S3 names them."""
    version = addressed(asked)[2]
    if version is not None and not VERSION.fullmatch(version):
        raise _argument("Invalid version id specified")


@refuses("s3", *PAGED)
def size_of_a_page(asked: Asked) -> None:
    """A page has no less than nothing, and a version by which it begins has a key."""
    query, name = parse_qs(urlsplit(asked.call.url).query), PAGED[asked.call.operation]
    given = query.get(name, ["1"])[0]
    if not given.isdigit() or int(given) > LARGEST:
        raise _argument(f"Argument {name} must be an integer between 0 and {LARGEST}")
    if "version-id-marker" in query and "key-marker" not in query:
        raise _argument("A version-id marker cannot be specified without a key marker.")


@refuses("s3", "PutObject", "CopyObject", "CreateMultipartUpload")
def tags_of_a_new_object(asked: Asked) -> None:
    """A tag comes once."""
    names = [name for name, _ in parse_qsl(asked.headers.get("x-amz-tagging", ""), keep_blank_values=True)]
    if len(set(names)) < len(names):
        raise _argument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
                        "without tag name duplicates.")  # fmt: skip


@refuses("s3", "PutObjectTagging")
def tags_of_an_object(asked: Asked) -> None:
    """A tag comes once."""
    names = [each["Key"] for each in (asked.parameters.get("Tagging") or {}).get("TagSet") or ()]
    if len(set(names)) < len(names):
        raise Refusal("InvalidTag", "Cannot provide multiple Tags with the same key")


@refuses("s3", "UploadPart", "UploadPartCopy")
def number_of_a_part(asked: Asked) -> None:
    """A part has a number from 1."""
    number = parse_qs(urlsplit(asked.call.url).query).get("partNumber", ["1"])[0]
    if not number.isdigit() or not 1 <= int(number) <= 10_000:
        raise _argument("Part number must be an integer between 1 and 10000, inclusive")


@refuses("s3", "UploadPartCopy")
def source_of_a_part(asked: Asked) -> None:
    """A part is copied from an object that is there, or from a range that lies in it."""
    from twin.world.refusals.objects import bucket_of

    name, key, version = copy_source(asked)
    if bucket_of(name) is None:
        return
    source = stored(name, key, version)
    if source is None or not hasattr(source, "size"):
        raise Refusal("NoSuchKey", "The specified key does not exist.", 404)
    asked_for = asked.headers.get("x-amz-copy-source-range")
    if asked_for is None:
        return
    found = RANGE.fullmatch(asked_for)
    if found is None or int(found[1]) > int(found[2]):
        raise _argument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last "
                        "are the zero-based offsets of the first and last bytes to copy")  # fmt: skip
    if int(found[2]) >= source.size:
        raise _argument(f"Range specified is not valid for source object of size: {source.size}")


@refuses("s3", "CopyObject")
def source_is_no_marker(asked: Asked) -> None:
    """A delete marker is no source."""
    from twin.world.refusals.object_versions import marker_of

    name, key, version = copy_source(asked)
    if version is not None and marker_of(name, key, version) is not None:
        raise Refusal("InvalidRequest", "The source of a copy request may not specifically refer to a delete marker by "
                      "version id.")  # fmt: skip


@refuses("s3", "CompleteMultipartUpload")
def parts_of_an_upload(asked: Asked) -> None:
    """An upload that ends has parts."""
    if not asked.call.request.body.strip():
        raise Refusal("InvalidRequest", "You must specify at least one part")


@refuses("s3", "CreateBucket")
def place_of_a_bucket(asked: Asked) -> None:
    """A bucket is made in a Region that there is."""
    wanted = (asked.parameters.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
    if wanted and wanted not in _regions() and wanted != "EU":
        raise Refusal("InvalidLocationConstraint", "The specified location-constraint is not valid")


@refuses("s3", "PutBucketVersioning", "PutBucketLifecycleConfiguration", "PutBucketOwnershipControls",
         "PutBucketEncryption")  # fmt: skip
def document_with_a_choice(asked: Asked) -> None:
    """A configuration says something, in the words that S3 knows."""
    given = asked.parameters
    if asked.call.operation == "PutBucketVersioning":
        status = (given.get("VersioningConfiguration") or {}).get("Status")
        wrong = status not in ("Enabled", "Suspended")
    elif asked.call.operation == "PutBucketLifecycleConfiguration":
        wrong = not (given.get("LifecycleConfiguration") or {}).get("Rules")
    elif asked.call.operation == "PutBucketOwnershipControls":
        rules = (given.get("OwnershipControls") or {}).get("Rules") or []
        wrong = len(rules) != 1 or rules[0].get("ObjectOwnership") not in OWNERSHIP
    else:
        wrong = False
        for rule in (given.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or ():
            _key_that_counts(rule.get("ApplyServerSideEncryptionByDefault") or {})
    if wrong:
        raise Refusal("MalformedXML", MALFORMED)


def _key_that_counts(default: dict[str, Any]) -> None:
    if default.get("KMSMasterKeyID") and default.get("SSEAlgorithm") == "AES256":
        raise _argument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
                        "aws:kms:dsse")  # fmt: skip


def _regions() -> frozenset[str]:
    from twin.world.stores.moto_store import regions_session

    names: set[str] = set()
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        names.update(regions_session().get_available_regions("s3", partition_name=partition))
    return frozenset(names)


def _argument(message: str) -> Refusal:
    return Refusal("InvalidArgument", message)
