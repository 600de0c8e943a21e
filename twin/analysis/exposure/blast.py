"""What a fault takes away and what it touches: the ids of both, worked out from where things stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from twin.analysis.exposure.places import zone_of
from twin.analysis.passage.passages import View
from twin.errors import UsageError

KINDS = ("zone", "instance", "nat", "database", "balancer", "gateway")


@dataclass(frozen=True, slots=True)
class Blast:
    """`dead` is gone with the fault; `hurt` loses a part: a way out, some of its instances, its standby or writer."""

    dead: frozenset[str]
    hurt: frozenset[str]


def blast(view: View, fault: str) -> Blast:
    """Return the blast radius of `zone:us-east-1a`, `nat:…`, `instance:…`, `database:…`, `balancer:…`, `gateway:…`.

    UsageError when nothing is called so.
    """
    kind, colon, name = fault.partition(":")
    if not colon or kind not in KINDS:
        raise UsageError(f"{fault}: a fault is one of {', '.join(f'{one}:NAME' for one in KINDS)}")
    dead = set(_zone(view, name) if kind == "zone" else _one(view, kind, name))
    if not dead:
        raise UsageError(f"{fault}: no {kind} here is called {name}")
    hurt: set[str] = set()
    while more := {one for one in _touched(view, dead) if one not in dead | hurt}:
        hurt |= more
    return Blast(frozenset(dead), frozenset(hurt))


def _zone(view: View, name: str) -> Iterator[str]:
    topology = view.topology
    subnets = {one.id for one in topology.subnets.values() if name in (one.zone_name, one.zone)}
    for subnet in subnets:
        yield subnet
        yield f"{topology.subnets[subnet].vpc}/{zone_of(view, subnet)}"
    yield from (one.id for one in topology.interfaces.values() if one.subnet in subnets)
    yield from (one.id for one in topology.nat_gateways.values() if one.subnet in subnets)
    for instance in topology.instances.values():
        if any(topology.interfaces[end].subnet in subnets for end in instance.interfaces):
            yield instance.id


def _one(view: View, kind: str, name: str) -> Iterator[str]:
    topology = view.topology
    if kind == "instance" and name in topology.instances:
        yield from (name, *topology.instances[name].interfaces)
    elif kind == "nat" and name in topology.nat_gateways:
        yield name
    elif kind == "database" and name in topology.databases:
        yield from (name, *topology.databases[name].interfaces)
    elif kind == "gateway" and name in (
        *topology.internet_gateways,
        *topology.transit_gateways,
        *topology.vpn_gateways,
    ):
        yield name
    elif kind == "balancer":
        for one in topology.load_balancers.values():
            if name in (one.name, one.arn):
                yield from (one.name, *one.interfaces)


def _gateways(view: View) -> Iterator[Mapping[str, object]]:
    yield from (view.topology.internet_gateways, view.topology.transit_gateways, view.topology.vpn_gateways)


def _touched(view: View, dead: set[str]) -> Iterator[str]:
    """Yield what has a part among the dead and lives on, or is gone with all of its parts."""
    topology = view.topology
    for balancer in topology.load_balancers.values():
        targets = {backend.target for listener in balancer.listeners for backend in listener.backends}
        if dead & {*balancer.interfaces, *targets}:
            yield balancer.name
    for database in topology.databases.values():
        if dead & set(database.interfaces) or database.replica_of in dead:
            yield database.id
            yield from database.interfaces
    for fleet in topology.fleets.values():
        if dead & set(fleet.instances):
            yield fleet.owner or fleet.id
    for function in topology.functions.values():
        if dead & set(function.interfaces):
            yield function.id
    for subnet in topology.subnets.values():
        table = view.index.route_table(subnet.id)
        if any(route.target in dead for route in (table.routes if table else ())):
            yield subnet.id
