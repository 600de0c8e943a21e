"""Scheduled actions of Auto Scaling groups: they change a group's sizes at their time, once or again and again."""

from datetime import UTC, datetime
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.auto_scaling import converge
from twin.world.behaviors.auto_scaling_activities import stamp
from twin.world.behaviors.auto_scaling_members import facts, find_group, live, suspended
from twin.world.behaviors.auto_scaling_template import instances_for
from twin.world.behaviors.ec2_instances import AGAIN
from twin.world.behaviors.unix_cron import next_time
from twin.world.scene import Scene

PROVIDES = {"scheduled-scaling": "scheduled actions change Auto Scaling groups at their time"}


@answers("autoscaling", "PutScheduledUpdateGroupAction")
def may_be_put(asked: Asked, scene: Scene) -> None:
    """Refuse an action that could never take place."""
    parameters = asked.parameters
    name = parameters["AutoScalingGroupName"]
    if find_group(asked.call.account, asked.call.region, name) is None:
        raise AwsError("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    if not {"MinSize", "MaxSize", "DesiredCapacity"} & set(parameters):
        raise AwsError("ValidationError", "At least one of MinSize, MaxSize or DesiredCapacity must be specified")
    start = parameters.get("StartTime")
    if start is not None and _utc(start) <= scene.now():
        raise AwsError("ValidationError", "Start Time must be in the future")
    if parameters.get("Recurrence"):
        try:
            next_time(parameters["Recurrence"], scene.now(), parameters.get("TimeZone") or "UTC")
        except (ValueError, KeyError) as malformed:
            raise AwsError(
                "ValidationError", f"Given recurrence string:{parameters['Recurrence']} is invalid"
            ) from malformed


@follows("autoscaling", "PutScheduledUpdateGroupAction")
def put(done: Done, scene: Scene) -> None:
    """Put the action's next time on the agenda."""
    group = find_group(done.call.account, done.call.region, done.parameters["AutoScalingGroupName"])
    _next(scene, group, done.parameters["ScheduledActionName"], first=True)


@follows("autoscaling", "BatchPutScheduledUpdateGroupAction")
def put_many(done: Done, scene: Scene) -> None:
    """The same for several."""
    group = find_group(done.call.account, done.call.region, done.parameters["AutoScalingGroupName"])
    for action in done.parameters["ScheduledUpdateGroupActions"]:
        _next(scene, group, action["ScheduledActionName"], first=True)


def _utc(value: Any) -> datetime:
    found = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _next(scene: Scene, group: Any, name: str, *, first: bool) -> None:
    """Put the next time of an action on the agenda; what was put there for an earlier form of it is void."""
    action = group.autoscaling_backend.scheduled_actions[name]
    when: datetime | None = scene.now()
    if first and action.start_time:
        when = _utc(action.start_time)
    elif action.recurrence:
        when = next_time(action.recurrence, scene.now(), action.time_zone or "UTC")
    action.due = when
    if when is not None and not (action.end_time and when > _utc(action.end_time)):
        scene.agenda.at(when, "autoscaling.scheduled", **facts(group), action=name)


@happens("autoscaling.scheduled")
def take_place(scene: Scene, *, account: str, region: str, group: str, action: str) -> None:
    """A group takes the sizes of an action; one that does not recur is over."""
    found = find_group(account, region, group)
    kept = found.autoscaling_backend.scheduled_actions.get(action) if found is not None else None
    if kept is None or kept.auto_scaling_group_name != group or getattr(kept, "due", None) != scene.now():
        return
    if not suspended(found, "ScheduledActions"):
        _resize(scene, found, kept)
    if kept.recurrence:
        _next(scene, found, action, first=False)
    else:
        del found.autoscaling_backend.scheduled_actions[action]


def _resize(scene: Scene, group: Any, action: Any) -> None:
    for field in ("min_size", "max_size", "desired_capacity"):
        if getattr(action, field) is not None:
            setattr(group, field, int(getattr(action, field)))
    group.desired_capacity = min(max(group.desired_capacity, group.min_size), group.max_size)
    bounds = f"min: {group.min_size}, max: {group.max_size}, desired: {group.desired_capacity}"
    why = (
        f"At {stamp(scene)} a scheduled action update of AutoScalingGroup constraints to {bounds} changing the desired "
        f"capacity from {len(live(group))} to {instances_for(group)}.  "
    )
    converge(scene, group, why=why, pace=AGAIN)
    scene.emit("autoscaling.action.executed", **facts(group), action=action.scheduled_action_name)
