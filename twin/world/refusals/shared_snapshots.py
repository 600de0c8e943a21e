"""What EC2 refuses about sharing encrypted snapshots, and what the twin does not play of it."""

from typing import Any

from twin.world.aws_errors import AwsError
from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import Where, find_key, is_managed


@refuses("ec2", "ModifySnapshotAttribute")
def shared(asked: Asked) -> None:
    """An encrypted snapshot is never public, and one under the default key of EBS is not shared at all.

    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
    """
    wanted = asked.parameters
    permission = wanted.get("CreateVolumePermission") or {}
    added = [*(permission.get("Add") or ()), *((wanted.get("UserIds") or ()) if _adds(wanted) else ())]
    public = _adds(wanted) and "all" in (wanted.get("GroupNames") or ())
    public |= any(isinstance(one, dict) and one.get("Group") == "all" for one in added)
    snapshot = asked.state().snapshots.get(wanted["SnapshotId"])
    if snapshot is None or not snapshot.encrypted or not (added or public):
        return
    if public:
        raise Refusal("OperationNotPermitted", "Encrypted snapshots cannot be shared publicly")
    if _under_default(snapshot, asked):
        raise Refusal("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")


@refuses("ec2", "CopySnapshot", "CreateVolume")
def used(asked: Asked) -> None:
    """The twin does not play that a copy of somebody else's encrypted snapshot waits for the key's permission."""
    named = asked.parameters.get("SourceSnapshotId") or asked.parameters.get("SnapshotId")
    if named is None or named in asked.state().snapshots:
        return
    found = next((one for one in asked.state().describe_snapshots() if one.id == named), None)
    if found is not None and found.encrypted and found.owner_id != asked.call.account:
        raise AwsError("TwinUnsupportedOperation", "The twin does not copy encrypted snapshots of other accounts.")


def _adds(wanted: dict[str, Any]) -> bool:
    return wanted.get("OperationType") == "add"


def _under_default(snapshot: Any, asked: Asked) -> bool:
    named = snapshot.kms_key_id or snapshot.volume.kms_key_id
    if not named or is_managed(named) or named == asked.state().default_kms_key_id:
        return True
    return find_key(named, Where(asked.call.account, asked.call.region)) is None
