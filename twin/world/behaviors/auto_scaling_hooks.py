"""Lifecycle hooks: an instance that comes or goes waits for somebody's word, as long as a hook allows."""

from datetime import datetime, timedelta
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens
from twin.world.scene import Scene

PROVIDES = {"lifecycle-hooks": "Auto Scaling instances wait for lifecycle actions, up to their timeouts"}
LAUNCHING, TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
CONTINUE, ABANDON = "CONTINUE", "ABANDON"
WAITS = {LAUNCHING: "Pending:Wait", TERMINATING: "Terminating:Wait"}
EVENTS = {
    LAUNCHING: ("EC2 Instance-launch Lifecycle Action", "EC2", "AutoScalingGroup"),
    TERMINATING: ("EC2 Instance-terminate Lifecycle Action", "AutoScalingGroup", "EC2"),
}
# However often an action is prolonged: 48 hours or 100 times its timeout, whichever is less.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
LONGEST, MOST_BEATS = timedelta(hours=48), 100


@follows("autoscaling", "PutLifecycleHook")
def put(done: Done, scene: Scene) -> None:
    """Keep what the caller said about notifications, in place of what the store makes up."""
    parameters = done.parameters
    hook = done.state().lifecycle_hooks[f"{parameters['AutoScalingGroupName']}_{parameters['LifecycleHookName']}"]
    hook.role_arn, hook.notification_target_arn = parameters.get("RoleARN"), parameters.get("NotificationTargetARN")
    hook.notification_metadata = parameters.get("NotificationMetadata")
    hook.global_timeout = int(min(LONGEST.total_seconds(), MOST_BEATS * hook.heartbeat_timeout))


def begin(scene: Scene, group: Any, state: Any, *, transition: str, activity: dict[str, Any]) -> bool:
    """Have an instance wait for the actions of its group's hooks; False when there are none."""
    hooks = [
        hook
        for hook in group.autoscaling_backend.describe_lifecycle_hooks(group.name)
        if hook.lifecycle_transition == transition
    ]
    if not hooks:
        return False
    state.lifecycle_state, activity["StatusCode"] = WAITS[transition], "MidLifecycleAction"
    state.actions = {}
    for hook in hooks:
        latest = scene.now() + timedelta(seconds=hook.global_timeout)
        action = {"token": scene.ids("autoscaling").uuid(), "hook": hook.name, "latest": latest}
        state.actions[hook.name] = {**action, "transition": transition, "activity": activity["ActivityId"]}
        _await(scene, group, state, hook)
        _tell(scene, group, state, hook)
    return True


def _facts(group: Any, state: Any, hook: str) -> dict[str, str]:
    where = {"account": group.account_id, "region": group.region, "group": group.name}
    return {**where, "instance": state.instance_id, "hook": hook}


def _await(scene: Scene, group: Any, state: Any, hook: Any) -> None:
    action = state.actions[hook.name]
    due: datetime = min(action["latest"], scene.now() + timedelta(seconds=hook.heartbeat_timeout))
    told = {**_facts(group, state, hook.name), "result": hook.default_result}
    action["task"] = scene.agenda.at(due, "autoscaling.action.timeout", **told)


def _tell(scene: Scene, group: Any, state: Any, hook: Any) -> None:
    detail_type, origin, destination = EVENTS[hook.lifecycle_transition]
    detail = {
        "LifecycleActionToken": state.actions[hook.name]["token"],
        "AutoScalingGroupName": group.name,
        "LifecycleHookName": hook.name,
        "EC2InstanceId": state.instance_id,
        "LifecycleTransition": hook.lifecycle_transition,
        "Origin": origin,
        "Destination": destination,
    }
    if getattr(hook, "notification_metadata", None):
        detail["NotificationMetadata"] = hook.notification_metadata
    scene.emit(
        "aws.event",
        account=group.account_id,
        region=group.region,
        source="aws.autoscaling",
        detail_type=detail_type,
        resources=[group.arn],
        detail=detail,
    )


@happens("autoscaling.action.timeout")
def timeout(scene: Scene, *, account: str, region: str, group: str, instance: str, hook: str, result: str) -> None:
    """Nobody said a word in time: the hook's default result counts."""
    from twin.world.stores.moto_store import backends

    found = backends("autoscaling")[account][region].autoscaling_groups.get(group)
    states = found.instance_states if found is not None else ()
    state = next((state for state in states if state.instance_id == instance), None)
    if state is not None and hook in getattr(state, "actions", {}):
        complete(scene, found, state, hook=hook, result=result)


def complete(scene: Scene, group: Any, state: Any, *, hook: str, result: str) -> None:
    """End an action; ABANDON ends the others too, and the instance waits no more when none is left."""
    ended = [hook] if result == CONTINUE else list(state.actions)
    told = state.actions[hook]
    for name in ended:
        scene.agenda.cancel(state.actions.pop(name)["task"])
    if not state.actions:
        facts = _facts(group, state, hook)
        outcome = {"transition": told["transition"], "result": result, "activity": told["activity"]}
        scene.emit("autoscaling.lifecycle.completed", **facts, **outcome)


def _waiting(asked: Asked) -> tuple[Any, Any, str]:
    """Return the group, the member and the hook of an action that is under way."""
    parameters = asked.parameters
    group = asked.state().autoscaling_groups.get(parameters["AutoScalingGroupName"])
    hook, token, instance = (
        parameters["LifecycleHookName"],
        parameters.get("LifecycleActionToken"),
        parameters.get("InstanceId"),
    )
    for state in group.instance_states if group is not None else ():
        action = getattr(state, "actions", {}).get(hook)
        if action is not None and (state.instance_id == instance or (token and action["token"] == token)):
            return group, state, hook
    named = f"instance {instance}" if instance else f"token {token}"
    raise AwsError("ValidationError", f"No active Lifecycle Action found with {named}")


@answers("autoscaling", "CompleteLifecycleAction")
def completed(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Somebody says how an action went."""
    result = asked.parameters["LifecycleActionResult"]
    if result not in (CONTINUE, ABANDON):
        raise AwsError("ValidationError", "LifecycleActionResult must be one of: CONTINUE, ABANDON")
    group, state, hook = _waiting(asked)
    complete(scene, group, state, hook=hook, result=result)
    return {}


@answers("autoscaling", "RecordLifecycleActionHeartbeat")
def prolonged(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Somebody asks for more time: the hook's timeout begins anew."""
    group, state, hook = _waiting(asked)
    scene.agenda.cancel(state.actions[hook]["task"])
    _await(scene, group, state, asked.state().lifecycle_hooks[f"{group.name}_{hook}"])
    return {}
