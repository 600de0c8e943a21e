"""GuardDuty: what calls show is found minutes later, counted, told, archived and suppressed."""

import json

import people
import pytest
from refused import refusal
from trails import make_trail


@pytest.fixture
def eve(clients):
    """Clients of a user who may do everything; the detector would speak of root's calls otherwise."""
    held = people.administrator(clients, "eve")
    return lambda service, **config: clients(service, credentials=held, **config)


@pytest.fixture
def detector(eve):
    """A detector that tells again every fifteen minutes."""
    return eve("guardduty").create_detector(Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES")["DetectorId"]


def findings(eve, detector, **criterion):
    """Return the findings that meet criteria."""
    guardduty = eve("guardduty")
    criteria = {"FindingCriteria": {"Criterion": criterion}} if criterion else {}
    ids = guardduty.list_findings(DetectorId=detector, **criteria)["FindingIds"]
    return guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]


def told(world):
    """Return the types and counts that EventBridge was told."""
    return [
        (happening.facts["detail"]["type"], happening.facts["detail"]["service"]["count"])
        for happening in world.scene.happenings
        if happening.kind == "aws.event" and happening.facts["source"] == "aws.guardduty"
    ]


def test_stopped_trail_is_found_within_five_minutes(clients, eve, detector, clock, world):
    """The finding names the call, the user and the address from which it came."""
    make_trail(eve)
    eve("cloudtrail").stop_logging(Name="main")
    clock.advance(170)
    assert findings(eve, detector) == []
    clock.advance(140)
    (found,) = findings(eve, detector)
    assert (found["Type"], found["Severity"]) == ("Stealth:IAMUser/CloudTrailLoggingDisabled", 2.0)
    assert found["Service"]["Action"]["AwsApiCallAction"]["Api"] == "StopLogging"
    assert found["Resource"]["AccessKeyDetails"]["UserName"] == "eve"
    assert told(world) == [("Stealth:IAMUser/CloudTrailLoggingDisabled", 1)]
    assert world.agenda.entries() == []


def test_what_happens_again_is_counted_and_told_at_the_detectors_pace(eve, detector, clock, world):
    """Three stops are one finding; the second and third are told together a quarter of an hour later."""
    make_trail(eve)
    trails = eve("cloudtrail")
    trails.stop_logging(Name="main")
    clock.advance(310)
    for _ in range(2):
        trails.stop_logging(Name="main")
    clock.advance(890)
    assert [count for _, count in told(world)] == [1]
    clock.advance(20)
    assert [found["Service"]["Count"] for found in findings(eve, detector)] == [3]
    assert [count for _, count in told(world)] == [1, 3]


def open_bucket(eve, name="open"):
    """Let everybody read a bucket."""
    s3 = eve("s3")
    s3.create_bucket(Bucket=name)
    s3.delete_public_access_block(Bucket=name)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def test_opened_bucket_is_found(eve, detector, clock):
    """The block that went, and the policy that lets everybody in; a policy for one account is nothing."""
    open_bucket(eve)
    s3 = eve("s3")
    s3.create_bucket(Bucket="closed")
    statement = {"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "s3:GetObject"}
    statement["Resource"] = "arn:aws:s3:::closed/*"
    s3.put_bucket_policy(Bucket="closed", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    clock.advance(310)
    found = {(one["Type"], one["Resource"]["S3BucketDetails"][0]["Name"]) for one in findings(eve, detector)}
    assert found == {
        ("Policy:S3/BucketBlockPublicAccessDisabled", "open"),
        ("Policy:S3/BucketAnonymousAccessGranted", "open"),
    }
    high = findings(eve, detector, severity={"Gte": 7})
    assert [one["Type"] for one in high] == ["Policy:S3/BucketAnonymousAccessGranted"]


def test_root_and_an_attackers_system_are_found(clients, eve, detector, clock):
    """By who calls, and by the system that the agent names."""
    clients("iam").list_users()
    eve("iam", user_agent_extra="kali-linux").list_users()
    clock.advance(310)
    found = sorted(one["Type"] for one in findings(eve, detector))
    assert found == ["PenTest:IAMUser/KaliLinux", "Policy:IAMUser/RootCredentialUsage"]


def test_nothing_is_found_without_a_detector_that_watches(clients, eve, clock, world):
    """Neither before it is there, nor while it is suspended, nor of a call that failed."""
    make_trail(eve)
    eve("cloudtrail").stop_logging(Name="main")
    guardduty = eve("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    assert refusal(eve("cloudtrail").stop_logging, Name="gone")[0] == "TrailNotFoundException"
    guardduty.update_detector(DetectorId=detector, Enable=False)
    eve("cloudtrail").stop_logging(Name="main")
    clock.advance(310)
    assert findings(eve, detector) == []
    assert refusal(guardduty.list_findings, DetectorId="0" * 32) == ("BadRequestException", 400)


def test_archived_finding_comes_anew_when_it_happens_again(eve, detector, clock):
    """What was put away stays away; the next occurrence is another finding."""
    make_trail(eve)
    eve("cloudtrail").stop_logging(Name="main")
    clock.advance(310)
    (first,) = findings(eve, detector)
    eve("guardduty").archive_findings(DetectorId=detector, FindingIds=[first["Id"]])
    assert findings(eve, detector, **{"service.archived": {"Eq": ["false"]}}) == []
    eve("cloudtrail").stop_logging(Name="main")
    clock.advance(310)
    (second,) = findings(eve, detector, **{"service.archived": {"Eq": ["false"]}})
    assert second["Id"] != first["Id"]
    assert len(findings(eve, detector)) == 2


def test_filter_suppresses_what_it_matches(eve, detector, clock, world):
    """A finding that a filter archives is kept, and nobody is told."""
    eve("guardduty").create_filter(
        DetectorId=detector,
        Name="trails",
        Action="ARCHIVE",
        FindingCriteria={"Criterion": {"type": {"Eq": ["Stealth:IAMUser/CloudTrailLoggingDisabled"]}}},
    )
    make_trail(eve)
    eve("cloudtrail").stop_logging(Name="main")
    clock.advance(310)
    assert [one["Service"]["Archived"] for one in findings(eve, detector)] == [True]
    assert told(world) == []
