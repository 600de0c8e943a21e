"""S3: whose an object is that another account wrote, and what its list and the bucket's policy then decide."""

import json
from contextlib import nullcontext

import pytest
from moto.s3 import responses
from refused import refusal

from twin.world.stores.lookups import forgetting, remember

OTHER = "210987654321"
READ = {"Bucket": "shared", "Key": "x"}
HIDDEN = ("AccessDenied", 403)


@pytest.fixture
def both(clients):
    """A function that makes a shared bucket with a rule of ownership; returns clients of its owner and of a guest."""

    def made(ownership):
        owner, guest = clients("s3"), clients("s3", account=OTHER)
        owner.create_bucket(Bucket="shared", ObjectOwnership=ownership)
        allow = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": ["s3:PutObject*", "s3:GetObject*"]}
        policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": "arn:aws:s3:::shared/*"}]}
        owner.put_bucket_policy(Bucket="shared", Policy=json.dumps(policy))
        return owner, guest

    return made


def owner_in(client):
    """Return the canonical id that a client's account has."""
    return client.list_buckets()["Owner"]["ID"]


def test_object_of_another_writer_is_closed_to_the_owner_of_the_bucket(both):
    """The writer reads it, by its own rights; the bucket's owner cannot until the list says so, and may delete it."""
    owner, guest = both("ObjectWriter")
    guest.put_object(**READ, Body=b"secret")
    assert guest.get_object(**READ)["Body"].read() == b"secret"
    for call in (owner.get_object, owner.head_object, owner.get_object_acl, owner.get_object_tagging):
        assert refusal(call, **READ)[1] == 403
    copied = {"Bucket": "shared", "Key": "y", "CopySource": READ}
    assert refusal(owner.copy_object, **copied) == HIDDEN
    assert guest.get_object_acl(**READ)["Owner"]["ID"] == owner_in(guest) != owner_in(owner)
    guest.put_object_acl(**READ, ACL="bucket-owner-read")
    assert owner.get_object(**READ)["Body"].read() == b"secret"
    assert refusal(owner.get_object_acl, **READ) == HIDDEN
    owner.delete_object(**READ)
    owner.put_object(**READ, Body=b"mine")
    assert owner.get_object(**READ)["Body"].read() == b"mine"


def test_a_grant_by_canonical_id_lets_one_account_in(both):
    """The header names who may read; GetObjectAcl tells it back."""
    owner, guest = both("ObjectWriter")
    guest.put_object(**READ, Body=b"x", GrantRead=f"id={owner_in(owner)}")
    assert owner.get_object(**READ)["Body"].read() == b"x"
    (grant,) = guest.get_object_acl(**READ)["Grants"]
    assert (grant["Grantee"]["ID"], grant["Permission"]) == (owner_in(owner), "READ")


def test_the_policy_of_the_bucket_can_only_deny_what_another_account_owns(both):
    """It grants nobody of a third account anything, and its refusal binds the writer, too."""
    owner, guest = both("ObjectWriter")
    guest.put_object(**READ, Body=b"x")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/*"}
    owner.put_bucket_policy(Bucket="shared", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    assert refusal(guest.get_object, **READ) == HIDDEN


def test_preferred_owner_gets_what_is_written_for_it(both):
    """With the canned list the object is the bucket owner's; without, the writer's. So it is in parts."""
    owner, guest = both("BucketOwnerPreferred")
    guest.put_object(**READ, Body=b"x")
    assert refusal(owner.get_object, **READ) == HIDDEN
    guest.put_object(**READ, Body=b"x", ACL="bucket-owner-full-control")
    assert owner.get_object_acl(**READ)["Owner"]["ID"] == owner_in(owner)
    upload = guest.create_multipart_upload(**READ, ACL="bucket-owner-full-control")["UploadId"]
    part = guest.upload_part(**READ, UploadId=upload, PartNumber=1, Body=b"parts")
    told = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    guest.complete_multipart_upload(**READ, UploadId=upload, MultipartUpload=told)
    assert owner.get_object(**READ)["Body"].read() == b"parts"


def test_enforced_owner_owns_everything(both):
    """Whoever wrote it; and a switch to it takes over what others wrote before."""
    owner, guest = both("BucketOwnerEnforced")
    guest.put_object(**READ, Body=b"x")
    assert owner.get_object(**READ)["Body"].read() == b"x"
    rule = {"Bucket": "shared", "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}
    owner.put_bucket_ownership_controls(**rule)
    guest.put_object(**READ, Body=b"y")
    assert refusal(owner.get_object, **READ) == HIDDEN
    rule["OwnershipControls"]["Rules"][0]["ObjectOwnership"] = "BucketOwnerEnforced"
    owner.put_bucket_ownership_controls(**rule)
    assert owner.get_object(**READ)["Body"].read() == b"y"


def test_moto_remembers_the_lists_that_know_their_names():
    """Where it looks nothing up twice, and where it does."""
    remember()
    for place in (nullcontext(), forgetting()):
        with place:
            assert responses.get_canned_acl("bucket-owner-read").canned == "bucket-owner-read"
