"""A change of a DB instance is made at once, or waits for the maintenance window, and takes its time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore import xform_name

from twin.world.aws_call import Asked
from twin.world.behaviors import answers, happens, watches
from twin.world.behaviors.rds_course import Step, happened, notes, start
from twin.world.behaviors.rds_creation import take_automated_snapshot
from twin.world.behaviors.rds_events import tell
from twin.world.behaviors.rds_placement import place_standby
from twin.world.behaviors.rds_power import dropped
from twin.world.behaviors.rds_switches import MODIFIED
from twin.world.refusals.database_engines import full_version
from twin.world.scene import Happening, Scene
from twin.world.stores.rds_instances import (
    as_refused,
    find_instance,
    is_member,
    named_instance,
    subnet_group_of,
    where_of,
)
from twin.world.stores.rds_replies import told

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html#USER_ModifyInstance.Settings
DEFERRED = frozenset({
    "AllocatedStorage", "CACertificateIdentifier", "DBInstanceClass", "DBSubnetGroupName",
    "EnableIAMDatabaseAuthentication", "EngineVersion", "Iops", "LicenseModel", "MultiAZ", "NewDBInstanceIdentifier",
    "OptionGroupName", "StorageThroughput", "StorageType",
})  # fmt: skip
STORAGE = frozenset({"AllocatedStorage", "Iops", "StorageThroughput", "StorageType"})
SHOWN = {"EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
         "NewDBInstanceIdentifier": "DBInstanceIdentifier"}  # fmt: skip
HIDDEN = frozenset({"OptionGroupName"})
ABOUT = frozenset({"AllowMajorVersionUpgrade", "ApplyImmediately", "DBInstanceIdentifier"})
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@answers("rds", "ModifyDBInstance")
def modify(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """Make the changes that take effect at once, and begin the others now or in the maintenance window."""
    database = named_instance(asked.parameters["DBInstanceIdentifier"], where_of(asked.call))
    if database is None:
        return None
    wanted = _full(database, {name: value for name, value in asked.parameters.items() if name not in ABOUT})
    at_once = bool(asked.parameters.get("ApplyImmediately"))
    later = {name: value for name, value in wanted.items() if _waits(database, name, value)}
    now = {name: value for name, value in wanted.items() if name not in later and name not in DEFERRED}
    _store(database, now, at_once=at_once)
    _tell_now(scene, database, now)
    held = notes(scene, str(database.arn))
    pending = held["pending"] = held.get("pending", {}) | later
    _show(database, pending)
    if pending and at_once:
        database = begin(scene, database)
    elif later:
        wait_for_window(scene, database)
    return told("DBInstance", database)


def _waits(database: Any, name: str, value: Any) -> bool:
    if name == "BackupRetentionPeriod":
        return bool(value) != bool(database.backup_retention_period)
    if name == "NewDBInstanceIdentifier":
        return bool(value != database.db_instance_identifier)
    if name not in DEFERRED:
        return False
    has = subnet_group_of(database) if name == "DBSubnetGroupName" else getattr(database, xform_name(name), None)
    return bool(value != has)


def _full(database: Any, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes with the version that a major one stands for."""
    given = dict(wanted)
    if version := given.get("EngineVersion"):
        given["EngineVersion"] = full_version(database.engine, version)
    return given


def _store(database: Any, wanted: Mapping[str, Any], *, at_once: bool = True) -> None:
    given = {xform_name(name): value for name, value in wanted.items()}
    if "db_port_number" in given:
        given["port"] = given.pop("db_port_number")
    if "preferred_maintenance_window" in given:
        given["preferred_maintenance_window"] = given["preferred_maintenance_window"].lower()
    with as_refused():
        database.backend.modify_db_instance(database.db_instance_identifier, {**given, "apply_immediately": at_once})


def _tell_now(scene: Scene, database: Any, wanted: Mapping[str, Any]) -> None:
    if wanted.get("MasterUserPassword"):
        tell(scene, database, "RDS-EVENT-0016")
    if name := wanted.get("DBParameterGroupName"):
        tell(scene, database, "RDS-EVENT-0011", name=name)
    if wanted.get("DBPortNumber"):
        dropped(scene, database, "its port changes")


def _show(database: Any, pending: Mapping[str, Any]) -> None:
    database.pending_modified_values = {
        SHOWN.get(name, name): value for name, value in pending.items() if name not in HIDDEN
    }


def begin(scene: Scene, database: Any) -> Any:
    """Begin to make the pending changes, and return the DB instance under the name that it has then."""
    held = notes(scene, str(database.arn))
    if (task := held.pop("window", None)) is not None:
        scene.agenda.cancel(task)
    database = _renamed(scene, database)
    pending = notes(scene, str(database.arn))["pending"]
    if not pending:
        return database
    notes(scene, str(database.arn))["applying"] = True
    start(scene, database, _course(pending))
    return database


def _course(pending: Mapping[str, Any]) -> list[Step]:
    before, after, lasts = [], [], "rds.modifying"
    if "DBInstanceClass" in pending:
        before, after, lasts = ["RDS-EVENT-0012"], ["RDS-EVENT-0014"], "rds.modifying_class"
    if STORAGE & pending.keys():
        before, after = [*before, "RDS-EVENT-0018"], [*after, "RDS-EVENT-0017"]
    if "MultiAZ" in pending:
        begun, done = (
            ("RDS-EVENT-0024", "RDS-EVENT-0025") if pending["MultiAZ"] else ("RDS-EVENT-0030", "RDS-EVENT-0029")
        )
        before, after, lasts = [*before, begun], [*after, done], "rds.converting"
    upgrade = "EngineVersion" in pending
    steps: list[Step] = [
        {"status": "upgrading" if upgrade else "modifying", "events": before,
         "lasts": "rds.upgrading" if upgrade else lasts},
        {"task": "rds.changed"},
    ]  # fmt: skip
    if "DBInstanceClass" in pending:
        steps += [{"task": "rds.switching", "lasts": "rds.class_switch"}, {"task": "rds.switched"}]
    steps.append({"events": after})
    if STORAGE & pending.keys():
        steps.append({"status": "storage-optimization", "lasts": "rds.storage_optimization"})
    return [*steps, {"status": "available", "task": "rds.modified"}]


def _renamed(scene: Scene, database: Any) -> Any:
    old = str(database.arn)
    name = notes(scene, old)["pending"].pop("NewDBInstanceIdentifier", None)
    if name is None:
        return database
    before = database.db_instance_identifier
    _store(database, {"NewDBInstanceIdentifier": name})
    scene.memory["rds"][str(database.arn)] = scene.memory["rds"].pop(old)
    for replica in database.backend.databases.values():
        if replica.source_db_instance_identifier == before:
            replica.source_db_instance_identifier = database.db_instance_identifier
        replica.replicas = [database.db_instance_identifier if name == before else name for name in replica.replicas]
    _show(database, notes(scene, str(database.arn))["pending"])
    dropped(scene, database, "it is renamed")
    return database


@happens("rds.changed")
def changed(scene: Scene, *, arn: str) -> None:
    """Put the pending changes into effect."""
    database = find_instance(arn)
    held = notes(scene, arn)
    pending, held["pending"] = held["pending"], {}
    _store(database, pending)
    _show(database, {})
    if "MultiAZ" in pending and not is_member(database):
        database.secondary_availability_zone = None
        held.pop("standby_missing", None)
        if pending["MultiAZ"]:
            place_standby(scene, database)
    if "BackupRetentionPeriod" in pending:
        _backups_switched(scene, database)


def _backups_switched(scene: Scene, database: Any) -> None:
    if database.backup_retention_period:
        tell(scene, database, "RDS-EVENT-0032")
        take_automated_snapshot(scene, database)
        database.backups_since = database.backed_up_until = scene.now()
        return
    tell(scene, database, "RDS-EVENT-0028")
    database.backups_since = None
    kept = database.backend.database_snapshots
    for name, snapshot in list(kept.items()):
        if snapshot.snapshot_type == "automated" and snapshot.dbi_resource_id == database.dbi_resource_id:
            del kept[name]


@happens("rds.modified")
def modified(scene: Scene, *, arn: str) -> None:
    """Tell that a DB instance is as it was asked to be."""
    notes(scene, arn).pop("applying", None)
    happened(scene, find_instance(arn), "rds.instance.modified")


@watches("rds.failover.completed")
def resume(scene: Scene, happening: Happening) -> None:
    """Begin again with changes that a failover interrupted."""
    arn = happening.facts["arn"]
    if happening.facts["reason"] != MODIFIED and notes(scene, arn).get("applying"):
        if notes(scene, arn).get("pending"):
            begin(scene, find_instance(arn))
        else:
            modified(scene, arn=arn)


def wait_for_window(scene: Scene, database: Any) -> None:
    """Put the pending changes on the agenda for the next maintenance window."""
    held = notes(scene, str(database.arn))
    if "window" not in held:
        time = next_window(scene.now(), database.preferred_maintenance_window)
        held["window"] = scene.agenda.at(time, "rds.maintenance", arn=str(database.arn))


@happens("rds.maintenance")
def maintenance(scene: Scene, *, arn: str) -> None:
    """Begin the pending changes, or wait another week for a DB instance that is busy."""
    database, held = find_instance(arn), notes(scene, arn)
    held.pop("window", None)
    if database is None or not held.get("pending"):
        return
    if database.status == "available":
        begin(scene, database)
    else:
        wait_for_window(scene, database)


def next_window(now: datetime, window: str) -> datetime:
    """Return the start of the next window (`wed:06:38-wed:07:08`, UTC) after an instant."""
    day, hour, minute = window.partition("-")[0].split(":")
    start = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    start += timedelta(days=(DAYS.index(day.lower()) - start.weekday()) % 7)
    return start if start > now else start + timedelta(days=7)
