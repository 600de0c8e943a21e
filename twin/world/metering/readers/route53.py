"""Hosted zones and health checks."""

from collections.abc import Iterator
from typing import Any

from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

FAST = 10
OF_AWS = ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL")


@reads("route53")
def held_by_route53(scene: Scene, place: Place) -> Iterator[Held]:
    """Read zones and health checks, which are in no Region."""
    backend = backends("route53")[place.account]["aws"]
    for zone in backend.zones.values():
        tags = tag_pairs(backend.list_tags_for_resource(zone.id))
        yield Held(zone.id, "route53", "HostedZone", 1, tags, "global")
    for check in backend.health_checks.values():
        tags = tag_pairs(backend.list_tags_for_resource(check.id))
        aws = check.type_ in OF_AWS or str(check.fqdn or "").endswith(".amazonaws.com")
        whose = "AWS" if aws else "Non-AWS"
        yield Held(check.id, "route53", f"Health-Check-{whose}", 1, tags, "global")
        options = _options(check)
        if options:
            yield Held(check.id, "route53", f"Health-Check-Option-{whose}", options, tags, "global")


def _options(check: Any) -> int:
    """Count what a check does beyond asking over HTTP or TCP twice a minute."""
    kind = str(check.type_)
    return (
        kind.startswith("HTTPS")
        + kind.endswith("STR_MATCH")
        + (str(check.request_interval or "") == str(FAST))
        + (str(check.measure_latency).lower() == "true")
    )
