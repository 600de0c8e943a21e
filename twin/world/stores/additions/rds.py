"""RDS: a DB subnet group stays when it is modified; moto drops it."""

from typing import Any

from moto.rds.exceptions import DBSubnetGroupNotFoundError
from moto.rds.models import RDSBackend

from twin.world.stores.additions import adds


@adds(RDSBackend)
def modify_db_subnet_group(backend: Any, subnet_name: str, description: str | None, subnets: list[Any]) -> Any:
    """Change the subnets and the description of a DB subnet group."""
    group = backend.subnet_groups.get(subnet_name)
    if group is None:
        raise DBSubnetGroupNotFoundError(subnet_name)
    group.subnets = subnets
    if description is not None:
        group.description = description
    return group
