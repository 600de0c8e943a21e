"""An encrypted DB instance needs its key: without it, it stops answering, and after seven days it is lost."""

from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens
from twin.world.behaviors.rds_course import happened, start
from twin.world.behaviors.rds_power import dropped
from twin.world.scene import Scene
from twin.world.stores.kms_keys import ENABLED, Where, find_key, is_managed
from twin.world.stores.rds_instances import find_instance, instances, is_member

PROVIDES = {"rds-kms": "a DB instance whose key is disabled or about to be deleted becomes inaccessible"}
RECOVERABLE, LOST = "inaccessible-encryption-credentials-recoverable", "inaccessible-encryption-credentials"


@follows("kms", "DisableKey", "ScheduleKeyDeletion", "DeleteImportedKeyMaterial")
def key_lost(done: Done, scene: Scene) -> None:
    """Have RDS notice, in its time, that a key does not work."""
    where = Where(done.call.account, done.call.region)
    key = find_key(done.parameters["KeyId"], where)
    for database in instances():
        if key is not None and not is_member(database) and key_of(database) is key:
            scene.after(scene.delay("rds.key_noticed"), "rds.key_missed", arn=str(database.arn))


@happens("rds.key_missed")
def missed(scene: Scene, *, arn: str) -> None:
    """Shut a DB instance off if its key still does not work."""
    database = find_instance(arn)
    if database is None or key_works(database) or database.status in (RECOVERABLE, LOST, "deleting"):
        return
    dropped(scene, database, "its key cannot be used")
    database.logs_until = database.logs_until or scene.now()
    start(scene, database, [{"status": RECOVERABLE, "lasts": "rds.key_recoverable"}, {"task": "rds.key_gone"}])
    happened(scene, database, "rds.instance.inaccessible", key=database.kms_key_id)


@happens("rds.key_gone")
def gone(scene: Scene, *, arn: str) -> None:
    """Give a DB instance up: it can only be restored from a backup."""
    database = find_instance(arn)
    database.status = LOST
    happened(scene, database, "rds.instance.lost", key=database.kms_key_id)


def key_works(database: Any) -> bool:
    """Tell whether the key of a DB instance or snapshot, if it has one, can be used."""
    name = database.kms_key_id
    if not name or is_managed(name) or name == "default_kms_key_id":
        return True
    key = key_of(database)
    return key is not None and key.key_state == ENABLED


def key_of(database: Any) -> Any:
    """Return the key of a DB instance, cluster or snapshot; None without one."""
    name = database.kms_key_id
    return find_key(name, Where(database.account_id, database.region)) if name else None
