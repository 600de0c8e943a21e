"""Object Lock of S3 as its documentation tells: who may lift it, what comes under it, what S3 refuses about it."""

from datetime import timedelta

import pytest
from mounted import NOW
from people import allow, user
from refused import refusal
from test_fidelity_configuration import make_role

DENIED = ("AccessDenied", 403)
ONE = timedelta(days=1)


def lock(s3, bucket, mode="COMPLIANCE", **how):
    """Put a bucket that keeps versions under a lock, of a day unless it is said."""
    rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": mode, **(how or {"Days": 1})}}}
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=rule)


@pytest.fixture
def s3(clients):
    """S3 of the world, with two buckets that keep versions and one under a lock without a default retention."""
    client = clients("s3")
    client.create_bucket(Bucket="worm", ObjectLockEnabledForBucket=True)
    for name in ("plain", "copies"):
        client.create_bucket(Bucket=name)
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return client


def test_governance_is_bypassed_by_permission_alone(s3, clients):
    """The header needs s3:BypassGovernanceRetention for each object, and a header that says no bypasses nothing."""
    lock(s3, "worm", "GOVERNANCE")
    put = {"Bucket": "worm", "Body": b"x"}
    gone = [{"Bucket": "worm", "Key": k, "VersionId": s3.put_object(Key=k, **put)["VersionId"]} for k in "ab"]
    may = ("s3:DeleteObjectVersion", "s3:PutObjectRetention")
    timid = clients("s3", credentials=user(clients, "timid", *(allow(each) for each in may)))
    soon = {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": NOW + timedelta(hours=1)}}
    assert refusal(timid.delete_object, BypassGovernanceRetention=True, **gone[0]) == DENIED
    assert refusal(timid.put_object_retention, BypassGovernanceRetention=True, **soon, **gone[0]) == DENIED
    objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in gone]
    many = {"Bucket": "worm", "Delete": {"Objects": objects}, "BypassGovernanceRetention": True}
    assert [one["Code"] for one in timid.delete_objects(**many)["Errors"]] == ["AccessDenied"] * 2
    bold = clients("s3", credentials=user(clients, "bold", *map(allow, (*may, "s3:BypassGovernanceRetention"))))
    assert refusal(bold.delete_object, BypassGovernanceRetention=False, **gone[0]) == DENIED
    bold.put_object_retention(BypassGovernanceRetention=True, **soon, **gone[0])
    assert "Errors" not in bold.delete_objects(**many)


def test_policies_see_what_is_asked_of_a_lock(s3, clients):
    """No more than ten days, in the header of a write as in a retention, and no legal hold."""
    lock(s3, "worm", "GOVERNANCE")
    days = {"NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": "10"}}
    brief = user(
        clients, "brief", allow("s3:PutObject"), allow("s3:PutObjectRetention", Condition=days),
        allow("s3:PutObjectLegalHold", Condition={"StringEquals": {"s3:object-lock-legal-hold": "OFF"}}),
    )  # fmt: skip
    own, named = clients("s3", credentials=brief), {"Bucket": "worm", "Key": "k"}

    def until(days):
        return {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": NOW + days * ONE}

    assert refusal(own.put_object, Body=b"x", **named, **until(11)) == DENIED
    own.put_object(Body=b"x", **named, **until(9))
    longer = {"Mode": "GOVERNANCE", "RetainUntilDate": NOW + 12 * ONE}
    assert refusal(own.put_object_retention, Retention=longer, **named) == DENIED
    own.put_object_retention(Retention={**longer, "RetainUntilDate": NOW + 10 * ONE}, **named)
    assert refusal(own.put_object_legal_hold, LegalHold={"Status": "ON"}, **named) == DENIED
    own.put_object_legal_hold(LegalHold={"Status": "OFF"}, **named)


@pytest.mark.parametrize(("given", "days"), [({}, 1), ({"ObjectLockMode": "COMPLIANCE"}, 9)])
def test_upload_in_parts_comes_under_the_lock(s3, given, days):
    """Under that of its bucket, or that which came at its start."""
    lock(s3, "worm")
    until = {"ObjectLockRetainUntilDate": NOW + days * ONE} if given else {}
    named = {"Bucket": "worm", "Key": "big"}
    upload = named | {"UploadId": s3.create_multipart_upload(**named, **given, **until)["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(Body=b"x", PartNumber=1, **upload)["ETag"]}
    version = s3.complete_multipart_upload(MultipartUpload={"Parts": [part]}, **upload)["VersionId"]
    told = s3.head_object(**named)
    assert (told["ObjectLockMode"], told["ObjectLockRetainUntilDate"]) == ("COMPLIANCE", NOW + days * ONE)
    assert refusal(s3.delete_object, VersionId=version, **named) == DENIED


def test_copy_by_replication_comes_under_the_lock_of_its_target(s3, clients, clock):
    """What comes from under a lock goes nowhere but under one."""
    role = make_role(clients, "replicator", "s3.amazonaws.com")
    rule = {"ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}}
    rule |= {"DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": "arn:aws:s3:::copies"}}
    s3.put_bucket_replication(Bucket="plain", ReplicationConfiguration={"Role": role, "Rules": [rule]})
    for key, locked, status in (("a", None, "COMPLETED"), ("b", "plain", "FAILED"), ("c", "copies", "COMPLETED")):
        if locked:
            lock(s3, locked, "GOVERNANCE")
        s3.put_object(Bucket="plain", Key=key, Body=b"x")
        clock.advance(60)
        assert s3.head_object(Bucket="plain", Key=key)["ReplicationStatus"] == status
    assert s3.head_object(Bucket="copies", Key="c")["ObjectLockMode"] == "GOVERNANCE"
    assert "ObjectLockMode" not in s3.head_object(Bucket="copies", Key="a")


def test_copy_of_what_had_no_lock_has_its_targets(s3, clients, clock):
    """A bucket without a lock is copied into one that has its own."""
    lock(s3, "copies")
    role = make_role(clients, "replicator", "s3.amazonaws.com")
    rule = {"ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}}
    rule |= {"DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": "arn:aws:s3:::copies"}}
    s3.put_bucket_replication(Bucket="plain", ReplicationConfiguration={"Role": role, "Rules": [rule]})
    s3.put_object(Bucket="plain", Key="a", Body=b"x")
    clock.advance(60)
    assert s3.head_object(Bucket="copies", Key="a")["ObjectLockMode"] == "COMPLIANCE"
    assert "ObjectLockMode" not in s3.head_object(Bucket="plain", Key="a")


def test_lock_that_s3_would_not_take_is_refused(s3):
    """One period of a day at least; no lock of an object where the bucket has none; no access logs under a lock."""
    lock(s3, "worm", Years=1)
    told = s3.get_object_lock_configuration(Bucket="worm")["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert told == {"Mode": "COMPLIANCE", "Years": 1}
    for how, code in (
        ({"Days": 1, "Years": 1}, "MalformedXML"), ({}, "MalformedXML"), ({"Days": 0}, "InvalidRetentionPeriod"),
    ):  # fmt: skip
        rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", **how}}}
        told = refusal(s3.put_object_lock_configuration, Bucket="worm", ObjectLockConfiguration=rule)
        assert told == (code, 400)
    unlocked = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": NOW + ONE}
    for held in (unlocked, {"ObjectLockLegalHoldStatus": "ON"}):
        for call in (s3.create_multipart_upload, s3.put_object):
            assert refusal(call, Bucket="plain", Key="k", **held) == ("InvalidRequest", 400)
    target = {"LoggingEnabled": {"TargetBucket": "worm", "TargetPrefix": "a/"}}
    told = refusal(s3.put_bucket_logging, Bucket="plain", BucketLoggingStatus=target)
    assert told == ("InvalidTargetBucketForLogging", 400)
