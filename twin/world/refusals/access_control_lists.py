"""What S3 refuses about access control lists: all where the bucket's owner owns everything, public ones where blocked.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import re
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed

ENFORCED = "BucketOwnerEnforced"
OWNERS = "bucket-owner-full-control"
PUBLIC_CANNED = {"public-read", "public-read-write", "authenticated-read"}
PUBLIC_GROUP = re.compile(r"acs\.amazonaws\.com/groups/global/(?:AllUsers|AuthenticatedUsers)")
GRANT = "x-amz-grant-"
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
BY_MAIL = re.compile(r"emailaddress=|AmazonCustomerByEmail", re.IGNORECASE)
CANNED = {*PUBLIC_CANNED, "private", "aws-exec-read", "bucket-owner-read", OWNERS, "log-delivery-write"}
GRANTS = {GRANT + name for name in ("read", "write", "read-acp", "write-acp", "full-control")}


@refuses("s3", "CreateBucket")
def new_bucket(asked: Asked) -> None:
    """A bucket is not made with a list of its own where it would have none; a new one blocks public lists too."""
    headers = asked.call.request.headers
    wanted = _wanted(asked)
    if wanted in (None, "private") or headers.get("x-amz-object-ownership", ENFORCED) != ENFORCED:
        return
    raise Refusal(
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    )


@refuses("s3", "PutBucketAcl", "PutObjectAcl")
def changed_list(asked: Asked) -> None:
    """A list is not set where lists are off, nor a public one where these are blocked."""
    bucket = asked.state().buckets.get(addressed(asked)[0])
    if bucket is not None:
        wanted = _wanted(asked)
        own = asked.call.operation == "PutObjectAcl" and wanted == OWNERS
        if bucket.ownership_rule == ENFORCED and not own:
            raise _off()
        body = asked.call.request.body.decode("utf-8", "replace")
        _not_public(asked, bucket, body)
        if BY_MAIL.search(wanted or body):
            told = "The e-mail address you provided does not match any account on record."
            raise Refusal("UnresolvableGrantByEmailAddress", told)
        _well_formed(asked, wanted, body)


@refuses("s3", "PutObject", "CopyObject", "CreateMultipartUpload")
def new_object(asked: Asked) -> None:
    """An object comes without a list, or with the one that gives all to the bucket's owner."""
    wanted = _wanted(asked)
    if wanted is None:
        return
    bucket = asked.state().buckets.get(addressed(asked)[0])
    if bucket is not None:
        if bucket.ownership_rule == ENFORCED and wanted != OWNERS:
            raise _off()
        _not_public(asked, bucket, "")


@refuses("s3", "GetObject", "HeadObject")
def ignored_list(asked: Asked) -> None:
    """A public list lets nobody in where public lists are ignored."""
    from twin.world.stores.moto_store import find_bucket

    if asked.call.principal.kind == "anonymous":
        bucket = find_bucket(addressed(asked)[0])
        block = bucket.public_access_block if bucket is not None else None
        if block and str(block.ignore_public_acls).lower() == "true":
            raise Refusal("AccessDenied", "Access Denied", 403)


def _wanted(asked: Asked) -> str | None:
    """Return the canned list that a request names, or all the grants in its headers; None without either."""
    if not GRANTS.isdisjoint(asked.headers):
        # A header may come twice, and each grants.
        grants = ",".join([value for name, value in asked.call.request.headers if name.lower().startswith(GRANT)])
    else:
        grants = ""
    return asked.headers.get("x-amz-acl") or grants or None


def _not_public(asked: Asked, bucket: Any, body: str) -> None:
    wanted = _wanted(asked) or body
    if (wanted in PUBLIC_CANNED or PUBLIC_GROUP.search(wanted)) and blocks_public_lists(asked, bucket):
        operation = asked.call.operation
        raise Refusal(
            "AccessDenied",
            f"User: {asked.call.principal.arn} is not authorized to perform: s3:{operation} on resource: "
            f'"arn:aws:s3:::{bucket.name}" because public ACLs are prevented by the BlockPublicAcls setting in S3 '
            "Block Public Access.",
            403,
        )


def blocks_public_lists(asked: Asked, bucket: Any) -> bool:
    """Tell whether a bucket or its account blocks public lists."""
    blocks = (bucket.public_access_block, asked.state("s3control").public_access_block)
    return any(block and str(block.block_public_acls).lower() == "true" for block in blocks)


def _well_formed(asked: Asked, wanted: str | None, body: str) -> None:
    """Refuse what names no list that there is, or gives one twice."""
    canned = asked.headers.get("x-amz-acl")
    if canned is not None and canned not in CANNED:
        raise Refusal("InvalidArgument", "Invalid Argument")
    if wanted and "<Grant" in body:
        raise Refusal("UnexpectedContent", "This request does not support content")
    if not wanted and "AccessControlPolicy" not in body:
        raise Refusal("MissingSecurityHeader", "Your request was missing a required header")


def _off() -> Refusal:
    return Refusal("AccessControlListNotSupported", "The bucket does not allow ACLs")
