"""Every call of the catalogue's attackers, and what GuardDuty makes of it by itself; those who work are not found.

Findings that AWS calls AnomalousBehavior come from a model of what is usual, which the twin does not have.
"""

from pathlib import Path

import people
import pytest
from trails import make_trail

from twin.data_files import read_yaml
from twin.world.behaviors.guardduty_types import seen_in
from twin.world.trail.evidence import Witnessed

SCENARIOS = Path(__file__).parents[2] / "scenarios"
HOSTILE = ("attacker", "okta-intruder", "outsider", "token-thief")
EVERYBODY = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", '
    '"Resource": "arn:aws:s3:::handout/*"}}'
)
STOPPED = "Stealth:IAMUser/CloudTrailLoggingDisabled"
OPENING = "s3:PutBucketPolicy"
FOUND = {
    "cloudtrail:StopLogging": {STOPPED},
    "cloudtrail:DeleteTrail": {STOPPED},
    OPENING: {"Policy:S3/BucketAnonymousAccessGranted"},
}
"""What each call is found as, where it does what its scenario has it do; all other calls are found as nothing."""


def calls(*, hostile):
    """The calls that the actors of all scenarios make, by those who attack or by those who work."""
    found = set()
    for file in sorted(SCENARIOS.glob("*.yaml")):
        for actor in (read_yaml(file.read_text()).get("actors") or {}).values():
            if (actor["kind"] in HOSTILE) == hostile:
                found |= set(_called(actor))
    return sorted(call for call in found if call.count(":") == 1 and " " not in call)


def _called(value):
    if isinstance(value, dict):
        if isinstance(value.get("call"), str):
            yield value["call"]
        for one in value.values():
            yield from _called(one)
    elif isinstance(value, list):
        for one in value:
            yield from _called(one)


def witnessed(call, agent="Boto3/1.40"):
    """A call of a user as the trail saw it."""
    service, operation = call.split(":")
    identity = {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/eve", "userName": "eve"}
    told = {
        "number": 0, "micros": 0, "account": "123456789012", "region": "us-east-1", "service": service,
        "operation": operation, "protocol": "json", "method": "POST", "url": "/", "headers": [("User-Agent", agent)],
        "body": None, "status": 200, "error": None, "reply_headers": [], "reply": None, "request_id": "r",
        "identity": identity, "source": "192.0.2.1",
    }  # fmt: skip
    return Witnessed(**told)


def types(call, **more):
    """The types of what a call shows by itself, whatever the world holds."""
    return {seen.type for seen in seen_in(None, witnessed(call, **more))}


def test_the_catalogue_has_the_attacks_that_the_table_knows():
    """A scenario that stops to make one of these calls leaves the table with a row that tests nothing."""
    assert set(FOUND) <= set(calls(hostile=True))


@pytest.mark.parametrize("call", [call for call in calls(hostile=True) if call != OPENING])
def test_each_call_of_an_attack_is_found_as_documented(call):
    """By its own type, or not at all; what a policy opens is read from its bucket, in a test below."""
    assert types(call) == FOUND.get(call, set())


@pytest.mark.parametrize("call", calls(hostile=False))
def test_no_call_of_those_who_work_is_found(call):
    """The same calls, from a system that attackers use, would be."""
    assert types(call) == set()
    assert types(call, agent="aws-cli/2 kali-linux") == {"PenTest:IAMUser/KaliLinux"}


@pytest.fixture
def eve(clients):
    """A user who may do everything, and a detector."""
    held = people.administrator(clients, "eve")
    made = lambda service: clients(service, credentials=held)  # noqa: E731 - a client of a service
    return made, made("guardduty").create_detector(Enable=True)["DetectorId"]


def found(eve):
    """The types of what the detector found."""
    made, detector = eve
    guardduty = made("guardduty")
    ids = guardduty.list_findings(DetectorId=detector)["FindingIds"]
    return {one["Type"] for one in guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]}


def test_attacks_that_were_made_are_found_minutes_later(eve, clock):
    """A trail is stopped and deleted, a bucket is opened to everybody: B3 and B4."""
    made, _ = eve
    make_trail(made)
    made("cloudtrail").stop_logging(Name="main")
    made("cloudtrail").delete_trail(Name="main")
    made("s3").create_bucket(Bucket="handout")
    made("s3").delete_public_access_block(Bucket="handout")
    made("s3").put_bucket_policy(Bucket="handout", Policy=EVERYBODY)
    assert found(eve) == set()
    clock.advance(310)
    assert found(eve) == {STOPPED, *FOUND[OPENING], "Policy:S3/BucketBlockPublicAccessDisabled"}


def test_a_day_of_work_is_not_found(eve, clock):
    """Who makes buckets, keys, queues and machines, and starts a trail, does nothing that is found."""
    made, _ = eve
    make_trail(made)
    made("s3").create_bucket(Bucket="work")
    made("s3").put_object(Bucket="work", Key="a", Body=b"a")
    made("iam").create_user(UserName="ada")
    made("sqs").create_queue(QueueName="jobs")
    made("ec2").describe_instances()
    clock.advance(310)
    assert found(eve) == set()
