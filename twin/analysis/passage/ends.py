"""Where a passage begins or ends, as people name it: the internet, data, an id, a name, an address."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from twin.errors import UsageError
from twin.semantics.network.topology import Topology

INTERNET = "internet"
EVERYTHING = "all"
DATA = "data"
GATEWAYS = ("vgw-", "vpn-", "tgw-")


@dataclass(frozen=True, slots=True)
class End:
    """One end: its interfaces, or an address, the internet, a gateway; `port` is its own (TCP)."""

    kind: str
    id: str
    interfaces: tuple[str, ...] = ()
    port: int | None = None

    def asked(self) -> Iterator[dict[str, Any]]:
        """Yield the end as questions of `twin decide network` write it."""
        if self.kind in ("ip", "gateway"):
            yield {self.kind: self.id}
        elif self.kind == INTERNET:
            yield {"internet": True}
        else:
            yield from ({"interface": name} for name in self.interfaces)

    def __str__(self) -> str:
        return self.id if self.kind in (INTERNET, "ip", "interface", "gateway") else f"{self.kind} {self.id}"


def ends(topology: Topology, written: str) -> tuple[End, ...]:
    """Return what a user means; UsageError names what is near."""
    if written == INTERNET:
        return (End(INTERNET, INTERNET),)
    known = list(_known(topology))
    if written == EVERYTHING:
        hosts = ("instance", "load balancer", "database", "function")
        return tuple(one for one in known if one.kind in hosts)
    if written == DATA:
        found = tuple(one for one in known if one.kind == "database")
        if not found:
            raise UsageError("there is no database; name what data is by its id")
        return found
    found = tuple(one for one in known if one.id == written)
    found = found or tuple(one for one in known if topology.names.get(one.id) == written)
    return found or (_elsewhere(topology, written, known),)


def _elsewhere(topology: Topology, written: str, known: list[End]) -> End:
    """Return an end that is no object of the topology: a gateway to the outside, an address."""
    gateways = (*topology.vpn_gateways, *topology.vpn_connections, *topology.transit_gateways, *topology.attachments)
    if written in gateways:
        return End("gateway", written)
    try:
        return End("ip", str(ip_network(written, strict=False)))
    except ValueError:
        names = [*(one.id for one in known), *topology.names.values()]
        near = difflib.get_close_matches(written, dict.fromkeys(names), 3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise UsageError(f"nothing here is called {written}{hint}") from None


def _known(topology: Topology) -> Iterator[End]:
    for instance in topology.instances.values():
        yield End("instance", instance.id, instance.interfaces)
    for balancer in topology.load_balancers.values():
        yield End("load balancer", balancer.name, balancer.interfaces)
    for database in topology.databases.values():
        yield End("database", database.id, database.interfaces, database.port)
    for function in topology.functions.values():
        yield End("function", function.id, function.interfaces)
    for fleet in topology.fleets.values():
        yield End("fleet", fleet.id, _of_instances(topology, fleet.instances))
    for cluster in topology.clusters.values():
        mine = [name for one in topology.fleets.values() if one.owner == cluster.id for name in one.instances]
        yield End("cluster", cluster.id, _of_instances(topology, mine))
    for interface in topology.interfaces.values():
        yield End("interface", interface.id, (interface.id,))
    for kind, names, member in (
        ("subnet", topology.subnets, "subnet"),
        ("VPC", topology.vpcs, "vpc"),
    ):
        for name in names:
            yield End(kind, name, tuple(i.id for i in topology.interfaces.values() if getattr(i, member) == name))
    for name in topology.groups:
        yield End("security group", name, tuple(i.id for i in topology.interfaces.values() if name in i.groups))


def _of_instances(topology: Topology, names: Any) -> tuple[str, ...]:
    return tuple(one for name in names if name in topology.instances for one in topology.instances[name].interfaces)
