"""Which parts of a network are public and which are not, as routes and addresses say it."""

from collections import Counter
from collections.abc import Iterable

from twin.analysis.passage.passages import View
from twin.semantics.network.topology import Interface

AWS_KEEPS = 5
"""Addresses of each subnet that AWS keeps: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""


def is_public(view: View, subnet: str) -> bool:
    """Whether a subnet has an active route to an internet gateway."""
    if subnet not in view.topology.subnets:
        return False
    table = view.index.route_table(subnet)
    gateways = view.topology.internet_gateways
    return table is not None and any(
        route.active and route.target in gateways and not gateways[route.target].egress_only for route in table.routes
    )


def is_private(view: View, interface: Interface) -> bool:
    """Whether an interface has no public address and stands where no internet gateway leads."""
    return not is_public(view, interface.subnet) and not any(held.public for held in interface.addresses)


def zone_of(view: View, subnet: str) -> str:
    """Return a subnet's zone by name, else by id; empty when neither is known."""
    found = view.topology.subnets.get(subnet)
    return (found.zone_name or found.zone) if found else ""


def zones_of(view: View, subnets: Iterable[str]) -> list[str]:
    """Return the zones of subnets, each once."""
    return sorted({zone for one in subnets if (zone := zone_of(view, one))})


def free(view: View, subnet: str) -> int:
    """Return how many IPv4 addresses of a subnet nobody has."""
    found = view.topology.subnets[subnet]
    size = sum(block.num_addresses - AWS_KEEPS for block in found.cidrs if block.version == 4)
    return size - len(view.index.held[subnet][4])


def named(view: View, name: str) -> str:
    """Return an id with the name that people gave it."""
    given = view.topology.names.get(name)
    return f"{name} ({given})" if given else name


def per_zone(view: View, instances: Iterable[str]) -> Counter[str]:
    """Count running instances by their zones."""
    found: Counter[str] = Counter()
    for name in instances:
        instance = view.topology.instances.get(name)
        ends = [view.topology.interfaces[one] for one in instance.interfaces] if instance else []
        if instance is not None and instance.state in ("running", "pending") and ends:
            found[zone_of(view, ends[0].subnet)] += 1
    return found
