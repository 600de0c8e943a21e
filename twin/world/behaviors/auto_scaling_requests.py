"""What users ask of single members of an Auto Scaling group: attach, detach, terminate, standby."""

from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG, InstanceState

from twin.world.aws_call import Asked
from twin.world.behaviors import answers
from twin.world.behaviors.auto_scaling import converge
from twin.world.behaviors.auto_scaling_activities import begin, finish, stamp
from twin.world.behaviors.auto_scaling_members import deregister, find_group, leave, member, register, terminate
from twin.world.behaviors.ec2_instances import AGAIN
from twin.world.behaviors.reachability import find_instance
from twin.world.scene import Scene


def _group(asked: Asked) -> Any:
    return find_group(asked.call.account, asked.call.region, asked.parameters["AutoScalingGroupName"])


def _lowered(asked: Asked, group: Any) -> str:
    """Lower the desired capacity by what the call takes out, if it says so; returns the cause's words for it."""
    if not asked.parameters.get("ShouldDecrementDesiredCapacity"):
        return "."
    before = group.desired_capacity
    group.desired_capacity = before - len(asked.parameters.get("InstanceIds") or [1])
    return f", shrinking the capacity from {before} to {group.desired_capacity}."


@answers("autoscaling", "TerminateInstanceInAutoScalingGroup")
def terminate_one(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Terminate a member; another is launched unless the capacity is lowered."""
    instance = asked.parameters["InstanceId"]
    group = next(g for g in asked.state().autoscaling_groups.values() if member(g, instance) is not None)
    tail = _lowered(asked, group)
    cause = f"At {stamp(scene)} instance {instance} was taken out of service in response to a user request{tail}"
    activity = terminate(scene, group, member(group, instance), cause=cause)
    converge(scene, group, why="", pace=AGAIN)
    return {"Activity": activity}


@answers("autoscaling", "DetachInstances")
def detach(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Let members go, which run on; others are launched unless the capacity is lowered."""
    group, done = _group(asked), []
    tail = _lowered(asked, group)
    for instance in asked.parameters["InstanceIds"]:
        state = member(group, instance)
        cause = f"At {stamp(scene)} instance {instance} was detached in response to a user request{tail}"
        activity = begin(
            scene,
            group,
            description=f"Detaching EC2 instance: {instance}",
            cause=cause,
            zone=state.availability_zone,
            subnet=state.instance.subnet_id or "",
        )
        leave(group, state)
        deregister(scene, group, [instance], group.target_group_arns)
        finish(scene, group, activity)
        done.append(activity)
    converge(scene, group, why="", pace=AGAIN)
    return {"Activities": done}


@answers("autoscaling", "AttachInstances")
def attach(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take instances into the group; the capacity grows by them."""
    group, wanted = _group(asked), asked.parameters["InstanceIds"]
    for id_ in wanted:
        instance = find_instance(id_)
        instance.autoscaling_group = group
        state: Any = InstanceState(instance, protected_from_scale_in=group.new_instances_protected_from_scale_in)
        state.since = scene.now()
        group.instance_states.append(state)
        group.desired_capacity += 1
        group.ec2_backend.create_tags([id_], {ASG_NAME_TAG: group.name})
        cause = f"At {stamp(scene)} an instance was attached in response to user request."
        text, subnet = f"Attaching an existing EC2 instance: {id_}", instance.subnet_id or ""
        activity = begin(scene, group, description=text, cause=cause, zone=instance.placement.zone, subnet=subnet)
        finish(scene, group, activity)
    register(scene, group, wanted, group.target_group_arns, pace=AGAIN)
    return {}


@answers("autoscaling", "EnterStandby")
def enter_standby(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take members out of service for a while; others are launched unless the capacity is lowered."""
    group, done = _group(asked), []
    tail = _lowered(asked, group)
    for instance in asked.parameters["InstanceIds"]:
        cause = f"At {stamp(scene)} instance {instance} was moved to standby in response to a user request{tail}"
        done.append(_moved(scene, group, instance, "Standby", f"Moving EC2 instance to Standby: {instance}", cause))
        deregister(scene, group, [instance], group.target_group_arns)
    converge(scene, group, why="", pace=AGAIN)
    return {"Activities": done}


@answers("autoscaling", "ExitStandby")
def exit_standby(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take members into service again; the capacity grows by them."""
    group, done, wanted = _group(asked), [], asked.parameters["InstanceIds"]
    before = group.desired_capacity
    group.desired_capacity += len(wanted)
    for instance in wanted:
        cause = (
            f"At {stamp(scene)} instance {instance} was moved out of standby in response to a user request, "
            f"increasing the capacity from {before} to {group.desired_capacity}."
        )
        text = f"Moving EC2 instance out of Standby: {instance}"
        done.append(_moved(scene, group, instance, "InService", text, cause))
        member(group, instance).since = scene.now()
    register(scene, group, wanted, group.target_group_arns, pace=AGAIN)
    return {"Activities": done}


def _moved(scene: Scene, group: Any, instance: str, to: str, text: str, cause: str) -> dict[str, Any]:
    state = member(group, instance)
    state.lifecycle_state = to
    subnet = state.instance.subnet_id or ""
    activity = begin(scene, group, description=text, cause=cause, zone=state.availability_zone, subnet=subnet)
    finish(scene, group, activity)
    return activity
