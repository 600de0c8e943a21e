"""Auto Scaling groups keep their desired capacity: spread over their zones, launched and terminated as they change."""

from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.auto_scaling_activities import stamp
from twin.world.behaviors.auto_scaling_balance import Member, places, victims
from twin.world.behaviors.auto_scaling_members import (
    deregister,
    facts,
    find_group,
    launch,
    live,
    register,
    suspended,
    terminate,
    zone_counts,
)
from twin.world.behaviors.auto_scaling_template import instances_for
from twin.world.behaviors.ec2_instances import AGAIN, NEW
from twin.world.scene import Scene

PROVIDES = {"auto-scaling": "Auto Scaling groups spread, replace, rebalance and drain, and tell their activities"}
DELETING = "Delete in progress"


def converge(scene: Scene, group: Any, *, why: str, pace: str, replacing: bool = False) -> int:
    """Launch or terminate what the group has too few or too many; returns the instances launched."""
    if getattr(group, "status", None) == DELETING:
        return 0
    has, wanted = len(live(group)), instances_for(group)
    if has < wanted and not suspended(group, "Launch"):
        cause = (
            f"At {stamp(scene)} an instance was launched in response to an unhealthy instance needing to be replaced."
        )
        if not replacing:
            cause = (
                f"{why}At {stamp(scene)} an instance was started in response to a difference between desired and "
                f"actual capacity, increasing the capacity from {has} to {wanted}."
            )
        return launch(scene, group, zones=places(zone_counts(group), wanted - has), cause=cause, pace=pace)
    if has > wanted and not suspended(group, "Terminate"):
        shrink(scene, group, why=why)
    return 0


def shrink(scene: Scene, group: Any, *, why: str) -> None:
    """Terminate the members that are too many, by the group's termination policies."""
    members = {state.instance_id: state for state in live(group)}
    line = [
        Member(
            id_,
            state.availability_zone,
            state.instance.launch_time,
            int((state.launch_template or {}).get("Version", 0)),
            bool(state.protected_from_scale_in),
        )
        for id_, state in members.items()
    ]
    has, wanted = len(members), instances_for(group)
    chosen = victims(line, has - wanted, zones=group.availability_zones, policies=group.termination_policies)
    for victim in chosen:
        cause = (
            f"{why}At {stamp(scene)} an instance was taken out of service in response to a difference between desired "
            f"and actual capacity, shrinking the capacity from {has} to {has - 1}.  At {stamp(scene)} instance "
            f"{victim.id} was selected for termination."
        )
        terminate(scene, group, members[victim.id], cause=cause)
        has -= 1


def _named(done: Asked) -> Any:
    return find_group(done.call.account, done.call.region, done.parameters["AutoScalingGroupName"])


def _changed(scene: Scene, group: Any, request: str) -> str:
    has, wanted = len(live(group)), instances_for(group)
    return f"At {stamp(scene)} {request} changing the desired capacity from {has} to {wanted}.  "


@follows("autoscaling", "CreateAutoScalingGroup")
def created(done: Done, scene: Scene) -> None:
    """A new group launches what it wants."""
    group = _named(done)
    group.availability_zone_distribution = done.parameters.get("AvailabilityZoneDistribution")
    converge(scene, group, why=_changed(scene, group, "a user request created an AutoScalingGroup"), pace=NEW)


@follows("autoscaling", "UpdateAutoScalingGroup")
def updated(done: Done, scene: Scene) -> None:
    """A changed group launches or terminates; members outside of its new zones are replaced in time."""
    group, parameters = _named(done), done.parameters
    for name, field in (
        ("TerminationPolicies", "termination_policies"),
        ("DefaultCooldown", "default_cooldown"),
        ("AvailabilityZoneDistribution", "availability_zone_distribution"),
    ):
        if name in parameters:
            setattr(group, field, parameters[name])
    bounds = f"min: {group.min_size}, max: {group.max_size}, desired: {group.desired_capacity}"
    request = f"a user request update of AutoScalingGroup constraints to {bounds}"
    converge(scene, group, why=_changed(scene, group, request), pace=NEW)
    scene.emit("autoscaling.group.updated", **facts(group))


@follows("autoscaling", "SetDesiredCapacity")
def resized(done: Done, scene: Scene) -> None:
    """A group that is told another size launches or terminates, which takes its time."""
    group, request = _named(done), "a user request explicitly set group desired capacity"
    converge(scene, group, why=_changed(scene, group, request), pace=AGAIN)


@follows("cloudformation", "CreateStack", "UpdateStack", "ExecuteChangeSet")
def stacked(done: Done, scene: Scene) -> None:
    """Groups of a stack launch what they want, as those that were made by a call."""
    for group in list(done.state("autoscaling").autoscaling_groups.values()):
        converge(scene, group, why=_changed(scene, group, "a user request created an AutoScalingGroup"), pace=NEW)


@follows("autoscaling", "ResumeProcesses")
def resumed(done: Done, scene: Scene) -> None:
    """A group catches up with what it could not do."""
    group = _named(done)
    converge(scene, group, why="", pace=AGAIN)
    scene.emit("autoscaling.processes.resumed", **facts(group))


@follows("autoscaling", "AttachLoadBalancerTargetGroups")
def attached(done: Done, scene: Scene) -> None:
    """The members in service are registered with new target groups."""
    group = _named(done)
    members = [state.instance_id for state in group.instance_states if state.lifecycle_state == "InService"]
    register(scene, group, members, done.parameters["TargetGroupARNs"], pace=NEW)


@answers("autoscaling", "DetachLoadBalancerTargetGroups")
def detached(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Members leave the target groups, which drain."""
    group = _named(asked)
    if group is None:
        return None
    gone = asked.parameters["TargetGroupARNs"]
    deregister(scene, group, [state.instance_id for state in group.instance_states], gone)
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in gone]
    return {}


@answers("autoscaling", "DeleteAutoScalingGroup")
def deleted(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """A deleted group terminates its instances at once, and is gone when they are."""
    group = _named(asked)
    if group is None:
        return None
    group.min_size = group.desired_capacity = 0
    cause = f"At {stamp(scene)} a user request force deleted AutoScalingGroup changing the desired capacity to 0."
    for state in list(group.instance_states):
        terminate(scene, group, state, cause=cause, at_once=True)
    group.status = DELETING
    seconds = scene.delay("auto_scaling.delete")
    if seconds:
        scene.after(seconds, "autoscaling.delete", **facts(group))
    else:
        gone(scene, **facts(group))
    return {}


@happens("autoscaling.delete")
def gone(scene: Scene, *, account: str, region: str, group: str) -> None:
    """A group is no more."""
    found = find_group(account, region, group)
    if found is not None and found.status == DELETING:
        found.autoscaling_backend.autoscaling_groups.pop(group)
        scene.emit("autoscaling.group.deleted", account=account, region=region, group=group)
