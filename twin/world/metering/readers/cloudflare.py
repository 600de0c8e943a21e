"""Cloudflare: the plan of each zone."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads
from twin.world.scene import Scene


@reads("cloudflare")
def held_by_cloudflare(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the zones of the account."""
    for zone in scene.vendors.zones():
        yield Held(zone.name, "cloudflare", f"Plan:{zone.plan}", 1, (), "global")
