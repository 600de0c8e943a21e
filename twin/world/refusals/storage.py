"""What S3 and CloudTrail refuse about bucket policies."""

import re
from fnmatch import fnmatchcase
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.identity import principal_exists
from twin.world.refusals.policies import is_public, listed, statements
from twin.world.trail.access import Writer

# The legacy identity of CloudFront is a user of no account.
ORIGIN_ACCESS = re.compile(r"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E\w+")


@refuses("s3", "PutBucketPolicy")
def no_public_policy(asked: Asked) -> None:
    """A bucket that blocks public policies takes none."""
    name = asked.parameters["Bucket"]
    bucket = asked.state().buckets.get(name)
    if bucket is None or not _blocks(asked, bucket):
        return
    if any(is_public(statement) for statement in statements(asked.call.request.body)):
        raise Refusal(
            "AccessDenied",
            f"User: {asked.call.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"arn:aws:s3:::{name}" because public policies are prevented by the BlockPublicPolicy setting in S3 '
            "Block Public Access.",
            403,
        )


@refuses("s3", "PutBucketPolicy")
def principals_exist(asked: Asked) -> None:
    """A bucket policy names principals that exist."""
    for statement in statements(asked.call.request.body):
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        named = principal.items() if isinstance(principal, dict) else ()
        for kind, values in named:
            for value in listed(values):
                if not principal_exists(asked, kind, value) and not ORIGIN_ACCESS.fullmatch(str(value)):
                    raise Refusal("MalformedPolicy", "Invalid principal in policy")


@refuses("s3", "PutBucketPolicy")
def resources_are_the_buckets(asked: Asked) -> None:
    """A bucket policy speaks of its bucket and of what is in it."""
    name = asked.parameters["Bucket"]
    for statement in statements(asked.call.request.body):
        for resource in listed(statement.get("Resource", statement.get("NotResource", []))):
            bucket, _, _ = str(resource).partition(":s3:::")[2].partition("/")
            if not fnmatchcase(name, bucket):
                raise Refusal("MalformedPolicy", "Policy has invalid resource")


@refuses("s3", "PutBucketVersioning")
def replicated_bucket_keeps_versions(asked: Asked) -> None:
    """A bucket that replicates does not suspend its versioning."""
    wanted = asked.parameters
    bucket = asked.state().buckets.get(wanted["Bucket"])
    suspends = (wanted.get("VersioningConfiguration") or {}).get("Status") == "Suspended"
    if bucket is not None and suspends and getattr(bucket, "replication", None):
        raise Refusal(
            "InvalidBucketState",
            "A replication configuration is present on this bucket, so you cannot change the versioning state. To "
            "change the versioning state, first delete the replication configuration.",
            409,
        )


def _blocks(asked: Asked, bucket: Any) -> bool:
    own = bucket.public_access_block
    whole = asked.state("s3control").public_access_block
    return _true(own and own.block_public_policy) or _true(whole and whole.block_public_policy)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


@refuses("cloudtrail", "CreateTrail", "UpdateTrail")
def trail_may_write(asked: Asked) -> None:
    """A trail's bucket lets CloudTrail read its ACL and write its logs."""
    from twin.world.stores.moto_store import find_bucket

    name = asked.parameters.get("S3BucketName")
    bucket = find_bucket(name or "")
    if bucket is None:
        return
    prefix = asked.parameters.get("S3KeyPrefix")
    start = f"{prefix}/AWSLogs" if prefix else "AWSLogs"
    call = asked.call
    writer = Writer(f"arn:aws:cloudtrail:{call.region}:{call.account}:trail/{asked.parameters['Name']}", call.account)
    key = f"{start}/{call.account}/CloudTrail/{call.region}/log.json.gz"
    if not (writer.may_look(str(name), bucket.policy) and writer.may_put(str(name), key, bucket.policy)):
        raise Refusal(
            "InsufficientS3BucketPolicyException", f"Incorrect S3 bucket policy is detected for bucket: {name}"
        )


@refuses("cloudtrail", "CreateTrail", "UpdateTrail")
def trail_may_encrypt(asked: Asked) -> None:
    """A trail's key lets CloudTrail encrypt with it."""
    from twin.world.trail.bucket import find_key

    call, named = asked.call, asked.parameters.get("KmsKeyId")
    key = find_key(str(named)) if named else None
    if key is None:
        return
    writer = Writer(f"arn:aws:cloudtrail:{call.region}:{call.account}:trail/{asked.parameters['Name']}", call.account)
    if not writer.may_encrypt(key.arn, key.policy):
        raise Refusal(
            "InsufficientEncryptionPolicyException",
            "Insufficient permissions to access S3 bucket or KMS key " + str(named),
        )
