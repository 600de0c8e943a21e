"""The host of an EC2 instance dies."""

from typing import ClassVar

from twin.world.census import find_instance
from twin.world.fault import Fault, FaultOptions
from twin.world.scene import Scene


class Options(FaultOptions):
    """Which instance."""

    instance: str
    """The instance's id."""


class InstanceLoss(Fault):
    """A dead host with one instance on it."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def begin(self, scene: Scene) -> None:
        """Break the host."""
        self.victims = [find_instance(scene, self.options.instance)]
        scene.break_("host", self.options.instance)

    def end(self, scene: Scene) -> None:
        """Mend the host."""
        scene.mend("host", self.options.instance)


FAULT = InstanceLoss
