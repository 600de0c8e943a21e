"""A Region is gone: its endpoints do not answer, all its zones are dead; services without a Region live on.

Of these, the ones whose control plane stands in the Region can be read and used, not changed.
"""

from typing import ClassVar

from twin.world.aws_call import Call
from twin.world.census import in_zone, zones_of
from twin.world.failures import failure
from twin.world.fault import Fault, FaultOptions
from twin.world.planes import changes_configuration, control_plane
from twin.world.scene import Scene


class Options(FaultOptions):
    """Which Region."""

    region: str
    """The Region's name (`us-east-1`)."""


class RegionLoss(Fault):
    """A dead Region; what lived in its zones are its victims."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    SERVICES: ClassVar[bool] = True
    options: Options

    def begin(self, scene: Scene) -> None:
        """Break the Region, and with it its zones."""
        self.victims = sorted(v for zone in zones_of(self.options.region) for v in in_zone(scene, zone))
        scene.break_("region", self.options.region)

    def end(self, scene: Scene) -> None:
        """Bring the Region back."""
        scene.mend("region", self.options.region)

    def check(self, call: Call, scene: Scene) -> None:
        """Refuse every call to the Region."""
        home = control_plane(call.service)
        if home is None:
            dead = _region(call) == self.options.region
        else:
            dead = home == self.options.region and changes_configuration(call.service, call.operation)
        if dead:
            self.refuse(failure("unavailable", call))


def _region(call: Call) -> str:
    """Return where a call is answered: a bucket is where it is, whichever Region the client was told."""
    from urllib.parse import urlsplit

    from twin.world.stores.moto_store import find_bucket

    if call.service == "s3":
        bucket = find_bucket(urlsplit(call.url).path.lstrip("/").partition("/")[0])
        if bucket is not None:
            return str(bucket.region_name)
    return call.region


FAULT = RegionLoss
