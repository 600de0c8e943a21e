"""Metric math: what expressions make of metrics, by GetMetricData and by itself."""

from datetime import timedelta

import pytest
from refused import refusal

from twin.world.signals.metric_math import UnknownMath, work_out

BOUNDLESS = ["1/0", "a * (1/0)", "2^5000", "(0-4) ^ 0.5", "1e999", "1" * 400]
LINES = {"a": {0.0: 4.0, 60.0: 6.0}, "b": {0.0: 2.0, 60.0: 0.0, 120.0: 1.0}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a * 2 + 1", {0.0: 9.0, 60.0: 13.0}),
        ("a / b", {0.0: 2.0}),
        ("-a", {0.0: -4.0, 60.0: -6.0}),
        ("SUM([a, b])", {0.0: 6.0, 60.0: 6.0, 120.0: 1.0}),
        ("AVG(METRICS())", {0.0: 3.0, 60.0: 3.0, 120.0: 1.0}),
        ("a / SUM(a) * 100", {0.0: 40.0, 60.0: 60.0}),
        ("FILL(a, 0)", {0.0: 4.0, 60.0: 6.0, 120.0: 0.0}),
        ("IF(a > 5, 1, 0)", {0.0: 0.0, 60.0: 1.0}),
        ("IF(a > 3 && b > 1, a)", {0.0: 4.0}),
        ("a ^ 2", {0.0: 16.0, 60.0: 36.0}),
        ("a ^ (b * 300)", {60.0: 1.0}),
        ("(b - 1) ^ 0.5", {0.0: 1.0, 120.0: 0.0}),
        ("a * (SUM(a) / (SUM(b) - 3))", {}),
        ("MAX([a, b]) - MIN([a, b])", {0.0: 2.0, 60.0: 6.0, 120.0: 0.0}),
    ],
)
def test_expression_makes_points_where_all_its_lines_have_some(expression, expected):
    """A missing point and a division by zero leave none."""
    assert work_out(expression, LINES) == expected


@pytest.mark.parametrize(
    "expression", ["a +", "c", "METRICS()", "ANOMALY_DETECTION_BAND(a)", "a.b", "[a, b]", *BOUNDLESS]
)
def test_what_is_no_line_or_not_worked_out_is_told(expression):
    """Nothing is made up."""
    with pytest.raises(UnknownMath):
        work_out(expression, LINES)


def test_metrics_are_those_that_were_measured():
    """METRICS() leaves out what earlier expressions made, which a later one may still name."""
    assert work_out("SUM(METRICS()) + e", LINES, {"e": {0.0: 100.0}}) == {0.0: 106.0}


def test_get_metric_data_answers_expressions(clients, clock):
    """The expression's values stand beside the metric's; what is not worked out is refused by name."""
    metrics = clients("cloudwatch")
    for value in (2.0, 4.0):
        metrics.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Errors", "Value": value}])
        clock.advance(60)
    stat = {"Metric": {"Namespace": "Shop", "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}
    asked = {"StartTime": clock.now() - timedelta(minutes=5), "EndTime": clock.now(), "ScanBy": "TimestampAscending"}
    source = {"Id": "m", "MetricStat": stat, "ReturnData": False}
    queries = [{"Id": "e", "Expression": "m / 2"}, source]
    (result,) = metrics.get_metric_data(MetricDataQueries=queries, **asked)["MetricDataResults"]
    assert (result["Id"], result["Label"], result["Values"]) == ("e", "e", [1.0, 2.0])
    search = [{"Id": "e", "Expression": "SELECT AVG(Errors) FROM Shop", "Period": 60}]
    assert refusal(metrics.get_metric_data, MetricDataQueries=search, **asked)[0] == "TwinUnsupportedOperation"


def test_alarm_on_metric_math_evaluates_and_shows_its_metrics(clients, clock, world):
    """A rate of errors goes over its threshold and back; an expression that is not worked out is refused by name."""
    metrics = clients("cloudwatch")

    def stat(name):
        metric = {"Metric": {"Namespace": "Shop", "MetricName": name}, "Period": 60, "Stat": "Sum"}
        return {"Id": name, "MetricStat": metric, "ReturnData": False}

    def minute(errors, requests):
        data = [{"MetricName": "errors", "Value": errors}, {"MetricName": "requests", "Value": requests}]
        metrics.put_metric_data(Namespace="Shop", MetricData=data)
        clock.advance(75)
        world.settle()
        (alarm,) = metrics.describe_alarms(AlarmNames=["rate"])["MetricAlarms"]
        clock.advance(45)
        return alarm["StateValue"]

    rate = {"Id": "e", "Expression": "errors / requests * 100", "ReturnData": True}
    asked = {
        "AlarmName": "rate", "EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    band = rate | {"Expression": "ANOMALY_DETECTION_BAND(errors)"}
    made = metrics.put_metric_alarm
    assert refusal(made, **asked, Metrics=[stat("errors"), band])[0] == "TwinUnsupportedOperation"
    assert refusal(made, **asked, Metrics=[stat("errors"), rate, rate])[0] == "ValidationError"
    made(**asked, Metrics=[rate, stat("errors"), stat("requests")])
    assert [minute(1.0, 100.0), minute(6.0, 100.0), minute(6.0, 200.0)] == ["OK", "ALARM", "OK"]
    (alarm,) = metrics.describe_alarms(AlarmNames=["rate"])["MetricAlarms"]
    assert [each.get("Expression") for each in alarm["Metrics"]] == ["errors / requests * 100", None, None]
