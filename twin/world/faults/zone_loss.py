"""An Availability Zone loses its power: everything in it is dead, and nothing new starts there."""

from typing import ClassVar

from twin.world.aws_call import Call
from twin.world.capacity import launch, no_room
from twin.world.census import in_zone, known_zone
from twin.world.fault import Fault, FaultOptions
from twin.world.scene import Scene


class Options(FaultOptions):
    """Which zone."""

    zone: str
    """The zone's name (`us-east-1a`)."""


class ZoneLoss(Fault):
    """A zone without power; what lived in it when it fell are its victims."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    SERVICES: ClassVar[bool] = True
    options: Options

    def begin(self, scene: Scene) -> None:
        """Break the zone, and with it the room for anything new in it."""
        zone = known_zone(self.options.zone)
        self.victims = sorted(in_zone(scene, zone))
        scene.break_("capacity", zone)
        scene.break_("zone", zone)

    def end(self, scene: Scene) -> None:
        """Bring the power back."""
        scene.mend("capacity", self.options.zone)
        scene.mend("zone", self.options.zone)

    def check(self, call: Call, scene: Scene) -> None:
        """Refuse to start anything in the zone."""
        wanted = launch(call, scene)
        if wanted is not None and wanted[0] == self.options.zone:
            self.refuse(no_room(call, *wanted, scene.conditions.all("capacity")))


FAULT = ZoneLoss
