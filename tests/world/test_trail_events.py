"""CloudTrail's events: who, what, from where, with which result, and without the secrets."""

import json

import pytest
from botocore.exceptions import ClientError
from moto.ec2.models.amis import AMIS
from people import administrator, allow, user
from refused import refusal
from trails import ACCOUNT

from twin.world.ids import Ids

TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
)


def last(world):
    """Return the event of the last call."""
    return world.evidence.event(len(world.evidence) - 1)


def held(answer):
    """Return credentials of an STS answer."""
    from twin.world.principals import Credentials

    given = answer["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def test_event_has_every_field_in_cloudtrails_form(clients, world):
    """A successful call of the root user, field by field."""
    told = clients("iam").create_user(UserName="ann", Path="/staff/")
    event = last(world)
    made = event["responseElements"].pop("user")
    assert made | {"userId": ""} == {
        "path": "/staff/", "userName": "ann", "userId": "", "arn": f"arn:aws:iam::{ACCOUNT}:user/staff/ann",
        "createDate": "Mar 1, 2026, 12:00:00 PM",
    }  # fmt: skip
    assert event.pop("userAgent").startswith("Boto3/")
    assert (len(event.pop("eventID")), event.pop("requestID")) == (36, told["ResponseMetadata"]["RequestId"])
    assert event == {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT,
            "accessKeyId": world.credentials().access_key_id,
        },
        "eventTime": "2026-03-01T12:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "requestParameters": {"userName": "ann", "path": "/staff/"},
        "responseElements": {},
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }  # fmt: skip


def test_identity_of_a_user_and_of_its_session(clients, world):
    """A user's key has no session; GetSessionToken's has one, without an issuer."""
    from twin.world.principals import Credentials

    iam = clients("iam")
    user = iam.create_user(UserName="ann")["User"]
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    mine = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    session = clients("sts", credentials=mine).get_session_token()
    identity = {
        "type": "IAMUser", "principalId": user["UserId"], "arn": user["Arn"], "accountId": ACCOUNT,
        "accessKeyId": key["AccessKeyId"], "userName": "ann",
    }  # fmt: skip
    assert last(world)["userIdentity"] == identity
    clients("sts", credentials=held(session)).get_caller_identity()
    attributes = {"creationDate": "2026-03-01T12:00:00Z", "mfaAuthenticated": "false"}
    assert last(world)["userIdentity"] == identity | {
        "accessKeyId": session["Credentials"]["AccessKeyId"],
        "sessionContext": {"attributes": attributes},
    }


def test_identity_of_a_role_session_names_the_role(clients, world, clock):
    """The issuer is the role with its path; the session began when it was assumed, and outlives the role."""
    iam = clients("iam")
    role = iam.create_role(RoleName="deploy", Path="/ci/", AssumeRolePolicyDocument=TRUST)["Role"]
    assumed = clients("sts", credentials=administrator(clients)).assume_role(
        RoleArn=role["Arn"], RoleSessionName="run-1"
    )
    assert last(world)["resources"] == [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role["Arn"]}]
    assert "credentials" in last(world)["responseElements"]
    clock.advance(60)
    clients("sts", credentials=held(assumed)).get_caller_identity()
    iam.delete_role(RoleName="deploy")
    identity = next(world.evidence.events(name="GetCallerIdentity"))["userIdentity"]
    assert identity == {
        "type": "AssumedRole",
        "principalId": f"{role['RoleId']}:run-1",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1",
        "accountId": ACCOUNT,
        "accessKeyId": assumed["Credentials"]["AccessKeyId"],
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": role["RoleId"], "arn": role["Arn"], "accountId": ACCOUNT,
                "userName": "deploy",
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": "2026-03-01T12:00:00Z", "mfaAuthenticated": "false"},
        },
    }  # fmt: skip


def test_identity_of_a_federated_user_names_who_issued_it(clients, world):
    """The issuer is the caller of GetFederationToken."""
    told = clients("sts").get_federation_token(Name="bob")
    clients("sts", credentials=held(told)).get_caller_identity()
    identity = last(world)["userIdentity"]
    assert (identity["type"], identity["principalId"]) == ("FederatedUser", f"{ACCOUNT}:bob")
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT,
    }  # fmt: skip


SECRET = "hunter2-hunter2-Aa1!"


def secrets(clients):
    """Make one call of each kind that carries a secret; return the secrets that AWS made."""
    iam, kms = clients("iam"), clients("kms")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["SecretAccessKey"]
    iam.create_login_profile(UserName="ann", Password=SECRET)
    session = clients("sts").get_session_token()["Credentials"]["SecretAccessKey"]
    clients("secretsmanager").create_secret(Name="s", SecretString=SECRET)
    clients("secretsmanager").get_secret_value(SecretId="s")
    clients("ssm").put_parameter(Name="/p", Value=SECRET, Type="SecureString")
    clients("rds").create_db_instance(
        DBInstanceIdentifier="db", Engine="postgres", DBInstanceClass="db.t3.micro", MasterUsername="root1",
        MasterUserPassword=SECRET, AllocatedStorage=20,
    )  # fmt: skip
    master = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.encrypt(KeyId=master, Plaintext=SECRET.encode())
    sqs, sns = clients("sqs"), clients("sns")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    told = {"of": {"DataType": "String", "StringValue": SECRET}}
    sqs.send_message(QueueUrl=url, MessageBody=SECRET, MessageAttributes=told)
    got = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert (got[0]["Body"], got[0]["MessageAttributes"]) == (SECRET, told)
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": SECRET}])
    sns.publish(TopicArn=sns.create_topic(Name="t")["TopicArn"], Message=SECRET, Subject=SECRET, MessageAttributes=told)
    material = clients("ec2").create_key_pair(KeyName="k")["KeyMaterial"]
    return [key, session, SECRET, material.splitlines()[1]]


def test_secrets_are_not_in_the_events(clients, world):
    """Neither what was sent nor what was made; what is no secret is there."""
    made = secrets(clients)
    text = json.dumps(list(world.evidence.events()))
    assert [secret for secret in made if secret in text] == []
    parameters = {e["eventName"]: (e["requestParameters"], e["responseElements"]) for e in world.evidence.events()}
    assert parameters["CreateSecret"][0]["name"] == "s"
    assert parameters["PutParameter"][0]["value"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    sent = parameters["SendMessage"][0]
    assert (sent["queueUrl"].rpartition("/")[2], sent["messageBody"]) == ("q", "HIDDEN_DUE_TO_SECURITY_REASONS")
    assert parameters["CreateDBInstance"][0]["masterUserPassword"] == "****"
    assert parameters["CreateKeyPair"][1]["keyMaterial"] == "<sensitiveDataRemoved>"
    assert parameters["CreateAccessKey"][1]["accessKey"]["userName"] == "ann"
    assert parameters["GetSecretValue"] == ({"secretId": "s"}, None)


def test_customer_keys_of_s3_are_not_in_the_events(clients, world):
    """SSE-C sends the key in a header; the algorithm's header stays away with it."""
    clients("s3").create_bucket(Bucket="files")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    rule["BlockedEncryptionTypes"] = {"EncryptionType": ["NONE"]}
    clients("s3").put_bucket_encryption(Bucket="files", ServerSideEncryptionConfiguration={"Rules": [rule]})
    clients("s3").put_object(
        Bucket="files", Key="k", Body=SECRET, SSECustomerKey="k" * 32, SSECustomerAlgorithm="AES256"
    )
    text = json.dumps(last(world))
    assert "a2tra2tr" not in text
    assert SECRET not in text
    assert last(world)["requestParameters"]["key"] == "k"


def test_refusals_of_the_store_and_of_the_gateway_tell_code_and_message(clients, world):
    """Both have errorCode and errorMessage, and no responseElements."""
    for service, operation, parameters, code in (
        ("iam", "get_user", {"UserName": "nobody"}, "NoSuchEntity"),
        ("s3", "get_bucket_policy", {"Bucket": "nothing-here"}, "NoSuchBucket"),
        ("dynamodb", "describe_table", {"TableName": "none"}, "ResourceNotFoundException"),
        ("ec2", "delete_vpc", {"VpcId": "vpc-0123"}, "Client.InvalidVpcID.NotFound"),
        ("iam", "create_policy", {"PolicyName": "p", "PolicyDocument": "{"}, "MalformedPolicyDocument"),
    ):
        with pytest.raises(ClientError):
            getattr(clients(service), operation)(**parameters)
        event = last(world)
        assert (event["errorCode"], event["responseElements"]) == (code, None), operation
        assert event["errorMessage"]


def test_trail_tells_whose_fault_an_error_of_ec2_is(clients, world):
    """The code that the caller gets stands behind Client, or Server; other services' codes stand as they are."""
    ec2 = clients("ec2", own=True, retries={"total_max_attempts": 1})
    nobody = clients("ec2", credentials=user(clients, "ann", allow("s3:*")))
    world.faults.inject("capacity-shortage", {"zone": "us-east-1a"})
    launch = {"ImageId": AMIS[0]["ami_id"], "MinCount": 1, "MaxCount": 1}
    assert refusal(nobody.describe_vpcs) == ("UnauthorizedOperation", 403)
    assert last(world)["errorCode"] == "Client.UnauthorizedOperation"
    full = refusal(ec2.run_instances, **launch, Placement={"AvailabilityZone": "us-east-1a"})
    assert (full[0], last(world)["errorCode"]) == (
        "InsufficientInstanceCapacity",
        "Server.InsufficientInstanceCapacity",
    )
    world.faults.inject("throttling", {"services": ["ec2"], "rate": 0, "burst": 0})
    assert refusal(ec2.describe_vpcs)[0] == "RequestLimitExceeded"
    assert last(world)["errorCode"] == "Client.RequestLimitExceeded"


def test_data_events_are_told_from_management_events(clients, world):
    """Objects are data, buckets are management; names are CloudTrail's."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="files")
    s3.put_public_access_block(Bucket="files", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    block = last(world)
    assert (block["eventName"], block["managementEvent"]) == ("PutBucketPublicAccessBlock", True)
    assert block["requestParameters"]["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
    s3.put_object(Bucket="files", Key="a/b", Body=b"x")
    event = last(world)
    assert (event["managementEvent"], event["eventCategory"], event["readOnly"]) == (False, "Data", False)
    assert event["resources"] == [
        {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::files/a/b"},
        {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::files"},
    ]


def test_ec2_elements_are_sets_of_items(clients, world):
    """EC2's lists are `…Set` with `items`, in the names of its wire."""
    ec2 = clients("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][0]
    assert last(world)["responseElements"]["instancesSet"]["items"][0]["instanceId"] == made["InstanceId"]
    ec2.stop_instances(InstanceIds=[made["InstanceId"]])
    assert last(world)["requestParameters"]["instancesSet"] == {"items": [{"instanceId": made["InstanceId"]}]}


def test_actor_may_say_from_where_it_calls(clients, world):
    """The world's own header sets the source address, and does not become a parameter."""
    s3 = clients("s3", own=True)

    def told(request, **_):
        request.headers.add_header("X-Twin-Source-Ip", "203.0.113.9")

    s3.meta.events.register("before-sign", told)
    s3.create_bucket(Bucket="files")
    assert last(world)["sourceIPAddress"] == "203.0.113.9"
    assert "203.0.113.9" not in json.dumps(last(world)["requestParameters"])


def test_evidence_keeps_everything_when_blocks_are_sealed(world, clients):
    """Calls older than the open ones are compressed and still read the same."""
    clients("sts").get_caller_identity()
    first = world.evidence.event(0)
    sample = world.evidence.call(0)
    for number in range(1, 3000):
        world.evidence.append(sample._replace(number=number))
    assert world.evidence.event(0) == first
    assert len(list(world.evidence.calls())) == 3000
    with pytest.raises(ValueError, match="in order"):
        world.evidence.append(sample)
    assert Ids(1).uuid() != world.evidence.event_id(1) != world.evidence.event_id(2)
