"""RDS: a snapshot of another account is found when it is shared; moto looks into the caller's account alone."""

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBSnapshotNotFoundFault
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse

from twin.world.stores.additions import adds
from twin.world.stores.rds_instances import backend, parts

found_by_moto = RDSBackend.get_snapshot
SHARED = "shared"


@adds(RDSBackend)
def get_snapshot(held: Any, identifier: str, resource_type: Any, not_found_exception: Any) -> Any:
    """Return a snapshot by name or ARN, of this account or shared with it."""
    where, _, name = parts(identifier)
    if not where.account or where.account == held.account_id:
        return found_by_moto(held, identifier, resource_type, not_found_exception)
    snapshot = backend(where).resource_map[resource_type].get(name)
    if snapshot is None or not {held.account_id, "all"} & set(snapshot.attributes["restore"]):
        raise not_found_exception(identifier)
    return snapshot


@adds(RDSResponse)
def describe_db_snapshots(response: Any) -> ActionResult:
    """Tell own snapshots, and those of others that are asked for with IncludeShared or as `shared`."""
    asked, backend = response.params, response.backend
    named, kind = asked.get("DBSnapshotIdentifier"), asked.get("SnapshotType")
    filters = {one["Name"]: one["Values"] for one in asked.get("Filters", [])}
    shared = backend.get_shared_db_snapshots() if kind == SHARED or asked.get("IncludeShared") else []
    if named:
        shared = [one for one in shared if one.db_snapshot_arn == named]
    if instance := asked.get("DBInstanceIdentifier"):
        shared = [one for one in shared if one.db_instance_identifier == instance]
    if named and shared:
        return ActionResult({"DBSnapshots": shared})
    if kind == SHARED and named:
        raise DBSnapshotNotFoundFault(named)
    own = (
        [] if kind == SHARED else backend.describe_db_snapshots(asked.get("DBInstanceIdentifier"), named, kind, filters)
    )
    return ActionResult({"DBSnapshots": [*own, *shared]})
