"""Each kind of policy of AWS decides in the gateway; beside what passes stands what does not."""

import json

import pytest
from botocore.exceptions import ClientError
from people import ACCOUNT, OTHER, allow, assumed, deny, document, role, session, trust, user
from refused import refusal

DENIED = ("AccessDenied", 403)


@pytest.fixture
def bucket(clients):
    """A bucket with two prefixes."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="lake")
    for key in ("in/a", "in/b", "out/c"):
        s3.put_object(Bucket="lake", Key=key, Body=key.encode())
    return "lake"


def told(call, **parameters):
    """Return the message of a refusal."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Message"]


def test_role_that_may_read_one_prefix_does_just_that(clients, bucket):
    """It lists and reads its prefix; it reads no other, and neither writes nor deletes."""
    within = {"StringLike": {"s3:prefix": "in/*"}}
    arn = role(clients, "reader", trust({"AWS": ACCOUNT}), allow("s3:GetObject", "arn:aws:s3:::lake/in/*"),
               allow("s3:ListBucket", "arn:aws:s3:::lake", Condition=within))  # fmt: skip
    caller = user(clients, "ann", allow("sts:AssumeRole", arn))
    s3 = clients("s3", credentials=assumed(clients, arn, caller))
    assert s3.get_object(Bucket=bucket, Key="in/a")["Body"].read() == b"in/a"
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix="in/")["Contents"]] == ["in/a", "in/b"]
    assert refusal(s3.get_object, Bucket=bucket, Key="out/c") == DENIED
    assert refusal(s3.list_objects_v2, Bucket=bucket) == DENIED
    assert refusal(s3.list_objects_v2, Bucket=bucket, Prefix="out/") == DENIED
    assert refusal(s3.put_object, Bucket=bucket, Key="in/new", Body=b"x") == DENIED
    assert refusal(s3.delete_object, Bucket=bucket, Key="in/a") == DENIED
    assert refusal(s3.list_buckets) == DENIED
    assert refusal(s3.head_object, Bucket=bucket, Key="out/c") == ("403", 403)
    message = told(s3.get_object, Bucket=bucket, Key="out/c")
    assert message == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1 is not authorized to perform: s3:GetObject on resource: "
        '"arn:aws:s3:::lake/out/c" because no identity-based policy allows the s3:GetObject action'
    )


def test_missing_object_is_told_to_who_may_list_only(clients, bucket):
    """Without s3:ListBucket an object that is not there is as forbidden as any other."""
    reads = allow("s3:GetObject", "arn:aws:s3:::lake/*")
    blind = clients("s3", credentials=user(clients, "blind", reads))
    seeing = clients("s3", credentials=user(clients, "seeing", reads, allow("s3:ListBucket", "arn:aws:s3:::lake")))
    assert refusal(blind.get_object, Bucket=bucket, Key="nothing") == DENIED
    assert refusal(seeing.get_object, Bucket=bucket, Key="nothing") == ("NoSuchKey", 404)


def test_objects_are_deleted_one_by_one(clients, bucket):
    """DeleteObjects deletes what the caller may delete, and names the rest."""
    s3 = clients("s3", credentials=user(clients, "ann", allow("s3:DeleteObject", "arn:aws:s3:::lake/in/*")))
    reply = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "in/a"}, {"Key": "out/c"}]})
    assert [each["Key"] for each in reply["Deleted"]] == ["in/a"]
    assert [(each["Key"], each["Code"]) for each in reply["Errors"]] == [("out/c", "AccessDenied")]
    assert clients("s3").delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "out/c"}]})["Deleted"]


def test_copy_needs_both_its_ends(clients, bucket):
    """Who may write the target and not read the source copies nothing."""
    writes = allow("s3:PutObject", "arn:aws:s3:::lake/out/*")
    half = clients("s3", credentials=user(clients, "half", writes))
    whole = clients("s3", credentials=user(clients, "whole", writes, allow("s3:GetObject", "arn:aws:s3:::lake/in/*")))
    copy = {"Bucket": bucket, "Key": "out/copy", "CopySource": {"Bucket": bucket, "Key": "in/a"}}
    assert refusal(half.copy_object, **copy) == DENIED
    assert whole.copy_object(**copy)["CopyObjectResult"]["ETag"]


def test_version_of_an_object_is_an_action_of_its_own(clients, bucket):
    """s3:GetObject does not read a named version."""
    clients("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = clients("s3").put_object(Bucket=bucket, Key="in/a", Body=b"2")["VersionId"]
    plain = clients("s3", credentials=user(clients, "plain", allow("s3:GetObject")))
    both = clients("s3", credentials=user(clients, "both", allow(["s3:GetObject", "s3:GetObjectVersion"])))
    assert plain.get_object(Bucket=bucket, Key="in/a")["Body"].read() == b"2"
    assert refusal(plain.get_object, Bucket=bucket, Key="in/a", VersionId=version) == DENIED
    assert both.get_object(Bucket=bucket, Key="in/a", VersionId=version)["Body"].read() == b"2"


def test_tls_only_policy_does_not_block_tls(clients, world, bucket):
    """The usual Deny of plain transport spares every client of the world, and stops what comes in plain text."""
    everything = ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]
    tls = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything,
           "Condition": {"Bool": {"aws:SecureTransport": "false"}}}  # fmt: skip
    clients("s3").put_bucket_policy(Bucket=bucket, Policy=document(tls))
    assert clients("s3").get_object(Bucket=bucket, Key="in/a")["Body"].read() == b"in/a"
    plain = clients("s3", endpoint="http://s3.us-east-1.amazonaws.com", s3={"addressing_style": "path"})
    message = told(plain.get_object, Bucket=bucket, Key="in/a")
    assert message.endswith(
        's3:GetObject on resource: "arn:aws:s3:::lake/in/a" with an explicit deny in a resource-based policy'
    )


def test_groups_and_managed_policies_count(clients):
    """A user has its groups' policies, and of a managed policy the default version."""
    key = user(clients, "ann")
    iam, queues = clients("iam"), clients("sqs", credentials=key)
    assert refusal(queues.list_queues) == DENIED
    iam.create_group(GroupName="ops")
    policy = iam.create_policy(PolicyName="queues", PolicyDocument=document(allow("sqs:ListQueues")))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="ops", PolicyArn=policy)
    iam.add_user_to_group(GroupName="ops", UserName="ann")
    assert "ResponseMetadata" in queues.list_queues()
    narrower = document(allow("sqs:GetQueueUrl"))
    version = iam.create_policy_version(PolicyArn=policy, PolicyDocument=narrower)["PolicyVersion"]["VersionId"]
    assert "ResponseMetadata" in queues.list_queues()
    iam.set_default_policy_version(PolicyArn=policy, VersionId=version)
    assert refusal(queues.list_queues) == DENIED


def test_boundary_limits_and_grants_nothing(clients):
    """A user and a role with a boundary may do what both it and their policies allow."""
    iam = clients("iam")
    arn = iam.create_policy(PolicyName="edge", PolicyDocument=document(allow("sqs:*")))["Policy"]["Arn"]
    everything = allow("*")
    bounded = user(clients, "ann", everything, PermissionsBoundary=arn)
    assert clients("sqs", credentials=bounded).list_queues()
    assert told(clients("sns", credentials=bounded).list_topics).endswith(
        "because no permissions boundary allows the SNS:ListTopics action"
    )
    nothing = user(clients, "bob", PermissionsBoundary=arn)
    assert refusal(clients("sqs", credentials=nothing).list_queues) == DENIED
    made = role(clients, "r", trust({"AWS": ACCOUNT}), everything, PermissionsBoundary=arn)
    free = user(clients, "free", everything)
    held = assumed(clients, made, free)
    assert clients("sqs", credentials=held).list_queues()
    assert refusal(clients("sns", credentials=held).list_topics) == ("AuthorizationError", 403)
    iam.delete_role_permissions_boundary(RoleName="r")
    assert clients("sns", credentials=held).list_topics()
    iam.delete_user_permissions_boundary(UserName="ann")
    assert clients("sns", credentials=bounded).list_topics()


def test_session_policy_limits_a_session(clients):
    """A role's session with a policy, or the ARN of a managed one, may do what both allow; a plain one all of it."""
    caller = user(clients, "ann", allow("sts:AssumeRole"))
    arn = role(clients, "wide", trust({"AWS": ACCOUNT}), allow(["sqs:*", "sns:*"]))
    plain = assumed(clients, arn, caller)
    by_text = assumed(clients, arn, caller, Policy=document(allow("sqs:*")))
    by_arn = assumed(clients, arn, caller, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"}])
    assert clients("sns", credentials=plain).list_topics()
    for held in (by_text, by_arn):
        assert clients("sqs", credentials=held).list_queues()
        assert "because no session policy allows the" in told(clients("sns", credentials=held).list_topics)
    assert clients("sqs", credentials=by_text).create_queue(QueueName="q")
    assert refusal(clients("sqs", credentials=by_arn).create_queue, QueueName="p") == DENIED


def test_federated_user_has_what_its_policy_and_its_maker_share(clients):
    """GetFederationToken without a policy gives a user without permissions; IAM is closed to it anyway."""
    maker = user(clients, "maker", allow(["sqs:*", "iam:*", "sts:GetFederationToken"]))
    sts = clients("sts", credentials=maker)
    wide = session(sts.get_federation_token(Name="bob", Policy=document(allow("*"))))
    none = session(sts.get_federation_token(Name="bob"))
    assert clients("sqs", credentials=wide).list_queues()
    assert refusal(clients("sns", credentials=wide).list_topics) == ("AuthorizationError", 403)
    assert refusal(clients("sqs", credentials=none).list_queues) == DENIED
    assert refusal(clients("iam", credentials=wide).list_users) == ("InvalidClientTokenId", 403)
    assert refusal(clients("sts", credentials=wide).get_session_token) == DENIED


def test_bucket_of_another_account_needs_both_sides(clients, bucket):
    """Neither the bucket's policy alone nor the user's alone opens it."""
    theirs = user(clients, "them", allow("s3:GetObject"), account=OTHER)
    nobody = user(clients, "nobody", account=OTHER)
    reads = {"Bucket": bucket, "Key": "in/a"}
    assert refusal(clients("s3", credentials=theirs).get_object, **reads) == DENIED
    opened = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "s3:GetObject",
              "Resource": "arn:aws:s3:::lake/in/*"}  # fmt: skip
    clients("s3").put_bucket_policy(Bucket=bucket, Policy=document(opened))
    assert clients("s3", credentials=theirs).get_object(**reads)["Body"].read() == b"in/a"
    assert refusal(clients("s3", credentials=theirs).get_object, Bucket=bucket, Key="out/c") == DENIED
    assert refusal(clients("s3", credentials=nobody).get_object, **reads) == DENIED
    assert clients("s3", account=OTHER).get_object(**reads)["Body"].read() == b"in/a"


def test_account_root_may_all_but_in_other_accounts(clients, bucket):
    """The root key of an account reads no bucket of another."""
    assert told(clients("s3", account=OTHER).get_object, Bucket=bucket, Key="in/a") == "Access Denied"
    assert clients("s3").get_object(Bucket=bucket, Key="in/a")["Body"].read() == b"in/a"


def test_deny_beats_every_allow(clients):
    """An explicit deny stops an administrator, and the message says so."""
    key = user(clients, "ann", allow("*"), deny("ec2:TerminateInstances"))
    ec2 = clients("ec2", credentials=key)
    assert ec2.describe_instances()["Reservations"] == []
    message = told(ec2.terminate_instances, InstanceIds=["i-0123456789abcdef0"])
    assert message == (
        f"You are not authorized to perform this operation. User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to "
        f"perform: ec2:TerminateInstances on resource: arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0 "
        "with an explicit deny in an identity-based policy"
    )


def test_queue_topic_and_secret_decide_by_their_policies(clients):
    """A user without policies of its own does what a resource's policy grants it by name, and nothing else."""
    key = user(clients, "ann")
    me = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}
    url = clients("sqs").create_queue(QueueName="q")["QueueUrl"]
    send = {
        "Effect": "Allow",
        "Principal": me,
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",
    }
    clients("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(send)})
    mine = clients("sqs", credentials=key)
    assert mine.send_message(QueueUrl=url, MessageBody="x")["MessageId"]
    assert refusal(mine.receive_message, QueueUrl=url) == DENIED
    topic = clients("sns").create_topic(Name="t")["TopicArn"]
    assert refusal(clients("sns", credentials=key).publish, TopicArn=topic, Message="x") == ("AuthorizationError", 403)
    publish = {"Effect": "Allow", "Principal": me, "Action": "sns:Publish", "Resource": topic}
    clients("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document(publish))
    assert clients("sns", credentials=key).publish(TopicArn=topic, Message="x")["MessageId"]
    secret = clients("secretsmanager").create_secret(Name="s", SecretString="v")["ARN"]
    denied = ("AccessDeniedException", 400)
    assert refusal(clients("secretsmanager", credentials=key).get_secret_value, SecretId="s") == denied
    read = {"Effect": "Allow", "Principal": me, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    clients("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=document(read))
    assert clients("secretsmanager", credentials=key).get_secret_value(SecretId="s")["SecretString"] == "v"


def test_anonymous_reader_needs_an_open_policy(clients, world, bucket):
    """Everybody reads what the bucket's policy opens to everybody, unless public policies are restricted."""
    from twin.wire import Request

    url = "http://127.0.0.1:4999/lake/in/a"
    assert world.handle(Request("GET", url)).status == 403
    s3 = clients("s3")
    s3.delete_public_access_block(Bucket=bucket)
    opened = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/in/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=document(opened))
    assert world.handle(Request("GET", url)).body == b"in/a"
    assert world.handle(Request("GET", url.replace("in/a", "out/c"))).status == 403
    assert world.handle(Request("PUT", url, body=b"x")).status == 403
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert world.handle(Request("GET", url)).status == 403


def test_policy_that_cannot_be_read_is_no_permission(clients):
    """A document that the store took and AWS's grammar does not know is refused by name, not passed over."""
    from twin.world.stores.moto_store import backends

    key = user(clients, "ann", allow("*"))
    backends("iam")[ACCOUNT]["aws"].users["ann"].policies["odd"] = json.dumps({"Statement": [{"Effect": "Maybe"}]})
    clients("iam").tag_user(UserName="ann", Tags=[{"Key": "k", "Value": "v"}])
    assert refusal(clients("sqs", credentials=key).list_queues) == ("TwinUnreadablePolicy", 400)
