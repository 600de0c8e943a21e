"""Log files in the trail's bucket: when, where, which events, and what keeps them away."""

import json
import re
import subprocess
import sys
from pathlib import Path

from mounted import NOW, Clients
from people import administrator, assumed
from refused import refusal
from trails import ACCOUNT, ARN, bucket_policy, delivered, key_policy, keys, make_trail, names

from twin.clock import VirtualClock
from twin.world.server import serve
from twin.world.world import World

LATER = 900
KEY = re.compile(
    rf"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/03/01/{ACCOUNT}_CloudTrail_us-east-1_20260301T1207Z_\w{{16}}\.json\.gz"
)


def test_log_file_arrives_after_the_delay_under_its_name(clients, clock):
    """Nothing before the window's end and its delay; then one file, with what was done."""
    trails = make_trail(clients)
    clients("iam").create_user(UserName="ann")
    clock.advance(449)
    assert keys(clients) == []
    assert "LatestDeliveryTime" not in trails.get_trail_status(Name="main")
    clock.advance(1)
    (key,) = keys(clients)
    assert KEY.fullmatch(key)
    assert names(delivered(clients)) == ["CreateTrail", "StartLogging", "CreateUser"][1:]
    head = clients("s3").head_object(Bucket="logs", Key=key)
    assert (head["ContentEncoding"], head["ContentType"]) == ("gzip", "application/json")
    status = trails.get_trail_status(Name="main")
    assert (status["LatestDeliveryTime"] - NOW).seconds == 450
    assert head["LastModified"] == status["LatestDeliveryTime"]
    assert "LatestDeliveryError" not in status


def test_nothing_is_logged_while_logging_is_stopped(clients, clock):
    """What is done after StopLogging is absent from the bucket, and present in the lookup and in the evidence."""
    trails = make_trail(clients)
    iam = clients("iam")
    iam.create_user(UserName="before")
    trails.stop_logging(Name="main")
    iam.create_user(UserName="hidden")
    clock.advance(LATER)
    iam.create_user(UserName="hidden-too")
    trails.start_logging(Name="main")
    iam.create_user(UserName="after")
    clock.advance(LATER)
    users = [e["requestParameters"]["userName"] for e in delivered(clients) if e["eventName"] == "CreateUser"]
    assert users == ["before", "after"]
    assert "StopLogging" in names(delivered(clients))
    attribute = {"AttributeKey": "EventName", "AttributeValue": "CreateUser"}
    assert len(trails.lookup_events(LookupAttributes=[attribute])["Events"]) == 4
    assert len(list(clients.world.evidence.events(name="CreateUser"))) == 4
    status = trails.get_trail_status(Name="main")
    assert status["IsLogging"] is True
    assert status["StopLoggingTime"] < status["StartLoggingTime"]


def test_bucket_that_refuses_makes_a_delivery_error_and_gets_the_file_when_mended(clients, clock):
    """The status names S3's error; delivery is tried again, and given up after 30 days."""
    trails, s3 = make_trail(clients), clients("s3")
    clients("iam").create_user(UserName="ann")
    s3.delete_bucket_policy(Bucket="logs")
    clock.advance(LATER)
    assert trails.get_trail_status(Name="main")["LatestDeliveryError"] == "AccessDenied"
    assert keys(clients) == []
    s3.put_bucket_policy(Bucket="logs", Policy=bucket_policy())
    clock.advance(LATER)
    assert "LatestDeliveryError" not in trails.get_trail_status(Name="main")
    assert "CreateUser" in names(delivered(clients))
    s3.delete_bucket_policy(Bucket="logs")
    clients("iam").create_user(UserName="lost")
    clock.advance(31 * 86400)
    s3.put_bucket_policy(Bucket="logs", Policy=bucket_policy())
    clock.advance(LATER)
    assert "lost" not in json.dumps(delivered(clients))


def test_conditions_and_denials_of_the_bucket_policy_hold(clients, clock):
    """A policy for another trail, or a Deny beside the Allow, keeps the files away."""
    trails, s3 = make_trail(clients), clients("s3")
    allowed = json.loads(bucket_policy())["Statement"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:Put*", "Resource": "arn:aws:s3:::logs/*"}
    insecure = deny | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    cases = (
        (bucket_policy(**{"aws:SourceArn": ARN + "-other"}), "AccessDenied"),
        (json.dumps({"Version": "2012-10-17", "Statement": [*allowed, deny]}), "AccessDenied"),
        (json.dumps({"Version": "2012-10-17", "Statement": [*allowed, insecure]}), None),
    )
    for policy, error in cases:
        s3.put_bucket_policy(Bucket="logs", Policy=policy)
        clock.advance(LATER)
        assert trails.get_trail_status(Name="main").get("LatestDeliveryError") == error


def test_bucket_that_is_gone_is_named(clients, clock):
    """The error is S3's."""
    trails = make_trail(clients)
    clients("s3").delete_bucket(Bucket="logs")
    clock.advance(LATER)
    assert trails.get_trail_status(Name="main")["LatestDeliveryError"] == "NoSuchBucket"


def test_basic_selectors_choose_events(clients, clock):
    """Writes only, and the objects of one bucket."""
    trails, s3 = make_trail(clients), clients("s3")
    objects = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::files/in/"]}
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [objects]}
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="in/early", Body=b"x")
    trails.put_event_selectors(TrailName="main", EventSelectors=[selector])
    s3.put_object(Bucket="files", Key="in/k", Body=b"x")
    s3.get_object(Bucket="files", Key="in/k")
    s3.put_object(Bucket="files", Key="out/k", Body=b"x")
    s3.list_buckets()
    clock.advance(LATER)
    events = delivered(clients)
    assert names(events) == ["StartLogging", "CreateBucket", "PutEventSelectors", "PutObject"]
    assert events[-1]["requestParameters"]["key"] == "in/k"


def test_calls_about_a_buckets_objects_are_events_of_its_prefix(clients, clock):
    """Lists and batches name no object; they are data events of what the bucket's objects begin with."""
    trails, s3 = make_trail(clients), clients("s3")
    selector = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": False,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::files/"]}],
    }
    for bucket in ("files", "others"):
        s3.create_bucket(Bucket=bucket)
    trails.put_event_selectors(TrailName="main", EventSelectors=[selector])
    for bucket in ("files", "others"):
        s3.list_objects_v2(Bucket=bucket)
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})
    clock.advance(LATER)
    events = [event for event in delivered(clients) if not event["managementEvent"]]
    assert names(events) == ["ListObjects", "DeleteObjects"]
    assert events[0]["resources"][0] == {"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::files/"}


def test_advanced_selectors_choose_events_and_yield_to_basic_ones(clients, clock):
    """Data events by ARN, no management events; basic selectors replace them."""
    trails, s3 = make_trail(clients), clients("s3")
    s3.create_bucket(Bucket="files")
    fields = {"eventCategory": ["Data"], "resources.type": ["AWS::S3::Object"]}
    selectors = [{"Field": name, "Equals": values} for name, values in fields.items()]
    selectors.append({"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::files/tmp/"]})
    trails.put_event_selectors(TrailName="main", AdvancedEventSelectors=[{"FieldSelectors": selectors}])
    clock.advance(LATER)
    s3.put_object(Bucket="files", Key="tmp/k", Body=b"x")
    s3.put_object(Bucket="files", Key="k", Body=b"x")
    clients("iam").create_user(UserName="ann")
    clock.advance(LATER)
    assert [e["requestParameters"]["key"] for e in delivered(clients) if e["eventName"] == "PutObject"] == ["k"]
    assert "CreateUser" not in names(delivered(clients))
    basic = {"ReadWriteType": "All", "IncludeManagementEvents": True}
    trails.put_event_selectors(TrailName="main", EventSelectors=[basic])
    told = trails.get_event_selectors(TrailName="main")
    assert not told.get("AdvancedEventSelectors")
    clients("iam").create_user(UserName="bob")
    clock.advance(LATER)
    assert names(delivered(clients)).count("CreateUser") == 1


def test_regions_and_prefix_are_the_trails(clients, clock):
    """A trail of one Region takes what happens there; one of all Regions has a folder for each."""
    make_trail(clients)
    clients("ec2", region="eu-west-1").create_vpc(CidrBlock="10.0.0.0/16")
    clock.advance(LATER)
    assert "CreateVpc" not in names(delivered(clients))
    clients("cloudtrail").update_trail(Name="main", IsMultiRegionTrail=True, S3KeyPrefix="pre")
    clients("ec2", region="eu-west-1").create_vpc(CidrBlock="10.1.0.0/16")
    clients("iam", region="eu-west-1").create_user(UserName="ann")
    clock.advance(LATER)
    ireland = f"pre/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/"
    assert names(delivered(clients, ireland)) == ["CreateVpc"]
    assert "CreateUser" in names(delivered(clients, f"pre/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/"))


def test_evidence_has_what_the_org_destroyed(clients, clock, world):
    """Trail, files and bucket are gone; the evidence has all of it, the service's own writes too."""
    trails, s3 = make_trail(clients), clients("s3")
    clients("iam").create_user(UserName="ann")
    clock.advance(LATER)
    for key in keys(clients):
        s3.delete_object(Bucket="logs", Key=key)
    trails.delete_trail(Name="main")
    clock.advance(LATER)
    world.settle()
    for key in keys(clients):
        s3.delete_object(Bucket="logs", Key=key)
    s3.delete_bucket(Bucket="logs")
    assert [e["requestParameters"]["userName"] for e in world.evidence.events(name="CreateUser")] == ["ann"]
    (written, *_) = (e for e in world.evidence.events(name="PutObject"))
    assert written["userIdentity"] == {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    assert written["sourceIPAddress"] == "cloudtrail.amazonaws.com"


def run(seed):
    """Do the same in a new world; return every log file and the evidence."""
    clock = VirtualClock(NOW)
    world = World(seed, clock)
    clients = Clients(world)
    make_trail(clients)
    clients("iam").create_user(UserName="ann")
    clock.advance(LATER)
    s3 = clients("s3")
    files = {key: s3.get_object(Bucket="logs", Key=key)["Body"].read() for key in keys(clients)}
    evidence = json.dumps(list(world.evidence.events()))
    world.close()
    return files, evidence


def test_same_seed_same_bytes():
    """Files and evidence are equal to the byte; another seed has other ids."""
    first, second, other = run(7), run(7), run(8)
    assert first == second
    assert first[0].keys() != other[0].keys()


def test_settle_delivers_without_a_call(clients, clock, world):
    """The world may be told to do what is due."""
    make_trail(clients)
    clock.advance(LATER)
    before = len(world.evidence)
    world.settle()
    world.settle()
    assert [e["userIdentity"]["type"] for e in world.evidence.events()][before:] == ["AWSService"]


def test_aws_cli_looks_up_events_of_the_served_world(world, clients, clock, tmp_path):
    """The CLI reads the user that was made, and no other."""
    clients("iam").create_user(UserName="ann")
    clock.advance(LATER)
    aws = Path(sys.executable).parent / "aws"
    with serve(world.handle) as server:
        environment = {
            **world.credentials().environment(), "AWS_ENDPOINT_URL": server.url, "AWS_DEFAULT_REGION": "us-east-1",
            "HOME": str(tmp_path), "PATH": "/usr/bin:/bin",
        }  # fmt: skip
        words = "cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue="

        def look(name):
            command = [aws, *(words + name).split()]
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
            return [event["EventName"] for event in json.loads(ended.stdout)["Events"]]

        # The CLI signs by the machine's time, which the gateway does not hold against it.
        assert (look("ann"), look("bob")) == (["CreateUser"], [])


def test_key_that_is_disabled_stops_delivery(clients, clock):
    """A trail whose KMS key is disabled names KMS's error; with the key enabled the file comes, encrypted."""
    kms = clients("kms")
    key = kms.create_key(Policy=key_policy())["KeyMetadata"]
    trails = make_trail(clients)
    trails.update_trail(Name="main", KmsKeyId=key["Arn"])
    kms.disable_key(KeyId=key["KeyId"])
    clock.advance(LATER)
    assert trails.get_trail_status(Name="main")["LatestDeliveryError"] == "KMS.DisabledException"
    kms.enable_key(KeyId=key["KeyId"])
    clock.advance(LATER)
    (first, *_) = keys(clients)
    head = clients("s3").head_object(Bucket="logs", Key=first)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key["Arn"])


def test_key_whose_policy_shuts_cloudtrail_out_stops_delivery(clients, clock):
    """Such a key is not taken for a trail; a policy that changes later stops the files."""
    kms = clients("kms")
    trails = make_trail(clients)
    own = kms.create_key()["KeyMetadata"]["Arn"]
    insufficient = ("InsufficientEncryptionPolicyException", 400)
    assert refusal(trails.update_trail, Name="main", KmsKeyId=own) == insufficient
    key = kms.create_key(Policy=key_policy())["KeyMetadata"]["Arn"]
    trails.update_trail(Name="main", KmsKeyId=key)
    kms.put_key_policy(
        KeyId=key, PolicyName="default", Policy=key_policy(other="arn:aws:cloudtrail:us-east-1:1:trail/x")
    )
    clock.advance(LATER)
    assert trails.get_trail_status(Name="main")["LatestDeliveryError"] == "KMS.AccessDeniedException"
    assert keys(clients) == []


def test_trail_of_an_organization_takes_its_accounts(clients, clock, world):
    """A member's call is filed under the organization and the member; without the setting it is not."""
    organizations = clients("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    member = organizations.create_account(AccountName="m", Email="m@example.com")["CreateAccountStatus"]["AccountId"]
    admin = administrator(clients)
    held = assumed(clients, f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole", admin)
    trails = make_trail(clients)
    clients("iam", credentials=held).create_user(UserName="one")
    trails.update_trail(Name="main", IsOrganizationTrail=True)
    clients("iam", credentials=held).create_user(UserName="two")
    clock.advance(LATER)
    folder = f"AWSLogs/{organization}/{member}/CloudTrail/us-east-1/"
    assert [e["requestParameters"]["userName"] for e in delivered(clients, folder)] == ["two"]
    assert member in {e["recipientAccountId"] for e in delivered(clients, folder)}


def test_a_trail_is_deleted_by_its_arn_and_missed_afterwards(clients):
    """The ARN names it as its name does; what is not there is not deleted."""
    trails = make_trail(clients)
    (trail,) = trails.describe_trails()["trailList"]
    trails.delete_trail(Name=trail["TrailARN"])
    assert trails.describe_trails()["trailList"] == []
    for name in (trail["TrailARN"], trail["Name"]):
        assert refusal(trails.delete_trail, Name=name)[0] == "TrailNotFoundException"
