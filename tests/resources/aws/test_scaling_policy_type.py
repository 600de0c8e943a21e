"""Scaling policies keep the resource contract on a world, whose behavior they are."""

import pytest

import bench as shared
from twin.resources.aws.autoscaling import AutoScalingGroup
from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.launch_template import LaunchTemplate
from twin.resources.aws.scaling_policy import Metric, Policy, Step
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import Vpc
from twin.resources.resource import Wanted
from twin.resources.scope import Scope
from twin.scenario.embedded import make_world
from twin.scenario.rehearsal import target_of
from twin.scenario.timeline import Timeline


@pytest.fixture
def account():
    """A bench on an account of a world of its own."""
    scope, timeline = Scope(org="acme", environment="test", account="123456789012"), Timeline()
    world = make_world(scope, seed=1, clock=timeline)
    timeline.lead(world)
    yield shared.Bench(scope, aws=target_of(world, scope).systems["aws"])
    world.close()


def test_policy_lives_and_dies(account):
    """It tracks a target, or has steps for which an alarm asks; what tracking makes by itself is nobody's to manage."""
    account.create("main", Vpc(cidr_block="10.0.0.0/16"))
    zone = "us-east-1a"
    account.create("a", Subnet(vpc="${aws.ec2.vpc.main.id}", cidr_block="10.0.0.0/24", availability_zone=zone))
    account.create("web", LaunchTemplate(name="web", image="ami-12c6146b", instance_type="t3.micro"))
    account.create(
        "web",
        AutoScalingGroup(
            name="web",
            launch_template="${aws.ec2.launch_template.web.id}",
            subnets=["${aws.ec2.subnet.a.id}"],
            min=0,
            max=1,
        ),
    )
    common = {"group": "${aws.autoscaling.group.web.id}"}
    own = Metric(namespace="Shop", name="Busy", unit="Percent", dimensions={"Group": "web"})
    account.lifecycle(
        "track",
        Policy(**common, name="track", target=50, predefined="ASGAverageCPUUtilization", scale_in=True),
        Policy(**common, name="track", target=70, metric=own, scale_in=False, warmup=60),
    )
    steps = [Step(low=0, high=20, change=1), Step(low=20, change=3)]
    account.create("track", Policy(**common, name="track", target=50, predefined="ASGAverageCPUUtilization"))
    address = account.create("steps", Policy(**common, name="steps", adjustment="ChangeInCapacity", steps=steps))
    asking = Alarm(
        name="busy", namespace="Shop", metric="Busy", statistic="Average", period=60, threshold=60,
        comparison="GreaterThanThreshold", alarm_actions=["${aws.autoscaling.policy.steps.arn}"],
    )  # fmt: skip
    account.create("busy", asking)
    seen = {one.id: one.builtin for one in account.run(Alarm.read(account.scope, Wanted()))}
    assert [(id_.partition("-")[0], made) for id_, made in sorted(seen.items())] == [
        ("TargetTracking", True), ("TargetTracking", True), ("busy", False),
    ]  # fmt: skip
    client = account.systems["aws"].client("autoscaling")
    client.put_scaling_policy(
        AutoScalingGroupName="web", PolicyName="steps", PolicyType="StepScaling", AdjustmentType="ExactCapacity",
        StepAdjustments=[{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 0}],
    )  # fmt: skip
    changed = account.differences(address, Policy(**common, name="steps", adjustment="ChangeInCapacity", steps=steps))
    assert set(changed) == {"adjustment", "steps"}
