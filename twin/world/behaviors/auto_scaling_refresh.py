"""Instance refreshes: a group replaces its members some at a time, and goes on when the new ones have warmed up."""

import math
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens, watches
from twin.world.behaviors.auto_scaling import converge
from twin.world.behaviors.auto_scaling_activities import stamp
from twin.world.behaviors.auto_scaling_members import (
    current_version,
    facts,
    find_group,
    live,
    member,
    suspended,
    terminate,
)
from twin.world.behaviors.ec2_instances import AGAIN
from twin.world.scene import Happening, Scene

PROVIDES = {"instance-refresh": "Auto Scaling groups replace their instances in rolling batches"}
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
MIN_HEALTHY, MOST = 90, 100
RUNNING = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."
NONE_RUNNING = "No in progress or pending Instance Refresh found for Auto Scaling group"
ACTIVE = ("Pending", "InProgress")
UNSUPPORTED = ("CheckpointPercentages", "AlarmSpecification", "BakeTime")


def refreshes(scene: Scene, group: Any) -> list[dict[str, Any]]:
    """Return the refreshes of a group, the first one first."""
    kept: dict[str, list[dict[str, Any]]] = scene.memory.setdefault("autoscaling.refreshes", {})
    return kept.setdefault(group.arn, [])


def _active(scene: Scene, group: Any) -> dict[str, Any] | None:
    return next((one for one in refreshes(scene, group) if one["Status"] in ACTIVE), None)


def _group(asked: Asked) -> Any:
    name = asked.parameters["AutoScalingGroupName"]
    found = find_group(asked.call.account, asked.call.region, name)
    if found is None:
        raise AwsError("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return found


@answers("autoscaling", "StartInstanceRefresh")
def start(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Begin to replace every member, or those of another template version if the others may be skipped."""
    group, preferences = _group(asked), dict(asked.parameters.get("Preferences") or {})
    if _active(scene, group) is not None:
        raise AwsError("InstanceRefreshInProgress", RUNNING)
    for name in UNSUPPORTED:
        if preferences.get(name):
            raise AwsError("TwinUnsupportedOperation", f"The twin does not implement {name} of StartInstanceRefresh.")
    preferences.setdefault("MinHealthyPercentage", MIN_HEALTHY)
    preferences.setdefault("InstanceWarmup", int(group.health_check_grace_period or 0))
    _configure(asked, group)
    old = [state.instance_id for state in live(group)]
    if preferences.get("SkipMatching"):
        wanted = current_version(group)
        old = [id_ for id_ in old if member(group, id_).launch_template != wanted]
    return {"InstanceRefreshId": begin(scene, group, old, preferences)}


def begin(scene: Scene, group: Any, old: list[str], preferences: dict[str, Any], *, shown: bool = True) -> str:
    """Begin to replace members; one that is not `shown` is another service's own way to do so."""
    made = {
        "InstanceRefreshId": scene.ids("autoscaling").uuid(),
        "AutoScalingGroupName": group.name,
        "Status": "InProgress",
        "StartTime": scene.now(),
        "PercentageComplete": 0,
        "InstancesToUpdate": len(old),
        "Preferences": preferences,
        "Strategy": "Rolling",
    }
    refreshes(scene, group).append({**made, "old": old, "whole": len(old), "shown": shown})
    step(scene, **facts(group))
    return str(made["InstanceRefreshId"])


def _configure(asked: Asked, group: Any) -> None:
    wanted = asked.parameters.get("DesiredConfiguration") or {}
    if wanted.get("MixedInstancesPolicy"):
        raise AwsError(
            "TwinUnsupportedOperation", "The twin does not implement MixedInstancesPolicy of StartInstanceRefresh."
        )
    if wanted.get("LaunchTemplate"):
        group._set_launch_configuration("", wanted["LaunchTemplate"], None)


@happens("autoscaling.refresh")
def step(scene: Scene, *, account: str, region: str, group: str) -> None:
    """Replace the next batch when all that were launched are in service, or end."""
    found = find_group(account, region, group)
    active = _active(scene, found) if found is not None else None
    if active is None or suspended(found, "InstanceRefresh"):
        return
    members = live(found)
    if any(state.lifecycle_state != "InService" for state in members):
        return
    ids = {state.instance_id for state in members}
    active["old"] = [id_ for id_ in active["old"] if id_ in ids]
    left = len(active["old"])
    active["InstancesToUpdate"] = left
    active["PercentageComplete"] = 100 if not active["whole"] else 100 * (active["whole"] - left) // active["whole"]
    if not left:
        _end(scene, found, active, "Successful")
        return
    spare = math.floor(len(members) * (100 - active["Preferences"]["MinHealthyPercentage"]) / 100)
    for id_ in active["old"][: max(1, spare)]:
        cause = f"At {stamp(scene)} an instance was taken out of service in response to an instance refresh."
        terminate(scene, found, member(found, id_), cause=cause)
    converge(scene, found, why="", pace=AGAIN)


def _end(scene: Scene, group: Any, refresh: dict[str, Any], status: str) -> None:
    refresh.update({"Status": status, "EndTime": scene.now()})
    if refresh["shown"]:
        scene.emit(
            "aws.event",
            account=group.account_id,
            region=group.region,
            source="aws.autoscaling",
            detail_type="EC2 Auto Scaling Instance Refresh " + {"Successful": "Succeeded"}.get(status, status),
            resources=[group.arn],
            detail={"InstanceRefreshId": refresh["InstanceRefreshId"], "AutoScalingGroupName": group.name},
        )
    scene.emit("autoscaling.refresh.ended", **facts(group), refresh=refresh["InstanceRefreshId"], status=status)


@watches("autoscaling.instance.launched")
def warmed_up(scene: Scene, happening: Happening) -> None:
    """A new member warms up before the next batch."""
    where = {key: happening.facts[key] for key in ("account", "region", "group")}
    group = find_group(**where)
    active = _active(scene, group)
    if active is not None:
        scene.after(active["Preferences"]["InstanceWarmup"], "autoscaling.refresh", **where)


@watches("autoscaling.processes.resumed")
def resumed(scene: Scene, happening: Happening) -> None:
    """A refresh that was suspended goes on."""
    step(scene, **happening.facts)


@answers("autoscaling", "DescribeInstanceRefreshes")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List refreshes, the latest first."""
    group, parameters = _group(asked), asked.parameters
    ids, most = parameters.get("InstanceRefreshIds"), int(parameters.get("MaxRecords") or MOST)
    found = [one for one in reversed(refreshes(scene, group)) if one["shown"]]
    found = [one for one in found if not ids or one["InstanceRefreshId"] in ids]
    token = str(parameters.get("NextToken") or "0")
    if not token.isdigit() or int(token) > len(found):
        raise AwsError("InvalidNextToken", "The token is not valid.")
    begin = int(token)
    page = [{k: v for k, v in one.items() if k[0].isupper()} for one in found[begin : begin + most]]
    more = {"NextToken": str(begin + most)} if begin + most < len(found) else {}
    return {"InstanceRefreshes": page, **more}


@answers("autoscaling", "CancelInstanceRefresh")
def cancel(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Stop a refresh; what is replaced already stays so."""
    group = _group(asked)
    active = _active(scene, group)
    if active is None or not active["shown"]:
        raise AwsError("ActiveInstanceRefreshNotFound", f"{NONE_RUNNING} {group.name}")
    _end(scene, group, active, "Cancelled")
    return {"InstanceRefreshId": active["InstanceRefreshId"]}
