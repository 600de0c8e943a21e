"""In how many Availability Zones a set of subnets lies, as far as the desired resources tell."""

from collections.abc import Iterator, Sequence

from twin.resources.reference import unknown
from twin.resources.resource import Peers, Problem

LEAST = 2


def zones(peers: Peers, subnets: Sequence[str]) -> set[str] | None:
    """Return the zones of the subnets, or None when the zone of one is not known from the desired resources."""
    found = set()
    for reference in subnets:
        zone = getattr(peers.get(reference), "availability_zone", None)
        if zone is None or unknown(zone):
            return None
        found.add(zone)
    return found


def spread(peers: Peers, subnets: Sequence[str], *, what: str, source: str) -> Iterator[Problem]:
    """Check that subnets cover the two zones that `what` needs, as its documentation (`source`) says."""
    found = zones(peers, subnets)
    if len(set(subnets)) < LEAST or (found is not None and len(found) < LEAST):
        where = f" ({', '.join(sorted(found))})" if found else ""
        yield Problem(
            "TW0473",
            f"{what} needs subnets in {LEAST} Availability Zones, these cover {len(found or set(subnets))}{where}",
            "subnets",
            f"add a subnet in another zone ({source})",
        )
