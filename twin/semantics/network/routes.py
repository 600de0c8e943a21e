"""Which route takes which destinations: the longest prefix, then AWS's order of priority."""

from collections.abc import Iterable, Iterator

from twin.semantics.network.headers import block
from twin.semantics.network.intervals import Intervals, networks
from twin.semantics.network.topology import Route

RANK = {"local": 0, "static": 1, "prefix-list": 2, "propagated": 3}
"""Order among routes of the same length: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html"""


def chosen(routes: Iterable[Route], dst: Intervals, version: int) -> Iterator[tuple[Intervals, Route]]:
    """Yield the destinations with the route that takes them: the longest prefix, then the order of priority.

    A propagated route never wins over the local one, however specific it is
    (https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html).
    """
    candidates = [
        (destination, route) for route in routes for destination in route.destinations if destination.version == version
    ]
    locals_ = networks((d for d, route in candidates if route.kind == "local"), version)
    candidates.sort(key=lambda one: (-one[0].prefixlen, RANK[one[1].kind], not one[1].active))
    rest = dst
    for destination, route in candidates:
        space = block(destination)
        hit = rest & (space - locals_ if route.kind == "propagated" else space)
        if hit:
            yield hit, route
            rest = rest - hit
            if not rest:
                return


def route_label(table: str, route: Route) -> str:
    """Name a route as hops show it."""
    return f"{table} {route.label} -> {route.target}"
