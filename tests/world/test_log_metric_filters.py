"""Filter patterns as documented, metric filters that make data, and trails that reach log groups and alarms."""

import json

import pytest
from refused import refusal
from trails import make_trail

from twin.world.signals.log_conditions import PatternError
from twin.world.signals.log_patterns import compile_pattern, value_of

EVENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "errorCode": None,
        "mfa": False,
        "count": 404,
        "user": {"name": "root", "ids": [3, 7]},
        "objects": [{"id": "a"}, {"id": "b"}],
    }
)
ACCESS = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "[ERROR 400] BAD REQUEST", True),
        ("error", "[ERROR 400] BAD REQUEST", False),
        ("ERROR REQUEST", "[ERROR 400] BAD REQUEST", True),
        ("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", False),
        ("?ERROR ?WARN", "[WARN 400]", True),
        ("?ERROR ?WARN", "[INFO]", False),
        ("ERROR -ARGUMENTS", "[ERROR] MISSING ARGUMENTS", False),
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL", False),
        ("%[0-9]{3}%", "code 404", True),
        ("%^[0-9]{3}%", "code 404", False),
        ('{ $.eventType = "UpdateTrail" }', EVENT, True),
        ('{ $.eventType = "Update*" }', EVENT, True),
        ('{ $.eventType = "Trail" }', EVENT, False),
        ('{ $.eventType != "UpdateTrail" }', EVENT, False),
        ('{ $.absent != "x" }', EVENT, False),
        ("{ $.count >= 400 && $.count < 500 }", EVENT, True),
        ("{ $.count = 4* }", EVENT, True),
        ("{ $.count = 404 }", EVENT, True),
        ("{ $.count > 404 }", EVENT, False),
        ("{ $.errorCode IS NULL }", EVENT, True),
        ("{ $.mfa IS FALSE }", EVENT, True),
        ("{ $.mfa IS TRUE }", EVENT, False),
        ("{ $.absent NOT EXISTS }", EVENT, True),
        ("{ $.eventType NOT EXISTS }", EVENT, False),
        ("{ $.user.ids[1] = 7 }", EVENT, True),
        ("{ $.user.ids[0] = 7 }", EVENT, False),
        ('{ $.objects[*].id = "b" }', EVENT, True),
        ("{ ($.count = 1) || (($.count = 404) && ($.user.name = root)) }", EVENT, True),
        ("{ $.user.name = %^ro{2}t$% }", EVENT, True),
        ("{ $.count = 404 }", "no JSON", False),
        ("[ip, user, username, timestamp, request, status_code, bytes]", ACCESS, True),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]", ACCESS, True),
        ("[ip, user, username, timestamp, request, status_code = 404 || status_code = 410, bytes]", ACCESS, True),
        ("[ip, user, username, timestamp, request =*.html*, status_code = 200, bytes]", ACCESS, False),
        ("[ip, user, username]", ACCESS, False),
        ("[..., status_code = 404, bytes]", ACCESS, True),
        ("[ip != 127.0.0.1, ...]", ACCESS, False),
    ],
)
def test_filter_pattern_matches_as_documented(pattern, message, matches):
    """Each form of pattern, with an event that it takes and one that it leaves."""
    assert (compile_pattern(pattern).match(message) is not None) is matches


@pytest.mark.parametrize("pattern", ["{ $.a = }", "{ a = 1 }", "{ $.a = 1", "[ip, user", "{ $.a > x }", "%[%", "a,b"])
def test_pattern_that_cannot_be_read_is_refused(pattern):
    """Half a pattern is none."""
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_value_of_a_metric_comes_from_the_event():
    """A field of a space-delimited event, a property of a JSON event, or a literal."""
    found = compile_pattern("[..., status_code, bytes]").match(ACCESS)
    assert value_of("$bytes", ACCESS, found) == "1534"
    assert value_of("$.count", EVENT, {}) == "404"
    assert value_of("$.absent", EVENT, {}) is None
    assert value_of("1", EVENT, {}) == "1"


def put_filter(logs, pattern, **more):
    """Count what matches as Shop/Orders."""
    transformation = {"metricName": "Orders", "metricNamespace": "Shop", "metricValue": "1"} | more
    logs.put_metric_filter(
        logGroupName="app", filterName="f", filterPattern=pattern, metricTransformations=[transformation]
    )


def data(clients, clock):
    """Return the sum and the sample count of Shop/Orders."""
    now = clock.now()
    window = {"StartTime": now.replace(hour=0), "EndTime": now.replace(hour=23), "Period": 86400}
    reply = clients("cloudwatch").get_metric_statistics(
        Namespace="Shop", MetricName="Orders", **window, Statistics=["Sum", "SampleCount"]
    )
    return [(point["Sum"], point["SampleCount"]) for point in reply["Datapoints"]]


def test_log_events_become_data(clients, clock):
    """What matches counts with its value, what does not counts as the default only when nothing else does."""
    logs = clients("logs")
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="s")
    put_filter(logs, "{ $.ok IS TRUE }", metricValue="$.items", defaultValue=0)
    put_filter(logs, "{ $.ok IS TRUE }", metricValue="$.items", defaultValue=0)
    assert len(logs.describe_metric_filters(logGroupName="app")["metricFilters"]) == 1
    now = int(clock.now().timestamp() * 1000)

    def write(*events):
        told = [{"timestamp": now, "message": json.dumps(event)} for event in events]
        logs.put_log_events(logGroupName="app", logStreamName="s", logEvents=told)

    write({"ok": True, "items": 3}, {"ok": False, "items": 5}, {"ok": True, "items": 4})
    assert data(clients, clock) == [(7, 2)]
    write({"ok": False, "items": 5})
    assert data(clients, clock) == [(7, 3)]


def test_metric_filter_that_cannot_work_is_refused(clients):
    """A group that is not there, a pattern that cannot be read."""
    logs = clients("logs")
    assert refusal(put_filter, logs, "ERROR") == ("ResourceNotFoundException", 400)
    logs.create_log_group(logGroupName="app")
    assert refusal(put_filter, logs, "{ $.a = }") == ("InvalidParameterException", 400)
    found = logs.test_metric_filter(filterPattern="[a, b]", logEventMessages=["x y", "x"])["matches"]
    assert found == [{"eventNumber": 1, "eventMessage": "x y", "extractedValues": {"$a": "x", "$b": "y"}}]


def trail_to_logs(clients, *, allowed="logs:*", of=None):
    """Make a trail that reaches the log group `trail` with a role."""
    iam, logs = clients("iam"), clients("logs")
    group = "arn:aws:logs:us-east-1:123456789012:log-group:trail:*"
    logs.create_log_group(logGroupName="trail")
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}
    if of is not None:
        source = f"arn:aws:cloudtrail:us-east-1:123456789012:trail/{of}"
        trust["Condition"] = {"StringEquals": {"aws:SourceArn": source, "aws:SourceAccount": "123456789012"}}
    role = iam.create_role(RoleName="trail", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="trail",
        PolicyName="logs",
        PolicyDocument=policy({"Effect": "Allow", "Action": allowed, "Resource": group}),
    )
    make_trail(clients, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=role)


def policy(statement):
    """Return a policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_alarm_rings_on_what_a_trail_saw(clients, clock, world):
    """A call reaches the log group after five minutes, the filter counts it, and the alarm rings; then all is still."""
    trail_to_logs(clients)
    logs, cloudwatch = clients("logs"), clients("cloudwatch")
    logs.put_metric_filter(
        logGroupName="trail",
        filterName="users",
        filterPattern='{ $.eventName = "CreateUser" }',
        metricTransformations=[{"metricName": "Users", "metricNamespace": "Audit", "metricValue": "1"}],
    )
    cloudwatch.put_metric_alarm(
        AlarmName="users",
        Namespace="Audit",
        MetricName="Users",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    clock.advance(60)
    clients("iam").create_user(UserName="eve")

    def state():
        return cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"]

    clock.advance(290)
    assert state() == "OK"
    clock.advance(90)
    assert state() == "ALARM"
    clock.advance(3600)
    assert state() == "OK"
    streams = logs.describe_log_streams(logGroupName="trail")["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["123456789012_CloudTrail_us-east-1"]
    assert "LatestCloudWatchLogsDeliveryTime" in clients("cloudtrail").get_trail_status(Name="main")
    clock.advance(3600)
    world.settle()
    clock.advance(3600)
    world.settle()
    assert world.agenda.entries() == []


def test_trail_whose_role_may_not_write_says_so(clients, clock):
    """Without the permission nothing arrives, and the trail's status says why."""
    trail_to_logs(clients, allowed="logs:CreateLogStream")
    clock.advance(400)
    status = clients("cloudtrail").get_trail_status(Name="main")
    assert status["LatestCloudWatchLogsDeliveryError"] == "AccessDenied"
    assert clients("logs").describe_log_streams(logGroupName="trail")["logStreams"] == []


def test_trust_that_names_the_trail_lets_that_trail_write_and_no_other(clients, clock):
    """What AWS advises against the confused deputy: the role trusts CloudTrail for one trail."""
    trail_to_logs(clients, of="main")
    clock.advance(400)
    assert "LatestCloudWatchLogsDeliveryError" not in clients("cloudtrail").get_trail_status(Name="main")
    assert clients("logs").describe_log_streams(logGroupName="trail")["logStreams"]


def test_trust_that_names_another_trail_keeps_this_one_out(clients, clock):
    """The same role, for a trail of another name."""
    trail_to_logs(clients, of="other")
    clock.advance(400)
    status = clients("cloudtrail").get_trail_status(Name="main")
    assert status["LatestCloudWatchLogsDeliveryError"] == "AccessDenied"
