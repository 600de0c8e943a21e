"""What RDS refuses about groups of subnets, parameters and options, and about the VPC that all parts of one share."""

from collections.abc import Iterable
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.database_quotas import quotas
from twin.world.stores.rds_instances import is_member, named_instance, subnet_group_of, where_of

MAKES = ("CreateDBInstance", "RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime")


@refuses("rds", "CreateDBSubnetGroup")
def new_subnet_group(asked: Asked) -> None:
    """A subnet group has a name of its own."""
    name = asked.parameters["DBSubnetGroupName"]
    if name in asked.state().subnet_groups:
        raise Refusal("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.")


@refuses("rds", "CreateDBSubnetGroup", "ModifyDBSubnetGroup")
def subnets(asked: Asked) -> None:
    """The subnets of a group are there, in one VPC, and not too many."""
    wanted = asked.parameters.get("SubnetIds", ())
    known = {s.id: s.vpc_id for zone in asked.state("ec2").subnets.values() for s in zone.values()}
    missing = [name for name in wanted if name not in known]
    if missing or len({known[name] for name in wanted}) > 1:
        raise Refusal("InvalidSubnet", f"The requested subnet {(missing or list(wanted))[0]} is invalid, or multiple "
                      "subnets were requested that are not all in a common VPC.")  # fmt: skip
    if len(wanted) > quotas()["subnets_per_group"]:
        raise Refusal("DBSubnetQuotaExceededFault", "The request would exceed the number of subnets in a group.")


@refuses("rds", "ModifyDBSubnetGroup")
def zones_in_use(asked: Asked) -> None:
    """A group keeps subnets in the zones in which its databases are."""
    name, wanted = asked.parameters["DBSubnetGroupName"], set(asked.parameters.get("SubnetIds", ()))
    zones = {s.availability_zone for zone in asked.state("ec2").subnets.values() for s in zone.values()
             if s.id in wanted}  # fmt: skip
    for database in _users(asked, name):
        used = {database.availability_zone, database.secondary_availability_zone} - {None}
        if used - zones:
            raise Refusal("SubnetAlreadyInUse", f"The DB subnet in {sorted(used - zones)[0]} is in use by "
                          f"{database.resource_id}.")  # fmt: skip


@refuses("rds", "DeleteDBSubnetGroup")
def subnet_group_in_use(asked: Asked) -> None:
    """A subnet group with databases in it stays."""
    name = asked.parameters["DBSubnetGroupName"]
    clusters = [held for held in asked.state().clusters.values() if held.db_subnet_group_name == name]
    for user in (*_users(asked, name), *clusters):
        raise Refusal("InvalidDBSubnetGroupStateFault", f"Cannot delete the subnet group '{name}' because at least one "
                      f"database instance: {user.resource_id} is still using it.")  # fmt: skip


@refuses("rds", "DeleteDBParameterGroup")
def parameter_group_in_use(asked: Asked) -> None:
    """A parameter group with members stays, and so do the default ones."""
    name = asked.parameters["DBParameterGroupName"]
    if name.startswith("default."):
        raise Refusal("InvalidDBParameterGroupState", "Default DBParameterGroup cannot be deleted.")
    if any(database.db_parameter_group_name == name for database in asked.state().databases.values()):
        raise Refusal("InvalidDBParameterGroupState", "One or more database instances are still members of this "
                      f"parameter group {name}, so the group cannot be deleted")  # fmt: skip


@refuses("rds", "DeleteOptionGroup")
def option_group_in_use(asked: Asked) -> None:
    """An option group that a database or a snapshot has stays.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithOptionGroups.html
    """
    name, state = asked.parameters["OptionGroupName"], asked.state()
    if name.startswith("default:"):
        raise Refusal("InvalidOptionGroupStateFault", f"The default option group {name} cannot be deleted.")
    single = [database for database in state.databases.values() if not is_member(database)]
    sources = [snapshot.database for snapshot in state.database_snapshots.values()]
    if any(held.option_group_name == name for held in (*single, *sources)):
        raise Refusal("InvalidOptionGroupStateFault", f"The option group '{name}' cannot be deleted because it is in "
                      "use.")  # fmt: skip


@refuses("rds", *MAKES)
def one_vpc(asked: Asked) -> None:
    """A database and its security groups are in one VPC: that of its subnet group, or the default one."""
    group = asked.state().subnet_groups.get(asked.parameters.get("DBSubnetGroupName") or "")
    if asked.parameters.get("DBSubnetGroupName") and group is None:
        return
    if not asked.parameters.get("DBClusterIdentifier"):
        _share(asked, group)


@refuses("rds", "ModifyDBInstance")
def still_one_vpc(asked: Asked) -> None:
    """A database gets no security group of another VPC."""
    database = named_instance(asked.parameters["DBInstanceIdentifier"], where_of(asked.call))
    if database is not None:
        name = asked.parameters.get("DBSubnetGroupName") or subnet_group_of(database) or ""
        _share(asked, asked.state().subnet_groups.get(name))


def _share(asked: Asked, group: Any) -> None:
    wanted: Iterable[str] = asked.parameters.get("VpcSecurityGroupIds") or ()
    if not wanted:
        return
    ec2 = asked.state("ec2")
    default = ec2.get_default_vpc()
    vpc = group.vpc_id if group is not None else (default.id if default is not None else "")
    homes = {id_: held for held, groups in ec2.groups.items() for id_ in groups}
    for id_ in wanted:
        if homes.get(id_, vpc) != vpc:
            raise Refusal("InvalidParameterCombination", "The DB instance and EC2 security group are in different VPCs"
                          f". The DB instance is in {vpc} and the EC2 security group is in {homes[id_]}")  # fmt: skip


def _users(asked: Asked, group: str) -> list[Any]:
    return [held for held in asked.state().databases.values() if subnet_group_of(held) == group]
