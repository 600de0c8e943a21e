"""What a bucket's access control list grants to everybody, as statements of the bucket's policy.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html; lists of single objects are not read.
"""

import json
from typing import Any

from twin.observe.iam.org import text
from twin.observe.iam.reader import Reader

EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
SIGNED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
GRANTS = {"READ": ("s3:ListBucket", ""), "WRITE": ("s3:PutObject", "/*"), "WRITE_ACP": ("s3:PutBucketAcl", "")}
UNSET = ("NoSuchPublicAccessBlockConfiguration",)


def listed_too(reader: Reader, bucket: str, policy: str) -> str:
    """Return a bucket's policy with what its list grants to everybody, where such lists are not ignored."""
    grants = reader.read("s3", "GetBucketAcl", {"Bucket": bucket}).get("Grants") or ()
    public = [one for one in grants if one.get("Grantee", {}).get("URI") in (EVERYONE, SIGNED)]
    if not public or _ignored(reader, bucket):
        return policy
    document = json.loads(policy) if policy else {"Version": "2012-10-17", "Statement": []}
    written = document["Statement"]
    found: dict[str, dict[str, Any]] = {}
    for one in public:
        for name in GRANTS if one["Permission"] == "FULL_CONTROL" else [one["Permission"]]:
            if name in GRANTS:
                made = _statement(bucket, name, one["Grantee"]["URI"])
                found[made["Sid"]] = made
    return text({**document, "Statement": [*(written if isinstance(written, list) else [written]), *found.values()]})


def _statement(bucket: str, permission: str, group: str) -> dict[str, Any]:
    action, inside = GRANTS[permission]
    made = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}{inside}"}
    signed = {"Condition": {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}}
    sid = f"AccessControlList{permission.title().replace('_', '')}{group.rpartition('/')[2]}"
    return {**made, "Sid": sid, **(signed if group == SIGNED else {})}


def _ignored(reader: Reader, bucket: str) -> bool:
    """Return whether the bucket or its account ignores lists that are public."""
    asked = (("s3", {"Bucket": bucket}), ("s3control", {"AccountId": reader.account}))
    told = (reader.read(service, "GetPublicAccessBlock", params, absent=UNSET) for service, params in asked)
    return any(one.get("PublicAccessBlockConfiguration", {}).get("IgnorePublicAcls") for one in told)
