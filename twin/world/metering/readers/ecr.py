"""Images in registries."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

GIGABYTE = 1024**3


@reads("ecr")
def held_by_ecr(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the repositories of a Region."""
    backend = backends("ecr")[place.account][place.region]
    for repository in backend.repositories.values():
        size = sum(image.image_size_in_bytes or 0 for image in repository.images)
        if size:
            tags = tuple(sorted(backend.tagger.get_tag_dict_for_resource(repository.arn).items()))
            yield Held(repository.arn, "ecr", "TimedStorage-ByteHrs", size / GIGABYTE, tags)
