"""Scaling policies of workers, and the alarms of those with steps."""

from itertools import pairwise
from typing import Any

from twin.blueprints.blueprint import Blueprint, ref
from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.scaling_policy import Metric, Policy, Step
from twin.resources.declaration import Path
from twin.spec.model.compute import Workers
from twin.spec.model.scaling import ScalingPolicy, Steps, Tracking

REQUESTS = "ALBRequestCountPerTarget"
KNOWN = {
    "cpu": ("ASGAverageCPUUtilization", "CPUUtilization"),
    "network_in": ("ASGAverageNetworkIn", "NetworkIn"),
    "network_out": ("ASGAverageNetworkOut", "NetworkOut"),
    "requests": (REQUESTS, "RequestCountPerTarget"),
}
COUNTS: dict[str, Any] = {
    "instances": "ChangeInCapacity",
    "percent": "PercentChangeInCapacity",
    "exact": "ExactCapacity",
}
BALANCER, TARGETS = ref("aws.elbv2.load_balancer", "alb", "suffix"), ref("aws.elbv2.target_group", "app", "suffix")


def scale(blueprint: Blueprint, workers: str, intent: Workers) -> None:
    """Declare the policies of a group of workers."""
    for name, policy in intent.scaling.items():
        at: Path = ("compute", "workers", workers, "scaling", name)
        key = f"{workers}-{name}"
        group = ref("aws.autoscaling.group", workers)
        told = {"name": blueprint.name(key), "group": group, "warmup": _seconds(policy)}
        if policy.target is not None:
            places = {"target": (*at, "target", "at"), "warmup": (*at, "warmup")}
            blueprint.add(key, Policy(**told, **_tracking(policy.target)), at, places)
        elif policy.steps is not None:
            steps = policy.steps
            places = {"steps": (*at, "steps", "steps"), "warmup": (*at, "warmup")}
            made = Policy(**told, steps=_steps(steps), adjustment=COUNTS[steps.by], least=steps.at_least)
            arn = blueprint.add(key, made, at, places).arn
            blueprint.add(f"scale-{key}", _alarm(blueprint, key, steps, group=group, policy=arn), (*at, "steps"))


def _seconds(policy: ScalingPolicy) -> int | None:
    return None if policy.warmup is None else int(policy.warmup.total_seconds())


def _tracking(target: Tracking) -> dict[str, Any]:
    told: dict[str, Any] = {"target": target.at, "scale_in": target.scale_in}
    if target.custom is not None:
        own = target.custom
        metric = Metric(
            namespace=own.namespace, name=own.name, statistic=own.statistic, dimensions=dict(own.dimensions)
        )
        return told | {"metric": metric}
    predefined = KNOWN[str(target.metric)][0]
    label = f"{BALANCER}/{TARGETS}" if predefined == REQUESTS else None
    return told | {"predefined": predefined, "resource_label": label}


def _steps(intent: Steps) -> list[Step]:
    """Write the steps as ranges of the breach, lowest first, each of which ends where the next one begins."""
    first = intent.steps[0].at
    bounds = [round(step.at - first, 9) for step in intent.steps]
    if intent.when == "above":
        spans = [*pairwise(bounds), (bounds[-1], None)]
        return [Step(low=low, high=high, change=s.change) for (low, high), s in zip(spans, intent.steps, strict=True)]
    outer = [*((further, near) for near, further in pairwise(bounds)), (None, bounds[-1])]
    line = [Step(low=low, high=high, change=s.change) for (low, high), s in zip(outer, intent.steps, strict=True)]
    return line[::-1]


def _alarm(blueprint: Blueprint, key: str, intent: Steps, *, group: str, policy: str) -> Alarm:
    """Declare what asks for the steps once a minute while the metric is beyond the first."""
    if intent.custom is not None:
        own = intent.custom
        looked: dict[str, Any] = {"namespace": own.namespace, "metric": own.name, "dimensions": dict(own.dimensions)}
        looked["statistic"] = own.statistic
    elif intent.metric == "requests":
        looked = {"namespace": "AWS/ApplicationELB", "metric": KNOWN["requests"][1], "statistic": "Sum"}
        looked["dimensions"] = {"LoadBalancer": BALANCER, "TargetGroup": TARGETS}
    else:
        looked = {"namespace": "AWS/EC2", "metric": KNOWN[str(intent.metric)][1], "statistic": "Average"}
        looked["dimensions"] = {"AutoScalingGroupName": group}
    beyond = "GreaterThanOrEqualToThreshold" if intent.when == "above" else "LessThanOrEqualToThreshold"
    return Alarm(
        name=blueprint.name(f"scale-{key}"),
        description=f"Asks for the scaling policy {key}",
        period=60,
        evaluation_periods=intent.periods,
        threshold=intent.steps[0].at,
        comparison=beyond,
        alarm_actions=[policy],
        **looked,
    )
