"""Which block of the VPC's range each subnet gets: the same spec gives the same blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from twin.spec.model.network import Network

SMALLEST = 28
STEPS = 4
"""A block is a sixteenth of the VPC's range unless its tier says otherwise."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A tier whose blocks do not fit into the VPC's range any more."""

    tier: str
    prefix: int


def allocate(network: Network) -> tuple[dict[str, tuple[IPv4Network, ...]], Shortage | None]:
    """Return the blocks of each tier, one per zone, and the first tier that does not fit, if one does not.

    Tiers are served in the order of the spec, each block at the first free place, so that a tier added at the end
    moves no other.
    """
    taken = [block for tier in network.subnets.values() for block in tier.cidrs]
    blocks: dict[str, tuple[IPv4Network, ...]] = {}
    for name, tier in network.subnets.items():
        if tier.cidrs:
            blocks[name] = tier.cidrs
            continue
        prefix = tier.prefix or min(network.cidr.prefixlen + STEPS, SMALLEST)
        found = _free(network.cidr, prefix, taken, network.azs)
        if len(found) < network.azs:
            return blocks, Shortage(name, prefix)
        taken += found
        blocks[name] = tuple(found)
    return blocks, None


def _free(range_: IPv4Network, prefix: int, taken: Sequence[IPv4Network], count: int) -> list[IPv4Network]:
    found: list[IPv4Network] = []
    for block in _blocks(range_, prefix):
        if len(found) == count:
            break
        if not any(block.overlaps(other) for other in taken):
            found.append(block)
    return found


def _blocks(range_: IPv4Network, prefix: int) -> Iterator[IPv4Network]:
    return range_.subnets(new_prefix=prefix) if prefix >= range_.prefixlen else iter(())
