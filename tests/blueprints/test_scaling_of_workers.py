"""What the scaling policies of workers become."""

import pytest

from tests.blueprints.built import NETWORK, build

WORKERS = """\
compute:
  alb: {hosts: [acme.example], subnets: public}
  workers:
    web:
      image: /aws/service/ami-x
      subnets: private
      max: 9
      behind_alb: true
      scaling:
        calls: {target: {metric: requests, at: 1000}, warmup: 2m}
        cpu: {target: {metric: cpu, at: 60, scale_in: false}}
        rush: {steps: {metric: cpu, steps: [{at: 80, change: 1}, {at: 90, change: 3}]}}
        idle: {steps: {custom: {namespace: Shop, name: Busy}, when: below, by: percent, at_least: 2, steps: [{at: 40, change: -10}, {at: 20, change: -30}]}}
"""  # noqa: E501 - a line of a spec
EDGE = "edge: {zone: acme.example, records: [{name: www, type: CNAME, target: compute.alb, proxied: true}]}\n"


@pytest.fixture(scope="module")
def built():
    """The spec's wishes."""
    return build(NETWORK + WORKERS + EDGE)


def test_policies_are_as_auto_scaling_takes_them(built):
    """Nothing that AWS refuses; `desired` stays unmanaged, as the policies say how many."""
    assert built.problems() == []
    assert built.get("aws.autoscaling.group", "web").desired is None


def test_target_is_tracked_by_a_predefined_metric(built):
    """Requests by the suffixes of balancer and target group, after the listeners; CPU by the group alone."""
    calls, cpu = (built.get("aws.autoscaling.policy", f"web-{name}") for name in ("calls", "cpu"))
    label = "${aws.elbv2.load_balancer.alb.suffix}/${aws.elbv2.target_group.app.suffix}"
    assert (calls.predefined, calls.resource_label, calls.target, calls.warmup) == (
        "ALBRequestCountPerTarget", label, 1000, 120,
    )  # fmt: skip
    desired = {one.address: one.resource for one in built.desired}
    assert {one.type for one in calls.beforehand(desired)} == {"aws.elbv2.listener"}
    assert (cpu.predefined, cpu.resource_label, cpu.scale_in) == ("ASGAverageCPUUtilization", None, False)
    assert list(cpu.beforehand(desired)) == []


def test_steps_are_ranges_from_the_first_value_on_and_have_an_alarm(built):
    """Above: from the threshold upwards; below: from the lowest; the alarm asks for the policy at the first step."""
    rush, idle = (built.get("aws.autoscaling.policy", f"web-{name}") for name in ("rush", "idle"))
    assert [(s.low, s.high, s.change) for s in rush.steps] == [(0, 10, 1), (10, None, 3)]
    assert [(s.low, s.high, s.change) for s in idle.steps] == [(None, -20, -30), (-20, 0, -10)]
    assert (idle.adjustment, idle.least) == ("PercentChangeInCapacity", 2)
    up, down = (built.get("aws.cloudwatch.alarm", f"scale-web-{name}") for name in ("rush", "idle"))
    assert (up.threshold, up.comparison) == (80, "GreaterThanOrEqualToThreshold")
    assert (up.metric, up.dimensions) == ("CPUUtilization", {"AutoScalingGroupName": "${aws.autoscaling.group.web.id}"})
    assert (down.threshold, down.comparison, down.metric) == (40, "LessThanOrEqualToThreshold", "Busy")
    assert up.alarm_actions == ["${aws.autoscaling.policy.web-rush.arn}"]
