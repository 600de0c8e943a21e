"""Where RDS places databases: in the zones of their subnet group that have capacity, drawn from the seed."""

from collections import Counter
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.scene import Scene
from twin.world.stores.kms_keys import Where
from twin.world.stores.rds_instances import backend, is_member, subnet_group_of


def zones_of(group: str | None, where: Where) -> list[str]:
    """Return the zones of a subnet group, or of the Region's default subnets; sorted."""
    held = backend(where).subnet_groups.get(group) if group else None
    if held is not None:
        return sorted({subnet["SubnetAvailabilityZone"]["Name"] for subnet in held.subnets})
    return _default_zones(where)


def _default_zones(where: Where) -> list[str]:
    from twin.world.stores.moto_store import backends

    subnets = backends("ec2")[where.account][where.region].subnets
    found = sorted(zone for zone, held in subnets.items() if any(subnet.default_for_az for subnet in held.values()))
    return found or [f"{where.region}a", f"{where.region}b"]


def open_zones(scene: Scene, zones: list[str]) -> list[str]:
    """Return those of some zones in which something new can start."""
    broken = scene.conditions.broken
    return [zone for zone in zones if not broken("zone", zone) and not broken("capacity", zone)]


def place(scene: Scene, database: Any, *, wanted: str | None = None) -> None:
    """Give a DB instance its zone, and one of its own to the standby of a Multi-AZ one."""
    where = Where(database.account_id, database.region)
    zones = open_zones(scene, zones_of(subnet_group_of(database), where))
    chance = scene.chance("rds.placement")
    database.availability_zone = wanted or chance.choice(_apart(database, zones))
    database.secondary_availability_zone = None
    if database.multi_az and not is_member(database):
        place_standby(scene, database)


def _apart(database: Any, zones: list[str]) -> list[str]:
    """Return the zones in which the fewest members of a database's cluster are."""
    if not is_member(database):
        return zones
    taken = Counter(member.availability_zone for member in database.cluster.members if member is not database)
    fewest = min(taken[zone] for zone in zones)
    return [zone for zone in zones if taken[zone] == fewest]


def place_standby(scene: Scene, database: Any) -> None:
    """Give the standby of a DB instance a zone other than the primary's."""
    where = Where(database.account_id, database.region)
    zones = zones_of(subnet_group_of(database), where)
    others = [zone for zone in open_zones(scene, zones) if zone != database.availability_zone]
    if others:
        database.secondary_availability_zone = scene.chance("rds.placement").choice(others)


def require_capacity(scene: Scene, asked: Asked, *, group: str | None, multi_az: bool, zone: str | None) -> None:
    """Refuse a database for which there is no zone with capacity left, as RDS does."""
    zones = zones_of(group, Where(asked.call.account, asked.call.region))
    usable = open_zones(scene, zones)
    if zone is not None and zone not in zones:
        raise AwsError("InvalidVPCNetworkStateFault", f"Cannot create a database instance in {zone}: the DB subnet "
                       f"group has no subnet there. It has: {', '.join(zones)}")  # fmt: skip
    if zone is not None and zone not in usable:
        usable = []
    if len(usable) < (2 if multi_az else 1):
        raise insufficient()


def insufficient() -> AwsError:
    """Return the refusal for want of capacity."""
    return AwsError("InsufficientDBInstanceCapacity", "Insufficient capacity to create the database instance in the "
                    "Availability Zones of its DB subnet group")  # fmt: skip
