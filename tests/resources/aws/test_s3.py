"""Buckets keep the resource contract on a real store, and what S3 refuses is caught before."""

import json
from dataclasses import replace
from typing import Any

import pytest
from identity_documents import problems, trust

from twin.address import Address
from twin.resources.aws.iam_role import Role
from twin.resources.aws.kms import Key
from twin.resources.aws.s3 import Bucket
from twin.resources.aws.s3_parts import (
    Encryption,
    LifecycleRule,
    Logging,
    ObjectLock,
    PublicAccessBlock,
    Replication,
    ReplicationRule,
    Transition,
)
from twin.resources.call import Refused
from twin.resources.resource import Wanted, drain

S3_ROLE = Role(name="copy", trust=trust("s3.amazonaws.com"))


def policy(bucket: str, **changes: Any) -> dict[str, Any]:
    """Return a bucket policy for the delivery of logs, with changes to its statement."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return {"Version": "2012-10-17", "Statement": [{**statement, **changes}]}


def rules() -> list[LifecycleRule]:
    """Return lifecycle rules that use everything there is."""
    return [
        LifecycleRule(
            id="all",
            transitions=[
                Transition(days=30, storage_class="STANDARD_IA"),
                Transition(days=90, storage_class="GLACIER"),
            ],
            expiration_days=365,
            noncurrent_transitions=[Transition(days=30, storage_class="STANDARD_IA")],
            noncurrent_days=90,
        ),
        LifecycleRule(id="prefix", enabled=False, prefix="tmp/", abort_uploads_days=7, expired_delete_marker=True),
        LifecycleRule(id="tag", tags={"a": "1"}, expiration_days=1),
        LifecycleRule(id="both", prefix="x/", tags={"a": "1", "b": "2"}, expiration_days=1),
    ]


def replication(bucket: str = "arn:aws:s3:::acme-copy", **more: Any) -> Replication:
    """Return a replication to one bucket."""
    return Replication(
        role="${aws.iam.role.copy.arn}",
        rules=[ReplicationRule(id="all", bucket=bucket, storage_class="STANDARD_IA", **more)],
    )


def test_bucket_lives_and_dies(bench):
    """A bucket changes every part in place."""
    bench.create("main", Key(rotation=False))
    bench.create("copy", S3_ROLE)
    bench.create("copy", Bucket(bucket="acme-copy", versioning=True))
    bench.create("logs", Bucket(bucket="acme-logs", policy=policy("acme-logs")))
    bench.lifecycle(
        "lake",
        Bucket(bucket="acme-lake", object_ownership="BucketOwnerEnforced", tags={"a": "1"}),
        Bucket(
            bucket="acme-lake",
            versioning=True,
            encryption=Encryption(algorithm="aws:kms", kms_key="${aws.kms.key.main.arn}", bucket_key=True),
            public_access_block=PublicAccessBlock(block_public_policy=False),
            object_ownership="BucketOwnerPreferred",
            lifecycle=rules(),
            policy=policy("acme-lake"),
            logging=Logging(bucket="${aws.s3.bucket.logs.bucket}", prefix="lake/"),
            replication=replication("${aws.s3.bucket.copy.arn}", replica_kms_key="${aws.kms.key.main.arn}"),
            force_destroy=True,
            tags={"b": "2"},
        ),
        Bucket(bucket="acme-lake", encryption=Encryption(), lifecycle=[]),
    )


def test_bucket_is_made_with_all_its_parts(bench):
    """What is declared at once is written at once."""
    bucket = Bucket(
        bucket="acme-lake", versioning=True, encryption=Encryption(), lifecycle=rules(), policy=policy("acme-lake")
    )
    bench.lifecycle("lake", bucket)
    assert bench.sent[:6] == [
        "s3:CreateBucket",
        "s3:PutBucketVersioning",
        "s3:PutBucketEncryption",
        "s3:PutPublicAccessBlock",
        "s3:PutBucketLifecycleConfiguration",
        "s3:PutBucketPolicy",
    ]


def test_bucket_under_a_lock_is_made_so_and_keeps_what_it_holds(bench):
    """Locked from the start, or later; its retention changes; a full one says who could empty it, and when."""
    lock = ObjectLock(mode="GOVERNANCE", days=1)
    bucket = Bucket(bucket="acme-vault", versioning=True, object_lock=lock)
    longer = bucket.model_copy(update={"object_lock": ObjectLock(mode="COMPLIANCE", years=1)})
    bench.lifecycle("vault", bucket, longer)
    assert bench.sent[:3] == ["s3:CreateBucket", "s3:PutObjectLockConfiguration", "s3:PutPublicAccessBlock"]
    bench.lifecycle("bare", Bucket(bucket="acme-bare", versioning=True, object_lock=ObjectLock()))
    bench.lifecycle(
        "later", Bucket(bucket="acme-later"), Bucket(bucket="acme-later", versioning=True, object_lock=lock)
    )
    bench.create("full", longer.model_copy(update={"bucket": "acme-full"}))
    bench.aws.client("s3").put_object(Bucket="acme-full", Key="a", Body=b"x")
    (seen,) = bench.run(Bucket.read(bench.scope, Wanted(keys=frozenset({("acme-full",)}))))
    with pytest.raises(Refused, match=r"COMPLIANCE\) keeps each for 1 years.*nobody, root neither") as refused:
        bench.run(Bucket.delete(bench.scope, seen))
    assert refused.value.code == "BucketNotEmpty"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"object_lock": ObjectLock(mode="COMPLIANCE", days=36500)}, None),
        ({"object_lock": ObjectLock()}, None),
        ({"object_lock": ObjectLock(mode="COMPLIANCE", days=36501)}, "object_lock"),
        ({"object_lock": ObjectLock(mode="GOVERNANCE", years=0)}, "object_lock"),
        ({"object_lock": ObjectLock(mode="GOVERNANCE")}, "object_lock"),
        ({"object_lock": ObjectLock(days=1)}, "object_lock"),
        ({"object_lock": ObjectLock(mode="GOVERNANCE", days=1, years=1)}, "object_lock"),
        ({"object_lock": ObjectLock(), "versioning": False}, "object_lock"),
        ({"object_lock": ObjectLock(), "force_destroy": True}, "force_destroy"),
    ],
)
def test_lock_that_cannot_be_is_caught(changes, field):
    """Versions, one period within bounds, and no promise to delete what is kept."""
    bucket = Bucket(**{"bucket": "acme-vault", "versioning": True, **changes})
    assert problems(bucket) == ([("TW0466", field)] if field else [])


def test_bucket_in_another_region_is_made_there(bench):
    """Outside us-east-1 the bucket's place is said."""
    scope = replace(bench.scope, region="eu-west-1")
    calls, outputs = drain(Bucket(bucket="acme-eu").create(scope, Address("aws.s3.bucket", "eu")), {})
    assert calls[0].params["CreateBucketConfiguration"]["LocationConstraint"] == "eu-west-1"
    assert outputs["domain_name"] == "acme-eu.s3.eu-west-1.amazonaws.com"


def test_only_what_the_spec_manages_is_read(bench):
    """Of a bucket of ours three parts and those managed are read, of a foreign one none."""
    address = bench.create("lake", Bucket(bucket="acme-lake", encryption=Encryption()))
    bench.aws.client("s3").create_bucket(Bucket="theirs")
    bench.sent.clear()
    wanted = Wanted(
        keys=frozenset({("acme-lake",)}), managed={("acme-lake",): frozenset({"bucket", "encryption", "versioning"})}
    )
    found = {o.id: o for o in bench.run(Bucket.read(bench.scope, wanted))}
    assert found["acme-lake"].owner == address
    assert found["theirs"].fields == {"bucket": "theirs"}
    assert bench.sent == [
        "s3:ListBuckets",
        "resourcegroupstaggingapi:GetResources",
        "s3:GetBucketVersioning",
        "s3:GetBucketEncryption",
        "s3:GetPublicAccessBlock",
        "s3:GetBucketPolicy",
    ]


def test_drift_by_hand_is_seen_and_mended(bench):
    """Suspended versioning, a lifted block and a foreign policy all show, and update sets them right."""
    bucket = Bucket(bucket="acme-lake", versioning=True)
    address = bench.create("lake", bucket)
    client = bench.aws.client("s3")
    client.put_bucket_versioning(Bucket="acme-lake", VersioningConfiguration={"Status": "Suspended"})
    client.delete_public_access_block(Bucket="acme-lake")
    client.put_bucket_policy(Bucket="acme-lake", Policy=json.dumps(policy("acme-lake")))
    changed = frozenset(bench.differences(address, bucket))
    assert changed == {"versioning", "public_access_block", "policy"}
    bench.run(bucket.update(bench.scope, address, bench.observe(address, bucket), changed))
    assert bench.differences(address, bucket) == {}


def test_half_made_bucket_is_found_by_its_name(bench):
    """A bucket that was made and not yet tagged is seen with its parts, and update makes it ours."""
    bench.aws.client("s3").create_bucket(Bucket="acme-lake")
    bucket = Bucket(bucket="acme-lake")
    (seen,) = bench.run(Bucket.read(bench.scope, Wanted(keys=frozenset({("acme-lake",)}))))
    assert seen.owner is None
    assert seen.fields["public_access_block"]["block_public_policy"] is True
    address = Address("aws.s3.bucket", "lake")
    bench.run(bucket.update(bench.scope, address, seen, frozenset({"owner", "public_access_block"})))
    assert bench.differences(address, bucket) == {}


def test_full_bucket_is_deleted_only_by_force(bench):
    """Objects keep a bucket from being deleted, unless it says otherwise; versions and markers go too."""
    client = bench.aws.client("s3")
    kept = Bucket(bucket="acme-kept", versioning=True)
    gone = Bucket(bucket="acme-gone", versioning=True, force_destroy=True)
    for name, bucket in (("kept", kept), ("gone", gone)):
        bench.create(name, bucket)
        for _ in range(2):
            client.put_object(Bucket=bucket.bucket, Key="a", Body=b"x")
        client.delete_object(Bucket=bucket.bucket, Key="a")
    found = {o.id: o for o in bench.run(Bucket.read(bench.scope, Wanted()))}
    with pytest.raises(Refused) as refused:
        bench.run(Bucket.delete(bench.scope, found["acme-kept"]))
    assert refused.value.code == "BucketNotEmpty"
    bench.run(Bucket.delete(bench.scope, found["acme-gone"]))
    assert [o.id for o in bench.run(Bucket.read(bench.scope, Wanted()))] == ["acme-kept"]


@pytest.mark.parametrize("name", ["abc", "a" * 63, "my.bucket-1", "1bucket", "192.168.5.4x", "192.168.5.400"])
def test_good_bucket_name_passes(name):
    """Names that follow the rules are not complained about."""
    assert problems(Bucket(bucket=name)) == []


@pytest.mark.parametrize(
    "name",
    [
        *["ab", "a" * 64, "My-Bucket", "my_bucket", "-bucket", "bucket-", ".bucket", "my..bucket", "192.168.5.4"],
        *["xn--bucket", "sthree-bucket", "amzn-s3-demo-bucket", "bucket-s3alias", "bucket--ol-s3", "bucket.mrap"],
        *["bucket--x-s3", "bucket--table-s3"],
    ],
)
def test_bad_bucket_name_is_caught(name):
    """Every documented naming rule is checked."""
    assert problems(Bucket(bucket=name)) == [("TW0450", "bucket")]


def test_good_lifecycle_passes():
    """Rules that S3 takes are not complained about."""
    assert problems(Bucket(bucket="acme-lake", lifecycle=rules())) == []


@pytest.mark.parametrize(
    "rule",
    [
        LifecycleRule(id="a"),
        LifecycleRule(id="", expiration_days=1),
        LifecycleRule(id="a", expiration_days=0),
        LifecycleRule(id="a", expiration_days=10, expired_delete_marker=True),
        LifecycleRule(id="a", tags={"a": "1"}, abort_uploads_days=1),
        LifecycleRule(id="a", transitions=[Transition(days=29, storage_class="STANDARD_IA")]),
        LifecycleRule(id="a", noncurrent_transitions=[Transition(days=1, storage_class="ONEZONE_IA")]),
        LifecycleRule(id="a", transitions=[Transition(days=30, storage_class="GLACIER")], expiration_days=30),
        LifecycleRule(
            id="a",
            transitions=[
                Transition(days=30, storage_class="STANDARD_IA"),
                Transition(days=59, storage_class="GLACIER"),
            ],
        ),
        LifecycleRule(
            id="a",
            transitions=[
                Transition(days=30, storage_class="GLACIER"),
                Transition(days=90, storage_class="STANDARD_IA"),
            ],
        ),
        LifecycleRule(
            id="a",
            transitions=[
                Transition(days=30, storage_class="ONEZONE_IA"),
                Transition(days=90, storage_class="GLACIER_IR"),
            ],
        ),
    ],
)
def test_bad_lifecycle_rule_is_caught(rule):
    """Too early, too close, in the wrong order, without effect: each is said once."""
    assert problems(Bucket(bucket="acme-lake", lifecycle=[rule])) == [("TW0451", "lifecycle")]


def test_lifecycle_ids_are_unique():
    """Two rules of one id are one too many."""
    rule = LifecycleRule(id="a", expiration_days=1)
    assert problems(Bucket(bucket="acme-lake", lifecycle=[rule, rule])) == [("TW0451", "lifecycle")]


def test_replication_needs_versions_on_both_sides():
    """Source and target keep versions; the target is found by reference and by ARN."""
    others = {"copy": S3_ROLE}
    source = Bucket(bucket="acme-lake", versioning=True, replication=replication())
    target = Bucket(bucket="acme-copy", versioning=True)
    assert problems(source, **others) == []
    for reference in ("arn:aws:s3:::acme-copy", "${aws.s3.bucket.target.arn}"):
        by = source.model_copy(update={"replication": replication(reference)})
        assert problems(by, target=target, **others) == []
        bad = problems(by, target=Bucket(bucket="acme-copy"), **others)
        assert bad == [("TW0452", "replication")]
    assert problems(source.model_copy(update={"versioning": False}), **others) == [("TW0452", "replication")]


def test_other_replication_mistakes_are_caught():
    """The role's trust, the target itself, its ARN, ids and priorities are checked."""

    def source(**changes: Any) -> Bucket:
        return Bucket(bucket="acme-lake", versioning=True, replication=replication().model_copy(update=changes))

    role = {"copy": S3_ROLE}
    one = ReplicationRule(id="a", bucket="arn:aws:s3:::acme-copy")
    assert problems(source(), copy=Role(name="copy", trust=trust("ec2.amazonaws.com"))) == [("TW0446", "replication")]
    assert problems(source(rules=[])) == [("TW0452", "replication")]
    assert problems(source(rules=[one, one.model_copy(update={"priority": 2})]), **role) == [("TW0452", "replication")]
    assert problems(source(rules=[one, one.model_copy(update={"id": "b"})]), **role) == [("TW0452", "replication")]
    wrong = one.model_copy(update={"bucket": "acme-copy"})
    assert problems(source(rules=[wrong]), **role) == [("TW0452", "replication")]
    itself = one.model_copy(update={"bucket": "${aws.s3.bucket.it.arn}"})
    assert problems(source(rules=[itself]), **role) == [("TW0452", "replication")]


@pytest.mark.parametrize(
    ("changes", "public"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": ["123456789012", "*"]}}, True),
        ({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}, True),
        ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}, True),
        ({"Principal": {"AWS": "123456789012"}}, False),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, False),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, False),
        ({"Principal": "*", "Effect": "Deny"}, False),
    ],
)
def test_public_policy_is_caught_under_its_block(changes, public):
    """A public policy is refused while public policies are blocked, and only then."""
    document = policy("acme-lake", **changes)
    assert problems(Bucket(bucket="acme-lake", policy=document)) == ([("TW0453", "policy")] if public else [])
    opened = Bucket(
        bucket="acme-lake", policy=document, public_access_block=PublicAccessBlock(block_public_policy=False)
    )
    assert problems(opened) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"encryption": Encryption(kms_key="arn:aws:kms:us-east-1:123456789012:key/x")}, ("TW0454", "encryption")),
        ({"logging": Logging(bucket="acme-lake")}, ("TW0454", "logging")),
        ({"policy": policy("acme-lake", Action="s3:PutObjct")}, ("TW0442", "policy")),
        ({"policy": policy("acme-lake", Principal=None)}, ("TW0444", "policy")),
        ({"tags": {"twin:x": "1"}}, ("TW0464", "tags")),
    ],
)
def test_other_mistakes_are_caught(values, expected):
    """Parts that contradict one another, a misspelt action, a reserved tag."""
    assert problems(Bucket(bucket="acme-lake", **values)) == [expected]


def test_policy_naming_a_role_that_is_not_there_is_caught():
    """S3 answers MalformedPolicy when a policy's principal does not exist."""
    role = Role(name="app", path="/svc/", trust=trust("ec2.amazonaws.com"))
    wrong = policy("acme-lake", Principal={"AWS": "arn:aws:iam::123456789012:role/app"})
    right = policy("acme-lake", Principal={"AWS": "arn:aws:iam::123456789012:role/svc/app"})
    assert problems(Bucket(bucket="acme-lake", policy=wrong), r=role) == [("TW0445", "policy")]
    assert problems(Bucket(bucket="acme-lake", policy=right), r=role) == []


def test_bucket_for_logs_must_let_the_service_write():
    """The target of a log is judged by its policy, found by reference and by name."""
    for name in ("${aws.s3.bucket.logs.bucket}", "acme-logs"):
        bucket = Bucket(bucket="acme-lake", logging=Logging(bucket=name))
        assert problems(bucket, logs=Bucket(bucket="acme-logs", policy=policy("acme-logs"))) == []
        assert problems(bucket, logs=Bucket(bucket="acme-logs")) == [("TW0454", "logging")]
    assert problems(Bucket(bucket="acme-lake", logging=Logging(bucket="elsewhere"))) == []
