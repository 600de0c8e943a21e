"""The scaling activities of Auto Scaling groups: what was done, why, and how it went."""

import json
from datetime import timedelta
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.scene import Scene

# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html
KEPT, MOST = timedelta(weeks=6), 100
LAUNCH, TERMINATE = "Launch", "Terminate"
ENDS = {"Successful": "Successful", "Failed": "Unsuccessful", "Cancelled": "Unsuccessful"}


def stamp(scene: Scene) -> str:
    """Return the instant as causes tell it."""
    return f"{scene.now():%Y-%m-%dT%H:%M:%SZ}"


def recorded(scene: Scene, account: str, region: str) -> list[dict[str, Any]]:
    """Return the activities of an account and Region, in order of their start."""
    kept: dict[str, list[dict[str, Any]]] = scene.memory.setdefault("autoscaling.activities", {})
    return kept.setdefault(f"{account}/{region}", [])


def begin(scene: Scene, group: Any, *, description: str, cause: str, zone: str, subnet: str = "") -> dict[str, Any]:
    """Record an activity that is under way."""
    details = {"Subnet ID": subnet, "Availability Zone": zone} if subnet else {"Availability Zone": zone}
    activity = {
        "ActivityId": scene.ids("autoscaling").uuid(),
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "Description": description,
        "Cause": cause,
        "StartTime": scene.now(),
        "StatusCode": "InProgress",
        "Progress": 30,
        "Details": json.dumps(details),
    }
    recorded(scene, group.account_id, group.region).append(activity)
    return activity


def find(scene: Scene, group: Any, activity_id: str) -> dict[str, Any]:
    """Return the activity of an id."""
    return next(a for a in recorded(scene, group.account_id, group.region) if a["ActivityId"] == activity_id)


def finish(
    scene: Scene,
    group: Any,
    activity: dict[str, Any],
    *,
    kind: str = "",
    instance: str = "",
    status: str = "Successful",
    message: str = "",
) -> None:
    """Note an activity's end; one of a `kind` (LAUNCH, TERMINATE) is told to EventBridge."""
    activity.update({"StatusCode": status, "Progress": 100, "EndTime": scene.now()})
    if message:
        activity["StatusMessage"] = message
    if kind:
        _tell(scene, group, activity, f"EC2 Instance {kind} {ENDS[status]}", instance)


def _tell(scene: Scene, group: Any, activity: dict[str, Any], detail_type: str, instance: str) -> None:
    arn = f"arn:aws:ec2:{group.region}:{group.account_id}:instance/{instance}"
    scene.emit(
        "aws.event",
        account=group.account_id,
        region=group.region,
        source="aws.autoscaling",
        detail_type=detail_type,
        resources=[group.arn, arn] if instance else [group.arn],
        detail={
            "StatusCode": "InProgress" if activity["StatusCode"] == "Successful" else activity["StatusCode"],
            "Description": activity["Description"],
            "AutoScalingGroupName": group.name,
            "ActivityId": activity["ActivityId"],
            "Details": json.loads(activity["Details"]),
            "RequestId": activity["ActivityId"],
            "StatusMessage": activity.get("StatusMessage", ""),
            "StartTime": f"{activity['StartTime']:%Y-%m-%dT%H:%M:%S}.000Z",
            "EndTime": f"{activity['EndTime']:%Y-%m-%dT%H:%M:%S}.000Z",
            "EC2InstanceId": instance,
            "Cause": activity["Cause"],
        },
    )


@answers("autoscaling", "DescribeScalingActivities")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List activities: those under way first, then the latest first, of six weeks."""
    parameters, call = asked.parameters, asked.call
    groups = asked.state().autoscaling_groups
    name, ids = parameters.get("AutoScalingGroupName"), parameters.get("ActivityIds") or ()
    if name and name not in groups and not parameters.get("IncludeDeletedGroups"):
        raise AwsError("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    arns = {group.arn for group in groups.values()}
    found = [
        activity
        for activity in recorded(scene, call.account, call.region)
        if activity["StartTime"] > scene.now() - KEPT
        and (not name or activity["AutoScalingGroupName"] == name)
        and (not ids or activity["ActivityId"] in ids)
        and (parameters.get("IncludeDeletedGroups") or activity["AutoScalingGroupARN"] in arns)
    ]
    found.reverse()
    found.sort(key=lambda activity: ("EndTime" in activity, -activity["StartTime"].timestamp()))
    return _page(found, parameters, arns)


def _page(found: list[dict[str, Any]], parameters: dict[str, Any], arns: set[str]) -> dict[str, Any]:
    most = parameters.get("MaxRecords") or MOST
    if most > MOST:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{most}' at 'maxRecords' failed to satisfy constraint: "
            f"Member must have value less than or equal to {MOST}",
        )
    token, start = parameters.get("NextToken"), 0
    if token:
        ids = [activity["ActivityId"] for activity in found]
        if token not in ids:
            raise AwsError("InvalidNextToken", "The token is not valid.")
        start = ids.index(token)
    page = [
        activity if activity["AutoScalingGroupARN"] in arns else {**activity, "AutoScalingGroupState": "Deleted"}
        for activity in found[start : start + most]
    ]
    rest = found[start + most :]
    return {"Activities": page, **({"NextToken": rest[0]["ActivityId"]} if rest else {})}
