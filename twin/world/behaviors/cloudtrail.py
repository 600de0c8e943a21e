"""CloudTrail's operations that need the world's record of calls rather than the store."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.behaviors import answers
from twin.world.scene import Scene


@answers("cloudtrail", "LookupEvents")
def look_up(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Answer from the evidence."""
    return scene.gateway.cloudtrail.look_up(asked.call)


@answers("cloudtrail", "GetTrailStatus")
def status(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Tell how a trail's deliveries went."""
    return scene.gateway.cloudtrail.status(asked.call)


@answers("cloudtrail", "PutEventSelectors")
def replace_selectors(asked: Asked, scene: Scene) -> None:
    """Drop the selectors of the other kind, which the store would keep beside the new ones."""
    scene.gateway.cloudtrail.replace_selectors(asked.call)
