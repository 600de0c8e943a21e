"""KMS rotates keys by the clock or on demand; ciphertexts of every rotation are opened still.

https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from datetime import datetime, timedelta
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens
from twin.world.delays import delay
from twin.world.scene import Scene
from twin.world.stores.kms_keys import ENABLED, Where, find_key

PROVIDES = {"key-rotation": "KMS rotates keys each period and on demand, and tells of it"}
DEFAULT_DAYS = int(delay("kms.default_period").most // 86400)
# https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
SHORTEST, LONGEST = 90, 2560
# https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
ON_DEMAND_LIMIT = 25


def _plan(scene: Scene, arn: str) -> dict[str, Any]:
    """Return what is remembered of a key's rotation: days, the number of its task, its dates."""
    plans: dict[str, dict[str, Any]] = scene.memory.setdefault("kms.rotation", {})
    return plans.setdefault(arn, {"days": None, "task": None, "next": None, "rotations": [], "under_way": None})


def _key(asked: Asked) -> Any:
    return find_key(asked.parameters["KeyId"], Where(asked.call.account, asked.call.region))


@follows("kms", "EnableKeyRotation")
def enable(done: Done, scene: Scene) -> None:
    """Plan the first rotation, a period from now."""
    days = int(done.parameters.get("RotationPeriodInDays") or DEFAULT_DAYS)
    if not SHORTEST <= days <= LONGEST:
        raise AwsError("ValidationException", f"RotationPeriodInDays must be between {SHORTEST} and {LONGEST}.")
    key = _key(done)
    _schedule(scene, key.arn, days)


def _schedule(scene: Scene, arn: str, days: int) -> None:
    plan = _plan(scene, arn)
    if plan["task"] is not None:
        scene.agenda.cancel(plan["task"])
    due = scene.now() + timedelta(days=days)
    plan |= {"days": days, "next": due.isoformat(), "task": scene.agenda.at(due, "kms.rotate", arn=arn)}


@follows("kms", "DisableKeyRotation")
def disable(done: Done, scene: Scene) -> None:
    """Rotate no more."""
    plan = _plan(scene, _key(done).arn)
    if plan["task"] is not None:
        scene.agenda.cancel(plan["task"])
    plan |= {"days": None, "next": None, "task": None}


@happens("kms.rotate")
def rotate(scene: Scene, arn: str) -> None:
    """Rotate a key that is enabled, and plan the next time; a key that is not enabled is passed over."""
    account, region = arn.split(":")[4], arn.split(":")[3]
    key, plan = find_key(arn, Where(account, region)), _plan(scene, arn)
    if key is None or plan["days"] is None:
        return
    if key.key_state == ENABLED:
        _note(scene, arn, "AUTOMATIC")
    _schedule(scene, arn, plan["days"])


@answers("kms", "RotateKeyOnDemand")
def on_demand(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Begin a rotation; one at a time, and not more than the documented number per key."""
    key = _key(asked)
    if key is None:
        return None
    plan = _plan(scene, key.arn)
    if plan["under_way"] is not None:
        raise AwsError("ConflictException", f"{key.arn} is being rotated already.")
    if sum(r["RotationType"] == "ON_DEMAND" for r in plan["rotations"]) >= ON_DEMAND_LIMIT:
        raise AwsError("LimitExceededException", f"On-demand rotations of {key.arn} are used up.")
    plan["under_way"] = scene.now().isoformat()
    scene.after(scene.delay("kms.on_demand_rotation"), "kms.rotated", arn=key.arn)
    return {"KeyId": key.id}


@happens("kms.rotated")
def rotated(scene: Scene, arn: str) -> None:
    """End a rotation on demand."""
    _plan(scene, arn)["under_way"] = None
    _note(scene, arn, "ON_DEMAND")


def _note(scene: Scene, arn: str, kind: str) -> None:
    _plan(scene, arn)["rotations"].append({"RotationDate": scene.now().isoformat(), "RotationType": kind})
    account, region, id_ = arn.split(":")[4], arn.split(":")[3], arn.rpartition("/")[2]
    scene.emit("kms.key.rotated", account=account, region=region, arn=arn, how=kind)
    detail = {"key-id": id_, "rotation-type": kind}
    scene.emit(
        "aws.event", account=account, region=region, source="aws.kms", detail_type="KMS CMK Rotation",
        resources=[arn], detail=detail,
    )  # fmt: skip


@answers("kms", "GetKeyRotationStatus")
def status(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Tell whether and when a key is rotated; None leaves a key that is not there to the store."""
    key = _key(asked)
    if key is None:
        return None
    plan = _plan(scene, _primary(key))
    told: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": plan["days"] is not None}
    if plan["days"] is not None:
        told |= {"RotationPeriodInDays": plan["days"], "NextRotationDate": datetime.fromisoformat(plan["next"])}
    if plan["under_way"] is not None:
        told["OnDemandRotationStartDate"] = datetime.fromisoformat(plan["under_way"])
    return told


def _primary(key: Any) -> str:
    """Return the ARN of the key whose rotation a key has: of a multi-Region key the primary's.

    https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    """
    several = getattr(key, "multi_region_configuration", None)
    return str(several["PrimaryKey"]["Arn"] if several else key.arn)


@answers("kms", "ListKeyRotations")
def rotations(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """List a key's rotations, in pages."""
    key = _key(asked)
    if key is None:
        return None
    size, start = int(asked.parameters.get("Limit") or 100), int(asked.parameters.get("Marker") or 0)
    kept = _plan(scene, _primary(key))["rotations"]
    page = [{"KeyId": key.id, **r, "RotationDate": datetime.fromisoformat(r["RotationDate"])} for r in kept]
    more = start + size < len(page)
    told: dict[str, Any] = {"Rotations": page[start : start + size], "Truncated": more}
    return told | ({"NextMarker": str(start + size)} if more else {})
