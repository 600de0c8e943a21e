"""The constraints of RDS on a database: identifier, class, engine and version, storage, retention."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from twin.resources.aws.facts import facts
from twin.resources.aws.limits import one_of, within
from twin.resources.reference import unknown
from twin.resources.resource import Problem

if TYPE_CHECKING:
    from twin.resources.aws.rds import Instance
    from twin.resources.aws.rds_cluster import Cluster

NAME_LENGTH = 63


def check_instance(instance: "Instance") -> Iterator[Problem]:
    """Yield what RDS would refuse of a DB instance."""
    yield from check_name(instance.name)
    yield from check_class(instance.instance_class)
    yield from _version(instance, "engine_versions")
    yield from one_of("rds", "storage_types", instance.storage_type, "storage_type")
    yield from _storage(instance)
    yield from within("rds", "backup_retention", instance.backup_retention, "backup_retention")
    if instance.multi_az and instance.availability_zone:
        yield Problem("TW0494", "a Multi-AZ instance chooses its zones itself", "availability_zone", "leave it out")
    if instance.kms_key and not instance.storage_encrypted:
        yield Problem("TW0494", "a key is given, and encryption is turned off", "storage_encrypted")


def check_cluster(cluster: "Cluster") -> Iterator[Problem]:
    """Yield what RDS would refuse of an Aurora cluster."""
    yield from check_name(cluster.name)
    yield from _version(cluster, "cluster_versions")
    if cluster.username is None and cluster.global_cluster is None:
        yield Problem("TW0494", "the cluster has no master user", "username", "name one")
    if cluster.username is not None and cluster.global_cluster is not None:
        yield Problem(
            "TW0494", "a cluster that joins a global database has its master user", "username", "leave it out"
        )
    yield from one_of("rds", "cluster_storage_types", cluster.storage_type, "storage_type")
    yield from within("rds", "cluster_backup_retention", cluster.backup_retention, "backup_retention")
    if cluster.kms_key and not cluster.storage_encrypted:
        yield Problem("TW0494", "a key is given, and encryption is turned off", "storage_encrypted")


def check_name(name: str) -> Iterator[Problem]:
    """A DB identifier: 1–63 letters, digits, hyphens, no hyphen last or twice (CreateDBInstance, API reference)."""
    if unknown(name):
        return
    plain = name.replace("-", "")
    fits = name[:1].isalpha() and plain.isascii() and plain.isalnum() and len(name) <= NAME_LENGTH
    if not fits or "--" in name or name.endswith("-") or name != name.lower():
        yield Problem(
            "TW0470",
            f"{name!r} is not a DB identifier: up to {NAME_LENGTH} letters, digits and hyphens, a letter first",
            "name",
            "no two hyphens in a row, none at the end; RDS keeps it in lower case",
        )


def check_class(name: str) -> Iterator[Problem]:
    """Yield a problem when RDS has no such DB instance class."""
    families = facts("rds")["instance_classes"]
    prefix, _, size = name.rpartition(".")
    if unknown(name) or size in families.get(prefix, ()):
        return
    help_ = f"{prefix} has the sizes {', '.join(families[prefix])}" if prefix in families else None
    yield Problem("TW0471", f"{name!r} is not a DB instance class", "instance_class", help_ or _nearby(prefix))


def _nearby(prefix: str) -> str:
    families = facts("rds")["instance_classes"]
    if (named := f"db.{prefix}") in families:
        return f"a class begins with db. and {named} has the sizes {', '.join(families[named])}"
    return "such as " + ", ".join(f"{f}.{families[f][-1]}" for f in families if f[:5] == prefix[:5] or f == "db.t4g")


def _version(instance: "Instance | Cluster", fact: str) -> Iterator[Problem]:
    engines = facts("rds")[fact]
    if unknown(instance.engine):
        return
    if instance.engine in facts("rds")["cluster_versions"] and fact == "engine_versions":
        yield Problem(
            "TW0472",
            f"{instance.engine} runs in clusters",
            "engine",
            "declare `aws.rds.cluster`, and an `aws.rds.cluster_instance` for its writer and each reader",
        )
        return
    if instance.engine not in engines:
        if fact == "cluster_versions":
            message = f"{instance.engine!r} is no engine of Aurora"
            yield Problem("TW0472", message, "engine", f"it has {' and '.join(engines)}")
        elif instance.engine not in facts("rds")["other_engines"]:
            yield Problem("TW0472", f"RDS has no engine {instance.engine!r}", "engine", f"such as {', '.join(engines)}")
        return
    version, majors = instance.engine_version, engines[instance.engine]
    if version is None or unknown(version):
        return
    known = [*majors, *(minor for minors in majors.values() for minor in minors)]
    if version not in known:
        major = next((m for m in majors if version == m or version.startswith(f"{m}.")), None)
        offered = ", ".join(majors[major]) if major else f"the majors {', '.join(majors)}"
        yield Problem("TW0472", f"RDS offers no {instance.engine} {version}", "engine_version", f"it offers {offered}")


def _storage(instance: "Instance") -> Iterator[Problem]:
    bounds = facts("rds")["storage_gib"].get(instance.storage_type)
    if bounds and not bounds[0] <= instance.allocated_storage <= bounds[1]:
        yield Problem(
            "TW0474",
            f"{instance.storage_type} storage is {bounds[0]} to {bounds[1]} GiB, this is {instance.allocated_storage}",
            "allocated_storage",
        )
    top = instance.max_allocated_storage
    if top is not None and top <= instance.allocated_storage:
        yield Problem(
            "TW0474", f"storage cannot grow from {instance.allocated_storage} to {top} GiB", "max_allocated_storage"
        )
