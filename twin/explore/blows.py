"""What can befall an org: each zone, host, gateway, key and edge that it has, with the fault or call that takes it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from twin.scenario.document import FaultSpec, Step
from twin.world.census import accounts, in_zone, instances, zones_of
from twin.world.stores.moto_store import backends
from twin.world.stores.rds_instances import instances as databases
from twin.world.stores.rds_instances import is_member
from twin.world.world import World

GROUP, CLUSTER, NAME = "aws:autoscaling:groupName", "eks:nodegroup-name", "Name"


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing that goes wrong: `name` is the same for the same org, whichever ids it was given."""

    name: str
    fault: str = ""
    call: str = ""
    told: tuple[tuple[str, Any], ...] = ()
    region: str | None = None
    """Where a call is made, if not in the world's own Region."""

    def as_fault(self, at: float) -> FaultSpec | None:
        """Return the fault at a time; None when the blow is a call."""
        return FaultSpec.model_validate({"kind": self.fault, "with": dict(self.told), "at": at}) if self.fault else None

    def as_step(self) -> Step | None:
        """Return the call as a step; None when the blow is a fault."""
        if not self.call:
            return None
        return Step.model_validate({"call": self.call, "with": dict(self.told), "region": self.region})


def blows(world: World) -> list[Blow]:
    """Return every single blow to the org of a world, each name once."""
    found = [*_databases(), *_edge(world)]
    for region in sorted(_regions(world), key=lambda one: (one != world.region, one)):
        found += [*_zones(world, region), *_hosts(world, region), *_gateways(world, region), *_keys(world, region)]
    counts = Counter(one.name for one in found)
    seen: Counter[str] = Counter()
    named = []
    for one in found:
        seen[one.name] += 1
        number = f" ({seen[one.name]} of {counts[one.name]})" if counts[one.name] > 1 else ""
        named.append(replace(one, name=one.name + number))
    return named


def _regions(world: World) -> set[str]:
    """Return the Regions in which something of the org runs."""
    known = {region for account in accounts(world.scene) for region in backends("elbv2")[account]}
    return {world.region} | {one for one in known if any(any(in_zone(world.scene, zone)) for zone in zones_of(one))}


def _blow(name: str, *, fault: str = "", call: str = "", **told: Any) -> Blow:
    return Blow(name, fault, call, tuple(told.items()))


def _zones(world: World, region: str) -> Iterator[Blow]:
    for zone in zones_of(region):
        if any(in_zone(world.scene, zone)):
            yield _blow(f"zone {zone}", fault="zone-loss", zone=zone)
    yield _blow(f"Region {region}", fault="region-loss", region=region)


def _hosts(world: World, region: str) -> Iterator[Blow]:
    found = []
    for account in accounts(world.scene):
        for instance in instances(world.scene, account, region):
            tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
            role = tags.get(CLUSTER) or tags.get(NAME) or tags.get(GROUP) or "a server"
            found.append((role, str(instance.placement.zone), str(instance.id)))
    for role, zone, id_ in sorted(found):
        yield _blow(f"host of {role} in {zone}", fault="instance-loss", instance=id_)


def _databases() -> Iterator[Blow]:
    for database in databases():
        name = database.resource_id
        yield _blow(f"host of the database {name}", fault="database-host-loss", database=str(database.arn))
        if not (database.source_db_instance_identifier or (is_member(database) and not database.is_cluster_writer)):
            yield _blow(f"tables of the database {name}", fault="bad-migration", database=str(database.arn))


def _gateways(world: World, region: str) -> Iterator[Blow]:
    for account in accounts(world.scene):
        ec2 = world.scene.state("ec2", account, region)
        gateways = [
            (str(ec2.get_subnet(one.subnet_id).availability_zone), str(one.id))
            for one in ec2.nat_gateways.values()
            if one.state == "available"
        ]
        for zone, id_ in sorted(gateways):
            blow = _blow(f"NAT gateway in {zone}", call="ec2:DeleteNatGateway", NatGatewayId=id_)
            yield replace(blow, region=_there(world, region))


def _there(world: World, region: str) -> str | None:
    return region if region != world.region else None


def _keys(world: World, region: str) -> Iterator[Blow]:
    for account in accounts(world.scene):
        kms: Any = backends("kms")[account][region]
        for key in sorted(kms.keys.values(), key=lambda one: str(one.id)):
            aliases = sorted(key.aliases)
            # AWS's own keys are nobody's to disable.
            own = any(alias.startswith("alias/aws/") for alias in aliases)
            if key.key_state == "Enabled" and not own:
                named = aliases[0] if aliases else str(key.id)
                place = f" in {region}" if region != world.region else ""
                blow = _blow(f"key {named}{place}", call="kms:DisableKey", KeyId=str(key.id))
                yield replace(blow, region=_there(world, region))


def _edge(world: World) -> Iterator[Blow]:
    for zone in world.vendors.zones():
        yield _blow(f"Cloudflare's edge for {zone.name}", fault="cloudflare-edge-5xx", zone=zone.name)
