"""EC2: snapshots and images are used by the accounts with which they are shared; moto looks into the caller's alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.responses.amis import AmisResponse
from moto.ec2.responses.elastic_block_store import ElasticBlockStore

from twin.world.stores.additions import adds

EVERYBODY = "all"
snapshots_of_moto = EC2Backend.describe_snapshots
volume_of_moto = EC2Backend.create_volume
images_of_moto = EC2Backend.describe_images
permissions_of_moto = EC2Backend.modify_image_attribute


def shared_with(held: Any, name: str) -> dict[str, Any]:
    """Return what other accounts share with this one in its Region: `snapshots`, or `amis`."""
    found: dict[str, Any] = {}
    for account in sorted(ec2_backends):
        other = dict.get(ec2_backends[account], held.region_name)
        if other is not None and other is not held:
            things = getattr(other, name)
            found |= {id_: thing for id_, thing in things.items() if _open_to(thing, held.account_id)}
    return found


def _open_to(thing: Any, account: str) -> bool:
    if hasattr(thing, "launch_permissions"):
        # The images that everybody sees stand in each account of moto's already.
        return {"UserId": account} in thing.launch_permissions
    return account in thing.create_volume_permission_userids or EVERYBODY in thing.create_volume_permission_groups


@contextmanager
def _with_shared(held: Any, name: str) -> Iterator[None]:
    own, shared = getattr(held, name), shared_with(held, name)
    if not shared:
        yield
        return
    setattr(held, name, {**own, **shared})
    try:
        yield
    finally:
        setattr(held, name, own)


@adds(EC2Backend)
def describe_snapshots(self: Any, snapshot_ids: list[str] | None = None, filters: Any = None) -> list[Any]:
    """Return own snapshots and shared ones."""
    with _with_shared(self, "snapshots"):
        return snapshots_of_moto(self, snapshot_ids, filters)


@adds(EC2Backend)
def describe_images(self: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """Return own images and shared ones."""
    with _with_shared(self, "amis"):
        return images_of_moto(self, *args, **kwargs)


@adds(EC2Backend)
def modify_image_attribute(self: Any, ami_id: str, *args: Any, **kwargs: Any) -> None:
    """Change who may launch an image; with whom one is shared does not say with whom it is shared further."""
    if ami_id not in self.amis and ami_id in shared_with(self, "amis"):
        raise EC2ClientError("AuthFailure", f"Not authorized for image:{ami_id}")
    permissions_of_moto(self, ami_id, *args, **kwargs)


def _volume_from_shared(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Make a volume, from a shared snapshot too."""
    named = kwargs.get("snapshot_id")
    if named is None or named in self.snapshots:
        return volume_of_moto(self, *args, **kwargs)
    with _with_shared(self, "snapshots"):
        return volume_of_moto(self, *args, **kwargs)


# mypy knows its many parameters; they pass through.
_backend: Any = EC2Backend
_backend.create_volume = _volume_from_shared


def _told(response: Any) -> ActionResult:
    """Tell snapshots that the caller may use, of the owners that it asks for."""
    backend, owners = response.ec2_backend, set(response._get_param("OwnerIds", []))
    able = set(response._get_param("RestorableByUserIds", []))
    found = backend.describe_snapshots(
        snapshot_ids=response._get_param("SnapshotIds", []), filters=response._filters_from_querystring()
    )
    if owners:
        owners = {backend.account_id if owner == "self" else owner for owner in owners}
        found = [one for one in found if one.owner_id in owners]
    if able:
        found = [one for one in found if _restorable(one, able, backend.account_id)]
    return ActionResult({"Snapshots": found})


def _restorable(snapshot: Any, users: set[str], account: str) -> bool:
    names = {account if user == "self" else user for user in users}
    allowed = snapshot.create_volume_permission_userids | snapshot.create_volume_permission_groups
    return bool(names & (allowed | {snapshot.owner_id}))


_response: Any = ElasticBlockStore
_response.describe_snapshots = _told


@adds(ElasticBlockStore)
def reset_snapshot_attribute(response: Any) -> EmptyResult:
    """Take a snapshot's permissions back, so that its owner alone may use it."""
    response.error_on_dryrun()
    snapshot = response.ec2_backend.get_snapshot(response._get_param("SnapshotId"))
    snapshot.create_volume_permission_userids.clear()
    snapshot.create_volume_permission_groups.clear()
    return EmptyResult()


@adds(AmisResponse)
def reset_image_attribute(response: Any) -> EmptyResult:
    """Take an image's launch permissions back, so that its owner alone may launch it."""
    response.error_on_dryrun()
    backend, named = response.ec2_backend, response._get_param("ImageId")
    (image,) = backend.describe_images(ami_ids=[named])
    backend.modify_image_attribute(named, [], list(image.launch_permissions))
    return EmptyResult()
