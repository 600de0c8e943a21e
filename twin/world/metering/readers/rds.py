"""RDS: instances that run, their storage or that of their cluster, and snapshots beyond it."""

from collections.abc import Iterator
from typing import Any

from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

STOPPED = ("stopped", "creating", "inaccessible-encryption-credentials")
STORAGE = {"gp2": "GP2-Storage", "gp3": "GP3-Storage", "io1": "PIOPS-Storage", "io2": "PIOPS-Storage"}
LEAST_CLUSTER = 10.0
"""GiB that an Aurora cluster's storage begins with: our assumption. How much a twin's databases hold, nobody tells."""
WITH_IO = "aurora-iopt1"
"""The storage configuration whose prices include I/O."""
PRICED_ALIKE = ("postgres", "mysql", "mariadb")


@reads("rds")
def held_by_rds(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the databases of a Region; backups are free up to the size of all of them."""
    backend = backends("rds")[place.account][place.region]
    total = 0.0
    for database in backend.databases.values():
        tags = tag_pairs(database.tags)
        aurora = bool(database.db_cluster_identifier) and str(database.engine).startswith("aurora")
        if database.status not in STOPPED:
            yield Held(database.db_instance_arn, "rds", _usage(database, aurora=aurora), 1, tags)
        if not aurora:
            size = float(database.allocated_storage or 0)
            total += size
            kind = STORAGE.get(str(database.storage_type), "StorageUsage")
            zones = "Multi-AZ-" if database.multi_az else ""
            yield Held(database.db_instance_arn, "rds", f"RDS:{zones}{kind}", size, tags)
    yield from _clusters(backend)
    kept = sum(
        float(snapshot.database.allocated_storage or 0)
        for snapshot in backend.database_snapshots.values()
        if snapshot.snapshot_type == "manual"
    )
    if kept > total:
        yield Held(f"snapshots:{place.region}", "rds", "RDS:ChargedBackupUsage", kept - total)


def _clusters(backend: Any) -> Iterator[Held]:
    """Read the storage of Aurora clusters, which their instances share."""
    for cluster in backend.clusters.values():
        if str(cluster.engine).startswith("aurora"):
            kind = "IO-OptimizedStorageUsage" if cluster.storage_type == WITH_IO else "StorageUsage"
            yield Held(cluster.db_cluster_arn, "rds", f"Aurora:{kind}", LEAST_CLUSTER, tag_pairs(cluster.tags))


def _usage(database: Any, *, aurora: bool) -> str:
    class_ = database.db_instance_class
    if aurora:
        return (
            f"AuroraIO-OptimizedUsage:{class_}" if database.cluster.storage_type == WITH_IO else f"AuroraUsage:{class_}"
        )
    usage = f"{'Multi-AZUsage' if database.multi_az else 'InstanceUsage'}:{class_}"
    # Licences make other engines dearer; the book has no figures for them, and the bill says so.
    return usage if database.engine in PRICED_ALIKE else f"{usage}:{database.engine}"
