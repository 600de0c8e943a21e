"""An alarm that looks at what nothing ever told is named, since its silence says nothing."""

from twin.world.behaviors.cloudwatch_unmeasured import unmeasured

ALARM = {
    "Namespace": "App", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "Statistic": "Sum",
    "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip


def test_an_alarm_on_what_nothing_tells_is_named(world, clients):
    """Who measures another thing than was meant hears nothing; an alarm with data is not named."""
    cloudwatch = clients("cloudwatch")
    for name in ("Errors", "Erors"):
        cloudwatch.put_metric_alarm(AlarmName=name.lower(), MetricName=name, **ALARM)
    cloudwatch.put_metric_data(Namespace="App", MetricData=[{"MetricName": "Errors", "Value": 0}])
    assert unmeasured(world.scene, world.accounts[0], world.region) == {"erors": "App Erors"}
