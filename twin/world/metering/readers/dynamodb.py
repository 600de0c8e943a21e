"""Tables: what they store, and the capacity that is provisioned."""

from collections.abc import Iterator
from typing import Any

from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

GIGABYTE = 1024**3
OVERHEAD = 100
"""Bytes of index data that an item counts besides its own (assumed: the page on item sizes was not read again)."""


@reads("dynamodb")
def held_by_dynamodb(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the tables of a Region."""
    for table in backends("dynamodb")[place.account][place.region].tables.values():
        tags = tag_pairs(table.tags)
        size = sum(item.size() + OVERHEAD for item in _items(table))
        if size:
            yield Held(table.table_arn, "dynamodb", "TimedStorage-ByteHrs", size / GIGABYTE, tags)
        if table.billing_mode == "PROVISIONED":
            for usage, name in (("Read", "ReadCapacityUnits"), ("Write", "WriteCapacityUnits")):
                units = float(table.throughput.get(name) or 0)
                yield Held(table.table_arn, "dynamodb", f"{usage}CapacityUnit-Hrs", units, tags)


def _items(table: Any) -> Iterator[Any]:
    for held in table.items.values():
        yield from held.values() if isinstance(held, dict) else (held,)
