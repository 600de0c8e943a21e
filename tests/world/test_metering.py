"""What costs is metered as it comes and goes: by calls, by behaviors, by the clock, and never from a spec."""

import json
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from twin.analysis.cost import read_costs
from twin.semantics.pricing.book import standard_book
from twin.world.metering.bills import bill_of, forecast_of
from twin.world.metering.told import told

ACCOUNT = "123456789012"
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
ZONE = "us-east-1a"


def costs(world, clock, start=MARCH):
    """Return what the account owes by usage, rounded to a thousandth of a dollar."""
    found = {}
    for charge in bill_of(world.scene, ACCOUNT, start, end=clock.now()).charges:
        found[charge.where.usage] = found.get(charge.where.usage, D(0)) + charge.net
    return {usage: float(round(cost, 4)) for usage, cost in found.items() if cost}


def image(ec2):
    """Return an image of Amazon's."""
    return ec2.describe_images(Filters=[{"Name": "name", "Values": ["amzn2-ami-hvm-2.0*"]}])["Images"][0]["ImageId"]


@pytest.fixture
def instance(clients):
    """A running t3.large without a disk of its own in the list."""
    ec2 = clients("ec2")
    made = ec2.run_instances(ImageId=image(ec2), InstanceType="t3.large", MinCount=1, MaxCount=1)
    return made["Instances"][0]["InstanceId"]


def test_an_instance_costs_from_its_start_to_its_stop(world, clock, clients, instance):
    """Two hours of running cost two hours, and the days after the stop only the disk."""
    clock.advance(7200)
    clients("ec2").stop_instances(InstanceIds=[instance])
    clock.advance(86400)
    world.settle()
    stopped = costs(world, clock)["BoxUsage:t3.large"]
    assert 0.1664 <= stopped <= 0.1664 + 0.0832 / 12
    clock.advance(10 * 86400)
    world.settle()
    assert costs(world, clock)["BoxUsage:t3.large"] == stopped
    assert costs(world, clock)["EBS:VolumeUsage.gp2"] > 0


def test_an_instance_that_nobody_stops_goes_on_costing(world, clock, clients, instance):
    """Without the stop the same days cost by the hour, with nothing on the agenda."""
    clock.advance(86400)
    assert costs(world, clock)["BoxUsage:t3.large"] == round(24 * 0.0832, 4)


def test_a_task_of_the_world_ends_a_charge_too(world, clock, clients):
    """A database that a call begins to delete costs until the behavior has deleted it."""
    rds = clients("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="d", DBInstanceClass="db.t4g.medium", Engine="postgres", AllocatedStorage=100,
        MasterUsername="u", MasterUserPassword="longenough",
    )  # fmt: skip
    clock.advance(3600)
    rds.delete_db_instance(DBInstanceIdentifier="d", SkipFinalSnapshot=True)
    clock.advance(86400)
    world.settle()
    paid = costs(world, clock)
    assert 0.065 <= paid["InstanceUsage:db.t4g.medium"] < 2 * 0.065
    clock.advance(86400)
    assert costs(world, clock) == paid


def test_a_larger_class_is_paid_from_when_it_is_there(world, clock, clients):
    """A day small and a day larger: each class costs its day."""
    rds = clients("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="d", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="u", MasterUserPassword="longenough",
    )  # fmt: skip
    clock.advance(86400)
    rds.modify_db_instance(DBInstanceIdentifier="d", DBInstanceClass="db.t4g.large", ApplyImmediately=True)
    clock.advance(86400)
    world.settle()
    paid = costs(world, clock)
    assert paid["InstanceUsage:db.t4g.micro"] == pytest.approx(24 * 0.016, rel=0.05)
    assert paid["InstanceUsage:db.t4g.large"] == pytest.approx(24 * 0.129, rel=0.05)


def test_objects_cost_by_class_and_move_on_their_day(world, clock, clients):
    """A gigabyte is standard for thirty days, then infrequent, without a call in between."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_lifecycle_configuration(
        Bucket="lake",
        LifecycleConfiguration={
            "Rules": [
                {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""},
                 "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]}
            ]
        },
    )  # fmt: skip
    s3.put_object(Bucket="lake", Key="k", Body=b"x" * 2**20)
    clock.advance(60 * 86400)
    world.settle()
    bill = bill_of(world.scene, ACCOUNT, MARCH, end=clock.now())
    days = dict.fromkeys(("TimedStorage-ByteHrs", "TimedStorage-SIA-ByteHrs"), 0)
    for charge in bill.charges:
        if charge.where.usage in days:
            days[charge.where.usage] += 1
    # From noon on 1 March to the first midnight after thirty days, and from there to noon on 30 April.
    assert days == {"TimedStorage-ByteHrs": 31, "TimedStorage-SIA-ByteHrs": 30}


def test_requests_are_counted_by_kind(world, clock, clients):
    """Writes and lists are dear, reads are cheap, deletions are free."""
    s3 = clients("s3")
    s3.create_bucket(Bucket="requests")
    for _ in range(3):
        s3.put_object(Bucket="requests", Key="k", Body=b"x")
    s3.get_object(Bucket="requests", Key="k")
    s3.delete_object(Bucket="requests", Key="k")
    clock.advance(3600)
    charges = bill_of(world.scene, ACCOUNT, MARCH, end=clock.now()).charges
    found = {charge.where.usage: charge.quantity for charge in charges if charge.unit == "Requests"}
    assert found == {"Requests-Tier1": 4, "Requests-Tier2": 1}


def test_a_key_costs_until_its_deletion_is_planned(world, clock, clients):
    """A key pending deletion is free, and costs again when that is cancelled."""
    kms = clients("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    hour = 1 / 744
    clock.advance(36000)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    clock.advance(36000)
    assert costs(world, clock)["KMS-Keys"] == pytest.approx(10 * hour, abs=1e-4)
    kms.cancel_key_deletion(KeyId=key)
    clock.advance(36000)
    assert costs(world, clock)["KMS-Keys"] == pytest.approx(20 * hour, abs=1e-4)


def test_the_second_trail_is_paid(world, clock, clients):
    """Of two trails one is free and the other costs two dollars per hundred thousand events."""
    s3, cloudtrail, sts = clients("s3"), clients("cloudtrail"), clients("sts")
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},'
        '"Action":["s3:GetBucketAcl","s3:PutObject"],"Resource":["arn:aws:s3:::trails","arn:aws:s3:::trails/*"]}]}'
    )
    s3.create_bucket(Bucket="trails")
    s3.put_bucket_policy(Bucket="trails", Policy=policy)
    paid = {}
    for number in (1, 2):
        cloudtrail.create_trail(Name=f"trail{number}", S3BucketName="trails")
        cloudtrail.start_logging(Name=f"trail{number}")
        for _ in range(10):
            sts.get_caller_identity()
        clock.advance(3600)
        paid[number] = costs(world, clock).get("PaidEventsRecorded", 0)
    assert paid[1] == 0
    assert paid[2] > 0


def test_traffic_is_counted_where_it_is_told(world, clock):
    """Bytes through a NAT gateway cost by the gigabyte."""
    told = {"account": ACCOUNT, "region": "us-east-1", "way": "nat", "quantity": 100 * 2**30, "resource": "nat-1"}
    world.scene.emit("traffic.carried", **told)
    clock.advance(3600)
    assert costs(world, clock) == {"NatGateway-Bytes": 4.5}


def test_tags_follow_what_the_store_says(world, clock, clients, instance):
    """A charge's tags are those that the instance has."""
    clients("ec2").create_tags(Resources=[instance], Tags=[{"Key": "team", "Value": "a"}])
    clock.advance(60)
    bill_of(world.scene, ACCOUNT, MARCH, end=clock.now())
    assert world.scene.meter.tags[ACCOUNT, instance] == (("team", "a"),)


def test_a_quiet_month_changes_nothing_but_the_bill(world, clock, clients, instance):
    """Thirty idle days put nothing on the agenda, and the meter is the same bytes before and after."""
    clock.advance(600)
    world.settle()
    bill_of(world.scene, ACCOUNT, MARCH, end=clock.now())
    before, entries = pickle.dumps(world.scene.meter), world.agenda.entries()
    clock.advance(30 * 86400)
    world.settle()
    assert bill_of(world.scene, ACCOUNT, MARCH, end=APRIL).total > 50
    assert (pickle.dumps(world.scene.meter), world.agenda.entries()) == (before, entries)


def test_the_forecast_foresees_what_is_held(world, clock, clients):
    """A cluster's price of the month, from when it was made to the month's end."""
    clients("kms").create_key()
    clock.advance(86400)
    made = clock.now() - timedelta(days=1)
    forecast = forecast_of(world.scene, ACCOUNT, clock.now())
    hours = (APRIL - made) / timedelta(hours=1)
    assert float(round(forecast.total, 6)) == pytest.approx(hours / 744, abs=1e-5)


def test_the_account_of_a_meter_travels_as_json(world, clock, clients, instance):
    """Priced from its JSON, as a command does of the served twin, the usage costs what it costs here."""
    clients("kms").create_key()
    clients("ec2").create_tags(Resources=[instance], Tags=[{"Key": "team", "Value": "a"}])
    clock.advance(86400)
    found = read_costs(json.loads(json.dumps(told(world.scene))), standard_book(), {})
    assert found.so_far.total == bill_of(world.scene, None, MARCH, end=clock.now()).total > 2
    assert found.grouped(found.so_far, "tag:team")["a"] > 1


def test_an_aurora_cluster_costs_by_instance_and_by_what_its_storage_begins_with(world, clock, clients):
    """Two instances and one storage; where I/O is in the price, both are dearer."""
    rds = clients("rds")
    for name, kind in (("plain", "aurora"), ("quick", "aurora-iopt1")):
        rds.create_db_cluster(
            DBClusterIdentifier=name, Engine="aurora-postgresql", StorageType=kind, MasterUsername="app",
            ManageMasterUserPassword=True,
        )  # fmt: skip
        for number in (1, 2):
            rds.create_db_instance(
                DBInstanceIdentifier=f"{name}-{number}", DBClusterIdentifier=name, DBInstanceClass="db.r6g.large",
                Engine="aurora-postgresql",
            )  # fmt: skip
    clock.advance(36_000)
    found = costs(world, clock)
    assert (found["AuroraUsage:db.r6g.large"], found["AuroraIO-OptimizedUsage:db.r6g.large"]) == (5.2, 6.76)
    month = 31 * 24
    assert found["Aurora:StorageUsage"] == round(10 * 0.10 * 10 / month, 4)
    assert found["Aurora:IO-OptimizedStorageUsage"] == round(10 * 0.225 * 10 / month, 4)
