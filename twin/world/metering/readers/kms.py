"""Customers' keys; one pending deletion is free, and the first two rotations cost as much as a key each."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

PAID_ROTATIONS = 2


@reads("kms")
def held_by_kms(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the keys of a Region."""
    backend = backends("kms")[place.account][place.region]
    for key in backend.keys.values():
        if key.key_manager == "CUSTOMER" and key.key_state != "PendingDeletion":
            amount = 1 + min(PAID_ROTATIONS, len(key.rotations))
            tags = tag_pairs(backend.tagger.get_tag_dict_for_resource(key.id))
            yield Held(key.arn, "kms", "KMS-Keys", amount, tags)
