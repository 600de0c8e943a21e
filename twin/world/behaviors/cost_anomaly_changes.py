"""Anomaly monitors and subscriptions are changed and tagged."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.cost_anomalies import (
    check_subscription,
    kept_of,
    unknown_monitor,
    unknown_subscription,
)
from twin.world.behaviors.cost_anomaly_thresholds import THRESHOLDS, threshold_of
from twin.world.scene import Scene


@answers("ce", "UpdateAnomalyMonitor")
def update_monitor(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Rename a monitor."""
    arn = asked.parameters["MonitorArn"]
    monitor = kept_of(scene, asked.call.account)["monitors"].get(arn)
    if monitor is None:
        raise unknown_monitor(arn)
    monitor |= {"MonitorName": asked.parameters.get("MonitorName") or monitor["MonitorName"]}
    monitor["LastUpdatedDate"] = f"{scene.now():%Y-%m-%d}"
    return {"MonitorArn": arn}


@answers("ce", "UpdateAnomalySubscription")
def update_subscription(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Change a subscription; what is not told stays, and one threshold takes the place of the other."""
    told, kept = asked.parameters, kept_of(scene, asked.call.account)
    arn = told["SubscriptionArn"]
    before = kept["subscriptions"].get(arn)
    if before is None:
        raise unknown_subscription(arn)
    stays = {name: value for name, value in before.items() if name not in THRESHOLDS or not told.keys() & {*THRESHOLDS}}
    after = {**stays, **told}
    check_subscription(kept, after)
    kept["subscriptions"][arn] = after | {"least": threshold_of(after)}
    return {"SubscriptionArn": arn}


def _tags(asked: Asked, scene: Scene) -> dict[str, str]:
    arn = asked.parameters["ResourceArn"]
    found: dict[str, str] | None = kept_of(scene, asked.call.account)["tags"].get(arn)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"The resource {arn} was not found.")
    return found


@answers("ce", "ListTagsForResource")
def list_tags(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the tags of a monitor or subscription."""
    return {"ResourceTags": [{"Key": key, "Value": value} for key, value in sorted(_tags(asked, scene).items())]}


@answers("ce", "TagResource")
def tag(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tag a monitor or subscription."""
    _tags(asked, scene).update({one["Key"]: one["Value"] for one in asked.parameters["ResourceTags"]})
    return {}


@answers("ce", "UntagResource")
def untag(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take tags off a monitor or subscription."""
    tags = _tags(asked, scene)
    for name in asked.parameters["ResourceTagKeys"]:
        tags.pop(name, None)
    return {}
