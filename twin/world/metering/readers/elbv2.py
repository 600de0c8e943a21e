"""Load balancers and their public addresses."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

KINDS = {"application": "Application", "network": "Network", "gateway": "Gateway"}


@reads("elbv2")
def held_by_load_balancing(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the load balancers of a Region; one that faces the internet has a public address in each of its zones."""
    for balancer in backends("elbv2")[place.account][place.region].load_balancers.values():
        tags = tag_pairs(balancer.tags)
        yield Held(balancer.arn, "elb", f"LoadBalancerUsage:{KINDS[balancer.type]}", 1, tags)
        if balancer.scheme == "internet-facing" and balancer.subnets:
            yield Held(balancer.arn, "vpc", "PublicIPv4:InUseAddress", len(balancer.subnets), tags)
