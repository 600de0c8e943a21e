"""S3: what another account writes is that account's, unless the bucket's owner is to own everything.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from typing import Any

from twin.world.authorisation.buckets import CANNED, ENFORCED, object_owner
from twin.world.aws_call import Done
from twin.world.behaviors import follows
from twin.world.refusals.objects import addressed
from twin.world.scene import Scene
from twin.world.stores.additions.s3_acls import OWNER, canonical_id
from twin.world.stores.moto_store import find_bucket

PREFERRED, GIVEN = "BucketOwnerPreferred", "bucket-owner-full-control"


@follows("s3", "PutObject", "CopyObject", "CompleteMultipartUpload")
def written(done: Done, scene: Scene) -> None:
    """Note whose an object is that another account wrote, until it is written again."""
    name, key, _ = addressed(done)
    bucket = find_bucket(name)
    if bucket is None or bucket.ownership_rule == ENFORCED or done.call.account == bucket.account_id:
        return
    if done.call.principal.kind in ("anonymous", "service"):
        return
    made = bucket.keys.get(key)
    if made is None or (bucket.ownership_rule == PREFERRED and getattr(made.acl, "canned", "") == GIVEN):
        return
    made.twin_owner = done.call.account


@follows("s3", "GetObjectAcl")
def list_of_an_object(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Tell whose an object is, and what its list gives to the bucket's owner."""
    name, key, _ = addressed(done)
    bucket = find_bucket(name)
    made = bucket.keys.get(key) if bucket is not None else None
    if made is None:
        return None
    owner = object_owner(bucket, made)
    told = _owned(done.result, owner)
    permission = CANNED.get(getattr(made.acl, "canned", ""))
    if permission and owner != bucket.account_id:
        grantee = {"ID": canonical_id(bucket.account_id), "Type": "CanonicalUser"}
        told["Grants"] = [*told["Grants"], {"Grantee": grantee, "Permission": permission}]
    return told


@follows("s3", "GetBucketAcl", "ListBuckets")
def owner_of_a_bucket(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Tell the canonical id of the account whose the bucket is, or whose buckets are listed."""
    bucket = find_bucket(addressed(done)[0]) if done.call.operation == "GetBucketAcl" else None
    return _owned(done.result, bucket.account_id if bucket is not None else done.call.account)


def _owned(told: dict[str, Any], account: str) -> dict[str, Any]:
    """Put an account's canonical id where the store has the one that it gives to everybody."""
    owner = canonical_id(account)
    grants = [
        {**grant, "Grantee": {**grant["Grantee"], "ID": owner}} if grant["Grantee"].get("ID") == OWNER else grant
        for grant in told.get("Grants") or ()
    ]
    kept = {name: value for name, value in told.items() if name != "ResponseMetadata"}
    return {**kept, "Owner": {**told.get("Owner", {}), "ID": owner}, **({"Grants": grants} if "Grants" in told else {})}
