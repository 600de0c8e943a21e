"""What of an org lives where: instances, nodes, databases, gateways, by the zone in which they run."""

from collections.abc import Iterator
from typing import Any

from twin.errors import FaultError, NothingToBreak
from twin.world.conditions import region_of
from twin.world.fault import Victim
from twin.world.scene import Scene

ALIVE = ("pending", "running")
CLUSTER_TAG = "eks:cluster-name"


def accounts(scene: Scene) -> list[str]:
    """Return the accounts of the world, and those that anything was made in, each once."""
    from twin.world.stores.moto_store import backends

    return sorted({*scene.gateway.keys.accounts, *backends("ec2"), *backends("rds")})


def zones_of(region: str) -> list[str]:
    """Return the names of a Region's Availability Zones; FaultError when there is no such Region."""
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    zones: Any = RegionsAndZonesBackend.zones
    if region not in zones:
        raise FaultError(f"AWS has no Region {region!r}")
    return [str(zone.name) for zone in zones[region]]


def known_zone(name: str) -> str:
    """Return the name of a zone; FaultError when AWS has none of it."""
    region = region_of(name)
    zones = zones_of(region) if region else []
    if name not in zones:
        has = f"; {region} has {', '.join(zones)}" if zones else ""
        raise FaultError(f"AWS has no Availability Zone {name!r}{has}")
    return name


def in_zone(scene: Scene, zone: str) -> Iterator[Victim]:
    """Yield what runs in a zone: instances that are alive, databases by their host and standby, NAT gateways."""
    region = region_of(zone)
    for account in accounts(scene):
        yield from (
            Victim(account, region, instance.id)
            for instance in instances(scene, account, region)
            if instance.availability_zone == zone
        )
        for database in scene.state("rds", account, region).databases.values():
            if zone in (database.availability_zone, getattr(database, "secondary_availability_zone", None)):
                yield Victim(account, region, database.db_instance_arn)
        ec2 = scene.state("ec2", account, region)
        for gateway in ec2.nat_gateways.values():
            if gateway.state == "available" and ec2.get_subnet(gateway.subnet_id).availability_zone == zone:
                yield Victim(account, region, gateway.id)


def instances(scene: Scene, account: str, region: str) -> Iterator[Any]:
    """Yield the EC2 instances of an account and Region that are alive, as the store keeps them."""
    for reservation in scene.state("ec2", account, region).reservations.values():
        yield from (instance for instance in reservation.instances if instance.state in ALIVE)


def find_instance(scene: Scene, name: str) -> Victim:
    """Find an instance that is alive, by its id; NothingToBreak when there is none."""
    for account, region, instance in _everywhere(scene):
        if instance.id == name:
            return Victim(account, region, name)
    raise NothingToBreak(f"no instance {name} is running in this world")


def nodes(scene: Scene, cluster: str) -> list[Victim]:
    """Return the instances that are nodes of an EKS cluster, sorted; NothingToBreak when it has none."""
    owned = f"kubernetes.io/cluster/{cluster}"
    found = []
    for account, region, instance in _everywhere(scene):
        tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        if tags.get(CLUSTER_TAG) == cluster or owned in tags:
            found.append(Victim(account, region, instance.id))
    if not found:
        raise NothingToBreak(f"the cluster {cluster} has no running nodes in this world")
    return sorted(found)


def find_database(scene: Scene, name: str) -> tuple[Victim, Any]:
    """Find a database instance by its ARN, or by an identifier that only one has; NothingToBreak for none."""
    from twin.world.stores.moto_store import backends

    found = [
        (Victim(account, region, database.db_instance_arn), database)
        for account in accounts(scene)
        for region, backend in backends("rds")[account].items()
        for database in backend.databases.values()
        if name in (database.db_instance_arn, database.db_instance_identifier)
    ]
    if not found:
        raise NothingToBreak(f"there is no database {name}")
    if len(found) > 1:
        raise FaultError(f"{len(found)} databases are called {name}: give the ARN")
    return found[0]


def writer_of(scene: Scene, name: str) -> str:
    """Return the ARN of a cluster's writer by the cluster's ARN or identifier; what names no cluster stays as it is."""
    from twin.world.stores.rds_instances import clusters

    found = [one for one in clusters() if name in (str(one.arn), str(one.resource_id)) and one.writer is not None]
    if len(found) > 1:
        raise FaultError(f"{len(found)} clusters are called {name}: give the ARN")
    return str(found[0].writer.arn) if found else name


def _everywhere(scene: Scene) -> Iterator[tuple[str, str, Any]]:
    from twin.world.stores.moto_store import backends

    for account in accounts(scene):
        for region in list(backends("ec2")[account]):
            for instance in instances(scene, account, region):
                yield account, region, instance
