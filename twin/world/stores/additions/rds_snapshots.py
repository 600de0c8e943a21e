"""RDS: a snapshot of another account is found when it is shared; moto looks into the caller's account alone."""

from typing import Any

from moto.rds.models import RDSBackend

from twin.world.stores.additions import adds
from twin.world.stores.rds_instances import backend, parts

found_by_moto = RDSBackend.get_snapshot


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
