"""A zone runs out of instances: what runs goes on, nothing new starts, of all types or of some."""

from typing import ClassVar

from twin.world.aws_call import Call
from twin.world.capacity import launch, no_room
from twin.world.census import known_zone
from twin.world.fault import Fault, FaultOptions
from twin.world.scene import Scene


class Options(FaultOptions):
    """Which zone, which types."""

    zone: str
    """The zone's name (`us-east-1a`)."""
    types: tuple[str, ...] = ()
    """Instance types or database classes of which there are none; without any, all."""


class CapacityShortage(Fault):
    """A full zone. In the conditions it is `us-east-1a`, or `us-east-1a/m5.large` for one type of it."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    SERVICES: ClassVar[bool] = True
    options: Options

    def begin(self, scene: Scene) -> None:
        """Take the room."""
        known_zone(self.options.zone)
        for name in self._names():
            scene.break_("capacity", name)

    def end(self, scene: Scene) -> None:
        """Give it back."""
        for name in self._names():
            scene.mend("capacity", name)

    def check(self, call: Call, scene: Scene) -> None:
        """Refuse to start what there is none of."""
        wanted = launch(call, scene)
        if wanted is None or wanted[0] != self.options.zone:
            return
        if not self.options.types or wanted[1] in self.options.types:
            self.refuse(no_room(call, *wanted, [*scene.conditions.all("capacity"), self.options.zone]))

    def _names(self) -> list[str]:
        zone = self.options.zone
        return [f"{zone}/{kind}" for kind in self.options.types] or [zone]


FAULT = CapacityShortage
