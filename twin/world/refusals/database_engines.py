"""What RDS refuses about engines, their versions, and security groups."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import ENABLED, Where, find_key, is_managed

MAKES = ("CreateDBInstance", "CreateDBCluster")
CHANGES = ("ModifyDBInstance", "ModifyDBCluster")
RESTORES = ("RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime", "CreateDBInstanceReadReplica")


@refuses("rds", *MAKES)
def engine_version(asked: Asked) -> None:
    """A new database has an engine that RDS has and a version that it offers."""
    engine = asked.parameters.get("Engine", "")
    known = versions()
    if engine not in known and engine not in _facts("rds_engine_versions.json")["unchecked"]:
        raise Refusal("InvalidParameterValue", f"Invalid DB engine: {engine}")
    _offered(engine, asked.parameters.get("EngineVersion"))


@refuses("rds", "ModifyDBInstance")
def changed_version(asked: Asked) -> None:
    """A database moves to a version that RDS offers; the one that it has may be named again."""
    database = asked.state().databases.get(asked.parameters.get("DBInstanceIdentifier"))
    wanted = asked.parameters.get("EngineVersion")
    if database is None or wanted in (None, database.engine_version):
        return
    engine, held = database.engine, database.engine_version
    _offered(engine, wanted)
    full = str(full_version(engine, wanted))
    if engine not in versions():
        return
    if _order(full) < _order(held):
        raise Refusal("InvalidParameterCombination", f"Cannot upgrade {engine} from {held} to {full}")
    if _major(engine, full) != _major(engine, held) and not asked.parameters.get("AllowMajorVersionUpgrade"):
        raise Refusal("InvalidParameterCombination", "The AllowMajorVersionUpgrade flag must be present when upgrading "
                      "to a new major version.")  # fmt: skip


@refuses("rds", *MAKES, *CHANGES, *RESTORES)
def security_groups(asked: Asked) -> None:
    """The security groups of a database are there."""
    wanted = asked.parameters.get("VpcSecurityGroupIds") or ()
    if not wanted:
        return
    known = {id_ for vpc in asked.state("ec2").groups.values() for id_ in vpc}
    for group in wanted:
        if group not in known:
            raise Refusal("InvalidParameterValue", f"Invalid security group , groupId= {group}, groupName=")


@refuses("rds", *MAKES, *RESTORES)
def key_usable(asked: Asked) -> None:
    """A database is encrypted under a key that is there and enabled."""
    name = asked.parameters.get("KmsKeyId")
    if name and not is_managed(name):
        key = find_key(name, Where(asked.call.account, asked.call.region))
        if key is None or key.key_state != ENABLED:
            raise Refusal("KMSKeyNotAccessibleFault", f"The specified KMS key [{name}] does not exist, is not enabled "
                          "or you do not have permissions to access it.")  # fmt: skip


@refuses("rds", "ModifyDBCluster")
def changed_cluster_version(asked: Asked) -> None:
    """A cluster moves to a version that RDS offers."""
    cluster = asked.state().clusters.get(asked.parameters.get("DBClusterIdentifier"))
    wanted = asked.parameters.get("EngineVersion")
    if cluster is not None and wanted not in (None, cluster.engine_version):
        _offered(cluster.engine, wanted)


def _offered(engine: str, version: str | None) -> None:
    known = versions().get(engine)
    if version is None or known is None or version in known or version in _majors(engine):
        return
    raise Refusal("InvalidParameterCombination", f"Cannot find version {version} for {engine}")


def full_version(engine: str, version: str | None) -> str | None:
    """Return the version that RDS takes for a major one, or for none: the newest that it offers.

    AWS's own default is often an older one, which it does not document.
    """
    known = versions().get(engine)
    if known is None or version in known:
        return version
    chosen = [full for full in known if version is None or full.startswith(f"{version}.")]
    return max(chosen, key=_order) if chosen else version


@cache
def versions() -> dict[str, frozenset[str]]:
    """Return per engine the versions that RDS offers, in full."""
    found: dict[str, set[str]] = {}
    for engine, majors in _facts("rds_engine_versions.json")["versions"].items():
        found[engine] = {f"{major}.{minor}" for major, minors in majors.items() for minor in minors.split()}
    for listed in _facts("rds_offered_versions.json")["versions"]:
        for engine in listed["engines"]:
            found.setdefault(engine, set()).update(" ".join(listed["offered"]).split())
    return {engine: frozenset(known) for engine, known in found.items()}


@cache
def _majors(engine: str) -> frozenset[str]:
    """Return the leading parts of an engine's versions, which stand for their newest minor."""
    return frozenset(
        ".".join(parts[:count])
        for parts in (version.split(".") for version in versions()[engine])
        for count in range(1, len(parts))
    )


def _major(engine: str, version: str) -> str:
    # PostgreSQL counts majors with one part (17), the others with two (8.4, 15.00).
    return ".".join(version.split(".")[: 1 if "postgres" in engine else 2])


def _order(version: str) -> list[tuple[int, str]]:
    # A version for a special use (16.9-limitless) comes before the plain one.
    parts = version.partition("-")[0].split(".")
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts] + [
        (0, "") if "-" in version else (1, "")
    ]


@cache
def _facts(name: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((Path(__file__).parent / name).read_text())
    return facts
