"""What one zone's loss would take with it: ways out, databases, balancers, fleets without room."""

from collections import defaultdict
from collections.abc import Iterator

from twin.analysis.exposure.finding import Finding
from twin.analysis.exposure.places import free, named, per_zone, zone_of, zones_of
from twin.analysis.passage.passages import View
from twin.semantics.network.workloads import Database

NAT, GROUP, HEADROOM = "network.nat-per-zone", "network.subnet-group-zones", "network.headroom"


def nat_gateways(view: View) -> Iterator[Finding]:
    """Find subnets whose way out is a NAT gateway of another zone.

    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html: when its zone fails, they lose it too.
    """
    elsewhere: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subnet in view.topology.subnets.values():
        table = view.index.route_table(subnet.id)
        for route in table.routes if table else ():
            nat = view.topology.nat_gateways.get(route.target)
            here, there = zone_of(view, subnet.id), zone_of(view, nat.subnet) if nat else ""
            if table and nat and route.active and here and there and here != there:
                elsewhere[nat.id].append((subnet.id, f"{table.id} {route.label} -> {nat.id}"))
    for name, found in elsewhere.items():
        nat = view.topology.nat_gateways[name]
        zones = zones_of(view, (subnet for subnet, _ in found))
        yield Finding(
            NAT,
            "medium",
            f"the way out of {', '.join(zones)} is {named(view, name)} in {zone_of(view, nat.subnet)}",
            (name, *(subnet for subnet, _ in found)),
            tuple(dict.fromkeys(route for _, route in found)),
            f"put a NAT gateway into each of {', '.join(zones)} and lead that zone's route table to it",
        )


def spread(view: View) -> Iterator[Finding]:
    """Find databases, balancers and fleets whose subnets, or which themselves, are all in one zone."""
    topology = view.topology
    for database in topology.databases.values():
        zones = zones_of(view, database.subnets)
        if len(zones) == 1:
            yield _one_zone(view, f"the subnet group of the database {database.id}", database.id, database.subnets)
        elif len(_stood_in(view, database)) == 1 and not database.replica_of:
            lacks = ("reader in another zone", "add one") if database.cluster else ("standby", "turn on Multi-AZ")
            yield Finding(
                GROUP,
                "medium",
                f"the database {database.cluster or database.id} stands in {database.zones[0]} alone",
                (database.id,),
                (f"its subnet group has {', '.join(zones)}, and it has no {lacks[0]}",),
                lacks[1],
            )
    for balancer in topology.load_balancers.values():
        subnets = tuple(topology.interfaces[one].subnet for one in balancer.interfaces)
        if len(zones_of(view, subnets)) == 1:
            yield _one_zone(view, f"the load balancer {balancer.name}", balancer.name, subnets)
    for fleet in topology.fleets.values():
        if fleet.wanted and len(zones_of(view, fleet.subnets)) == 1:
            yield _one_zone(view, f"the fleet {fleet.id}", fleet.id, fleet.subnets)


def _stood_in(view: View, database: Database) -> set[str]:
    """Return the zones from which a database could go on: its own, and those of the other instances of its cluster."""
    others = (one for one in view.topology.databases.values() if database.cluster and one.cluster == database.cluster)
    return {zone for one in (database, *others) for zone in one.zones}


def _one_zone(view: View, what: str, name: str, subnets: tuple[str, ...]) -> Finding:
    [zone] = zones_of(view, subnets)
    facts = tuple(f"{named(view, one)} in {zone_of(view, one)}" for one in dict.fromkeys(subnets))
    return Finding(
        GROUP, "medium", f"{what} is in {zone} alone", (name, *subnets), facts, "add a subnet of another zone"
    )


def headroom(view: View) -> Iterator[Finding]:
    """Find fleets that one zone's loss leaves with less than half, or whose other zones have no room for its share."""
    for fleet in view.topology.fleets.values():
        here = per_zone(view, fleet.instances)
        if not here:
            continue
        zone, lost = max(sorted(here.items()), key=lambda one: one[1])
        rest = sum(here.values()) - lost
        others = [one for one in fleet.subnets if one in view.topology.subnets and zone_of(view, one) != zone]
        room = sum(max(free(view, one), 0) for one in others)
        if 2 * rest < sum(here.values()):
            said = f"without {zone}, {rest} of {sum(here.values())} instances of the fleet {fleet.id} are left"
            mend = "spread it evenly over three zones, or keep more instances"
        elif room < lost:
            said = f"without {zone}, the fleet {fleet.id} has room for {room} of the {lost} instances that it loses"
            mend = "give the other zones larger subnets"
        else:
            continue
        facts = tuple(f"{number} in {name}" for name, number in sorted(here.items()))
        yield Finding(HEADROOM, "medium", said, (fleet.id, *others), facts, mend)
