"""A migration drops the tables of a database; its replicas follow at once, and only backups have them still."""

from typing import ClassVar

from twin.errors import NothingToBreak
from twin.world.behaviors.rds_course import notes
from twin.world.behaviors.rds_reachability import reachable
from twin.world.census import find_database, writer_of
from twin.world.fault import Fault, FaultOptions, Victim
from twin.world.scene import Scene
from twin.world.stores.rds_instances import instances, is_member, where_is


class Options(FaultOptions):
    """Which database."""

    database: str
    """The identifier of a DB instance or of an Aurora cluster, or its ARN."""


class BadMigration(Fault):
    """Dropped tables. To heal the fault brings nothing back: that takes a restore."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def begin(self, scene: Scene) -> None:
        """Drop the tables of a database that takes the command, and of its replicas."""
        _, database = find_database(scene, writer_of(scene, self.options.database))
        good, why = reachable(scene, str(database.arn))
        if good and is_member(database) and not database.is_cluster_writer:
            good, why = False, "it is a reader of its cluster"
        if not good:
            raise NothingToBreak(f"{self.options.database} takes no command: {why}")
        known = (database.resource_id, str(database.arn))
        copies = [one for one in instances() if one.source_db_instance_identifier in known]
        # The instances of a cluster have one storage, and clients know it by the cluster's name, too.
        shared = (database.cluster, *database.cluster.members) if is_member(database) else (database,)
        for one in (*shared, *copies):
            where = where_is(one)
            self.victims.append(Victim(where.account, where.region, str(one.arn)))
            notes(scene, str(one.arn))["damaged"] = scene.now()
            # Nobody but clients can tell: RDS knows nothing of tables.
            scene.emit("fault.tables.dropped", arn=str(one.arn))


FAULT = BadMigration
