"""The AWS gateway: routing, what the store lacks, time, ids, the trail, the cost of a call."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from mounted import NOW, Clients
from people import administrator

from twin.clock import VirtualClock
from twin.world.aws_errors import AwsError
from twin.world.sigv4 import read_signature, verify
from twin.world.stores.moto_routes import canonical_url
from twin.world.world import World

LACKING = [
    ("iam", "generate_organizations_access_report", {"EntityPath": "o-abcdefghij/r-abcd"}),
    ("ec2", "describe_fast_launch_images", {}),
    ("cloudwatch", "put_anomaly_detector", {"Namespace": "N", "MetricName": "M", "Stat": "Sum"}),
    ("logs", "list_anomalies", {}),
    ("eks", "list_insights", {"clusterName": "a"}),
    ("s3", "list_bucket_metrics_configurations", {"Bucket": "bucket"}),
    ("accessanalyzer", "list_policy_generations", {}),
    ("pricing", "describe_services", {}),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "parameters"), LACKING)
def test_operation_the_store_lacks_is_refused_by_name_at_once(clients, service, operation, parameters):
    """The refusal names the operation and is not retried."""
    client = clients(service)
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**parameters)
    assert len(clients.sent) == 1
    assert caught.value.response["Error"]["Code"] == "TwinUnsupportedOperation"
    assert client.meta.method_to_api_mapping[operation] in caught.value.response["Error"]["Message"]


def test_store_that_breaks_is_refused_and_not_retried(clients, world, monkeypatch, caplog):
    """A crash inside the store becomes a typed error, and its traceback goes to the log."""
    from moto.ssm.responses import SimpleSystemManagerResponse

    def crash(_self):
        raise KeyError("boom")

    monkeypatch.setattr(SimpleSystemManagerResponse, "describe_parameters", crash)
    with pytest.raises(ClientError) as caught:
        clients("ssm").describe_parameters()
    assert caught.value.response["Error"]["Code"] == "TwinStoreFailure"
    assert "ssm:DescribeParameters (KeyError)" in caught.value.response["Error"]["Message"]
    assert len(clients.sent) == 1
    assert "boom" in caplog.text


@pytest.mark.parametrize(
    ("url", "service", "expected"),
    [
        ("http://127.0.0.1:1/", "iam", "https://iam.eu-west-1.amazonaws.com/"),
        ("http://127.0.0.1:1/b/k?x=1", "s3", "https://s3.eu-west-1.amazonaws.com/b/k?x=1"),
        ("http://b.localhost:1/k", "s3", "https://s3.eu-west-1.amazonaws.com/b/k"),
        ("https://a.b.s3.localhost:1/k", "s3", "https://s3.eu-west-1.amazonaws.com/a.b/k"),
        ("https://s3.localhost:1/b/k", "s3", "https://s3.eu-west-1.amazonaws.com/b/k"),
        ("https://a.b.s3.eu-west-1.amazonaws.com/k", "s3", "https://s3.eu-west-1.amazonaws.com/a.b/k"),
        ("https://b.s3.amazonaws.com/k", "s3", "https://s3.amazonaws.com/b/k"),
        ("https://s3.amazonaws.com/b/k", "s3", "https://s3.amazonaws.com/b/k"),
        ("http://127.0.0.1:1/v2/email", "ses", "https://email.eu-west-1.amazonaws.com/v2/email"),
        ("http://127.0.0.1:1/", "budgets", "https://budgets.amazonaws.com/"),
    ],
)
def test_canonical_url(url, service, expected):
    """A plain endpoint becomes AWS's own host; buckets are in the path."""
    assert canonical_url(url, service=service, region="eu-west-1") == expected


def test_bucket_addressed_by_host_and_by_path_is_one_bucket(clients):
    """Virtual-host style and path style reach the same objects."""
    clients("s3").create_bucket(Bucket="my-bucket")
    clients("s3").put_object(Bucket="my-bucket", Key="k", Body=b"x")
    virtual = clients("s3", endpoint=None, s3={"addressing_style": "virtual"})
    assert virtual.get_object(Bucket="my-bucket", Key="k")["Body"].read() == b"x"
    assert "my-bucket.s3" in clients.sent[-1].url


def test_region_of_the_signature_decides(clients):
    """On a plain endpoint, the credential scope says in which Region a call acts."""
    clients("sqs", region="eu-west-1").create_queue(QueueName="q")
    assert "QueueUrls" not in clients("sqs").list_queues()
    assert "eu-west-1" in clients("sqs", region="eu-west-1").list_queues()["QueueUrls"][0]


def test_both_load_balancing_apis_are_reached(clients):
    """Classic and v2 share a host and are told apart."""
    assert clients("elb").describe_load_balancers()["LoadBalancerDescriptions"] == []
    assert clients("elbv2").describe_load_balancers()["LoadBalancers"] == []


def test_forged_account_header_is_ignored(clients, world):
    """The store's own account header cannot be set from outside."""
    clients("iam", account="210987654321").create_user(UserName="secret")
    clients("iam").list_users()
    request = clients.sent[-1]
    request.headers["x-moto-account-id"] = "210987654321"
    reply = world.handle(request)
    assert reply.status == 200
    assert b"secret" not in reply.body


def test_creation_dates_come_from_the_worlds_clock(clients, clock):
    """Keys, buckets, secrets, alarms and groups are stamped with virtual time."""
    clock.advance(86_400)
    expected = int(NOW.timestamp()) + 86_400
    iam, s3 = clients("iam"), clients("s3")
    iam.create_user(UserName="ann")
    s3.create_bucket(Bucket="bucket")
    clients("secretsmanager").create_secret(Name="s", SecretString="x")
    stamps = [
        iam.create_access_key(UserName="ann")["AccessKey"]["CreateDate"],
        s3.list_buckets()["Buckets"][0]["CreationDate"],
        clients("secretsmanager").describe_secret(SecretId="s")["CreatedDate"],
        clients("kms").create_key()["KeyMetadata"]["CreationDate"],
    ]
    assert [int(stamp.timestamp()) for stamp in stamps] == [expected] * 4


def test_managed_policy_of_aws_can_be_attached(clients):
    """A policy under its own path attaches, carries its document, and one that does not exist is refused."""
    iam = clients("iam")
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)
    real = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName="r", PolicyArn=real)
    attached = iam.list_attached_role_policies(RoleName="r")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [real]
    version = iam.get_policy(PolicyArn=real)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=real, VersionId=version)["PolicyVersion"]["Document"]
    assert "logs:CreateLogGroup" in str(document)
    for wrong in ("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/NoSuchPolicy"):
        with pytest.raises(iam.exceptions.NoSuchEntityException):
            iam.attach_role_policy(RoleName="r", PolicyArn=wrong)


def test_bucket_policy_with_a_condition_does_not_block_everything(clients):
    """A Deny for requests without TLS leaves its owner in; the store does not judge policies."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="bucket")
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*",'
        '"Resource":["arn:aws:s3:::bucket/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
    )
    s3.put_bucket_policy(Bucket="bucket", Policy=policy)
    s3.put_object(Bucket="bucket", Key="k", Body=b"x")
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"x"
    s3.put_object(Bucket="bucket", Key="k", Body=b"y")


def test_trail_records_accepted_and_refused_calls(clients, world, clock):
    """Each call is recorded with who, what, when and how it ended."""
    clients("iam").create_user(UserName="ann")
    clock.advance(5)
    with pytest.raises(ClientError):
        clients("sqs", credentials=replace(world.credentials(), secret_access_key="x")).list_queues()
    first, second = world.gateway.trail.recorded
    assert (first.service, first.operation, first.status, first.error) == ("iam", "CreateUser", 200, None)
    assert first.principal.arn == "arn:aws:iam::123456789012:root"
    assert (second.service, second.operation, second.status) == ("sqs", "ListQueues", 400)
    assert (second.error, second.principal) == ("InvalidSignatureException", None)
    assert (second.time - first.time).seconds == 5
    assert world.gateway.trail.calls == 2


def test_trail_is_bounded_and_counts_all():
    """The oldest entry falls out; the count goes on."""
    from twin.world.trail import Trail

    trail = Trail(kept=2)
    for number in range(3):
        trail.add(number)
    assert (list(trail.recorded), trail.calls) == ([1, 2], 3)


def test_faults_and_authorisers_run_in_order_before_the_store(clients, world):
    """A check may refuse, in the protocol of the call; the store is not reached."""
    order = []
    world.gateway.faults.append(lambda call: order.append(f"fault {call.operation}"))

    def deny(call):
        order.append("authorise")
        raise AwsError("AccessDenied", f"not {call.principal.kind}", 403)

    world.gateway.authorisers.append(deny)
    with pytest.raises(ClientError, match="not root"):
        clients("iam").create_user(UserName="ann")
    assert order == ["fault CreateUser", "authorise"]
    world.gateway.authorisers.clear()
    assert clients("iam").list_users()["Users"] == []


def build(world):
    """Make things of several services and return every id that was minted."""
    clients = Clients(world)
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")
    subnet = ec2.create_subnet(VpcId=vpc["Vpc"]["VpcId"], CidrBlock="10.0.1.0/24")["Subnet"]
    iam = clients("iam")
    user = iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    kms = clients("kms").create_key()["KeyMetadata"]["KeyId"]
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]
    sts = clients("sts", credentials=administrator(clients))
    assumed = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="s1")["Credentials"]
    session = sts.get_session_token(DurationSeconds=3600)["Credentials"]
    with pytest.raises(ClientError) as lacking:
        clients("pricing").describe_services()
    replies = (vpc, user, lacking.value.response)
    return [
        *(reply["ResponseMetadata"]["RequestId"] for reply in replies),
        vpc["Vpc"]["VpcId"], subnet["SubnetId"], user["User"]["UserId"], key["AccessKeyId"], key["SecretAccessKey"],
        kms, role["RoleId"], *map(str, assumed.values()), *map(str, session.values()), *vars_of(world.credentials()),
    ]  # fmt: skip


def vars_of(credentials):
    """Return the parts of credentials."""
    return credentials.access_key_id, credentials.secret_access_key


def test_same_seed_same_ids_other_seed_other_ids():
    """Every id follows from the seed and the sequence of calls."""
    runs = []
    for seed in (7, 7, 8):
        world = World(seed, VirtualClock(NOW))
        runs.append(build(world))
        world.close()
    assert runs[0] == runs[1]
    assert len({*runs[0]} & {*runs[2]}) == 1  # the expiry of the sessions


def test_another_process_mints_the_same_ids():
    """What was imported before does not move the ids."""
    code = (
        "import sys; sys.path[:0] = ['tests/world', '.']\n"
        "from test_gateway import *\n"
        "print('\\n'.join(build(World(7, VirtualClock(NOW)))))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    world = World(7, VirtualClock(NOW))
    assert run.stdout.splitlines() == build(world)
    world.close()


def test_closed_world_answers_no_more(world, clients):
    """A closed world refuses, and the next one is empty."""
    clients("iam").create_user(UserName="ann")
    request = clients.sent[-1]
    world.close()
    with pytest.raises(RuntimeError, match="closed"):
        world.handle(request)
    assert Clients(World(7, VirtualClock(NOW)))("iam").list_users()["Users"] == []


def test_verification_costs_less_than_a_quarter_millisecond(clients, world):
    """Reading and verifying a signature stays cheap (median of 300)."""
    clients("iam").list_users()
    request = clients.sent[-1]
    secret = world.credentials().secret_access_key
    spent = []
    for _ in range(300):
        start = time.perf_counter()
        verify(request, read_signature(request), secret)
        spent.append(time.perf_counter() - start)
    assert sorted(spent)[150] < 0.00025


def test_unknown_image_type_and_key_pair_are_refused(clients):
    """The store validates images, instance types and key pairs; a known image starts."""
    ec2 = clients("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    wanted = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    assert ec2.run_instances(**wanted)["Instances"]
    for change in ({"ImageId": "ami-0123456789abcdef0"}, {"InstanceType": "t3.enormous"}, {"KeyName": "nobody"}):
        with pytest.raises(ClientError, match="Invalid"):
            ec2.run_instances(**wanted | change)
