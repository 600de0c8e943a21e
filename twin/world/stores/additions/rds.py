"""RDS: a DB subnet group stays when it is modified, and a parameter group is found in whatever case."""

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


@adds(RDSBackend)
def describe_db_parameter_groups(backend: Any, wanted: dict[str, Any]) -> list[Any]:
    """Return the parameter groups, or that of a name, which moto keeps in small letters and asks for as it is given."""
    name, groups = wanted.get("db_parameter_group_name"), backend.db_parameter_groups
    return [group for group in (groups.values() if not name else [groups.get(name)]) if group is not None]
