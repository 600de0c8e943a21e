"""Faults that meet calls: impaired control planes, throttling, errors, latency, dead Regions, full zones."""

import pytest
import yaml
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker
from moto.core.utils import get_service_model
from mounted import NOW, Clients
from refused import refusal

from twin.clock import VirtualClock
from twin.errors import FaultError
from twin.world.aws_errors import AwsError
from twin.world.behaviors import TASKS
from twin.world.failures import DATA, forms
from twin.world.fault import services
from twin.world.planes import changes_configuration, data_plane
from twin.world.world import World

ONCE = {"retries": {"total_max_attempts": 1}}
ZONE = "us-east-1a"
# One call of each wire protocol that only reads, and one that changes configuration.
READS = {
    "query": ("iam", "list_users", {}),
    "ec2": ("ec2", "describe_vpcs", {}),
    "json": ("kms", "list_keys", {}),
    "rest-json": ("eks", "list_clusters", {}),
    "rest-xml": ("route53", "list_hosted_zones", {}),
    "s3": ("s3", "list_buckets", {}),
    "cbor": ("cloudwatch", "list_metrics", {}),
}
WRITES = {
    "query": ("iam", "create_user", {"UserName": "a"}),
    "ec2": ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}),
    "json": ("kms", "create_key", {"KeySpec": "SYMMETRIC_DEFAULT"}),
    "rest-json": ("lambda", "delete_function", {"FunctionName": "a"}),
    "rest-xml": ("route53", "create_hosted_zone", {"Name": "a.example", "CallerReference": "1"}),
    "s3": ("s3", "create_bucket", {"Bucket": "made-in-between"}),
    "cbor": ("cloudwatch", "delete_alarms", {"AlarmNames": ["a"]}),
}
DOWN = {
    "query": ("ServiceUnavailable", 503),
    "ec2": ("Unavailable", 503),
    "json": ("ServiceUnavailable", 503),
    "rest-json": ("ServiceUnavailable", 503),
    "rest-xml": ("ServiceUnavailable", 503),
    "s3": ("ServiceUnavailable", 503),
    "cbor": ("ServiceUnavailable", 503),
}
SLOWED = {
    "query": ("Throttling", 400),
    "ec2": ("RequestLimitExceeded", 503),
    "json": ("ThrottlingException", 400),
    "rest-json": ("ThrottlingException", 429),
    "rest-xml": ("Throttling", 400),
    "s3": ("SlowDown", 503),
    "cbor": ("ThrottlingException", 400),
}
BROKEN = {
    "query": ("ServiceFailure", 500),
    "ec2": ("InternalError", 500),
    "json": ("KMSInternalException", 500),
    "rest-json": ("ServerException", 500),
    "rest-xml": ("InternalFailure", 500),
    "s3": ("InternalError", 500),
    "cbor": ("InternalServiceError", 500),
}


@pytest.fixture
def clients(world):
    """Clients that send each call once, so that a count of refusals is one of calls."""
    made = Clients(world)
    return lambda service, **more: made(service, **{**ONCE, **more})


def called(clients, row):
    """Return the function that makes a call of a table, and its parameters."""
    service, operation, parameters = row
    return getattr(clients(service), operation), parameters


@pytest.mark.parametrize("protocol", WRITES)
def test_impaired_control_plane_refuses_writes_and_reads_live(world, clients, protocol):
    """In each protocol boto3 reads the service's own code; healed, the same call is no longer refused so."""
    write, parameters = called(clients, WRITES[protocol])
    read, nothing = called(clients, READS[protocol])
    id_ = world.faults.inject("control-plane-impaired", {"services": [WRITES[protocol][0]]})
    assert refusal(write, **parameters) == DOWN[protocol]
    read(**nothing)
    assert world.faults.effects(id_).refused == 1
    world.faults.heal(id_)
    assert refused_or_not(lambda: write(**parameters)) in (None, "ResourceNotFound", "ResourceNotFoundException")
    assert world.faults.effects(id_).refused == 1


def test_data_plane_lives_while_its_control_plane_is_impaired(world, clients):
    """Objects, messages, items and sessions go on; the configuration of their services does not."""
    s3, sqs, dynamodb, sts = (clients(name) for name in ("s3", "sqs", "dynamodb", "sts"))
    s3.create_bucket(Bucket="a-bucket")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    key = {"AttributeName": "id", "KeyType": "HASH"}
    dynamodb.create_table(
        TableName="tab",
        KeySchema=[key],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    id_ = world.faults.inject("control-plane-impaired", {"services": ["s3", "sqs", "dynamodb", "sts", "iam"]})
    s3.put_object(Bucket="a-bucket", Key="k", Body=b"1")
    sqs.send_message(QueueUrl=url, MessageBody="m")
    dynamodb.put_item(TableName="tab", Item={"id": {"S": "1"}})
    sts.get_session_token()
    assert world.faults.effects(id_).total == 0
    assert refusal(s3.put_bucket_versioning, Bucket="a-bucket", VersioningConfiguration={"Status": "Enabled"})[1] == 503
    assert refusal(sqs.set_queue_attributes, QueueUrl=url, Attributes={"DelaySeconds": "1"})[1] == 503
    assert refusal(dynamodb.delete_table, TableName="tab")[1] == 503
    assert world.faults.effects(id_).refused == 3


def test_impaired_control_plane_refuses_services_too(world):
    """Auto Scaling cannot start instances while EC2's control plane is down; the trail's deliveries live."""
    call = {"account": "123456789012", "region": "us-east-1", "by": "autoscaling.amazonaws.com"}
    world.faults.inject("control-plane-impaired", {"services": ["ec2"]})
    with pytest.raises(Exception, match="Unavailable"):
        world.scene.call("ec2:CreateVpc", {"CidrBlock": "10.0.0.0/16"}, **call)
    world.scene.call("ec2:DescribeVpcs", {}, **call)


def test_service_that_could_not_do_its_work_says_so(world, clock, monkeypatch):
    """A task that a fault refuses is told of and nobody else's call breaks; any other refusal is a mistake of ours."""
    call = {"account": "123456789012", "region": "us-east-1", "by": "autoscaling.amazonaws.com"}

    def launch(scene, cidr):
        scene.call("ec2:CreateVpc", {"CidrBlock": cidr}, **call)

    monkeypatch.setitem(TASKS, "test.launch", launch)
    id_ = world.faults.inject("control-plane-impaired", {"services": ["ec2"]})
    world.scene.after(1, "test.launch", cidr="10.0.0.0/16")
    clock.advance(1)
    world.settle()
    (told,) = [h for h in world.scene.happenings if h.kind == "task.refused"]
    assert told.facts == {"task": "test.launch", "told": {"cidr": "10.0.0.0/16"}, "code": "Unavailable"}
    assert world.faults.effects(id_).refused == 1
    world.faults.heal(id_)
    world.scene.after(1, "test.launch", cidr="10.0.0.0/8")
    clock.advance(1)
    with pytest.raises(AwsError, match="InvalidVpc"):
        world.settle()


@pytest.mark.parametrize("protocol", READS)
def test_throttled_call_bears_its_services_code(world, clients, protocol):
    """A bucket of one token admits one call; boto3 reads the code, and knows that it may try again."""
    read, nothing = called(clients, READS[protocol])
    id_ = world.faults.inject("throttling", {"services": [READS[protocol][0]], "rate": 0, "burst": 1})
    read(**nothing)
    assert world.faults.effects(id_).total == 0
    code, status = refusal(read, **nothing)
    assert (code, status) == SLOWED[protocol]
    assert code in ThrottledRetryableChecker._THROTTLED_ERROR_CODES
    assert world.faults.effects(id_).refused == 1
    world.faults.heal(id_)
    read(**nothing)


def test_tokens_come_back_with_the_clock(world, clock, clients):
    """Two tokens per second, three at most: after a long while three calls pass, not more."""
    world.faults.inject("throttling", {"services": ["iam"], "rate": 2, "burst": 3})
    iam = clients("iam")

    def passed(calls):
        return [refused_or_not(iam.list_users) for _ in range(calls)].count(None)

    assert passed(5) == 3
    clock.advance(0.5)
    assert passed(3) == 1
    clock.advance(3600)
    assert passed(5) == 3


def refused_or_not(call):
    """Return the code with which a call is refused, None when it is not."""
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def test_buckets_are_per_service_account_region_or_caller(world, clients):
    """One account's burst takes nothing from another's, nor from another service; per principal, from nobody's."""
    world.faults.inject("throttling", {"rate": 0, "burst": 1})
    assert refused_or_not(clients("iam").list_users) is None
    assert refused_or_not(clients("iam").list_users) == "Throttling"
    assert refused_or_not(clients("sqs").list_queues) is None
    assert refused_or_not(clients("sqs", region="us-west-2").list_queues) is None
    assert refused_or_not(clients("iam", account="210987654321").list_users) is None


def test_caller_alone_is_throttled_by_its_arn(world, clients):
    """`principal` picks whom it concerns."""
    iam = clients("iam")
    iam.create_user(UserName="busy")
    key = iam.create_access_key(UserName="busy")["AccessKey"]
    held = type(world.credentials())(key["AccessKeyId"], key["SecretAccessKey"])
    world.faults.inject("throttling", {"rate": 0, "burst": 0, "principal": "*:user/busy"})
    assert refused_or_not(clients("sts", credentials=held).get_caller_identity) == "Throttling"
    assert refused_or_not(clients("sts").get_caller_identity) is None


@pytest.mark.parametrize("protocol", READS)
def test_error_rate_of_one_breaks_every_call(world, clients, protocol):
    """Each service breaks in its own words; healed, it works."""
    read, nothing = called(clients, READS[protocol])
    id_ = world.faults.inject("error-rate", {"services": [READS[protocol][0]], "share": 1})
    assert refusal(read, **nothing) == BROKEN[protocol]
    assert refusal(read, **nothing)[1] in TransientRetryableChecker._TRANSIENT_STATUS_CODES
    assert world.faults.effects(id_).refused == 2
    world.faults.heal(id_)
    read(**nothing)


def test_share_of_errors_comes_from_the_seed():
    """The same seed breaks the same calls, another seed others; about the share that was asked for."""

    def broken(seed):
        world = World(seed, VirtualClock(NOW))
        world.faults.inject("error-rate", {"services": ["iam"], "share": 0.3})
        iam = Clients(world)("iam", **ONCE)
        found = [refused_or_not(iam.list_users) is not None for _ in range(60)]
        world.close()
        return found

    first = broken(1)
    assert first == broken(1)
    assert first != broken(2)
    assert 8 <= sum(first) <= 28


def test_late_answer_tells_its_delay(world, clients):
    """The call is carried out, and its reply says how late it comes; delays of two faults add up."""
    two = [world.faults.inject("latency", {"services": ["iam"], "seconds": s}) for s in (2, 3.5)]
    clients("iam").create_user(UserName="slow")
    clients("sqs").list_queues()
    assert world.gateway.delayed == 5.5
    assert [world.faults.effects(id_).delayed for id_ in two] == [1, 1]
    world.faults.heal(two[0])
    clients("iam").list_users()
    assert world.gateway.delayed == 9.0


@pytest.mark.parametrize("protocol", ["ec2", "json", "rest-json", "s3", "cbor"])
def test_lost_region_answers_nobody(world, clients, protocol):
    """Reads fail too, in each protocol; another Region lives; healed, it answers."""
    service, operation, parameters = READS[protocol]
    id_ = world.faults.inject("region-loss", {"region": "us-east-1"})
    assert refusal(getattr(clients(service), operation), **parameters)[1] == 503
    getattr(clients(service, region="us-west-2"), operation)(**parameters)
    assert world.faults.effects(id_).refused == 1
    world.faults.heal(id_)
    getattr(clients(service), operation)(**parameters)


def test_services_without_a_region_outlive_it_but_cannot_be_changed(world, clients):
    """IAM and Route 53 answer while us-east-1, where their control planes stand, is lost; they take no change."""
    iam, route53 = clients("iam"), clients("route53")
    id_ = world.faults.inject("region-loss", {"region": "us-east-1"})
    iam.list_users()
    route53.list_hosted_zones()
    assert world.faults.effects(id_).total == 0
    assert refusal(iam.create_user, UserName="late") == ("ServiceUnavailable", 503)
    assert refusal(route53.create_hosted_zone, Name="a.example", CallerReference="1") == ("ServiceUnavailable", 503)
    world.faults.heal(id_)
    other = world.faults.inject("region-loss", {"region": "eu-west-1"})
    iam.create_user(UserName="late")
    assert world.faults.effects(other).total == 0


def test_bucket_is_lost_with_its_own_region(world, clients):
    """A bucket is where it is, whichever Region its client was told."""
    west = clients("s3", region="us-west-2")
    west.create_bucket(Bucket="in-the-west", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    world.faults.inject("region-loss", {"region": "us-west-2"})
    assert refusal(clients("s3").list_objects_v2, Bucket="in-the-west") == ("ServiceUnavailable", 503)


@pytest.mark.parametrize(
    ("kind", "options", "told"),
    [
        ("zone-los", {}, "there is no fault zone-los"),
        ("zone-loss", {}, "zone: Field required"),
        ("zone-loss", {"zone": "us-east-1z"}, "us-east-1 has us-east-1a"),
        ("zone-loss", {"zone": "moon"}, "no Availability Zone 'moon'"),
        ("zone-loss", {"zone": ZONE, "colour": "red"}, "colour: Extra inputs"),
        ("region-loss", {"region": "us-north-1"}, "no Region 'us-north-1'"),
        ("instance-loss", {"instance": "i-0123"}, "no instance i-0123"),
        ("node-loss", {"cluster": "none"}, "cluster none has no running nodes"),
        ("database-host-loss", {"database": "none"}, "no database none"),
        ("capacity-shortage", {"zone": "us-east-1z"}, "no Availability Zone"),
        ("control-plane-impaired", {"services": []}, "services: Tuple should have at least 1 item"),
        ("control-plane-impaired", {"services": ["s4"]}, "AWS has no service 's4'"),
        ("latency", {"operations": ["sts:GetCallerIdentity"], "seconds": 1}, "has its service before it"),
        ("throttling", {"services": ["iam"]}, "rate: Field required"),
        ("error-rate", {"share": 1.5}, "share: Input should be less than or equal to 1"),
        ("latency", {"seconds": 0}, "seconds: Input should be greater than 0"),
        ("health-check-flapping", {"health_check": "none"}, "no health check none"),
        ("health-check-flapping", {"target": "i-1"}, "either `target_group` and `target`"),
        ("health-check-flapping", {"target_group": "arn:x", "target": "i-1"}, "no target group arn:x"),
    ],
)  # fmt: skip
def test_fault_that_could_break_nothing_is_refused(world, kind, options, told):
    """An unknown kind, a wrong option, a part that is not there: a clear error, and no fault is on."""
    with pytest.raises(FaultError) as caught:
        world.faults.inject(kind, options)
    assert told in str(caught.value)
    assert world.faults.active() == []
    assert world.scene.conditions.all("zone") == []


def test_faults_overlap_and_heal_one_by_one(world, clients):
    """Two on one service are two: with one healed, the other still refuses."""
    first = world.faults.inject("control-plane-impaired", {"services": ["iam"]})
    second = world.faults.inject("control-plane-impaired", {"services": ["iam", "route53"]}, name="both")
    assert world.faults.active() == [first, "both"]
    assert refusal(clients("iam").create_user, UserName="a")[1] == 503
    world.faults.heal(first)
    assert refusal(clients("iam").create_user, UserName="a")[1] == 503
    assert [world.faults.effects(id_).refused for id_ in (first, second)] == [1, 1]
    world.faults.heal(second)
    clients("iam").create_user(UserName="a")
    with pytest.raises(FaultError, match="no fault both is active"):
        world.faults.heal("both")
    with pytest.raises(FaultError, match="there is a fault both already"):
        world.faults.inject("latency", {"seconds": 1}, name="both")


def test_fault_for_a_time_heals_by_itself(world, clock, clients):
    """After its seconds it is over; healed by hand before, nothing happens then."""
    id_ = world.faults.inject("error-rate", {"services": ["iam"], "share": 1}, seconds=60)
    gone = world.faults.inject("error-rate", {"services": ["sqs"], "share": 1}, seconds=60)
    world.faults.heal(gone)
    clock.advance(59)
    assert refusal(clients("iam").list_users)[1] == 500
    clock.advance(1)
    clients("iam").list_users()
    assert world.faults.active() == []
    assert (world.faults.all()[id_].ended - NOW).total_seconds() == 60


def test_codes_are_those_of_the_service_models():
    """A row that names botocore as its source has an exception shape of its code, and its status where it has one."""
    for service, row in forms()["services"].items():
        model = get_service_model(service)
        errors = {shape.metadata.get("error", {}).get("code", shape.name): shape for shape in model.error_shapes}
        for kind in ("unavailable", "internal", "throttled") if row["source"] == "botocore" else ():
            if kind not in row:
                continue
            code, status, _ = row[kind]
            assert code in errors, (service, code)
            declared = errors[code].metadata.get("error", {}).get("httpStatusCode")
            assert declared in (None, status), (service, code)


def test_every_figure_has_its_source():
    """Each row says where it is from and when it was read, or that it is assumed; each service exists."""
    data = yaml.safe_load(DATA.read_text())
    for name, row in {**data["protocols"], **data["services"]}.items():
        assert row["source"], name
        assert str(row["read"]) == "assumed" or str(row["read"]).startswith("2026-"), name
    assert data["services"].keys() <= services()


def test_planes_are_told_apart():
    """Reads and data plane change no configuration."""
    assert data_plane("s3", "PutObject")
    assert changes_configuration("s3", "PutBucketPolicy")
    assert not changes_configuration("iam", "GetRole")
    assert not changes_configuration("sts", "AssumeRole")
    assert changes_configuration("route53", "ChangeResourceRecordSets")


def test_writes_of_iam_count_late(world, clock, clients):
    """A key that was switched off still works for as long as the fault says; healed, it is dead at once."""
    iam = clients("iam")
    iam.create_user(UserName="worker")
    key = iam.create_access_key(UserName="worker")["AccessKey"]
    held = type(world.credentials())(key["AccessKeyId"], key["SecretAccessKey"])
    worker = clients("sts", credentials=held)
    clock.advance(60)
    id_ = world.faults.inject("iam-propagation-delay", {"seconds": 10})
    worker.get_caller_identity()
    assert world.faults.effects(id_).total == 0
    iam.update_access_key(UserName="worker", AccessKeyId=held.access_key_id, Status="Inactive")
    worker.get_caller_identity()
    assert world.faults.effects(id_).shown >= 1
    slower = world.faults.inject("iam-propagation-delay", {"seconds": 100})
    clock.advance(11)
    worker.get_caller_identity()
    world.faults.heal(slower)
    assert refused_or_not(worker.get_caller_identity) == "InvalidClientTokenId"
    shown = world.faults.effects(id_).shown
    world.faults.heal(id_)
    assert refused_or_not(worker.get_caller_identity) == "InvalidClientTokenId"
    assert world.faults.effects(id_).shown == shown
    assert world.gateway.authorisation.propagation.total_seconds() == 0
