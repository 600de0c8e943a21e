"""What a DB instance can be restored to: its automated backups, also when it is deleted, and its snapshots."""

from datetime import UTC, datetime, timedelta
from typing import Any

from twin.world.stores.kms_keys import Where
from twin.world.stores.rds_instances import backend
from twin.world.stores.rds_passwords import master_password

# What a restored DB instance has from its source when the request does not say otherwise. Zone, subnet group, security
# groups, parameter group and standby are not among them:
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html
INHERITED = (
    "allocated_storage", "auto_minor_version_upgrade", "backup_retention_period", "ca_certificate_identifier",
    "character_set_name", "copy_tags_to_snapshot", "db_instance_class", "db_name", "enable_iam_database_authentication",
    "engine", "engine_version", "iops", "kms_key_id", "license_model", "master_username", "port",
    "preferred_backup_window", "preferred_maintenance_window", "publicly_accessible", "storage_encrypted",
    "storage_throughput", "storage_type",
)  # fmt: skip

BACKED_UP = ("available", "backing-up", "modifying", "storage-optimization")


def inherited(source: Any, until: datetime) -> dict[str, Any]:
    """Return what the restore of a DB instance to a time takes over from it."""
    held = {name: getattr(source, name, None) for name in INHERITED}
    held["master_user_password"] = master_password(source, until)
    if source.option_group_supplied:
        held["option_group_name"] = source.option_group_name
    return {name: value for name, value in held.items() if value is not None}


def window(source: Any, now: datetime) -> tuple[datetime, datetime] | None:
    """Return the earliest and the latest time to which a DB instance can be restored; None without backups."""
    latest, since = source.latest_restorable_time, source.backups_since
    if latest is None or since is None:
        return None
    kept = timedelta(days=int(source.backup_retention_period))
    return max(_utc(since), _utc(now) - kept), _utc(latest)


def retained(where: Where, now: datetime) -> list[Any]:
    """Return the deleted DB instances of a Region whose automated backups are still kept."""
    held = backend(where)
    kept = [
        source
        for source in getattr(held, "retained_backups", [])
        if _utc(source.logs_until) + timedelta(days=int(source.backup_retention_period)) > _utc(now)
    ]
    for gone in {source.dbi_resource_id for source in getattr(held, "retained_backups", [])} - {
        source.dbi_resource_id for source in kept
    }:
        for name, snapshot in list(held.database_snapshots.items()):
            if snapshot.snapshot_type == "automated" and snapshot.dbi_resource_id == gone:
                del held.database_snapshots[name]
    held.retained_backups = kept
    return list(kept)


def take_due(database: Any, now: datetime) -> None:
    """Take the automated snapshots whose windows came by since the last, and drop those that are too old.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html: one a day, in the
    backup window, of a DB instance that is available.
    """
    days, since = int(database.backup_retention_period or 0), database.backed_up_until or database.backups_since
    if not days or since is None:
        return
    now, start = _utc(now), _window_after(_utc(since), database.preferred_backup_window)
    database.backed_up_until = now
    if start > now or database.status not in BACKED_UP:
        return
    oldest = now - timedelta(days=days)
    while start <= now:
        if start > oldest:
            _take(database, start)
        start += timedelta(days=1)
    kept = database.backend.database_snapshots
    for name, snapshot in list(kept.items()):
        ours = snapshot.snapshot_type == "automated" and snapshot.dbi_resource_id == database.dbi_resource_id
        if ours and _utc(snapshot.created) < oldest:
            del kept[name]


def _take(database: Any, time: datetime) -> None:
    name = f"rds:{database.db_instance_identifier}-{time:%Y-%m-%d-%H-%M}"
    if name not in database.backend.database_snapshots:
        made = database.backend.create_db_snapshot(database.db_instance_identifier, name, snapshot_type="automated")
        made.created = made.original_snapshot_create_time = time


def _window_after(time: datetime, window: str) -> datetime:
    hour, minute = window.partition("-")[0].split(":")
    start = time.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return start if start > time else start + timedelta(days=1)


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time
