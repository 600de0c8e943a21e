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
    if engine not in known and engine not in _facts()["unchecked"]:
        raise Refusal("InvalidParameterValue", f"Invalid DB engine: {engine}")
    _offered(engine, asked.parameters.get("EngineVersion"))


@refuses("rds", "ModifyDBInstance")
def changed_version(asked: Asked) -> None:
    """A database moves to a version that RDS offers; the one that it has may be named again."""
    database = asked.state().databases.get(asked.parameters.get("DBInstanceIdentifier"))
    wanted = asked.parameters.get("EngineVersion")
    if database is not None and wanted not in (None, database.engine_version):
        _offered(database.engine, wanted)


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


def _offered(engine: str, version: str | None) -> None:
    known = versions().get(engine)
    if version is not None and known is not None and version not in known:
        raise Refusal("InvalidParameterCombination", f"Cannot find version {version} for {engine}")


@cache
def versions() -> dict[str, frozenset[str]]:
    """Return per engine the versions that RDS takes: full ones, and majors, which stand for their newest minor."""
    return {
        engine: frozenset(majors) | {f"{major}.{minor}" for major, minors in majors.items() for minor in minors.split()}
        for engine, majors in _facts()["versions"].items()
    }


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((Path(__file__).parent / "rds_engine_versions.json").read_text())
    return facts
