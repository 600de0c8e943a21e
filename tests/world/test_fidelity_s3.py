"""S3: customers' keys, lists, locks, replication and lifecycle."""

import base64
import json
from datetime import timedelta

import pytest
from mounted import NOW
from refused import refusal
from test_fidelity_configuration import make_role

DAY = 86_400
KEY, OTHER = b"k" * 32, b"o" * 32

RULE = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
OPEN = {"Rules": [RULE | {"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}]}


@pytest.fixture
def s3(clients):
    """S3 of the world, with one bucket."""
    client = clients("s3")
    client.create_bucket(Bucket="b-1")
    client.put_bucket_encryption(Bucket="b-1", ServerSideEncryptionConfiguration=OPEN)
    return client


def sse(key=KEY):
    """Return the parameters of a customer's key."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def test_a_new_bucket_takes_no_customers_keys(s3):
    """Until it is told to; what it took before can be read when it blocks them again."""
    s3.create_bucket(Bucket="new")
    put = {"Bucket": "new", "Key": "k", "Body": b"x"}
    assert refusal(s3.put_object, **put, **sse()) == ("AccessDenied", 403)
    assert refusal(s3.copy_object, Bucket="new", Key="k", CopySource="new/k", **sse()) == ("AccessDenied", 403)
    assert refusal(s3.create_multipart_upload, Bucket="new", Key="k", **sse()) == ("AccessDenied", 403)
    s3.put_object(**put)
    s3.put_bucket_encryption(Bucket="new", ServerSideEncryptionConfiguration=OPEN)
    s3.put_object(**put, **sse())
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket="new", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(**put, **sse())
    rule |= {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    s3.put_bucket_encryption(Bucket="new", ServerSideEncryptionConfiguration={"Rules": [rule]})
    told = s3.get_bucket_encryption(Bucket="new")["ServerSideEncryptionConfiguration"]["Rules"]
    assert told == [rule | {"BucketKeyEnabled": False}]
    assert refusal(s3.put_object, **put, **sse()) == ("AccessDenied", 403)
    assert s3.get_object(Bucket="new", Key="k", **sse())["Body"].read() == b"x"


def test_object_with_a_customers_key_needs_it(s3):
    """Without it, with another, or with one for an object that has none, it is refused."""
    made = s3.put_object(Bucket="b-1", Key="k", Body=b"x", **sse())
    assert made["SSECustomerAlgorithm"] == "AES256"
    assert "ServerSideEncryption" not in made
    s3.put_object(Bucket="b-1", Key="plain", Body=b"y")
    wanted = {"Bucket": "b-1", "Key": "k"}
    assert refusal(s3.get_object, **wanted) == ("InvalidRequest", 400)
    assert refusal(s3.head_object, **wanted) == ("400", 400)
    assert refusal(s3.get_object, **wanted, **sse(OTHER)) == ("AccessDenied", 403)
    assert refusal(s3.get_object, Bucket="b-1", Key="plain", **sse()) == ("InvalidRequest", 400)
    read = s3.get_object(**wanted, **sse())
    assert (read["Body"].read(), read["SSECustomerAlgorithm"]) == (b"x", "AES256")
    assert s3.head_object(**wanted, **sse())["ContentLength"] == 1


def test_customers_key_must_be_a_key(s3):
    """Its length and its MD5 are checked, and no other encryption stands beside it."""
    put = {"Bucket": "b-1", "Key": "k", "Body": b"x"}
    bad = ("InvalidArgument", 400)
    assert refusal(s3.put_object, **put, **sse(b"short")) == bad
    wrong = sse(base64.b64encode(KEY).decode()) | {"SSECustomerKeyMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert refusal(s3.put_object, **put, **wrong) == bad
    assert refusal(s3.put_object, **put, **sse(), ServerSideEncryption="AES256") == bad


def test_copy_and_upload_carry_customers_keys(s3):
    """The source of a copy is opened with its key; parts come with the key of their upload."""
    s3.put_object(Bucket="b-1", Key="k", Body=b"x", **sse())
    copy = {"Bucket": "b-1", "Key": "c", "CopySource": "b-1/k"}
    assert refusal(s3.copy_object, **copy) == ("InvalidRequest", 400)
    source = {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": KEY}
    s3.copy_object(**copy, **source, **sse(OTHER))
    assert s3.get_object(Bucket="b-1", Key="c", **sse(OTHER))["Body"].read() == b"x"
    s3.copy_object(Bucket="b-1", Key="open", CopySource="b-1/k", **source)
    assert s3.get_object(Bucket="b-1", Key="open")["Body"].read() == b"x"
    upload = s3.create_multipart_upload(Bucket="b-1", Key="m", **sse())["UploadId"]
    part = {"Bucket": "b-1", "Key": "m", "UploadId": upload, "PartNumber": 1, "Body": b"z"}
    assert refusal(s3.upload_part, **part) == ("InvalidRequest", 400)
    etag = s3.upload_part(**part, **sse())["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(Bucket="b-1", Key="m", UploadId=upload, MultipartUpload=parts)
    assert refusal(s3.get_object, Bucket="b-1", Key="m") == ("InvalidRequest", 400)
    assert s3.get_object(Bucket="b-1", Key="m", **sse())["Body"].read() == b"z"


def test_new_bucket_is_closed(s3):
    """It blocks all public access, has no lists, and takes no object with one but the owner's."""
    block = s3.get_public_access_block(Bucket="b-1")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    rules = s3.get_bucket_ownership_controls(Bucket="b-1")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    off = ("AccessControlListNotSupported", 400)
    assert refusal(s3.put_bucket_acl, Bucket="b-1", ACL="public-read") == off
    assert refusal(s3.put_object, Bucket="b-1", Key="k", Body=b"x", ACL="public-read") == off
    s3.put_object(Bucket="b-1", Key="k", Body=b"x", ACL="bucket-owner-full-control")
    assert refusal(s3.put_object_acl, Bucket="b-1", Key="k", ACL="private") == off
    with_list = ("InvalidBucketAclWithObjectOwnership", 400)
    assert refusal(s3.create_bucket, Bucket="b-2", ACL="public-read") == with_list


def test_public_list_is_refused_where_it_is_blocked(s3):
    """With lists on, the block decides; without the block a public list is taken, by its name or as a grant."""
    s3.create_bucket(Bucket="b-2", ObjectOwnership="ObjectWriter")
    denied = ("AccessDenied", 403)
    everyone = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    assert refusal(s3.put_bucket_acl, Bucket="b-2", ACL="public-read") == denied
    assert refusal(s3.put_bucket_acl, Bucket="b-2", GrantRead=everyone) == denied
    assert refusal(s3.put_object, Bucket="b-2", Key="k", Body=b"x", ACL="public-read") == denied
    s3.put_object(Bucket="b-2", Key="k", Body=b"x", ACL="private")
    s3.delete_public_access_block(Bucket="b-2")
    s3.put_bucket_acl(Bucket="b-2", ACL="public-read")
    s3.put_object(Bucket="b-2", Key="k", Body=b"x", ACL="public-read")


def test_locked_version_stays_until_its_time(s3, clock):
    """Compliance is neither deleted, shortened nor bypassed; governance is bypassed; a hold holds."""
    s3.create_bucket(Bucket="worm", ObjectLockEnabledForBucket=True)
    until = NOW + timedelta(days=30)
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
    version = s3.put_object(Bucket="worm", Key="k", Body=b"x", **lock)["VersionId"]
    gone = {"Bucket": "worm", "Key": "k", "VersionId": version}
    denied = ("AccessDenied", 403)
    assert refusal(s3.delete_object, **gone) == denied
    assert refusal(s3.delete_object, BypassGovernanceRetention=True, **gone) == denied
    shorter = {"Mode": "COMPLIANCE", "RetainUntilDate": NOW + timedelta(days=1)}
    assert refusal(s3.put_object_retention, Retention=shorter, **gone) == denied
    softer = {"Mode": "GOVERNANCE", "RetainUntilDate": NOW + timedelta(days=60)}
    assert refusal(s3.put_object_retention, Retention=softer, **gone) == denied
    s3.put_object_retention(Retention={"Mode": "COMPLIANCE", "RetainUntilDate": NOW + timedelta(days=40)}, **gone)
    clock.advance(35 * DAY)
    assert refusal(s3.delete_object, **gone) == denied
    clock.advance(6 * DAY)
    s3.delete_object(**gone)
    soft = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": NOW + timedelta(days=90)}
    version = s3.put_object(Bucket="worm", Key="g", Body=b"x", **soft)["VersionId"]
    gone = {"Bucket": "worm", "Key": "g", "VersionId": version}
    assert refusal(s3.delete_object, **gone) == denied
    shorter = {"Mode": "GOVERNANCE", "RetainUntilDate": NOW + timedelta(days=50)}
    assert refusal(s3.put_object_retention, Retention=shorter, **gone) == denied
    s3.put_object_retention(Retention=shorter, BypassGovernanceRetention=True, **gone)
    s3.put_object_legal_hold(LegalHold={"Status": "ON"}, **gone)
    assert refusal(s3.delete_object, BypassGovernanceRetention=True, **gone) == denied
    s3.put_object_legal_hold(LegalHold={"Status": "OFF"}, **gone)
    s3.delete_object(BypassGovernanceRetention=True, **gone)


@pytest.fixture
def replicated(clients, s3):
    """A replication of everything from b-1 to b-2 in another Region; returns what changes its rule."""
    away = clients("s3", region="eu-west-1")
    away.create_bucket(Bucket="b-2", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for client, name in ((s3, "b-1"), (away, "b-2")):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    role = make_role(clients, "replicator", "s3.amazonaws.com")

    def configure(**changes):
        rule = {
            "ID": "all",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": "arn:aws:s3:::b-2"},
        }
        configuration = {"Role": role, "Rules": [rule | changes]}
        s3.put_bucket_replication(Bucket="b-1", ReplicationConfiguration=configuration)

    configure()
    return configure


def status(client, bucket, key):
    """Return the replication status of an object."""
    return client.head_object(Bucket=bucket, Key=key).get("ReplicationStatus")


def test_new_object_is_copied_after_a_while(s3, replicated, clock):
    """Pending, then completed, with its version, metadata and tags; what was there before is not copied."""
    made = s3.put_object(Bucket="b-1", Key="k", Body=b"x", Metadata={"a": "1"}, Tagging="t=1")
    assert status(s3, "b-1", "k") == "PENDING"
    assert refusal(s3.head_object, Bucket="b-2", Key="k") == ("404", 404)
    clock.advance(60)
    assert (status(s3, "b-1", "k"), status(s3, "b-2", "k")) == ("COMPLETED", "REPLICA")
    copy = s3.get_object(Bucket="b-2", Key="k")
    assert (copy["Body"].read(), copy["Metadata"], copy["VersionId"]) == (b"x", {"a": "1"}, made["VersionId"])
    assert s3.get_object_tagging(Bucket="b-2", Key="k")["TagSet"] == [{"Key": "t", "Value": "1"}]


def test_what_no_rule_covers_is_not_copied(s3, replicated, clock):
    """Another prefix or other tags stay at home, as do objects of before and of a rule that is off."""
    replicated(Filter={"And": {"Prefix": "a/", "Tags": [{"Key": "t", "Value": "1"}]}})
    s3.put_object(Bucket="b-1", Key="a/yes", Body=b"x", Tagging="t=1")
    s3.put_object(Bucket="b-1", Key="a/no", Body=b"x")
    s3.put_object(Bucket="b-1", Key="b/no", Body=b"x", Tagging="t=1")
    clock.advance(60)
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="b-2")["Contents"]] == ["a/yes"]
    replicated(Status="Disabled")
    s3.put_object(Bucket="b-1", Key="a/off", Body=b"x", Tagging="t=1")
    clock.advance(60)
    assert s3.list_objects_v2(Bucket="b-2")["KeyCount"] == 1


@pytest.mark.parametrize("copied", [False, True])
def test_delete_marker_is_copied_where_the_rule_says_so(s3, replicated, clock, copied):
    """Otherwise the replica stays readable."""
    replicated(DeleteMarkerReplication={"Status": "Enabled" if copied else "Disabled"})
    s3.put_object(Bucket="b-1", Key="k", Body=b"x")
    clock.advance(60)
    s3.delete_object(Bucket="b-1", Key="k")
    clock.advance(60)
    assert len(s3.list_object_versions(Bucket="b-2").get("DeleteMarkers", [])) == int(copied)


def test_replication_fails_without_what_it_needs(clients, s3, replicated, clock):
    """A target without versions and a role that is gone leave the object FAILED."""
    s3.put_bucket_versioning(Bucket="b-2", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket="b-1", Key="k", Body=b"x")
    clock.advance(60)
    assert status(s3, "b-1", "k") == "FAILED"
    s3.put_bucket_versioning(Bucket="b-2", VersioningConfiguration={"Status": "Enabled"})
    clients("iam").delete_role(RoleName="replicator")
    s3.put_object(Bucket="b-1", Key="k2", Body=b"x")
    clock.advance(60)
    assert status(s3, "b-1", "k2") == "FAILED"


def test_an_object_stays_under_the_key_that_its_alias_meant(clients, s3):
    """S3 tells the ARN; once the alias has moved, the object still needs the old key, and a new one the new key."""
    kms = clients("kms")
    old, new = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    kms.create_alias(AliasName="alias/archive", TargetKeyId=old)
    put = {"Bucket": "b-1", "Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/archive"}
    s3.put_object(Key="before", **put)
    kms.update_alias(AliasName="alias/archive", TargetKeyId=new)
    s3.put_object(Key="after", **put)
    told = [s3.head_object(Bucket="b-1", Key=key)["SSEKMSKeyId"] for key in ("before", "after")]
    kms.disable_key(KeyId=old)
    assert told == [old, new]
    assert refusal(s3.get_object, Bucket="b-1", Key="before") == ("KMS.DisabledException", 400)
    assert s3.get_object(Bucket="b-1", Key="after")["Body"].read() == b"x"


def test_encrypted_object_is_copied_under_the_key_of_its_replica(clients, s3, replicated, clock):
    """Only where the rule names it; a disabled key of either side fails the copy."""
    here, away = clients("kms"), clients("kms", region="eu-west-1")
    key, other = (each.create_key()["KeyMetadata"]["Arn"] for each in (here, away))
    put = {"Bucket": "b-1", "Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3.put_object(Key="left", **put)
    clock.advance(60)
    assert status(s3, "b-1", "left") is None
    replicated(
        SourceSelectionCriteria={"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        Destination={"Bucket": "arn:aws:s3:::b-2", "EncryptionConfiguration": {"ReplicaKmsKeyID": other}},
    )
    s3.put_object(Key="taken", **put)
    clock.advance(60)
    assert s3.get_object(Bucket="b-2", Key="taken")["SSEKMSKeyId"] == other
    away.disable_key(KeyId=other)
    assert refusal(s3.get_object, Bucket="b-2", Key="taken") == ("KMS.DisabledException", 400)
    s3.put_object(Key="failed", **put)
    clock.advance(60)
    assert status(s3, "b-1", "failed") == "FAILED"


def lifecycle(s3, **rule):
    """Give the bucket one lifecycle rule."""
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}} | rule
    s3.put_bucket_lifecycle_configuration(Bucket="b-1", LifecycleConfiguration={"Rules": [rule]})


def keys(s3):
    """Return the keys in the bucket."""
    return [each["Key"] for each in s3.list_objects_v2(Bucket="b-1").get("Contents", [])]


def test_objects_expire_by_the_clock(s3, clock):
    """At the midnight after their days, and only where the rule reaches."""
    lifecycle(s3, Filter={"Prefix": "log/"}, Expiration={"Days": 3})
    s3.put_object(Bucket="b-1", Key="log/a", Body=b"x")
    s3.put_object(Bucket="b-1", Key="data", Body=b"x")
    clock.advance(3 * DAY + 3600)
    assert keys(s3) == ["data", "log/a"]
    clock.advance(DAY / 2)
    assert keys(s3) == ["data"]
    assert refusal(s3.get_object, Bucket="b-1", Key="log/a") == ("NoSuchKey", 404)


def test_rule_with_tags_and_rule_that_is_off(s3, clock):
    """Only what has the tags expires; a disabled rule does nothing."""
    lifecycle(s3, Filter={"Tag": {"Key": "t", "Value": "1"}}, Expiration={"Days": 1}, Status="Disabled")
    s3.put_object(Bucket="b-1", Key="a", Body=b"x", Tagging="t=1")
    s3.put_object(Bucket="b-1", Key="b", Body=b"x", Tagging="t=2")
    clock.advance(5 * DAY)
    assert keys(s3) == ["a", "b"]
    lifecycle(s3, Filter={"Tag": {"Key": "t", "Value": "1"}}, Expiration={"Days": 1})
    clock.advance(DAY)
    assert keys(s3) == ["b"]


def test_old_versions_expire_after_their_time(s3, clock):
    """The current one gets a marker; the old ones go later, and a marker that is left alone too."""
    s3.put_bucket_versioning(Bucket="b-1", VersioningConfiguration={"Status": "Enabled"})
    lifecycle(s3, NoncurrentVersionExpiration={"NoncurrentDays": 5}, Expiration={"ExpiredObjectDeleteMarker": True})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="b-1", Key="k", Body=body)
    clock.advance(3 * DAY)
    s3.put_object(Bucket="b-1", Key="k", Body=b"3")
    assert len(s3.list_object_versions(Bucket="b-1")["Versions"]) == 3
    clock.advance(3 * DAY)
    assert len(s3.list_object_versions(Bucket="b-1")["Versions"]) == 2
    s3.delete_object(Bucket="b-1", Key="k")
    assert s3.get_bucket_location(Bucket="b-1")
    clock.advance(10 * DAY)
    told = s3.list_object_versions(Bucket="b-1")
    assert "Versions" not in told
    clock.advance(DAY)
    assert "DeleteMarkers" not in s3.list_object_versions(Bucket="b-1")


def test_versioned_object_expires_to_a_marker(s3, clock):
    """Its version stays."""
    s3.put_bucket_versioning(Bucket="b-1", VersioningConfiguration={"Status": "Enabled"})
    lifecycle(s3, Expiration={"Days": 1})
    s3.put_object(Bucket="b-1", Key="k", Body=b"x")
    clock.advance(2 * DAY)
    assert keys(s3) == []
    told = s3.list_object_versions(Bucket="b-1")
    assert (len(told["Versions"]), len(told["DeleteMarkers"])) == (1, 1)


def test_objects_move_to_other_classes_and_uploads_end(s3, clock):
    """Large ones at their day; small ones stay; an upload that nobody completed is gone."""
    moves = [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}]
    lifecycle(s3, Transitions=moves, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7})
    s3.put_object(Bucket="b-1", Key="large", Body=b"x" * 131_072)
    s3.put_object(Bucket="b-1", Key="small", Body=b"x")
    s3.create_multipart_upload(Bucket="b-1", Key="m")
    clock.advance(31 * DAY)
    classes = {each["Key"]: each["StorageClass"] for each in s3.list_objects_v2(Bucket="b-1")["Contents"]}
    assert classes == {"large": "STANDARD_IA", "small": "STANDARD"}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="b-1")
    clock.advance(60 * DAY)
    assert refusal(s3.get_object, Bucket="b-1", Key="large") == ("InvalidObjectState", 403)


def test_delays_have_their_sources():
    """Every figure by which S3 acts on its own says where it is from."""
    from pathlib import Path

    import twin.world.due

    facts = json.loads((Path(twin.world.due.__file__).parent / "s3_delays.json").read_text())
    assert all(
        fact["source"].startswith("https://docs.aws.amazon.com/") for name, fact in facts.items() if name != "read"
    )


def test_bucket_that_never_replicated_suspends_its_versioning(clients):
    """Nothing stands in the way, and the store has no word of a replication at all; Terraform does it at the end."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="lake")
    for status in ("Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": status})
    assert s3.get_bucket_versioning(Bucket="lake")["Status"] == "Suspended"


def test_suspended_bucket_keeps_its_versions(clients, clock):
    """Writes and deletes touch the null version only; named versions go one by one, markers among them."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="lake", Key="k", Body=b"one")["VersionId"]
    s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Suspended"})
    for body in (b"two", b"three"):
        clock.advance(1)
        s3.put_object(Bucket="lake", Key="k", Body=body)
    assert [v["VersionId"] for v in s3.list_object_versions(Bucket="lake")["Versions"]] == ["null", first]
    assert s3.get_object(Bucket="lake", Key="k")["Body"].read() == b"three"
    assert s3.get_object(Bucket="lake", Key="k", VersionId=first)["Body"].read() == b"one"
    clock.advance(1)
    gone = s3.delete_object(Bucket="lake", Key="k")
    assert (gone["DeleteMarker"], gone["VersionId"]) == (True, "null")
    assert refusal(s3.get_object, Bucket="lake", Key="k") == ("NoSuchKey", 404)
    left = s3.list_object_versions(Bucket="lake")
    assert [v["VersionId"] for v in (*left["Versions"], *left["DeleteMarkers"])] == [first, "null"]
    named = [{"Key": "k", "VersionId": id_} for id_ in (first, "null")]
    assert "Errors" not in s3.delete_objects(Bucket="lake", Delete={"Objects": named})
    assert "Versions" not in s3.list_object_versions(Bucket="lake")
    s3.delete_bucket(Bucket="lake")


def test_part_of_an_upload_tells_how_its_object_is_encrypted(clients, s3):
    """By S3's own key when nothing was said, by the key of the upload, or as the bucket says."""
    key = clients("kms").create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="parts")
    s3.put_object(Bucket="parts", Key="whole", Body=b"x")

    def told(**asked):
        upload = {"Bucket": "parts", "Key": "k"}
        upload["UploadId"] = s3.create_multipart_upload(**upload, **asked)["UploadId"]
        sent = s3.upload_part(**upload, PartNumber=1, Body=b"x")
        copied = s3.upload_part_copy(**upload, PartNumber=2, CopySource={"Bucket": "parts", "Key": "whole"})
        return [(part.get("ServerSideEncryption"), part.get("SSEKMSKeyId")) for part in (sent, copied)]

    assert told() == [("AES256", None)] * 2
    assert told(ServerSideEncryption="aws:kms", SSEKMSKeyId=key) == [("aws:kms", key)] * 2
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="parts", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert told() == [("aws:kms", key)] * 2
