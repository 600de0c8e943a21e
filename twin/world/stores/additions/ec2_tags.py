"""EC2: the tags of one object are looked up; moto looks through those of all objects, for each of them anew."""

from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from twin.world.stores.additions import adds


@adds(TaggedEC2Resource)
def get_tags(resource: Any) -> list[dict[str, str]]:
    """Return an object's tags as moto's `describe_tags` tells them."""
    kept = dict(resource.ec2_backend.tags.get(resource.id) or {}) if resource.id else {}
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "") if kept else ""
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind} for key, value in kept.items()
    ]
