"""Scaling policies of Auto Scaling groups, and the alarms that target tracking makes and unmakes by itself.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html (read in
github.com/awsdocs/amazon-ec2-auto-scaling-user-guide@0987d768)
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from twin.data_files import read_yaml
from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, watches
from twin.world.behaviors.auto_scaling_execution import STEP, TRACKING, find_policy, policies_of
from twin.world.behaviors.auto_scaling_members import BY, find_group
from twin.world.behaviors.cloudwatch_actions import scaling
from twin.world.behaviors.cloudwatch_alarms import evaluate_soon
from twin.world.behaviors.cloudwatch_states import Name, find_alarm
from twin.world.delays import delay
from twin.world.scene import Happening, Scene

PROVIDES = {
    "scaling-policies": "Alarms scale Auto Scaling groups: target tracking with its own alarms, steps, cooldowns"
}
OWN = "TargetTracking-"
KEPT = (
    "AutoScalingGroupName", "PolicyName", "PolicyType", "AdjustmentType", "MinAdjustmentMagnitude", "ScalingAdjustment",
    "Cooldown", "StepAdjustments", "MetricAggregationType", "EstimatedInstanceWarmup", "TargetTrackingConfiguration",
)  # fmt: skip
EC2 = {
    "ASGAverageCPUUtilization": ("CPUUtilization", "Percent"),
    "ASGAverageNetworkIn": ("NetworkIn", "Bytes"),
    "ASGAverageNetworkOut": ("NetworkOut", "Bytes"),
}
REQUESTS = "ALBRequestCountPerTarget"


@cache
def habits() -> Mapping[str, Any]:
    """Return what target tracking's alarms look at, by name."""
    file = Path(__file__).parent / "data" / "scaling_policies.yaml"
    return {name: entry["value"] for name, entry in read_yaml(file.read_text()).items() if "value" in entry}


@answers("autoscaling", "PutScalingPolicy")
def put(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Keep a policy; target tracking makes its two alarms, or puts them anew."""
    told, place = asked.parameters, (asked.call.account, asked.call.region)
    policy = {"PolicyType": "SimpleScaling", "Enabled": True, **{n: told[n] for n in (*KEPT, "Enabled") if n in told}}
    group = find_group(*place, policy["AutoScalingGroupName"])
    _check(scene, group, policy, place=place)
    before = find_policy(scene, *place, group=group.name, name=policy["PolicyName"])
    arn = before["PolicyARN"] if before else (
        f"arn:aws:autoscaling:{place[1]}:{place[0]}:scalingPolicy:{scene.ids('autoscaling').uuid()}"
        f":autoScalingGroupName/{group.name}:policyName/{policy['PolicyName']}"
    )  # fmt: skip
    policy |= {"PolicyARN": arn, "Alarms": []}
    if before:
        _unmake(scene, before, place=place)
    policies_of(scene, *place)[f"{group.name}/{policy['PolicyName']}"] = policy
    if policy["PolicyType"] == TRACKING:
        policy["Alarms"] = [_make(scene, policy, alarm, place=place) for alarm in _alarms(policy)]
    return {"PolicyARN": arn, "Alarms": policy["Alarms"]}


def _check(scene: Scene, group: Any, policy: dict[str, Any], *, place: tuple[str, str]) -> None:
    if policy["PolicyType"] == "PredictiveScaling":
        raise AwsError("TwinUnsupportedOperation", "The twin does not predict load (autoscaling:PutScalingPolicy).")
    others = [p for p in policies_of(scene, *place).values() if p["AutoScalingGroupName"] == group.name]
    others = [p for p in others if p["PolicyName"] != policy["PolicyName"]]
    if len(others) >= habits()["policies_per_group"]:
        raise AwsError("LimitExceeded", "You have reached the limit of scaling policies of this Auto Scaling group.")
    for wrong in _mistakes(group, policy, others):
        raise AwsError("ValidationError", wrong)


def _mistakes(group: Any, policy: dict[str, Any], others: Sequence[dict[str, Any]]) -> Iterator[str]:
    kind, told = policy["PolicyType"], policy.get("TargetTrackingConfiguration")
    if (kind == TRACKING) != bool(told):
        yield "TargetTrackingConfiguration goes with a TargetTrackingScaling policy, and is required for it"
    elif told:
        metrics = [told.get(f"{how}MetricSpecification") for how in ("Predefined", "Customized")]
        if sum(map(bool, metrics)) != 1:
            yield "Only one of PredefinedMetricSpecification and CustomizedMetricSpecification has to be provided"
        same = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
        for other in others:
            theirs = other.get("TargetTrackingConfiguration")
            if theirs and all(theirs.get(name) == told.get(name) for name in same):
                yield "Only one TargetTrackingScaling policy for a given metric specification is allowed."
        predefined = metrics[0] or {}
        if predefined.get("PredefinedMetricType") == REQUESTS:
            label = predefined.get("ResourceLabel") or ""
            if not any(arn.endswith(f":{_halves(label)[1]}") for arn in group.target_group_arns):
                yield f"The resource label {label!r} names no target group of the Auto Scaling group"
    elif not policy.get("AdjustmentType"):
        yield "AdjustmentType is required"
    elif kind == STEP:
        yield from _steps(policy.get("StepAdjustments") or [])
    elif policy.get("ScalingAdjustment") is None and kind == "SimpleScaling":
        yield "ScalingAdjustment is required for a SimpleScaling policy"


def _steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Ranges follow one another; at most one is open at each end, as at least one is where bounds go that way."""
    if not 1 <= len(steps) <= habits()["steps_per_policy"]:
        yield f"A step scaling policy has 1 to {habits()['steps_per_policy']} step adjustments"
        return
    low, high = "MetricIntervalLowerBound", "MetricIntervalUpperBound"
    line = sorted(steps, key=lambda step: float("-inf") if step.get(low) is None else float(step[low]))
    if any(a.get(high) is None or b.get(low) is None or float(a[high]) != float(b[low])
           for a, b in pairwise(line)):  # fmt: skip
        yield "StepAdjustment ranges can't overlap or have a gap"
    first, last = line[0].get(low), line[-1].get(high)
    if (first is not None and float(first) < 0) or (last is not None and float(last) > 0):
        yield "The ranges of StepAdjustments have to be open towards the side on which the metric breaches"


def _alarms(policy: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what target tracking looks at: the metric above its target, and for longer well below it."""
    told, looks = policy["TargetTrackingConfiguration"], habits()
    metric = _metric(policy)
    target = float(told["TargetValue"])
    high = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": target}
    yield {"kind": "AlarmHigh", **metric, **high, "EvaluationPeriods": _periods("above")}
    if not told.get("DisableScaleIn"):
        low = {"ComparisonOperator": "LessThanThreshold", "Threshold": round(target * looks["low_share"], 6)}
        yield {"kind": "AlarmLow", **metric, **low, "EvaluationPeriods": _periods("below")}


def _periods(side: str) -> int:
    return int(delay(f"scaling_policies.{side}").least // habits()["period"])


def _metric(policy: dict[str, Any]) -> dict[str, Any]:
    told, period = policy["TargetTrackingConfiguration"], habits()["period"]
    if own := told.get("CustomizedMetricSpecification"):
        if own.get("Metrics"):
            return {"Metrics": [_query(query, period) for query in own["Metrics"]]}
        return {name: value for name, value in own.items() if name != "Metrics"} | {"Period": period}
    predefined = told["PredefinedMetricSpecification"]
    kind = predefined["PredefinedMetricType"]
    if kind == REQUESTS:
        balancer, targets = _halves(predefined["ResourceLabel"])
        named = [{"Name": "LoadBalancer", "Value": balancer}, {"Name": "TargetGroup", "Value": targets}]
        return {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCountPerTarget", "Statistic": "Sum",
                "Dimensions": named, "Period": period}  # fmt: skip
    name, unit = EC2[kind]
    named = [{"Name": "AutoScalingGroupName", "Value": policy["AutoScalingGroupName"]}]
    return {"Namespace": "AWS/EC2", "MetricName": name, "Statistic": "Average", "Unit": unit, "Dimensions": named,
            "Period": period}  # fmt: skip


def _query(query: Mapping[str, Any], period: int) -> dict[str, Any]:
    stat = query.get("MetricStat")
    return {**query, **({"MetricStat": {"Period": period, **stat}} if stat else {})}


def _halves(label: str) -> tuple[str, str]:
    """Part a resource label into what it says of the balancer and of the target group."""
    balancer, mark, targets = label.partition("/targetgroup/")
    return balancer, f"targetgroup/{targets}" if mark else ""


def _make(scene: Scene, policy: dict[str, Any], alarm: dict[str, Any], *, place: tuple[str, str]) -> dict[str, str]:
    name = f"{OWN}{policy['AutoScalingGroupName']}-{alarm.pop('kind')}-{scene.ids('autoscaling').uuid()}"
    told = {
        "AlarmName": name,
        "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
        "AlarmActions": [policy["PolicyARN"]],
        **alarm,
    }
    scene.call("cloudwatch:PutMetricAlarm", told, account=place[0], region=place[1], by=BY)
    return {"AlarmName": name, "AlarmARN": f"arn:aws:cloudwatch:{place[1]}:{place[0]}:alarm:{name}"}


def _unmake(scene: Scene, policy: dict[str, Any], *, place: tuple[str, str]) -> None:
    names = [alarm["AlarmName"] for alarm in policy["Alarms"] if alarm["AlarmName"].startswith(OWN)]
    if names:
        scene.call("cloudwatch:DeleteAlarms", {"AlarmNames": names}, account=place[0], region=place[1], by=BY)


@answers("autoscaling", "DescribePolicies")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the policies in the order of their groups and names, with the alarms that ask for each."""
    told, place = asked.parameters, (asked.call.account, asked.call.region)
    names, kinds = told.get("PolicyNames") or (), told.get("PolicyTypes") or ()
    found = [
        policy | {"Alarms": policy["Alarms"] or list(_askers(scene, policy["PolicyARN"], place))}
        for _, policy in sorted(policies_of(scene, *place).items())
        if told.get("AutoScalingGroupName") in (None, policy["AutoScalingGroupName"])
        and (not names or policy["PolicyName"] in names or policy["PolicyARN"] in names)
        and (not kinds or policy["PolicyType"] in kinds)
    ]
    start, size = int(told.get("NextToken") or 0), int(told.get("MaxRecords") or habits()["page"])
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {"ScalingPolicies": found[start : start + size], **more}


def _askers(scene: Scene, arn: str, place: tuple[str, str]) -> Iterator[dict[str, str]]:
    for name, alarm in sorted(scene.state("cloudwatch", *place).alarms.items()):
        if any(arn in (actions or ()) for actions in (alarm.alarm_actions, alarm.ok_actions)):
            yield {"AlarmName": name, "AlarmARN": alarm.alarm_arn}


@answers("autoscaling", "DeletePolicy")
def delete(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Forget a policy, and the alarms that were made for it."""
    told, place = asked.parameters, (asked.call.account, asked.call.region)
    name = told["PolicyName"]
    policy = find_policy(scene, *place, group=told.get("AutoScalingGroupName") or "", name=name)
    if policy is None:
        raise AwsError("ValidationError", f"PolicyName {name} not found")
    _forget(scene, policy, place)
    return {}


def _forget(scene: Scene, policy: dict[str, Any], place: tuple[str, str]) -> None:
    del policies_of(scene, *place)[f"{policy['AutoScalingGroupName']}/{policy['PolicyName']}"]
    _unmake(scene, policy, place=place)


@watches("autoscaling.group.deleted")
def group_gone(scene: Scene, happening: Happening) -> None:
    """The policies of a group go with it."""
    told = happening.facts
    place = (told["account"], told["region"])
    for policy in list(policies_of(scene, *place).values()):
        if policy["AutoScalingGroupName"] == told["group"]:
            _forget(scene, policy, place)


@watches(
    "autoscaling.group.updated", "autoscaling.processes.resumed",
    "autoscaling.instance.launched", "autoscaling.instance.terminated",
)  # fmt: skip
def group_changed(scene: Scene, happening: Happening) -> None:
    """A group of other bounds or members is asked again by the alarms that ring, which rest while nothing changes."""
    told = happening.facts
    place = (told["account"], told["region"])
    for policy in policies_of(scene, *place).values():
        if policy["AutoScalingGroupName"] == told["group"]:
            for alarm in policy["Alarms"] or _askers(scene, policy["PolicyARN"], place):
                name = Name(*place, alarm["AlarmName"])
                found = find_alarm(scene, name)
                if found is not None and policy["PolicyARN"] in scaling(found):
                    evaluate_soon(scene, name)
