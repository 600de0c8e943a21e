"""What KMS tells of a deletion that it was asked for, which the store leaves out."""

from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows
from twin.world.scene import Scene
from twin.world.stores.kms_keys import PENDING

# https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
DEFAULT_DAYS = 30


@follows("kms", "ScheduleKeyDeletion")
def tell(done: Done, scene: Scene) -> dict[str, Any]:
    """Tell the state and the waiting period too."""
    days = int(done.parameters.get("PendingWindowInDays") or DEFAULT_DAYS)
    return {**done.result, "KeyState": PENDING, "PendingWindowInDays": days}
