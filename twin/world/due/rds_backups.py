"""RDS takes a snapshot of every database once a day, in its backup window, and drops those that are too old."""

from twin.world.due import habit
from twin.world.stores.rds_backups import take_due
from twin.world.stores.rds_instances import instances, is_member


@habit("rds")
def take_backups() -> None:
    """Take what came due since RDS was asked last."""
    from twin.world.stores.moto_store import CLOCK

    now = CLOCK.now()
    for database in instances():
        if not is_member(database):
            take_due(database, now)
