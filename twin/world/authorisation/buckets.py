"""Who may reach a bucket by the bucket itself: its policy, its access lists, and what public access is blocked.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from twin.semantics.iam.templates import escaped
from twin.world.access_points import find_access_point
from twin.world.refusals.policies import is_public, listed
from twin.world.stores.additions.s3_acls import canonical_id
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
# What the owner of an object decides, whosever the bucket is.
OF_THE_OBJECT = frozenset(
    action
    for name in ("GetObject", "GetObjectAcl", "PutObjectAcl", "GetObjectAttributes", "GetObjectTagging")
    for action in (f"s3:{name}", f"s3:{name.replace('Object', 'ObjectVersion', 1)}")
)
CANNED = {"bucket-owner-read": "READ", "bucket-owner-full-control": "FULL_CONTROL"}
ANYBODY, SOMEBODY = "*", "signed"
Extra = tuple[tuple[str, str, str], ...]
"""Actions, on what, and to whom: ANYBODY, SOMEBODY with credentials, or an account."""


def object_owner(bucket: Any, found: Any) -> str:
    """Return the account whose an object is: the bucket's, unless another one wrote it and lists are on."""
    mine: str = bucket.account_id
    return mine if bucket.ownership_rule == ENFORCED else getattr(found, "twin_owner", mine)


def bucket_text(name: str, *, outside: str | None, owner: str | None = None) -> str | bytes | None:
    """Return a bucket's policy as it works on a caller, with what access lists grant.

    `name` is `bucket` or `bucket/key`; `outside` the owner when the caller is of another account or anonymous; `owner`
    who decides about the object: where that is not the bucket's owner, its policy can only deny.
    """
    bucket_name, _, key = name.partition("/")
    bucket = find_bucket(bucket_name)
    if bucket is None:
        return None
    text: str | bytes | None = bucket.policy
    if text and "CanonicalUser" in str(text):
        text = _accounts_named(text)
    if text and outside is not None and _blocked(bucket, "restrict_public_buckets") and _has_public(text):
        text = _denies(text)
    if bucket.ownership_rule == ENFORCED:
        return text
    foreign = owner is not None and owner != bucket.account_id
    if text and foreign:
        text = _denies(text)
    extra = _granted(bucket.acl, f"arn:aws:s3:::{bucket_name}", BUCKET) if not foreign else ()
    found = bucket.keys.get(key) if key else None
    if found is not None:
        extra += _granted(getattr(found, "acl", None), f"arn:aws:s3:::{name}", OBJECT, bucket.account_id)
    if _blocked(bucket, "ignore_public_acls"):
        extra = tuple(one for one in extra if one[2] not in (ANYBODY, SOMEBODY))
    return _with(text, extra) if extra else text


def access_point_text(account: str, name: str, *, outside: str | None) -> str | bytes | None:
    """Return an access point's policy as it works on a caller; a public one lets nobody in from outside where blocked.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html
    """
    found = find_access_point(account, name)
    text = found.policy if found is not None else None
    if found is not None and text and outside is not None and found.restricted and _has_public(text):
        return _denies(text)
    return text


def _granted(acl: Any, arn: str, actions: Mapping[str, tuple[str, ...]], mine: str = "") -> Extra:
    """Return what a list grants; `mine` is the account that canned lists of objects mean by the bucket's owner."""
    found = []
    given = [
        (grantee, permission)
        for grant in (acl.grants if acl is not None else ())
        for grantee in map(_grantee, grant.grantees)
        for permission in listed(grant.permissions)
    ]
    if mine and (canned := CANNED.get(getattr(acl, "canned", ""))):
        given.append((mine, canned))
    for grantee, permission in given:
        wanted = actions if permission == "FULL_CONTROL" else {permission: actions.get(permission, ())}
        if grantee:
            found += [(action, arn, grantee) for each in wanted.values() for action in each]
    return tuple(found)


def _grantee(grantee: Any) -> str:
    """Return whom a grant means; "" for whoever is nobody here, or the owner, who needs none."""
    if grantee.uri:
        return {EVERYONE: ANYBODY, SIGNED: SOMEBODY}.get(grantee.uri, "")
    return next((account for account in backends("s3") if canonical_id(account) == grantee.id), "")


def _covers(arn: str, action: str) -> str:
    # The bucket's list lets write objects, whose ARNs are not the bucket's.
    return f"{arn}/*" if action == "s3:PutObject" else arn


@lru_cache(maxsize=1024)
def _with(text: str | bytes | None, extra: Extra) -> str:
    document: dict[str, Any] = json.loads(text) if text else {"Version": "2012-10-17", "Statement": []}
    statements = listed(document["Statement"])
    for action, place, grantee in extra:
        whom: Any = "*" if grantee in (ANYBODY, SOMEBODY) else {"AWS": f"arn:aws:iam::{grantee}:root"}
        resource = _covers(escaped(place, document.get("Version", "")), action)
        statement: dict[str, Any] = {"Effect": "Allow", "Principal": whom, "Action": action, "Resource": resource}
        if grantee == SOMEBODY:
            statement["Condition"] = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}
        statements = [*statements, statement]
    return json.dumps(document | {"Statement": statements})


def _accounts_named(text: str | bytes) -> str:
    """Return a policy with the accounts whose canonical users it names; one that is nobody here stays."""
    ids = {canonical_id(account): f"arn:aws:iam::{account}:root" for account in backends("s3")}
    document = json.loads(text)
    for statement in listed(document["Statement"]):
        principal = statement.get("Principal")
        if isinstance(principal, dict) and "CanonicalUser" in principal:
            meant = [ids[one] for one in listed(principal["CanonicalUser"]) if one in ids]
            if meant:
                principal["AWS"] = [*listed(principal.get("AWS", [])), *meant]
    return json.dumps(document)


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
