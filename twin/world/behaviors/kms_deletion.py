"""What KMS tells of a deletion that it was asked for, which the store leaves out.

https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
"""

from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows
from twin.world.scene import Scene
from twin.world.stores.kms_keys import PENDING, PENDING_REPLICAS, Where, find_key

# https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
DEFAULT_DAYS = 30


@follows("kms", "ScheduleKeyDeletion")
def tell(done: Done, scene: Scene) -> dict[str, Any]:
    """Tell the state and the waiting period too; a primary key waits for its replicas first, without a date."""
    days = int(done.parameters.get("PendingWindowInDays") or DEFAULT_DAYS)
    told = {**done.result, "KeyState": PENDING, "PendingWindowInDays": days}
    key = find_key(done.parameters["KeyId"], Where(done.call.account, done.call.region))
    if key is not None and key.multi_region:
        about = key.multi_region_configuration
        if about["MultiRegionKeyType"] == "PRIMARY" and about["ReplicaKeys"]:
            key.key_state, key.deletion_date, key.twin_days = PENDING_REPLICAS, None, days
            told["KeyState"] = PENDING_REPLICAS
            del told["DeletionDate"]
    return told


@follows("kms", "DescribeKey")
def described(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Tell the waiting period of a primary key that waits for its replicas."""
    told = done.result["KeyMetadata"]
    if told["KeyState"] != PENDING_REPLICAS:
        return None
    key = find_key(done.parameters["KeyId"], Where(done.call.account, done.call.region))
    return {"KeyMetadata": {**told, "PendingDeletionWindowInDays": key.twin_days}}
