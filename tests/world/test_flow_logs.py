"""VPC flow logs: what is written of packets that traffic told, where to, when, by whose leave, and at what price."""

import gzip
import json

import pytest
from refused import refusal

from twin.world.behaviors.flow_log_records import Amount, Interface, Packets
from twin.world.behaviors.flow_logs import flowed

ACCOUNT, REGION, GROUP = "123456789012", "us-east-1", "/aws/vpc/flow-logs"
TRUST = {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}
WRITES = ["logs:CreateLogStream", "logs:PutLogEvents"]
NOON = 1772366400
TCP = 6


def document(*statements):
    """Return a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Logged:
    """A VPC with an interface, its flow log, and packets told of it."""

    def __init__(self, world, clients):
        self.world, self.clients, self.ec2, self.logs = world, clients, clients("ec2"), clients("logs")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.web = Interface("eni-0a", self.vpc, subnet, "i-0a")

    def role(self, actions, trust=TRUST):
        """Make the role that writes."""
        iam = self.clients("iam")
        made = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=document(allowed))
        return made

    def to_group(self, actions=WRITES, *, trust=TRUST, **more):
        """Make a flow log that leads to a log group."""
        self.logs.create_log_group(logGroupName=GROUP)
        asked = {"LogGroupName": GROUP, "DeliverLogsPermissionArn": self.role(actions, trust), "TrafficType": "ALL"}
        return self.create(**asked, **more)

    def create(self, **asked):
        """Make a flow log of the VPC."""
        return self.ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[self.vpc], **asked)["FlowLogIds"][0]

    def pass_(self, *, action="ACCEPT", packets=10, span=(NOON, NOON + 60), interface=None):
        """Tell packets from a visitor to the interface's port 443."""
        seen = Packets(interface or self.web, "203.0.113.9", "10.0.0.5", 40000, 443, TCP, action, "ingress", 3)
        flowed(self.world.scene, (ACCOUNT, REGION), span, flows={seen: Amount(packets, packets * 100)})

    def lines(self):
        """Return what the log group holds."""
        return [one["message"] for one in self.logs.filter_log_events(logGroupName=GROUP)["events"]]

    def status(self):
        """Return how delivery went."""
        (log,) = self.ec2.describe_flow_logs()["FlowLogs"]
        return log["DeliverLogsStatus"], log.get("DeliverLogsErrorMessage")


@pytest.fixture
def vpc(world, clients):
    """A VPC without a flow log yet."""
    return Logged(world, clients)


def test_a_record_of_the_default_format_comes_when_it_is_due(vpc, clock):
    """The interval of ten minutes ends, five more pass; one line sums up what was told of the flow."""
    vpc.to_group()
    vpc.pass_()
    vpc.pass_(span=(NOON + 120, NOON + 180), packets=5)
    clock.advance(899)
    assert vpc.lines() == []
    clock.advance(1)
    want = f"2 {ACCOUNT} eni-0a 203.0.113.9 10.0.0.5 40000 443 6 15 1500 {NOON} {NOON + 180} ACCEPT OK"
    assert vpc.lines() == [want]
    streams = vpc.logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert [one["logStreamName"] for one in streams] == ["eni-0a-all"]
    assert vpc.status() == ("SUCCESS", None)


def test_each_interval_has_a_record_of_its_own(vpc, clock):
    """With intervals of a minute, what was told of two minutes is divided between them, to the byte."""
    vpc.to_group(MaxAggregationInterval=60)
    vpc.pass_(span=(NOON, NOON + 120))
    clock.advance(420)
    assert [line.split()[8:12] for line in vpc.lines()] == [
        ["5", "500", str(NOON), str(NOON + 60)],
        ["5", "500", str(NOON + 60), str(NOON + 120)],
    ]


@pytest.mark.parametrize(("wanted", "told"), [("ALL", ["ACCEPT", "REJECT"]), ("ACCEPT", ["ACCEPT"]),
                                              ("REJECT", ["REJECT"])])  # fmt: skip
def test_only_the_traffic_that_was_asked_for_is_written(vpc, clock, wanted, told):
    """What a security group drops is REJECT; a log of the one kind has no line of the other."""
    vpc.logs.create_log_group(logGroupName=GROUP)
    vpc.create(LogGroupName=GROUP, DeliverLogsPermissionArn=vpc.role(WRITES), TrafficType=wanted)
    vpc.pass_()
    vpc.pass_(action="REJECT")
    clock.advance(900)
    assert sorted(line.split()[12] for line in vpc.lines()) == told


def test_an_interface_that_saw_nothing_says_so(vpc, clock):
    """In an interval in which another one saw packets; one that is attached to nothing says nothing."""
    image = vpc.ec2.describe_images()["Images"][0]["ImageId"]
    asked = {"ImageId": image, "MinCount": 1, "MaxCount": 1, "SubnetId": vpc.web.subnet}
    made = vpc.ec2.run_instances(**asked)["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]
    vpc.ec2.create_network_interface(SubnetId=vpc.web.subnet)
    vpc.to_group()
    vpc.pass_()
    clock.advance(900)
    without = [line for line in vpc.lines() if line.endswith("NODATA")]
    assert without == [f"2 {ACCOUNT} {made} - - - - - - - {NOON} {NOON + 600} - NODATA"]


@pytest.mark.parametrize(
    ("actions", "trust"),
    [
        (["logs:CreateLogStream"], TRUST),
        (["logs:PutLogEvents"], TRUST),
        (WRITES, TRUST | {"Principal": {"Service": "cloudtrail.amazonaws.com"}}),
        (WRITES, TRUST | {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}}),
    ],
)
def test_nothing_is_written_by_a_role_that_may_not(vpc, clock, actions, trust):
    """It lacks a right, trusts another service, or trusts it for another account; DescribeFlowLogs says so."""
    vpc.to_group(actions, trust=trust)
    vpc.pass_()
    clock.advance(900)
    assert vpc.lines() == []
    assert vpc.status() == ("FAILED", "Access error")


@pytest.mark.parametrize(("more", "made"), [([], False), (["logs:CreateLogGroup"], True)])
def test_a_missing_log_group_is_made_by_a_role_that_may(vpc, clock, more, made):
    """Another one's records are lost."""
    vpc.create(LogGroupName=GROUP, DeliverLogsPermissionArn=vpc.role([*WRITES, *more]), TrafficType="ALL")
    vpc.pass_()
    clock.advance(900)
    assert vpc.status()[0] == ("SUCCESS" if made else "FAILED")
    assert bool(vpc.logs.describe_log_groups()["logGroups"]) == made


def test_packets_of_another_vpc_or_after_deletion_are_not_written(vpc, clock):
    """A flow log covers its VPC, and what is waiting when it is deleted is dropped."""
    log = vpc.to_group()
    vpc.pass_(interface=Interface("eni-0b", "vpc-other", "subnet-other"))
    assert vpc.world.agenda.entries() == []
    vpc.pass_()
    vpc.ec2.delete_flow_logs(FlowLogIds=[log])
    clock.advance(900)
    assert vpc.lines() == []


@pytest.mark.parametrize(
    ("format_", "told"),
    [
        ("${dstport} ${action}", "443 ACCEPT"),
        ("${version} ${bytes}", "2 1000"),
        ("${version} ${vpc-id} ${tcp-flags}", "3 {vpc} 3"),
        ("${version} ${region} ${az-id} ${flow-direction}", "5 us-east-1 {az} ingress"),
        ("${version} ${type} ${ecs-task-id} ${reject-reason}", "8 IPv4 - -"),
    ],
)
def test_a_format_of_ones_own_says_what_it_names(vpc, clock, format_, told):
    """The version is the newest of the fields'; what nothing is known of is `-`."""
    vpc.to_group(LogFormat=format_)
    vpc.pass_()
    clock.advance(900)
    zone = vpc.ec2.describe_subnets(SubnetIds=[vpc.web.subnet])["Subnets"][0]["AvailabilityZoneId"]
    assert vpc.lines() == [told.format(vpc=vpc.vpc, az=zone)]


@pytest.mark.parametrize("format_", ["${srcaddr} ${nonsense}", "srcaddr dstaddr", "${srcaddr},${dstaddr}",
                                     "${srcaddr} "])  # fmt: skip
def test_a_format_that_is_none_is_refused(vpc, format_):
    """An unknown field, no braces, another separator, a space at the end."""
    asked = {"LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::b", "TrafficType": "ALL"}
    assert refusal(vpc.create, LogFormat=format_, **asked) == ("InvalidParameter", 400)


@pytest.mark.parametrize(
    "more",
    [
        {
            "LogDestinationType": "kinesis-data-firehose",
            "LogDestination": "arn:aws:firehose:us-east-1:1:deliverystream/x",
        },
        {
            "LogDestinationType": "s3",
            "LogDestination": "arn:aws:s3:::b",
            "DestinationOptions": {"FileFormat": "parquet"},
        },
    ],
)
def test_what_is_not_written_here_is_refused_by_name(vpc, more):
    """Firehose and Parquet."""
    assert refusal(vpc.create, TrafficType="ALL", **more)[0] == "TwinUnsupportedOperation"


def let_in(vpc, **conditions):
    """Make a bucket that takes log files on conditions, and a flow log that leads to it."""
    vpc.s3 = vpc.clients("s3")
    vpc.s3.create_bucket(Bucket="flows")
    allowed = {
        "Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::flows/AWSLogs/{ACCOUNT}/*", "Condition": {"StringEquals": conditions},
    }  # fmt: skip
    vpc.s3.put_bucket_policy(Bucket="flows", Policy=document(allowed))
    vpc.create(LogDestinationType="s3", LogDestination="arn:aws:s3:::flows", TrafficType="ALL")


def test_a_bucket_takes_a_file_where_its_policy_lets_it_in(vpc, clock):
    """Ten minutes after the interval, under the documented key: the fields' names, then the records."""
    let_in(vpc, **{"aws:SourceAccount": ACCOUNT, "s3:x-amz-acl": "bucket-owner-full-control"})
    vpc.pass_()
    clock.advance(1199)
    assert vpc.s3.list_objects_v2(Bucket="flows")["KeyCount"] == 0
    clock.advance(1)
    (found,) = vpc.s3.list_objects_v2(Bucket="flows")["Contents"]
    start = f"AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1/2026/03/01/{ACCOUNT}_vpcflowlogs_us-east-1_fl-"
    assert found["Key"].startswith(start)
    assert "_20260301T1220Z_" in found["Key"]
    head, record = (
        gzip.decompress(vpc.s3.get_object(Bucket="flows", Key=found["Key"])["Body"].read()).decode().split("\n")[:2]
    )
    assert head.startswith("version account-id interface-id srcaddr")
    assert record.endswith("ACCEPT OK")


def test_a_bucket_that_lets_nobody_in_gets_nothing(vpc, clock):
    """Its policy names another account."""
    let_in(vpc, **{"aws:SourceAccount": "210987654321"})
    vpc.pass_()
    clock.advance(1200)
    assert vpc.s3.list_objects_v2(Bucket="flows")["KeyCount"] == 0
    assert vpc.status() == ("FAILED", "Access error")


def test_records_are_metered_as_vended_logs(vpc, clock):
    """By their bytes, at the price of logs that AWS's services write; silence costs nothing."""
    vpc.to_group()
    vpc.pass_()
    clock.advance(900)
    (line,) = vpc.lines()
    used = vpc.world.scene.meter.used(vpc.world.scene).uses
    usages = {one.where.usage: float(one.quantity) for one in used if one.where.resource == GROUP}
    assert usages["VendedLog-Bytes"] == pytest.approx((len(line) + 26) / 1024**3)
    assert "DataProcessing-Bytes" not in usages
