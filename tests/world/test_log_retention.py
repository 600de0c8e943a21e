"""CloudWatch Logs: what is older than a group keeps its events is read by nobody, and not taken in."""

import pytest
from refused import refusal

DAY = 86_400


@pytest.fixture
def logs(clients):
    """A client of CloudWatch Logs, with a stream in a group."""
    made = clients("logs")
    made.create_log_group(logGroupName="g")
    made.create_log_stream(logGroupName="g", logStreamName="s")
    return made


def put(logs, clock, *days):
    """Put an event of each age, oldest first; return what is told of those that were not taken."""
    events = [{"timestamp": int((clock.now().timestamp() - age * DAY) * 1000), "message": f"{age:g}"} for age in days]
    told = logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
    return told.get("rejectedLogEventsInfo")


def read(logs, clock):
    """Return the messages that GetLogEvents, FilterLogEvents and a query tell."""
    got = logs.get_log_events(logGroupName="g", logStreamName="s", startFromHead=True)["events"]
    filtered = logs.filter_log_events(logGroupName="g")["events"]
    span = {"startTime": int(clock.now().timestamp()) - 365 * DAY, "endTime": int(clock.now().timestamp()) + DAY}
    query = logs.start_query(logGroupName="g", queryString="fields @message | sort @timestamp asc", **span)["queryId"]
    rows = logs.get_query_results(queryId=query)["results"]
    asked = [field["value"] for row in rows for field in row if field["field"] == "@message"]
    return [event["message"] for event in got], [event["message"] for event in filtered], asked


def test_events_are_read_as_long_as_their_group_keeps_them(logs, clock):
    """By their own time and not by that of their coming; a longer retention, or none, keeps more."""
    put(logs, clock, 6, 2, 0)
    assert read(logs, clock) == (["6", "2", "0"],) * 3
    logs.put_retention_policy(logGroupName="g", retentionInDays=5)
    assert read(logs, clock) == (["2", "0"],) * 3
    clock.advance(3 * DAY + 1)
    assert read(logs, clock) == (["0"],) * 3
    clock.advance(2 * DAY)
    assert read(logs, clock) == ([],) * 3
    assert refusal(logs.put_retention_policy, logGroupName="g", retentionInDays=6) == ("InvalidParameterException", 400)


def test_events_that_come_too_late_or_too_early_are_left_out_and_told(logs, clock):
    """Fourteen days at most, or what the group keeps; two hours ahead at most. The rest is taken."""
    assert put(logs, clock, 15, 14.5, 2, 0, -0.05, -0.5, -1) == {
        "tooOldLogEventEndIndex": 2,
        "tooNewLogEventStartIndex": 5,
    }
    assert read(logs, clock)[0] == ["2", "0", "-0.05"]
    logs.put_retention_policy(logGroupName="g", retentionInDays=1)
    assert put(logs, clock, 15, 3, 2, 0.5) == {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 3}
    assert read(logs, clock)[0] == ["0.5", "0", "-0.05"]
    assert put(logs, clock, 0.1) is None
