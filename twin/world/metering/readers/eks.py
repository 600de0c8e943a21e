"""EKS control planes; their nodes are instances of EC2."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

UNBILLED = ("CREATING", "FAILED")


@reads("eks")
def held_by_eks(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the clusters of a Region."""
    for cluster in backends("eks")[place.account][place.region].clusters.values():
        if cluster.status not in UNBILLED:
            yield Held(cluster.arn, "eks", "AmazonEKS-Hours:perCluster", 1, tag_pairs(cluster.tags))
