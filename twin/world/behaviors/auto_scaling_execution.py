"""Scaling policies are carried out: by how much a group changes, and what holds that back.

Instances that warm up do not count yet, those that terminate still do; nothing is taken in while something comes out.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html (read in
github.com/awsdocs/amazon-ec2-auto-scaling-user-guide@0987d768)
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.auto_scaling import converge
from twin.world.behaviors.auto_scaling_activities import stamp
from twin.world.behaviors.auto_scaling_members import facts, find_group, live, suspended
from twin.world.behaviors.ec2_instances import AGAIN
from twin.world.scene import Scene
from twin.world.signals.scaling_math import EXACT, adjusted, chosen_step, tracked

TRACKING, STEP, SIMPLE = "TargetTrackingScaling", "StepScaling", "SimpleScaling"
COOLDOWN = 300
"""https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html, DefaultCooldown."""


class Breach(NamedTuple):
    """What an alarm tells of itself when it asks for a policy: its name, the newest value, and its threshold."""

    alarm: str
    value: float | None
    threshold: float


def policies_of(scene: Scene, account: str, region: str) -> dict[str, dict[str, Any]]:
    """Return the scaling policies of a Region, by group and name, in the form in which they are described."""
    kept: dict[str, dict[str, Any]] = scene.state("autoscaling", account, region).policies
    return kept


def find_policy(scene: Scene, account: str, region: str, *, group: str, name: str) -> dict[str, Any] | None:
    """Return a policy of a group, by its name or its ARN; None when there is none."""
    kept = policies_of(scene, account, region).values()
    named = (group, name)
    return next(
        (p for p in kept if p["PolicyARN"] == name or (p["AutoScalingGroupName"], p["PolicyName"]) == named), None
    )


def carry_out(scene: Scene, policy_arn: str, breach: Breach, *, place: tuple[str, str]) -> bool:
    """Carry out a policy for an alarm; tell whether asking again in a minute may change more."""
    policy = find_policy(scene, *place, group="", name=policy_arn)
    if policy is None:
        raise AwsError("ValidationError", "PolicyARN not found")
    group = find_group(*place, policy["AutoScalingGroupName"])
    if group is None or not policy["Enabled"] or suspended(group, "AlarmNotification"):
        return False
    if policy["PolicyType"] == SIMPLE and _cooling(scene, group, policy):
        return _cooldown(scene, group, policy) or _moving(scene, group, policy)
    wanted = _wanted(scene, group, policy, breach)
    cause = f"a monitor alarm {breach.alarm} in state ALARM triggered policy {policy['PolicyName']}"
    before = group.desired_capacity
    changed = wanted is not None and _resize(scene, group, wanted, cause=cause)
    if changed and policy["PolicyType"] == TRACKING:  # what its alarms waited, which no page tells
        scene.delay(f"scaling_policies.{'above' if group.desired_capacity > before else 'below'}")
    return changed or _moving(scene, group, policy)


@answers("autoscaling", "ExecutePolicy")
def execute(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Carry out a policy for a user, who says what a step policy would hear from its alarm."""
    call, told = asked.call, asked.parameters
    group = told.get("AutoScalingGroupName") or ""
    policy = find_policy(scene, call.account, call.region, group=group, name=told["PolicyName"])
    if policy is None:
        raise AwsError("ValidationError", f"PolicyName {told['PolicyName']} not found")
    if policy["PolicyType"] == TRACKING:
        raise AwsError("ValidationError", "ExecutePolicy is not supported for target tracking policies")
    value, threshold = told.get("MetricValue"), told.get("BreachThreshold")
    if policy["PolicyType"] == STEP and (value is None or threshold is None):
        raise AwsError("ValidationError", "MetricValue and BreachThreshold are required for a step scaling policy")
    found = find_group(call.account, call.region, policy["AutoScalingGroupName"])
    if policy["PolicyType"] == SIMPLE and told.get("HonorCooldown") and _cooling(scene, found, policy):
        raise AwsError("ScalingActivityInProgress", "The group is in its cooldown period")
    breach = Breach("", float(value or 0), float(threshold or 0))
    wanted = _wanted(scene, found, policy, breach)
    if wanted is not None:
        _resize(scene, found, wanted, cause=f"a user request executed policy {policy['PolicyName']}")
    return {}


def _wanted(scene: Scene, group: Any, policy: dict[str, Any], breach: Breach) -> int | None:
    if policy["PolicyType"] == TRACKING:
        return _to_target(scene, group, policy, breach)
    kind, least = policy["AdjustmentType"], int(policy.get("MinAdjustmentMagnitude") or 0)
    if policy["PolicyType"] == SIMPLE:
        return adjusted(group.desired_capacity, int(policy["ScalingAdjustment"]), kind, least=least)
    value = breach.threshold if breach.value is None else breach.value
    change = chosen_step(policy["StepAdjustments"], value=value, threshold=breach.threshold)
    if change is None:
        return None
    out = adjusted(len(_warm(scene, group, policy)), change, kind, least=least)
    if kind == EXACT:
        return out
    desired: int = group.desired_capacity
    if out > len(_warm(scene, group, policy)):
        return max(desired, out)
    if _rising(scene, group, policy):
        return None
    return min(desired, adjusted(len(_present(group)), change, kind, least=least))


def _to_target(scene: Scene, group: Any, policy: dict[str, Any], breach: Breach) -> int | None:
    """Return what brings a metric to its target: out for one policy alone, in only where all would have it so."""
    told, desired = policy["TargetTrackingConfiguration"], int(group.desired_capacity)
    if breach.value is None:
        return None
    if breach.value > told["TargetValue"]:
        warm = len(_warm(scene, group, policy))
        return max(desired, tracked(warm, value=breach.value, target=told["TargetValue"]))
    if told.get("DisableScaleIn") or _rising(scene, group, policy) or not _all_low(scene, group):
        return None
    least = tracked(len(live(group)), value=breach.value, target=told["TargetValue"])
    return min(desired, least)


def _all_low(scene: Scene, group: Any) -> bool:
    alarms = scene.state("cloudwatch", group.account_id, group.region).alarms
    return all(
        alarms[alarm["AlarmName"]].state_value == "ALARM"
        for policy in policies_of(scene, group.account_id, group.region).values()
        if policy["AutoScalingGroupName"] == group.name and policy["PolicyType"] == TRACKING and policy["Enabled"]
        for alarm in policy["Alarms"]
        if "-AlarmLow-" in alarm["AlarmName"] and alarm["AlarmName"] in alarms
    )


def _resize(scene: Scene, group: Any, wanted: int, *, cause: str) -> bool:
    wanted, before = min(max(wanted, group.min_size), group.max_size), group.desired_capacity
    if wanted == before:
        return False
    group.desired_capacity = wanted
    group.scaled_at = scene.now()
    why = f"At {stamp(scene)} {cause} changing the desired capacity from {before} to {wanted}.  "
    converge(scene, group, why=why, pace=AGAIN)
    scene.emit("autoscaling.group.scaled", **facts(group), before=before, after=wanted)
    return True


def _warmup(group: Any, policy: dict[str, Any]) -> timedelta:
    own = policy.get("EstimatedInstanceWarmup")
    return timedelta(seconds=int(own if own is not None else getattr(group, "default_cooldown", None) or COOLDOWN))


def _warm(scene: Scene, group: Any, policy: dict[str, Any]) -> list[Any]:
    """Return the members that have been in service for as long as they warm up."""
    span = _warmup(group, policy)
    serving = (state for state in group.instance_states if state.lifecycle_state == "InService")
    return [state for state in serving if scene.now() - state.since >= span]


def _present(group: Any) -> list[Any]:
    return [state for state in group.instance_states if not state.lifecycle_state.endswith("Standby")]


def _rising(scene: Scene, group: Any, policy: dict[str, Any]) -> bool:
    """Tell whether instances are still on their way into service, or warm up there."""
    return len(_warm(scene, group, policy)) < int(group.desired_capacity)


def _moving(scene: Scene, group: Any, policy: dict[str, Any]) -> bool:
    """Tell whether a member comes, goes or warms up: that ends, and what a group only lacks or has too many may not."""
    return len(_present(group)) > len(_warm(scene, group, policy))


def _cooling(scene: Scene, group: Any, policy: dict[str, Any]) -> bool:
    """Tell whether a simple policy waits: for the group to have its capacity, and then for its cooldown."""
    if getattr(group, "scaled_at", None) is None:
        return False
    return len(live(group)) != group.desired_capacity or _cooldown(scene, group, policy)


def _cooldown(scene: Scene, group: Any, policy: dict[str, Any]) -> bool:
    """Tell whether a cooldown goes on since the group scaled, or since its last member came into service."""
    own, since = policy.get("Cooldown"), group.scaled_at
    span = timedelta(seconds=int(own if own is not None else getattr(group, "default_cooldown", None) or COOLDOWN))
    ended: datetime = max([since, *(state.since for state in group.instance_states if getattr(state, "since", None))])
    return scene.now() - ended < span
