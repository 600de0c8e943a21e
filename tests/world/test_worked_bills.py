"""The three bills of docs/costs.md, made on the twin: each agrees with the hand's to the cent."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest
from mounted import Clients

from twin.clock import VirtualClock
from twin.semantics.pricing.bill import cents
from twin.semantics.pricing.book import standard_book
from twin.semantics.pricing.usage import Where
from twin.world.metering.bills import bill_of
from twin.world.world import World

ACCOUNT = "123456789012"
JUNE, JULY = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
PAGE = (Path(__file__).parents[2] / "docs" / "costs.md").read_text(encoding="utf-8")
HOUR = 3600


def by_hand(letter):
    """Return the total that the page has of a worked bill."""
    part = PAGE.split(f"**{letter}. ")[1]
    return D(re.search(r"\| total.*\*\*([\d.]+)\*\*", part)[1])


@pytest.fixture
def clock():
    """A clock that stands at the beginning of June."""
    return VirtualClock(JUNE)


@pytest.fixture
def world(clock):
    """A world of one account."""
    made = World(7, clock, accounts=(ACCOUNT,))
    yield made
    made.close()


@pytest.fixture
def clients(world):
    """A maker of clients."""
    return Clients(world)


def june(world, clock):
    """Let June end, and return its charges."""
    clock.advance((JULY - clock.now()) / timedelta(seconds=1))
    world.settle()
    return bill_of(world.scene, ACCOUNT, JUNE, end=JULY)


def test_a_way_out(world, clock, clients):
    """Bill A: hours, bytes, an address, and egress beyond the free hundred gigabytes."""
    ec2 = clients("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
    for way in ("nat", "internet"):
        told = {"account": ACCOUNT, "region": "us-east-1", "way": way, "quantity": 150 * 2**30}
        world.scene.emit("traffic.carried", **told)
    assert cents(june(world, clock).total) == by_hand("A")


def test_a_cluster_for_ten_days(world, clock, clients):
    """Bill B: a control plane, instances and disks by the second of ten days and six hours."""
    clock.advance(48 * HOUR)
    iam, eks, ec2 = clients("iam"), clients("eks"), clients("ec2")
    trust = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="eks", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    eks.create_cluster(name="c", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    image = ec2.describe_images(Filters=[{"Name": "name", "Values": ["amzn2-ami-hvm-2.0*"]}])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, InstanceType="m5.large", MinCount=2, MaxCount=2)["Instances"]
    clock.advance(246 * HOUR)
    world.settle()
    eks.delete_cluster(name="c")
    ec2.terminate_instances(InstanceIds=[one["InstanceId"] for one in made])
    charges = june(world, clock).charges
    wanted = ("eks", "ec2", "ec2-other")
    assert {charge.where.service for charge in charges} - set(wanted) <= {"vpc", "cloudtrail"}
    total = sum(charge.net for charge in charges if charge.where.service in wanted)
    assert cents(total) == by_hand("B")


@pytest.mark.parametrize(("credits", "expected"), [(D("0.40"), None), (D(0), D("0.38"))])
def test_odds_and_ends_under_credits(world, clock, clients, credits, expected):
    """Bill C: prorated months, a zone that was a mistake, minutes, a free tier; with its credits and without."""
    world.scene.own_prices = standard_book().with_overrides(
        {"accounts": {ACCOUNT: {"created": "2026-05-01", "credits": credits}}}
    )
    kms, route53, ec2 = clients("kms"), clients("route53"), clients("ec2")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    zone = route53.create_hosted_zone(Name="acme.example", CallerReference="1")["HostedZone"]["Id"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    clock.advance(2.5 * HOUR)
    ec2.release_address(AllocationId=address)
    clock.advance(3.5 * HOUR)
    route53.delete_hosted_zone(Id=zone)
    clock.advance(234 * HOUR)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    asked = sum(quantity for counts in world.scene.meter.counts.values() for where, quantity in counts.items()
                if where.usage == "KMS-Requests")  # fmt: skip
    world.scene.meter.count(Where(ACCOUNT, "us-east-1", "kms", "KMS-Requests"), 30_000 - asked, clock.now())
    assert cents(june(world, clock).total) == (by_hand("C") if expected is None else expected)
