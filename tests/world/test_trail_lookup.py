"""LookupEvents: management events, newest first, filtered and in pages."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from mounted import NOW


def look(clients, **asked):
    """Return the events of every page."""
    pages = clients("cloudtrail", region=asked.pop("region", "us-east-1")).get_paginator("lookup_events")
    return [event for page in pages.paginate(**asked) for event in page["Events"]]


def by(key, value):
    """Return the argument that asks for one attribute."""
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


@pytest.fixture
def busy(clients, clock):
    """Some calls, long enough ago to be seen."""
    iam, s3 = clients("iam"), clients("s3")
    for number in range(60):
        iam.create_user(UserName=f"u{number}")
        clock.advance(1)
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="k", Body=b"x")
    clients("ec2", region="eu-west-1").describe_vpcs()
    clock.advance(600)
    return clients


def test_events_come_newest_first_in_pages(busy):
    """Sixty-one management events, fifty and eleven; objects are no management events."""
    first = busy("cloudtrail").lookup_events()
    assert len(first["Events"]) == 50
    events = look(busy)
    assert [e["EventName"] for e in events] == ["CreateBucket"] + ["CreateUser"] * 60
    assert events == sorted(events, key=lambda event: event["EventTime"], reverse=True)
    assert len({e["EventId"] for e in events}) == 61
    assert json.loads(events[-1]["CloudTrailEvent"])["requestParameters"] == {"userName": "u0"}
    assert (events[-1]["Username"], events[-1]["ReadOnly"]) == ("root", "false")


def test_event_is_not_seen_before_its_delay(clients, clock):
    """A call is invisible at first, and visible after the delay in the data."""
    clients("iam").create_user(UserName="ann")
    clock.advance(299)
    assert look(clients) == []
    clock.advance(1)
    assert [e["EventName"] for e in look(clients)] == ["CreateUser"]


def test_event_is_gone_after_90_days(busy, clock):
    """Ninety days are kept for lookup; the evidence keeps all."""
    clock.advance(90 * 86400)
    assert look(busy) == []
    assert len(list(busy.world.evidence.events(name="CreateUser"))) == 60


def test_each_attribute_filters(busy, world):
    """The documented attributes find the one user; others find nothing."""
    event = look(busy, **by("ResourceName", "u7"))[0]
    assert event["Resources"] == [{"ResourceType": "AWS::IAM::User", "ResourceName": "u7"}]
    assert [e["EventId"] for e in look(busy, **by("EventId", event["EventId"]))] == [event["EventId"]]
    counts = {
        ("EventName", "CreateUser"): 60, ("EventName", "DeleteUser"): 0, ("EventSource", "s3.amazonaws.com"): 1,
        ("ReadOnly", "false"): 61, ("ResourceType", "AWS::IAM::User"): 60, ("Username", "root"): 61,
        ("AccessKeyId", world.credentials().access_key_id): 61, ("AccessKeyId", "AKIANOBODY"): 0,
    }  # fmt: skip
    assert {pair: len([e for e in look(busy, **by(*pair)) if e["EventSource"] != "cloudtrail.amazonaws.com"])
            for pair in counts} == counts  # fmt: skip


def test_times_bound_the_search_and_regions_part_it(busy):
    """Start and end are inclusive; what was done in another Region is seen there; another account sees nothing."""
    between = {"StartTime": NOW + timedelta(seconds=10), "EndTime": NOW + timedelta(seconds=12)}
    assert len(look(busy, **between)) == 3
    assert [e["EventName"] for e in look(busy, region="eu-west-1")] == ["DescribeVpcs"]
    assert busy("cloudtrail", account="210987654321").lookup_events()["Events"] == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"StartTime": NOW, "EndTime": NOW - timedelta(days=1)}, "InvalidTimeRangeException"),
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"NextToken": "nonsense"}, "InvalidNextTokenException"),
        (by("Colour", "red"), "InvalidLookupAttributesException"),
    ],
)
def test_wrong_question_is_refused_with_its_code(clients, asked, code):
    """Each mistake has CloudTrail's own error."""
    client = clients("cloudtrail", parameter_validation=False)
    with pytest.raises(ClientError) as caught:
        client.lookup_events(**asked)
    assert caught.value.response["Error"]["Code"] == code


def test_token_of_another_question_is_refused(busy):
    """A token continues only the search that gave it."""
    token = busy("cloudtrail").lookup_events(MaxResults=5)["NextToken"]
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        busy("cloudtrail").lookup_events(NextToken=token, **by("EventName", "CreateUser"))
