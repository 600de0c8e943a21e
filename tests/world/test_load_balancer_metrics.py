"""What load balancers count stands in CloudWatch by the minute, by its dimensions, and alarms ring on it."""

from datetime import timedelta

import pytest
from mounted import NOW
from test_route53_health import make_balancer

from twin.world.behaviors.cloudwatch_unmeasured import unmeasured
from twin.world.behaviors.load_balancer_metrics import Answered, answered

ACCOUNT, REGION = "123456789012", "us-east-1"
ALARM = {
    "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_ELB_5XX_Count", "Period": 60, "EvaluationPeriods": 1,
    "Statistic": "Sum", "Threshold": 20, "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}  # fmt: skip


@pytest.fixture
def balancer(clients):
    """A load balancer with two targets: its answers in a zone, by who gives them."""
    make_balancer(clients)
    elbv2 = clients("elbv2")
    arn = elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    group = elbv2.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]

    def made(by, status, zone="us-east-1a", *, chosen=True, connected=True):
        return Answered(arn, zone, group if chosen else "", by, status, connected)

    return made


def dimensions(one, *names):
    """Return the dimensions that a metric has of an answer, as CloudWatch's API takes them."""
    values = {
        "LoadBalancer": one.balancer.partition(":loadbalancer/")[2],
        "TargetGroup": one.group.rpartition(":")[2],
        "AvailabilityZone": one.zone,
    }
    return [{"Name": name, "Value": values[name]} for name in names]


def told(clients, metric, wanted, **more):
    """Return what a metric says of the hour around the beginning, in one datum, or none."""
    asked = {"Period": 7200, "Statistics": ["Sum", "Average", "SampleCount"]} | more
    start, end = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    reply = clients("cloudwatch").get_metric_statistics(
        Namespace="AWS/ApplicationELB", MetricName=metric, Dimensions=wanted, StartTime=start, EndTime=end, **asked
    )
    return [(point["Sum"], point["Average"], point["SampleCount"], point["Unit"]) for point in reply["Datapoints"]]


def state(clients, name="a"):
    """Return the state of an alarm."""
    return clients("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


def count(world, minute, counts):
    """Let a minute from the beginning on have had some answers."""
    answered(world.scene, ACCOUNT, NOW.timestamp() + 60 * minute, counts)


@pytest.mark.parametrize(
    ("by", "status", "chosen", "connected", "metrics"),
    [
        ("target", "200", True, True, {"HTTPCode_Target_2XX_Count", "RequestCount"}),
        ("target", "500", True, True, {"HTTPCode_Target_5XX_Count", "RequestCount"}),
        ("balancer", "503", False, False, {"HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_503_Count"}),
        ("balancer", "504", True, True, {"HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_504_Count", "RequestCount"}),
        (
            "balancer", "504", True, False,
            {"HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_504_Count", "RequestCount", "TargetConnectionErrorCount"},
        ),
        ("rule", "301", False, False, {"HTTPCode_ELB_3XX_Count", "HTTP_Redirect_Count"}),
        (
            "rule", "503", False, False,
            {"HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_503_Count", "HTTP_Fixed_Response_Count"},
        ),
        ("rule", "200", False, False, {"HTTP_Fixed_Response_Count"}),
    ],
)  # fmt: skip
def test_an_answer_counts_in_the_metrics_of_its_kind_and_in_no_other(
    world, clients, clock, balancer, by, status, chosen, connected, metrics
):
    """Each answer is one sample of one; what was not counted has no data at all."""
    one = balancer(by, status, chosen=chosen, connected=connected)
    count(world, 0, {one: 30})
    clock.advance(180)
    every = (
        *(f"HTTPCode_Target_{n}XX_Count" for n in (2, 3, 4, 5)), *(f"HTTPCode_ELB_{n}XX_Count" for n in (2, 3, 4, 5)),
        *(f"HTTPCode_ELB_{n}_Count" for n in (500, 502, 503, 504)), "HTTP_Redirect_Count", "HTTP_Fixed_Response_Count",
        "RequestCount", "TargetConnectionErrorCount", "RejectedConnectionCount", "TargetResponseTime",
    )  # fmt: skip
    found = {name: told(clients, name, dimensions(one, "LoadBalancer")) for name in every}
    assert {name: data for name, data in found.items() if data} == {name: [(30, 1, 30, "Count")] for name in metrics}


def test_sums_by_zone_and_by_target_group_make_the_whole(world, clients, clock, balancer):
    """Each combination of dimensions is a metric of its own; requests per target are shared out among the healthy."""
    here, there = balancer("target", "200"), balancer("target", "200", "us-east-1b")
    count(world, 0, {here: 10, there: 30, balancer("balancer", "504"): 2})
    clock.advance(180)

    def sums(metric, *names):
        return [data[0] for data in told(clients, metric, dimensions(there, *names))]

    assert sums("HTTPCode_Target_2XX_Count", "LoadBalancer") == [40]
    assert sums("HTTPCode_Target_2XX_Count", "LoadBalancer", "AvailabilityZone") == [30]
    assert sums("HTTPCode_Target_2XX_Count", "LoadBalancer", "TargetGroup", "AvailabilityZone") == [30]
    assert sums("RequestCount", "LoadBalancer", "TargetGroup") == [42]
    assert sums("RequestCountPerTarget", "TargetGroup") == [21]
    assert sums("HTTPCode_ELB_5XX_Count", "LoadBalancer", "TargetGroup") == []
    assert sums("HTTPCode_Target_2XX_Count", "TargetGroup") == []


def test_a_minute_is_told_a_minute_after_its_end_and_rings_then(world, clients, clock, balancer):
    """The alarm has it ten seconds after it is told; minutes without errors have no data, and it is OK again."""
    one = balancer("balancer", "504")
    clients("cloudwatch").put_metric_alarm(AlarmName="a", Dimensions=dimensions(one, "LoadBalancer"), **ALARM)
    clock.advance(60)
    count(world, 0, {one: 21})
    clock.advance(59)
    assert told(clients, "HTTPCode_ELB_5XX_Count", dimensions(one, "LoadBalancer")) == []
    assert state(clients) == "OK"
    clock.advance(11)
    assert state(clients) == "ALARM"
    clock.advance(600)
    assert state(clients) == "OK"
    world.settle()
    assert world.agenda.entries() == []


@pytest.mark.parametrize(
    "change",
    [
        {"Threshold": 21},
        {"Statistic": "Average", "Threshold": 1},
        {"MetricName": "HTTPCode_Target_5XX_Count"},
        {"EvaluationPeriods": 3, "DatapointsToAlarm": 2},
        {"Dimensions": [{"Name": "LoadBalancer", "Value": "app/gone/0123456789abcdef"}]},
    ],
)
def test_alarm_that_looks_at_another_thing_stays_silent(world, clients, clock, balancer, change):
    """Above what is counted, at the average of ones, at whose errors they are not, at two of three, or elsewhere."""
    one = balancer("balancer", "504")
    clients("cloudwatch").put_metric_alarm(
        **ALARM | {"Dimensions": dimensions(one, "LoadBalancer")} | change, AlarmName="a"
    )
    clock.advance(60)
    count(world, 0, {one: 21})
    clock.advance(600)
    assert state(clients) == "OK"


def test_two_of_three_minutes_ring_and_so_does_the_composite_alarm(world, clients, clock, balancer):
    """M of N data points; what stands above the alarm follows it."""
    one, cloudwatch = balancer("balancer", "504"), clients("cloudwatch")
    told_ = ALARM | {"EvaluationPeriods": 3, "DatapointsToAlarm": 2}
    cloudwatch.put_metric_alarm(AlarmName="a", Dimensions=dimensions(one, "LoadBalancer"), **told_)
    cloudwatch.put_composite_alarm(AlarmName="above", AlarmRule="ALARM(a)")
    clock.advance(60)
    for minute in range(3):
        count(world, minute, {one: 0 if minute == 1 else 30})
        clock.advance(60)
    clock.advance(20)
    assert state(clients) == "ALARM"
    (above,) = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert above["StateValue"] == "ALARM"


def test_share_of_errors_rings_by_metric_math(world, clients, clock, balancer):
    """One in ten is below a fifth, three in ten above; FILL makes zero of what was not counted."""
    good, bad = balancer("target", "200"), balancer("target", "500")

    def metric(id_, name):
        kept = {"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": dimensions(good, "LoadBalancer")}
        return {"Id": id_, "MetricStat": {"Metric": kept, "Period": 60, "Stat": "Sum"}, "ReturnData": False}

    share = {"Id": "share", "Expression": "FILL(bad, 0) / all", "ReturnData": True}
    metrics = [metric("bad", "HTTPCode_Target_5XX_Count"), metric("all", "RequestCount"), share]
    clients("cloudwatch").put_metric_alarm(
        AlarmName="a", Metrics=metrics, Threshold=0.2, ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1
    )
    found = []
    for number, errors in enumerate((0, 10, 30)):
        clock.advance(60)
        count(world, 3 * number, {good: 100 - errors, bad: errors})
        clock.advance(75)
        found.append(state(clients))
        clock.advance(45)
    assert found == ["OK", "OK", "ALARM"]


def test_who_counts_in_longer_ticks_tells_earlier_minutes_later(world, clients, clock, balancer):
    """Two who tell of the same minutes at different times make one sum of each."""
    one = balancer("target", "200")
    count(world, 0, {one: 1})
    count(world, 1, {one: 1})
    clock.advance(240)
    assert told(clients, "RequestCount", dimensions(one, "LoadBalancer"), Period=60) == [(1, 1, 1, "Count")] * 2
    count(world, 0, {one: 5})
    found = told(clients, "RequestCount", dimensions(one, "LoadBalancer"), Period=60)
    assert sorted(found) == [(1, 1, 1, "Count"), (6, 1, 6, "Count")]


def test_silence_of_an_alarm_says_whether_there_was_nothing_to_count(world, clients, clock, balancer):
    """No error of a load balancer that counts is another silence than that of one which is not there."""
    one = balancer("target", "200")
    gone = [{"Name": "LoadBalancer", "Value": "app/gone/0123456789abcdef"}]
    for name, wanted in (("none", dimensions(one, "LoadBalancer")), ("gone", gone)):
        clients("cloudwatch").put_metric_alarm(AlarmName=name, Dimensions=wanted, **ALARM)
    count(world, 0, {one: 30})
    clock.advance(300)
    assert unmeasured(world.scene, ACCOUNT, REGION) == {
        "none": "AWS/ApplicationELB HTTPCode_ELB_5XX_Count: there was none",
        "gone": "AWS/ApplicationELB HTTPCode_ELB_5XX_Count",
    }
