"""CloudTrail: a trail is deleted by its ARN as well as by its name, and one that is not there is missed."""

from typing import Any

from moto.cloudtrail.exceptions import TrailNotFoundException
from moto.cloudtrail.models import CloudTrailBackend

from twin.world.stores.additions import adds


@adds(CloudTrailBackend)
def delete_trail(self: Any, name: str) -> None:
    """Delete a trail; TrailNotFoundException when there is none of the name."""
    found = next((one for one in self.trails.values() if name in (one.trail_name, one.arn)), None)
    if found is None:
        raise TrailNotFoundException(self.account_id, name)
    del self.trails[found.trail_name]
