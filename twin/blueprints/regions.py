"""Other Regions: what the regional blueprints declare there, under addresses that name the Region."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from twin.address import Address
from twin.blueprints import (
    buckets,
    cluster,
    data,
    databases,
    dns,
    encryption,
    load_balancer,
    network,
    packet_filters,
    registries,
    workers,
)
from twin.blueprints.blueprint import Blueprint
from twin.resources.reference import PATTERN

PARTS: tuple[Callable[[Blueprint], None], ...] = (
    encryption.build, network.build, packet_filters.build, buckets.build, data.build, databases.build,
    load_balancer.build, cluster.build, workers.build, registries.build, dns.build,
)  # fmt: skip
EVERYWHERE = "aws.iam."
"""A service without a Region; what it keeps for one has that one's name in its own."""


def build(blueprint: Blueprint) -> None:
    """Declare what stands in each other Region; a reference to what it does not declare means the org's own."""
    for region in blueprint.spec.regions:
        there = blueprint.elsewhere(region)
        for part in PARTS:
            part(there)
        blueprint.diagnostics += there.diagnostics
        names = {one.address: _placed(one.address, region) for one in there.desired}
        for one in there.desired:
            resource = type(one.resource)(
                **_moved(one.resource.values(), partial(_meant, names=names, home=there.home))
            )
            blueprint.desired.add(
                names[one.address].name, resource, one.origin, {k: there.place(v) for k, v in one.origins.items()}
            )


def _placed(address: Address, region: str) -> Address:
    mark = "-" if address.type.startswith(EVERYWHERE) else "@"
    return Address(address.type, f"{address.name}{mark}{region}")


def _meant(address: Address, names: Mapping[Address, Address], home: str) -> Address:
    """Return what a name means in a Region: what is declared there, else the org's own; a Region may be named."""
    if address.region == home:
        return Address(address.type, address.name.partition("@")[0])
    return names.get(address, address)


def _moved(value: Any, meant: Callable[[Address], Address]) -> Any:
    """Return a value with each of its references leading to what it means."""
    if isinstance(value, str):
        return PATTERN.sub(lambda found: f"${{{meant(Address.parse(found[1]))}.{found[2]}}}", value)
    if isinstance(value, dict):
        return {_moved(key, meant): _moved(item, meant) for key, item in value.items()}
    return [_moved(item, meant) for item in value] if isinstance(value, list | tuple) else value
