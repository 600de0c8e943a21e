"""The host of a database instance dies: of a Multi-AZ instance that of its primary, of a cluster that of its writer."""

from typing import ClassVar

from twin.world.census import find_database, writer_of
from twin.world.fault import Fault, FaultOptions
from twin.world.scene import Scene


class Options(FaultOptions):
    """Which database."""

    database: str
    """The ARN of a DB instance, or an identifier that only one has; an Aurora cluster's means its writer."""


class DatabaseHostLoss(Fault):
    """A dead database host."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def begin(self, scene: Scene) -> None:
        """Break the host on which the database runs now."""
        victim, _ = find_database(scene, writer_of(scene, self.options.database))
        self.victims = [victim]
        scene.break_("host", victim.name)

    def end(self, scene: Scene) -> None:
        """Mend it."""
        scene.mend("host", self.victims[0].name)


FAULT = DatabaseHostLoss
