"""Log groups: what they store, taken to compress to what AWS's own examples assume."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

GIGABYTE = 1024**3
COMPRESSED = 0.15
"""Bytes stored of each byte ingested: https://aws.amazon.com/cloudwatch/pricing/ (assumed: not read again)."""


@reads("logs")
def held_by_logs(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the log groups of a Region."""
    for group in backends("logs")[place.account][place.region].groups.values():
        size = sum(stream.stored_bytes for stream in group.streams.values())
        if size:
            yield Held(group.arn, "cloudwatch", "TimedStorage-ByteHrs", size * COMPRESSED / GIGABYTE)
