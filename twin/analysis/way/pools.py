"""How many servers behind the names that requests go to are connected to the databases that they need."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from twin.analysis.way.kind import Kind
from twin.analysis.way.way import Way, chosen


def connected(way: Way, kinds: Iterable[Kind]) -> dict[str, float]:
    """Return the number of servers by the ARN of the database, with those that nobody gets to.

    A server that is not healthy keeps its connections; those that know an old address of a database have none.
    """
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for kind in kinds:
        balancer = way.balancers.get(way.origin(kind.host, way.present.visitors(kind.host))[0] or "")
        if balancer is None:
            continue
        there = kind.within(balancer.region)
        _, late = way.late(there, balancer.region)
        for need in there.needs:
            database = way.behind(need.name, balancer.region) if need.thing == "database" else None
            if database is not None:
                servers = found[database.arn]
                for interface in _servers(way, there, balancer.address):
                    if not way.lacks(interface, need, balancer.region):
                        servers[interface] = max(servers.get(interface, 0.0), 1.0 - late)
    return {arn: sum(servers.values()) for arn, servers in found.items()}


def _servers(way: Way, kind: Kind, address: str) -> Iterator[str]:
    """Yield the interfaces of the servers that run behind a load balancer's rule for a kind of request."""
    balancer = way.balancers[address.lower().rstrip(".")]
    listener = next((one for one in balancer.listeners if one.port == kind.port), None)
    action = chosen(listener, kind) if listener is not None else ""
    for arn, _ in action.groups if not isinstance(action, str) else ():
        for target in way.site.targets.get(arn, ()):
            instance = target.id if target.id in way.ground.interface_of else way.holder(target.id)
            if instance is not None and not way.present.instance(instance):
                yield way.ground.interface_of[instance]
