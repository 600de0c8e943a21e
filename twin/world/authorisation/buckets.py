"""Who may reach a bucket by the bucket itself: its policy, its access lists, and what public access is blocked.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from twin.world.refusals.policies import is_public, listed
from twin.world.stores.moto_store import backends, find_bucket

ENFORCED = "BucketOwnerEnforced"
EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
SIGNED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
OBJECT = {
    "READ": ("s3:GetObject", "s3:GetObjectVersion"),
    "READ_ACP": ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "WRITE_ACP": ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
}
BUCKET = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
    "WRITE": ("s3:PutObject",),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
Extra = tuple[tuple[str, str, bool], ...]


def bucket_text(name: str, *, outside: str | None) -> str | bytes | None:
    """Return a bucket's policy as it works on a caller, with what access lists grant to everybody.

    `name` is `bucket` or `bucket/key`; `outside` the bucket's owner when the caller is of another account or anonymous.
    """
    bucket_name, _, key = name.partition("/")
    bucket = find_bucket(bucket_name)
    if bucket is None:
        return None
    text: str | bytes | None = bucket.policy
    if text and outside is not None and _blocked(bucket, "restrict_public_buckets") and _has_public(text):
        text = _denies(text)
    if bucket.ownership_rule == ENFORCED or _blocked(bucket, "ignore_public_acls"):
        return text
    extra = _granted(bucket.acl, f"arn:aws:s3:::{bucket_name}", BUCKET)
    found = bucket.keys.get(key) if key else None
    if found is not None:
        extra += _granted(getattr(found, "acl", None), f"arn:aws:s3:::{name}", OBJECT)
    return _with(text, extra) if extra else text


def _granted(acl: Any, arn: str, actions: Mapping[str, tuple[str, ...]]) -> Extra:
    found = []
    for grant in acl.grants if acl is not None else ():
        signed = [grantee.uri == SIGNED for grantee in grant.grantees if grantee.uri in (EVERYONE, SIGNED)]
        for only_signed in signed:
            for permission in listed(grant.permissions):
                wanted = actions if permission == "FULL_CONTROL" else {permission: actions.get(permission, ())}
                found += [(action, _covers(arn, action), only_signed) for each in wanted.values() for action in each]
    return tuple(found)


def _covers(arn: str, action: str) -> str:
    # The bucket's list lets write objects, whose ARNs are not the bucket's.
    return f"{arn}/*" if action == "s3:PutObject" else arn


@lru_cache(maxsize=1024)
def _with(text: str | bytes | None, extra: Extra) -> str:
    document = json.loads(text) if text else {"Version": "2012-10-17", "Statement": []}
    statements = listed(document["Statement"])
    for action, resource, only_signed in extra:
        statement: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
        if only_signed:
            statement["Condition"] = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}
        statements = [*statements, statement]
    return json.dumps(document | {"Statement": statements})


@lru_cache(maxsize=1024)
def _denies(text: str | bytes) -> str:
    document = json.loads(text)
    return json.dumps(document | {"Statement": [s for s in listed(document["Statement"]) if s.get("Effect") == "Deny"]})


@lru_cache(maxsize=1024)
def _has_public(text: str | bytes) -> bool:
    return any(is_public(statement) for statement in listed(json.loads(text)["Statement"]))


def _blocked(bucket: Any, setting: str) -> bool:
    own = getattr(bucket.public_access_block, setting, None)
    if str(own).lower() == "true":
        return True
    s3control = backends("s3control")
    account = s3control[bucket.account_id]["aws"].public_access_block if bucket.account_id in s3control else None
    return str(getattr(account, setting, None)).lower() == "true"
