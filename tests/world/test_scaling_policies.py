"""Scaling policies: what target tracking makes by itself, by how much groups change, and what holds that back."""

import pytest
from groups import ZONES, activities, group, network, template, told
from refused import refusal

from twin.world.signals.scaling_math import adjusted, chosen_step, tracked

NAMED = {"AutoScalingGroupName": "web"}
METRIC = {"Namespace": "Shop", "MetricName": "Busy", "Dimensions": [{"Name": "Group", "Value": "web"}]}
BUSY = {"CustomizedMetricSpecification": {**METRIC, "Statistic": "Average"}, "TargetValue": 50.0}
MINUTE = 60


@pytest.fixture
def scaling(clients):
    """Auto Scaling with a group of two of at most six."""
    _, subnets = network(clients)
    template(clients)
    group(clients, subnets.values(), size=(1, 6, 2))
    return clients("autoscaling")


def track(scaling, name="busy", warmup=60, **more):
    """Put a policy of target tracking."""
    return scaling.put_scaling_policy(
        **NAMED, PolicyName=name, PolicyType="TargetTrackingScaling", EstimatedInstanceWarmup=warmup,
        TargetTrackingConfiguration={**BUSY, **more},
    )  # fmt: skip


def busy(clients, clock, value, minutes):
    """Have the metric told once a minute; returns the desired capacity after each."""
    found = []
    for _ in range(minutes):
        clients("cloudwatch").put_metric_data(Namespace="Shop", MetricData=[{**datum(), "Value": value}])
        clock.advance(MINUTE)
        found.append(told(clients)["DesiredCapacity"])
    return found


def datum():
    """Return what names the metric's data."""
    return {"MetricName": METRIC["MetricName"], "Dimensions": METRIC["Dimensions"]}


def test_target_tracking_makes_its_alarms_and_takes_them_along(clients, scaling):
    """One above the target, one well below; they go when it is put anew, with the policy, and with the group."""
    made = track(scaling)["Alarms"]
    alarms = {a["AlarmName"]: a for a in clients("cloudwatch").describe_alarms()["MetricAlarms"]}
    high, low = (alarms[one["AlarmName"]] for one in made)
    assert high["AlarmName"].startswith("TargetTracking-web-AlarmHigh-")
    assert (high["Threshold"], high["EvaluationPeriods"], high["ComparisonOperator"]) == (50, 3, "GreaterThanThreshold")
    assert (low["Threshold"], low["EvaluationPeriods"], low["ComparisonOperator"]) == (45, 15, "LessThanThreshold")
    (policy,) = scaling.describe_policies(**NAMED)["ScalingPolicies"]
    assert policy["Alarms"] == made
    assert high["AlarmActions"] == [policy["PolicyARN"]]
    only_out = track(scaling, DisableScaleIn=True)["Alarms"]
    assert [one["AlarmName"] for one in only_out] == [
        a["AlarmName"] for a in clients("cloudwatch").describe_alarms()["MetricAlarms"]
    ]
    scaling.delete_policy(**NAMED, PolicyName="busy")
    track(scaling, "again")
    scaling.delete_auto_scaling_group(**NAMED, ForceDelete=True)
    assert clients("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert scaling.describe_policies()["ScalingPolicies"] == []


def test_group_grows_in_proportion_and_waits_for_what_warms_up(clients, scaling, clock):
    """Twice the target doubles it after three minutes; those who warm up are not asked for twice."""
    track(scaling, warmup=300)
    clock.advance(300)
    assert busy(clients, clock, 100, 4) == [2, 2, 2, 4]
    assert "triggered policy busy changing the desired capacity from 2 to 4" in activities(clients)[-1]["Cause"]
    assert busy(clients, clock, 100, 4) == [4] * 4
    assert busy(clients, clock, 100, 3)[-1] == 6


def test_group_shrinks_late_and_no_further_than_its_target(clients, scaling, clock):
    """After fifteen minutes well below the target, by what leaves it at its target; never below its minimum."""
    track(scaling)
    scaling.set_desired_capacity(**NAMED, DesiredCapacity=4)
    clock.advance(300)
    sizes = [*busy(clients, clock, 20, 15), *busy(clients, clock, 40, 5)]
    assert (sizes[13], sizes[-1]) == (4, 2)
    assert busy(clients, clock, 0, 10)[-1] == 1


def test_group_without_a_policy_stays_as_it_is(clients, scaling, clock):
    """However busy it is; and a policy without data does nothing."""
    track(scaling)
    clock.advance(1800)
    assert told(clients)["DesiredCapacity"] == 2
    scaling.delete_policy(**NAMED, PolicyName="busy")
    assert busy(clients, clock, 100, 6) == [2] * 6


def test_alarm_that_rings_on_asks_again_when_the_bounds_change(clients, scaling, clock, world):
    """At its most the group rests, and so does the agenda; a higher bound is used at once."""
    track(scaling)
    clock.advance(300)
    assert busy(clients, clock, 500, 8)[-1] == 6
    scaling.update_auto_scaling_group(**NAMED, MaxSize=8)
    assert busy(clients, clock, 500, 2)[-1] == 8
    clock.advance(3600)
    world.settle()
    assert not [entry for entry in world.agenda.entries() if entry.task.startswith("cloudwatch")]


def steps(*bounds):
    """Return step adjustments: lower bound, upper bound, adjustment."""
    names = ("MetricIntervalLowerBound", "MetricIntervalUpperBound", "ScalingAdjustment")
    return [{n: v for n, v in zip(names, one, strict=True) if v is not None} for one in bounds]


def alarm(clients, policy, threshold=60, **more):
    """Put an alarm on the metric that asks for a policy."""
    clients("cloudwatch").put_metric_alarm(
        AlarmName="busy", **METRIC, Statistic="Average", Period=60, EvaluationPeriods=1, Threshold=threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=[policy["PolicyARN"]], **more,
    )  # fmt: skip


def test_steps_follow_the_size_of_the_breach(clients, scaling, clock):
    """One more from 60, three more from 80: only what is not asked for yet, while the first ones warm up."""
    policy = scaling.put_scaling_policy(
        **NAMED, PolicyName="steps", PolicyType="StepScaling", AdjustmentType="ChangeInCapacity",
        StepAdjustments=steps((0, 20, 1), (20, None, 3)), EstimatedInstanceWarmup=600,
    )  # fmt: skip
    alarm(clients, policy)
    assert scaling.describe_policies(**NAMED)["ScalingPolicies"][0]["Alarms"][0]["AlarmName"] == "busy"
    clock.advance(600)
    assert busy(clients, clock, 70, 3)[1:] == [3, 3]
    assert busy(clients, clock, 90, 3)[1:] == [5, 5]


def test_simple_policy_waits_for_its_cooldown(clients, scaling, clock):
    """One at a time, and the next five minutes after the last was there."""
    policy = scaling.put_scaling_policy(
        **NAMED, PolicyName="one", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1, Cooldown=300
    )
    alarm(clients, policy)
    sizes = busy(clients, clock, 90, 9)
    assert sizes[:6] == [2, 3, 3, 3, 3, 3]
    assert sizes[-1] == 4


def test_policy_is_carried_out_for_a_user_and_deleted_once(clients, scaling):
    """By its name or its ARN; one that is gone is not found."""
    policy = {**NAMED, "PolicyName": "one", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
    arn = scaling.put_scaling_policy(**policy)["PolicyARN"]
    scaling.put_scaling_policy(**policy | {"PolicyName": "other"})
    scaling.execute_policy(**NAMED, PolicyName="one")
    scaling.execute_policy(PolicyName=arn)
    assert told(clients)["DesiredCapacity"] == 4
    scaling.delete_policy(PolicyName=arn)
    for call in (scaling.execute_policy, scaling.delete_policy):
        assert refusal(call, **NAMED, PolicyName="one") == ("ValidationError", 400)
    assert [each["PolicyName"] for each in scaling.describe_policies()["ScalingPolicies"]] == ["other"]


ONE = {"AdjustmentType": "ChangeInCapacity"}
ONES = {
    "simple": {**ONE, "ScalingAdjustment": 1, "Cooldown": 60},
    "steps": {
        **ONE,
        "PolicyType": "StepScaling",
        "StepAdjustments": steps((0, None, 1)),
        "EstimatedInstanceWarmup": 60,
    },
}


def _suspend(scaling, world):
    scaling.suspend_processes(**NAMED, ScalingProcesses=["Launch"])


def _resume(scaling, world):
    scaling.resume_processes(**NAMED, ScalingProcesses=["Launch"])


def _exhaust(scaling, world):
    for zone in ZONES:
        world.scene.break_("capacity", zone)


def _refill(scaling, world):
    for zone in ZONES:
        world.scene.mend("capacity", zone)


@pytest.mark.parametrize("kind", ONES)
@pytest.mark.parametrize(("stop", "start"), [(_suspend, _resume), (_exhaust, _refill)], ids=["process", "capacity"])
def test_alarm_rests_while_its_group_can_get_nowhere(clients, scaling, clock, world, kind, stop, start):
    """It rings on and nothing is booked for it; when instances can be launched again it asks until all are there."""
    policy = scaling.put_scaling_policy(**NAMED, PolicyName="one", **ONES[kind])
    clock.advance(300)
    stop(scaling, world)
    alarm(clients, policy, TreatMissingData="breaching")
    clock.advance(3600)
    world.settle()
    (rings,) = clients("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (rings["StateValue"], told(clients)["DesiredCapacity"]) == ("ALARM", 3)
    assert not [entry for entry in world.agenda.entries() if entry.task.startswith("cloudwatch")]
    start(scaling, world)
    clock.advance(7200)
    assert told(clients)["DesiredCapacity"] == 6


def test_policies_that_auto_scaling_would_not_take_are_refused(clients, scaling):
    """Ranges with gaps, a metric twice, a label of another group, a user who would execute what tracks a target."""
    put = scaling.put_scaling_policy
    step = {**NAMED, "PolicyName": "s", "PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity"}
    for bad in (steps((0, 10, 1), (20, None, 2)), steps((0, 10, 1)), []):
        assert refusal(put, **step, StepAdjustments=bad) == ("ValidationError", 400)
    track(scaling)
    label = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": "app/a/1/targetgroup/b/2"}
    for wrong in (BUSY, {"TargetValue": 1.0}, {"TargetValue": 1.0, "PredefinedMetricSpecification": label}):
        tracking = {**NAMED, "PolicyName": "t", "PolicyType": "TargetTrackingScaling"}
        assert refusal(put, **tracking, TargetTrackingConfiguration=wrong) == ("ValidationError", 400)
    assert refusal(scaling.execute_policy, **NAMED, PolicyName="busy") == ("ValidationError", 400)
    assert refusal(scaling.delete_policy, **NAMED, PolicyName="none") == ("ValidationError", 400)
    metric = {"TargetValue": 50.0, "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"}}
    predictive = {**NAMED, "PolicyName": "p", "PolicyType": "PredictiveScaling"}
    predicting = {"PredictiveScalingConfiguration": {"MetricSpecifications": [metric]}}
    assert refusal(put, **predictive, **predicting)[0] == "TwinUnsupportedOperation"


@pytest.mark.parametrize(
    ("current", "adjustment", "kind", "least", "found"),
    [
        (10, 10, "PercentChangeInCapacity", 0, 11), (11, 30, "PercentChangeInCapacity", 0, 14),
        (14, -10, "PercentChangeInCapacity", 0, 13), (13, -30, "PercentChangeInCapacity", 0, 10),
        (4, 25, "PercentChangeInCapacity", 2, 6), (1, -58, "PercentChangeInCapacity", 0, 0),
        (3, 5, "ExactCapacity", 0, 5), (3, 5, "ChangeInCapacity", 0, 8),
    ],
)  # fmt: skip
def test_adjustments_round_as_the_guide_says(current, adjustment, kind, least, found):
    """The guide's own examples."""
    assert adjusted(current, adjustment, kind, least=least) == found


def test_step_and_target_are_what_the_guide_works_out():
    """A lower bound counts above the threshold, an upper one below it; one and a half more are two more."""
    out = steps((0, 10, 0), (10, 20, 10), (20, None, 30))
    assert [chosen_step(out, value=v, threshold=50) for v in (55, 60, 70)] == [0, 10, 30]
    down = steps((-10, 0, 0), (-20, -10, -10), (None, -20, -30))
    assert [chosen_step(down, value=v, threshold=50) for v in (45, 40, 30)] == [0, -10, -30]
    assert (tracked(3, value=75, target=50), tracked(3, value=25, target=50)) == (5, 2)
