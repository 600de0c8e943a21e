"""S3 as its documentation tells: versions and markers, uploads, copies on a condition, locks, events, owners."""

import json
from datetime import timedelta

import pytest
from people import ACCOUNT, OTHER, allow, document, user
from refused import refusal


@pytest.fixture
def s3(clients):
    """A client with a bucket `lake` that keeps versions."""
    made = clients("s3")
    made.create_bucket(Bucket="lake")
    made.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    return made


def code(call, **parameters):
    """Return only the code with which a call on the bucket is refused."""
    return refusal(call, **{"Bucket": "lake", **parameters})[0]


def test_versions_of_one_instant_are_listed_newest_first_and_a_marker_is_told(s3):
    """The clock stands still between the writes; the marker answers 404 without and 405 with its version."""
    old, new = (s3.put_object(Bucket="lake", Key="a", Body=body)["VersionId"] for body in (b"1", b"2"))
    marker = s3.delete_object(Bucket="lake", Key="a")["VersionId"]
    listed = s3.list_object_versions(Bucket="lake")
    assert [(each["VersionId"], each["IsLatest"]) for each in listed["Versions"]] == [(new, False), (old, False)]
    assert [each["IsLatest"] for each in listed["DeleteMarkers"]] == [True]
    with pytest.raises(s3.exceptions.NoSuchKey) as caught:
        s3.get_object(Bucket="lake", Key="a")
    assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    assert refusal(s3.get_object, Bucket="lake", Key="a", VersionId=marker) == ("MethodNotAllowed", 405)
    assert s3.delete_object(Bucket="lake", Key="a", VersionId=marker)["DeleteMarker"] is True
    assert s3.get_object(Bucket="lake", Key="a")["Body"].read() == b"2"


def test_key_that_never_was_is_deleted_with_a_marker(s3, clients):
    """Also among many, and in a bucket that keeps versions no more; one that never kept any makes none."""
    told = s3.delete_object(Bucket="lake", Key="none")
    assert told["DeleteMarker"] is True
    (many,) = s3.delete_objects(Bucket="lake", Delete={"Objects": [{"Key": "nor"}]})["Deleted"]
    assert many["DeleteMarker"] is True
    listed = s3.list_object_versions(Bucket="lake")["DeleteMarkers"]
    made = {"none": told["VersionId"], "nor": many["DeleteMarkerVersionId"]}
    assert {each["Key"]: each["VersionId"] for each in listed} == made
    assert refusal(s3.get_object, Bucket="lake", Key="none") == ("NoSuchKey", 404)
    s3.put_object(Bucket="lake", Key="none", Body=b"1")
    s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Suspended"})
    assert s3.delete_object(Bucket="lake", Key="late")["VersionId"] == "null"
    for key, version in made.items():
        assert s3.delete_object(Bucket="lake", Key=key, VersionId=version)["DeleteMarker"] is True
    assert s3.get_object(Bucket="lake", Key="none")["Body"].read() == b"1"
    s3.create_bucket(Bucket="plain")
    assert "DeleteMarker" not in s3.delete_object(Bucket="plain", Key="none")


def test_bucket_that_nobody_configured_encrypts_with_s3s_own_key(s3):
    """The object, its upload and its copy say so, and so does the bucket when its own rule is deleted."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}

    def told():
        (only,) = s3.get_bucket_encryption(Bucket="lake")["ServerSideEncryptionConfiguration"]["Rules"]
        return {name: only[name] for name in rule}

    assert told() == rule
    upload = s3.create_multipart_upload(Bucket="lake", Key="m")
    replies = [
        s3.put_object(Bucket="lake", Key="a", Body=b"1"), s3.head_object(Bucket="lake", Key="a"),
        s3.get_object(Bucket="lake", Key="a"), s3.copy_object(Bucket="lake", Key="c", CopySource="lake/a"), upload,
    ]  # fmt: skip
    assert [each["ServerSideEncryption"] for each in replies] == ["AES256"] * 5
    assert code(s3.copy_object, Key="a", CopySource="lake/a") == "InvalidRequest"
    kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="lake", ServerSideEncryptionConfiguration={"Rules": [kms]})
    assert s3.put_object(Bucket="lake", Key="a", Body=b"1")["ServerSideEncryption"] == "aws:kms"
    s3.delete_bucket_encryption(Bucket="lake")
    assert told() == rule


def test_policy_asks_for_condition_keys_that_there_are(s3):
    """Whatever its capitals and the tag that it ends in; the policy of before stays when one is refused."""

    def policy(key):
        let = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}
        return document(let | {"Condition": {"StringEquals": {key: "x"}}})

    known = (
        "aws:PrincipalOrgID", "s3:ExistingObjectTag/team", "S3:X-Amz-Acl", "saml:sub", "accounts.google.com:aud",
        "ec2:SourceInstanceARN",
    )  # fmt: skip
    for key in known:
        s3.put_bucket_policy(Bucket="lake", Policy=policy(key))
    for key in ("s3:Colour", "s3:ExistingObjectTag", "kms:ViaService", "Colour"):
        assert refusal(s3.put_bucket_policy, Bucket="lake", Policy=policy(key)) == ("MalformedPolicy", 400), key
    assert "ec2:SourceInstanceARN" in s3.get_bucket_policy(Bucket="lake")["Policy"]


def test_uploads_that_are_none_and_parts_out_of_order_are_refused(s3):
    """An unknown upload is NoSuchUpload for every operation; the order of parts counts before their size."""
    upload = s3.create_multipart_upload(Bucket="lake", Key="m")["UploadId"]
    tags = [s3.upload_part(Bucket="lake", Key="m", UploadId=upload, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]
    parts = [{"PartNumber": n, "ETag": tag} for n, tag in zip((1, 2), tags, strict=True)]
    known = {"Key": "m", "UploadId": upload}
    assert code(s3.upload_part, Key="m", UploadId="none", PartNumber=1, Body=b"") == "NoSuchUpload"
    assert code(s3.list_parts, Key="other", UploadId=upload) == "NoSuchUpload"
    assert code(s3.complete_multipart_upload, **known, MultipartUpload={"Parts": parts[::-1]}) == "InvalidPartOrder"
    assert code(s3.complete_multipart_upload, **known, MultipartUpload={"Parts": parts}) == "EntityTooSmall"
    assert s3.complete_multipart_upload(Bucket="lake", **known, MultipartUpload={"Parts": parts[:1]})["ETag"]
    assert code(s3.abort_multipart_upload, **known) == "NoSuchUpload"


def test_copy_is_made_on_its_condition_only(s3, clock):
    """By ETag and by date; the same copy passes when the condition holds."""
    tag = s3.put_object(Bucket="lake", Key="a", Body=b"1")["ETag"]
    copy = {"Key": "c", "CopySource": "lake/a"}
    assert code(s3.copy_object, **copy, CopySourceIfMatch='"0"') == "PreconditionFailed"
    assert code(s3.copy_object, **copy, CopySourceIfNoneMatch=tag) == "PreconditionFailed"
    assert code(s3.copy_object, **copy, CopySourceIfModifiedSince=clock.now()) == "PreconditionFailed"
    earlier = clock.now() - timedelta(days=1)
    assert code(s3.copy_object, **copy, CopySourceIfUnmodifiedSince=earlier) == "PreconditionFailed"
    assert s3.copy_object(Bucket="lake", **copy, CopySourceIfMatch=tag, CopySourceIfUnmodifiedSince=earlier)


DATES = [
    ("CopyObject", "copy_object", "x-amz-copy-source-if-modified-since", {"CopySource": "lake/a"}),
    ("CopyObject", "copy_object", "x-amz-copy-source-if-unmodified-since", {"CopySource": "lake/a"}),
    ("PutObject", "put_object", "x-amz-object-lock-retain-until-date", {"ObjectLockMode": "GOVERNANCE"}),
]


@pytest.mark.parametrize(("operation", "method", "header", "told"), DATES, ids=[row[2] for row in DATES])
def test_header_that_is_no_date_is_an_invalid_argument(s3, clients, operation, method, header, told):
    """Where a date is wanted, in whichever form."""
    s3.put_object(Bucket="lake", Key="a", Body=b"1")
    own = clients("s3", own=True)
    own.meta.events.register(f"before-call.s3.{operation}", lambda params, **_: params["headers"].update({header: "x"}))
    assert refusal(getattr(own, method), Bucket="lake", Key="c", **told) == ("InvalidArgument", 400)


def test_sizes_owners_and_tokens_are_held(s3, clients):
    """Keys of 1,024 bytes, 2 KB of metadata, 1,000 deletions, the expected owner, a list's own token, a taken name."""
    assert s3.put_object(Bucket="lake", Key="k" * 1024, Body=b"", Metadata={"m": "x" * 2047})
    assert code(s3.put_object, Key="k" * 1025, Body=b"") == "KeyTooLongError"
    assert code(s3.put_object, Key="k", Body=b"", Metadata={"m": "x" * 2048}) == "MetadataTooLarge"
    many = {"Objects": [{"Key": str(n)} for n in range(1001)]}
    assert code(s3.delete_objects, Delete=many) == "MalformedXML"
    assert s3.list_objects_v2(Bucket="lake", ExpectedBucketOwner=ACCOUNT)["KeyCount"] == 1
    assert code(s3.list_objects_v2, ExpectedBucketOwner=OTHER) == "AccessDenied"
    assert code(s3.list_objects_v2, ContinuationToken="junk") == "InvalidArgument"
    assert refusal(clients("s3", account=OTHER).create_bucket, Bucket="lake") == ("BucketAlreadyExists", 409)
    enabled = {"Status": "Enabled", "MFADelete": "Enabled"}
    assert code(s3.put_bucket_versioning, VersioningConfiguration=enabled) == "AccessDenied"


def test_locks_end_in_the_future_and_can_be_read(clients, clock):
    """A default retention is told by GetObjectRetention; a date that is past and a suspension are refused."""
    s3, tomorrow = clients("s3"), clock.now() + timedelta(days=1)
    s3.create_bucket(Bucket="lake", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    s3.put_object(Bucket="lake", Key="before", Body=b"")
    s3.put_object_lock_configuration(
        Bucket="lake", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    s3.put_object(Bucket="lake", Key="a", Body=b"")
    told = s3.get_object_retention(Bucket="lake", Key="a")["Retention"]
    assert (told["Mode"], told["RetainUntilDate"]) == ("COMPLIANCE", tomorrow)
    assert refusal(s3.get_object_retention, Bucket="lake", Key="before") == ("NoSuchObjectLockConfiguration", 404)
    past = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": clock.now() - timedelta(days=1)}
    assert code(s3.put_object, Key="b", Body=b"", **past) == "InvalidArgument"
    assert code(s3.put_object, Key="b", Body=b"", ObjectLockMode="GOVERNANCE") == "InvalidArgument"
    assert code(s3.put_bucket_versioning, VersioningConfiguration={"Status": "Suspended"}) == "InvalidBucketState"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        ({"Transitions": [{"Days": 10, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument"),
        ({"Transitions": [{"Days": 30, "StorageClass": "GLACIER"}], "Expiration": {"Days": 30}}, "InvalidArgument"),
        ({}, "InvalidRequest"),
    ],
)
def test_lifecycle_rule_that_does_nothing_or_ends_before_it_begins_is_refused(s3, rule, expected):
    """The bucket has no rules afterwards; one in order is kept."""
    kept = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}}
    put = s3.put_bucket_lifecycle_configuration
    assert code(put, LifecycleConfiguration={"Rules": [kept | rule]}) == expected
    assert code(s3.get_bucket_lifecycle_configuration) == "NoSuchLifecycleConfiguration"
    moves = {"Transitions": [{"Days": 30, "StorageClass": "GLACIER"}], "Expiration": {"Days": 31}}
    assert put(Bucket="lake", LifecycleConfiguration={"Rules": [kept | moves]})


def test_events_go_only_where_the_bucket_may_send_and_name_what_was_done(s3, clients):
    """S3 tries the queue when it is told of it; EventBridge hears the operation."""
    sqs, arn = clients("sqs"), f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    wanted = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    put = s3.put_bucket_notification_configuration
    assert code(put, NotificationConfiguration=wanted) == "InvalidArgument"
    service = {"Effect": "Allow", "Principal": {"Service": ["s3.amazonaws.com", "events.amazonaws.com"]}}
    policy = document(service | {"Action": "sqs:SendMessage", "Resource": arn})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events = clients("events")
    events.put_rule(Name="r", EventPattern='{"source":["aws.s3"],"detail":{"reason":["CopyObject"]}}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
    put(Bucket="lake", NotificationConfiguration=wanted | {"EventBridgeConfiguration": {}})
    s3.put_object(Bucket="lake", Key="in/a b.csv", Body=b"1")
    s3.copy_object(Bucket="lake", Key="out", CopySource="lake/in/a b.csv")
    heard = [json.loads(each["Body"]) for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    keys = [each["Records"][0]["s3"]["object"]["key"] for each in heard if "Records" in each]
    assert keys == ["in/a+b.csv", "out"]
    assert [each["detail"]["object"]["key"] for each in heard if "detail" in each] == ["out"]


def test_account_blocks_public_policies_of_all_its_buckets(s3, clients):
    """Set through S3 Control, whose host begins with the account, the block of the account outweighs the bucket's."""
    s3.delete_public_access_block(Bucket="lake")
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}
    s3.put_bucket_policy(Bucket="lake", Policy=document(public))
    blocks = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    control = clients("s3control")
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=blocks)
    assert control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"] == blocks
    assert code(s3.put_bucket_policy, Policy=document(public)) == "AccessDenied"
    stranger = clients("s3", credentials=user(clients, "bob", allow("s3:*"), account=OTHER))
    assert code(stranger.get_object, Key="a") == "AccessDenied"


def test_object_says_when_its_rule_expires_it(s3):
    """The first midnight after its days, of a rule that covers it; no other object says so."""
    rule = {"ID": "old logs", "Status": "Enabled", "Filter": {"Prefix": "log/"}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket="lake", LifecycleConfiguration={"Rules": [rule]})
    told = 'expiry-date="Tue, 03 Mar 2026 00:00:00 GMT", rule-id="old%20logs"'
    assert s3.put_object(Bucket="lake", Key="log/a", Body=b"")["Expiration"] == told
    assert s3.head_object(Bucket="lake", Key="log/a")["Expiration"] == told
    assert "Expiration" not in s3.put_object(Bucket="lake", Key="b", Body=b"")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"Action": "s3:Nonsense"}, "invalid action"),
        ({"Action": "sqs:*"}, "invalid action"),
        ({"Action": ["s3:GetObject", "s3:ListBucket"]}, "does not apply"),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake"}, "does not apply"),
    ],
    ids=["no-action", "other-service", "bucket-action", "object-action"],
)
def test_bucket_policy_names_actions_that_are_about_its_resources(s3, wrong, told):
    """A pattern, and an action beside its own resource, are taken."""
    sound = {"Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::lake/*"}
    with pytest.raises(s3.exceptions.ClientError, match=told) as caught:
        s3.put_bucket_policy(Bucket="lake", Policy=document(sound | wrong))
    assert caught.value.response["Error"]["Code"] == "MalformedPolicy"
    both = {
        "Action": ["s3:PutObject", "s3:ListBucketVersions"],
        "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"],
    }
    s3.put_bucket_policy(Bucket="lake", Policy=document(sound, sound | both))
    assert refusal(s3.put_bucket_policy, Bucket="none-such", Policy=document(sound)) == ("NoSuchBucket", 404)


def test_archived_object_comes_back_after_hours_for_its_days(s3, clock):
    """Until then it cannot be read, nor be asked for again; after its days it is archived again."""
    s3.put_object(Bucket="lake", Key="a", Body=b"1", StorageClass="GLACIER")
    assert code(s3.get_object, Key="a") == "InvalidObjectState"
    asked = {"Days": 1, "GlacierJobParameters": {"Tier": "Standard"}}
    s3.restore_object(Bucket="lake", Key="a", RestoreRequest=asked)
    assert s3.head_object(Bucket="lake", Key="a")["Restore"] == 'ongoing-request="true"'
    assert code(s3.get_object, Key="a") == "InvalidObjectState"
    assert code(s3.restore_object, Key="a", RestoreRequest=asked) == "RestoreAlreadyInProgress"
    s3.put_object(Bucket="lake", Key="deep", Body=b"1", StorageClass="DEEP_ARCHIVE")
    soon = {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}
    assert code(s3.restore_object, Key="deep", RestoreRequest=soon) == "InvalidArgument"
    clock.advance(5 * 3600)
    assert 'ongoing-request="false"' in s3.head_object(Bucket="lake", Key="a")["Restore"]
    assert s3.get_object(Bucket="lake", Key="a")["Body"].read() == b"1"
    clock.advance(86_400)
    assert code(s3.get_object, Key="a") == "InvalidObjectState"
