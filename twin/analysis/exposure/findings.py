"""All findings about one network, the gravest first."""

from collections.abc import Callable, Iterator, Mapping

from twin.analysis.exposure import doors, edge, privacy, tiers, zones
from twin.analysis.exposure.finding import Finding
from twin.analysis.passage.passages import View
from twin.semantics.network.topology import Topology

RULES: Mapping[str, Callable[[View], Iterator[Finding]]] = {
    doors.RULE: doors.find,
    privacy.RULE: privacy.find,
    tiers.RULE: tiers.find,
    edge.RULE: edge.find,
    zones.NAT: zones.nat_gateways,
    zones.GROUP: zones.spread,
    zones.HEADROOM: zones.headroom,
}
"""What is asked, by the rule's stable name."""


def findings(topology: Topology) -> list[Finding]:
    """Return what is found; the same topology gives the same list."""
    view = View(topology)
    return sorted({one for find in RULES.values() for one in find(view)}, key=lambda one: one.key)
