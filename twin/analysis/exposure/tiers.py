"""Databases that more than the application's tier can reach."""

from collections.abc import Iterator
from typing import Any

from twin.analysis.exposure.cutting import mend
from twin.analysis.exposure.finding import Finding, hops
from twin.analysis.exposure.places import is_private, named
from twin.analysis.passage.ends import End
from twin.analysis.passage.passages import Leg, View
from twin.semantics.network.decide import decide
from twin.semantics.network.question import parse
from twin.semantics.network.topology import Interface
from twin.semantics.network.workloads import Database

RULE = "network.data-beyond-app"
PASSING = ("nat_gateway", "vpc_endpoint", "gateway_load_balancer_endpoint", "transit_gateway")
"""Interfaces that begin no connection of their own."""
BEYOND = ("vpn", "direct-connect-gateway", "connect", "peering")


def find(view: View) -> Iterator[Finding]:
    """Find what reaches a database's port and is no private host of its VPC.

    A private host stands where no internet gateway leads and has no public address. The internet's own ways are
    `network.private-from-internet`.
    """
    for database in view.topology.databases.values():
        if not database.interfaces:
            continue
        for name in _near(view, database):
            leg = _leg(view, {"interface": name}, database)
            if leg is not None:
                what = view.topology.interfaces[name].instance or name
                yield _finding(view, database, leg, (what, End("interface", name, (name,))))
        for gateway in _gateways(view):
            leg = _leg(view, {"gateway": gateway}, database)
            if leg is not None:
                yield _finding(view, database, leg, (gateway, End("gateway", gateway)))


def _near(view: View, database: Database) -> Iterator[str]:
    """Yield the interfaces that reach a database on some port and do not belong to the application's tier."""
    for name, interface in view.topology.interfaces.items():
        if name in database.interfaces or interface.kind in PASSING or _in_tier(view, interface, database):
            continue
        if any(view.matrix.reaches(name, end) for end in database.interfaces):
            yield name


def _in_tier(view: View, interface: Interface, database: Database) -> bool:
    balancer = interface.id in view.index.balancer_at
    return not balancer and interface.vpc == database.vpc and is_private(view, interface)


def _gateways(view: View) -> Iterator[str]:
    yield from view.topology.vpn_gateways
    yield from (one.id for one in view.topology.attachments.values() if one.kind in BEYOND and one.available)


def _leg(view: View, start: dict[str, str], database: Database) -> Leg | None:
    """Return how a packet to the database's port gets there; None when none does."""
    for end in database.interfaces:
        asked: dict[str, Any] = {"src": start, "dst": {"interface": end}, "protocol": "tcp", "port": database.port}
        decision = decide(view.index, parse(asked))
        if decision.disposition == "accepted":
            return Leg(next(iter(start.values())), end, decision)
    return None


def _finding(view: View, database: Database, leg: Leg, by: tuple[str, End]) -> Finding:
    what, start = by
    goal = End("database", database.id, database.interfaces, database.port)
    return Finding(
        RULE,
        "high",
        f"{named(view, what)} reaches the database {database.id} on tcp {database.port}, and is no private host of "
        f"{named(view, database.vpc)}",
        (database.id, what),
        hops(leg),
        mend(view, start, goal),
    )
