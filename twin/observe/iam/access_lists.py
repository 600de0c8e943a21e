"""What the access lists of a bucket and of its objects grant, as statements of the bucket's policy.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from twin.observe.iam.org import text
from twin.observe.iam.reader import Reader
from twin.semantics.iam.templates import escaped

EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
SIGNED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
BUCKET = {
    "READ": "s3:ListBucket", "WRITE": "s3:PutObject", "READ_ACP": "s3:GetBucketAcl", "WRITE_ACP": "s3:PutBucketAcl",
}  # fmt: skip
OBJECT = {"READ": "s3:GetObject", "READ_ACP": "s3:GetObjectAcl", "WRITE_ACP": "s3:PutObjectAcl"}
UNSET = ("NoSuchPublicAccessBlockConfiguration",)
MOST = 200
"""Objects of a bucket whose own lists are read, for each takes a call; that there are more is a gap."""


class Granted(NamedTuple):
    """An action on a resource, and the group or canonical user that a list lets do it."""

    action: str
    resource: str
    grantee: str

    @property
    def public(self) -> bool:
        """Whether it is granted to everybody, or to everybody with credentials of AWS."""
        return self.grantee in (EVERYONE, SIGNED)


def listed_too(reader: Reader, bucket: str, policy: str, *, owner: str) -> str:
    """Return a bucket's policy with what lists grant to others than its owner, where lists count at all."""
    absent = ("OwnershipControlsNotFoundError",)
    told = reader.read("s3", "GetBucketOwnershipControls", {"Bucket": bucket}, absent=absent)
    rules = told.get("OwnershipControls", {}).get("Rules", ())
    if any(one["ObjectOwnership"] == "BucketOwnerEnforced" for one in rules):
        return policy
    found = list(dict.fromkeys(_lists(reader, bucket, owner)))
    if any(one.public for one in found) and _ignored(reader, bucket):
        found = [one for one in found if not one.public]
    if not found:
        return policy
    document: dict[str, Any] = json.loads(policy) if policy else {"Version": "2012-10-17", "Statement": []}
    written = document["Statement"]
    version = document.get("Version", "")
    made = [_statement(one, number, version) for number, one in enumerate(found, 1)]
    return text({**document, "Statement": [*(written if isinstance(written, list) else [written]), *made]})


def _lists(reader: Reader, bucket: str, owner: str) -> Iterator[Granted]:
    """Read the list of a bucket and those of its objects."""
    arn = f"arn:aws:s3:::{bucket}"
    told = reader.read("s3", "GetBucketAcl", {"Bucket": bucket})
    yield from _granted(told, arn, BUCKET, owner)
    listed = reader.read("s3", "ListObjectsV2", {"Bucket": bucket, "MaxKeys": MOST}, pages=False)
    if listed.get("IsTruncated"):
        reader.gaps.append(f"{arn}: the access lists of its first {MOST} objects were read, and not those of the rest")
    for one in listed.get("Contents", ()):
        told = reader.read("s3", "GetObjectAcl", {"Bucket": bucket, "Key": one["Key"]}, absent=("NoSuchKey",))
        yield from _granted(told, f"{arn}/{one['Key']}", OBJECT, owner)


def _granted(acl: Mapping[str, Any], arn: str, actions: Mapping[str, str], owner: str) -> Iterator[Granted]:
    for one in acl.get("Grants", ()):
        who = one["Grantee"].get("URI") or one["Grantee"].get("ID", "")
        if who in ("", owner) or (one["Grantee"]["Type"] == "Group" and who not in (EVERYONE, SIGNED)):
            continue
        for permission in actions if one["Permission"] == "FULL_CONTROL" else [one["Permission"]]:
            if action := actions.get(permission):
                # The list of a bucket lets write what is in it.
                yield Granted(action, f"{arn}/*" if action == "s3:PutObject" else arn, who)


def _statement(one: Granted, number: int, version: str) -> dict[str, Any]:
    whom: Any = "*" if one.public else {"CanonicalUser": one.grantee}
    inside = "/*" if one.action == "s3:PutObject" else ""
    resource = escaped(one.resource.removesuffix(inside), version) + inside
    made = {"Effect": "Allow", "Principal": whom, "Action": one.action, "Resource": resource}
    signed = {"Condition": {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}}
    return {**made, "Sid": f"AccessControlList{number}", **(signed if one.grantee == SIGNED else {})}


def _ignored(reader: Reader, bucket: str) -> bool:
    """Return whether the bucket or its account ignores lists that are public."""
    asked = (("s3", {"Bucket": bucket}), ("s3control", {"AccountId": reader.account}))
    told = (reader.read(service, "GetPublicAccessBlock", params, absent=UNSET) for service, params in asked)
    return any(one.get("PublicAccessBlockConfiguration", {}).get("IgnorePublicAcls") for one in told)
