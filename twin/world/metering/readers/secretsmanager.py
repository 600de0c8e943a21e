"""Secrets that are not deleted, replicas included."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends


@reads("secretsmanager")
def held_by_secrets_manager(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the secrets of a Region."""
    for secret in backends("secretsmanager")[place.account][place.region].secrets.values():
        if not getattr(secret, "deleted_date", None):
            yield Held(secret.arn, "secrets", "AWSSecretsManager-Secrets", 1, tag_pairs(getattr(secret, "tags", None)))
