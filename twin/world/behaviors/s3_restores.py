"""S3 brings an archived object back after hours, for some days; until then, and after them, it cannot be read.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows
from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import addressed, stored
from twin.world.scene import Scene
from twin.world.stores.additions.s3_restores import READY, restored_at

STORED = {"GLACIER": "glacier", "DEEP_ARCHIVE": "deep_archive"}


@refuses("s3", "RestoreObject")
def one_at_a_time(asked: Asked) -> None:
    """What is on its way back is not asked for again."""
    kept, wanted = stored(*addressed(asked)), asked.parameters.get("RestoreRequest") or {}
    if kept is not None and kept.storage_class == "DEEP_ARCHIVE" and _tier(wanted) == "Expedited":
        raise Refusal("InvalidArgument", "Retrieval option is not supported by this storage class")
    if kept is not None and restored_at(kept) is not None and kept.status == "IN_PROGRESS":
        raise Refusal("RestoreAlreadyInProgress", "Object restore is already in progress", 409)


@follows("s3", "RestoreObject")
def asked_back(done: Done, scene: Scene) -> None:
    """Draw when the object is back; a copy that is there already is only kept for longer."""
    kept, wanted = stored(*addressed(done)), done.parameters.get("RestoreRequest") or {}
    if kept is None or restored_at(kept) is not None or kept.storage_class not in STORED:
        return
    seconds = scene.delay(f"s3_restores.{STORED[kept.storage_class]}_{_tier(wanted).lower()}")
    ready = scene.now().replace(tzinfo=None) + timedelta(seconds=seconds)
    vars(kept)[READY] = ready
    kept.set_expiry(ready + timedelta(days=int(wanted.get("Days") or 1)))


def _tier(wanted: Mapping[str, Any]) -> str:
    return str((wanted.get("GlacierJobParameters") or {}).get("Tier") or wanted.get("Tier") or "Standard")
