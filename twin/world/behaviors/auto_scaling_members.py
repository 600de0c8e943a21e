"""How an Auto Scaling group launches instances, takes them into service, and takes them out."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG, InstanceState

from twin.world.aws_errors import AwsError
from twin.world.behaviors import auto_scaling_hooks as hooks
from twin.world.behaviors import ec2_instances, happens
from twin.world.behaviors.auto_scaling_activities import LAUNCH, TERMINATE, begin, find, finish
from twin.world.behaviors.auto_scaling_balance import places
from twin.world.behaviors.auto_scaling_template import request
from twin.world.behaviors.reachability import answering, find_instance
from twin.world.scene import Scene

BY = "autoscaling.amazonaws.com"
NO_ROOM = ("InsufficientInstanceCapacity", "InsufficientFreeAddressesInSubnet")
LIVE = ("Pending", "Pending:Wait", "Pending:Proceed", "InService")


def find_group(account: str, region: str, group: str) -> Any:
    """Return the store's group of a name; None when there is none."""
    from twin.world.stores.moto_store import backends

    return backends("autoscaling")[account][region].autoscaling_groups.get(group)


def groups() -> Iterable[Any]:
    """Yield the store's groups of every account and Region."""
    from twin.world.stores.moto_store import backends

    for regions in list(backends("autoscaling").values()):
        for backend in list(regions.values()):
            yield from list(backend.autoscaling_groups.values())


def facts(group: Any) -> dict[str, str]:
    """Return the facts by which a group is told."""
    return {"account": group.account_id, "region": group.region, "group": group.name}


def suspended(group: Any, process: str) -> bool:
    """Tell whether a process of the group is suspended."""
    return any(entry["ProcessName"] == process for entry in group.suspended_processes)


def live(group: Any) -> list[Any]:
    """Return the members that count towards the desired capacity."""
    return [state for state in group.instance_states if state.lifecycle_state in LIVE]


def zone_counts(group: Any) -> dict[str, int]:
    """Return how many live members each of the group's zones has, in the group's order."""
    found = Counter(state.availability_zone for state in live(group))
    return {zone: found[zone] for zone in dict.fromkeys(group.availability_zones)}


def launch(scene: Scene, group: Any, *, zones: list[str], cause: str, pace: str) -> int:
    """Launch an instance in each zone of a list, or elsewhere where there is no capacity; returns how many."""
    call = {"account": group.account_id, "region": group.region, "by": BY}
    waiting, full, made = list(zones), set(), 0
    while waiting:
        zone = waiting[0]
        number = waiting.count(zone)
        waiting = [name for name in waiting if name != zone]
        subnet, wanted = request(group, zone, number)
        try:
            reply = scene.call("ec2:RunInstances", wanted, **call)
        except AwsError as refused:
            _failed(scene, group, refused, cause=cause, zone=zone, subnet=subnet)
            full.add(zone)
            if refused.code in NO_ROOM and not _balanced_only(group):
                open_zones = {name: n for name, n in zone_counts(group).items() if name not in full}
                waiting += places({name: n + waiting.count(name) for name, n in open_zones.items()}, number)
            continue
        for told in reply["Instances"]:
            made += 1
            join(scene, group, told["InstanceId"], cause=cause, subnet=subnet, pace=pace)
    return made


def _balanced_only(group: Any) -> bool:
    strategy = (getattr(group, "availability_zone_distribution", None) or {}).get("CapacityDistributionStrategy")
    return bool(strategy == "balanced-only")


def _failed(scene: Scene, group: Any, refused: AwsError, *, cause: str, zone: str, subnet: str) -> None:
    told = f"{refused.message} Launching EC2 instance failed."
    activity = begin(
        scene,
        group,
        description=f"Launching a new EC2 instance.  Status Reason: {told}",
        cause=cause,
        zone=zone,
        subnet=subnet,
    )
    finish(scene, group, activity, kind=LAUNCH, status="Failed", message=told)
    scene.emit("autoscaling.launch.failed", **facts(group), zone=zone, code=refused.code)


def join(scene: Scene, group: Any, instance_id: str, *, cause: str, subnet: str, pace: str) -> None:
    """Take a launched instance into the group: pending until it runs."""
    instance = find_instance(instance_id)
    instance.autoscaling_group = group
    state = InstanceState(instance, "Pending", protected_from_scale_in=group.new_instances_protected_from_scale_in)
    state.launched_with = current_version(group)  # type: ignore[attr-defined]
    group.instance_states.append(state)
    activity = begin(
        scene,
        group,
        description=f"Launching a new EC2 instance: {instance_id}",
        cause=cause,
        zone=instance.placement.zone,
        subnet=subnet,
    )
    told = {**facts(group), "instance_id": instance_id, "activity_id": activity["ActivityId"], "pace": pace}
    seconds = ec2_instances.begin(scene, instance_id, pace=pace)
    if seconds:
        scene.after(seconds, "autoscaling.launched", **told)
    else:
        in_service(scene, **told)


def current_version(group: Any) -> dict[str, Any] | None:
    """Return the launch template version with which the group launches now, as its members tell it."""
    template = group.ec2_launch_template
    if template is None:
        return None
    number = template.get_version(group.launch_template_version).number
    return {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "Version": str(number)}


def member(group: Any, instance_id: str) -> Any:
    """Return the group's record of an instance; None when it is no member."""
    states = group.instance_states if group is not None else ()
    return next((state for state in states if state.instance_id == instance_id), None)


@happens("autoscaling.launched")
def in_service(
    scene: Scene, *, account: str, region: str, group: str, instance_id: str, activity_id: str, pace: str
) -> None:
    """A launched instance runs: it waits for its group's hooks, or comes into service."""
    found = find_group(account, region, group)
    state = member(found, instance_id)
    if state is None or state.lifecycle_state != "Pending":
        return
    activity = find(scene, found, activity_id)
    if not hooks.begin(scene, found, state, transition=hooks.LAUNCHING, activity=activity):
        enter_service(scene, found, state, activity_id=activity_id, pace=pace)


def enter_service(scene: Scene, group: Any, state: Any, *, activity_id: str, pace: str) -> None:
    """A member is in service."""
    instance_id = state.instance_id
    state.lifecycle_state = "InService"
    state.since = scene.now()
    if not suspended(group, "AddToLoadBalancer"):
        register(scene, group, [instance_id], group.target_group_arns, pace=pace)
    finish(scene, group, find(scene, group, activity_id), kind=LAUNCH, instance=instance_id)
    scene.emit("autoscaling.instance.launched", **facts(group), instance=instance_id, zone=state.availability_zone)


def register(scene: Scene, group: Any, instance_ids: list[str], arns: Iterable[str], *, pace: str) -> None:
    """Register members with target groups; `pace` says how fast their health checks begin."""
    from twin.world.behaviors import target_health

    call = {"account": group.account_id, "region": group.region, "by": BY}
    targets = [{"Id": id_} for id_ in instance_ids]
    group.autoscaling_backend.update_attached_elbs(group.name)
    for arn in arns if targets else ():
        scene.call("elbv2:RegisterTargets", {"TargetGroupArn": arn, "Targets": targets}, **call)
        target_health.register(scene, arn, instance_ids, pace=pace)


def deregister(scene: Scene, group: Any, instance_ids: list[str], arns: Iterable[str]) -> float:
    """Take members out of target groups that are still there; returns the longest deregistration delay in seconds."""
    targets, longest = set(instance_ids), 0.0
    group.autoscaling_backend.update_attached_elbs(group.name)
    for arn in arns:
        found = group.autoscaling_backend.elbv2_backend.target_groups.get(arn)
        here = sorted(targets & set(found.targets)) if found is not None else []
        if here:
            params = {"TargetGroupArn": arn, "Targets": [{"Id": id_} for id_ in here]}
            scene.call("elbv2:DeregisterTargets", params, account=group.account_id, region=group.region, by=BY)
            longest = max(longest, float(found.attributes["deregistration_delay.timeout_seconds"]))
    return longest


def terminate(scene: Scene, group: Any, state: Any, *, cause: str, at_once: bool = False) -> dict[str, Any]:
    """Take a member out of service and terminate it, after its connections have drained if it answers."""
    instance_id = state.instance_id
    answers = answering(scene, instance_id)[0]
    state.lifecycle_state = "Terminating"
    activity = begin(
        scene,
        group,
        description=f"Terminating EC2 instance: {instance_id}",
        cause=cause,
        zone=state.availability_zone,
        subnet=state.instance.subnet_id or "",
    )
    delay = deregister(scene, group, [instance_id], group.target_group_arns)
    told = {**facts(group), "instance_id": instance_id, "activity_id": activity["ActivityId"]}
    if delay and answers and not at_once:
        activity["StatusCode"] = "WaitingForELBConnectionDraining"
        activity["Description"] += " - Waiting For ELB Connection Draining."
        scene.after(delay, "autoscaling.drained", **told)
    else:
        out_of_service(scene, **told, at_once=at_once)
    return activity


@happens("autoscaling.drained")
def out_of_service(
    scene: Scene,
    *,
    account: str,
    region: str,
    group: str,
    instance_id: str,
    activity_id: str,
    at_once: bool = False,
) -> None:
    """A member waits for its group's hooks, is terminated and leaves the group."""
    found = find_group(account, region, group)
    state = member(found, instance_id)
    if state is None:
        return
    activity = find(scene, found, activity_id)
    waits = state.lifecycle_state == "Terminating" and not at_once
    if waits and hooks.begin(scene, found, state, transition=hooks.TERMINATING, activity=activity):
        return
    found.instance_states.remove(state)
    instance = find_instance(instance_id)
    if instance is not None and instance.state not in ("shutting-down", "terminated"):
        # Termination protection binds users, not the group.
        instance.disable_api_termination = False
        scene.call("ec2:TerminateInstances", {"InstanceIds": [instance_id]}, account=account, region=region, by=BY)
    finish(scene, found, activity, kind=TERMINATE, instance=instance_id)
    scene.emit("autoscaling.instance.terminated", **facts(found), instance=instance_id, zone=state.availability_zone)


def leave(group: Any, state: Any) -> None:
    """Let a member go, which runs on by itself."""
    group.instance_states.remove(state)
    del state.instance.autoscaling_group
    group.ec2_backend.delete_tags([state.instance_id], {ASG_NAME_TAG: group.name})
