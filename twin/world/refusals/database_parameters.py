"""What RDS refuses about parameter groups: families, names, values, ways to apply, and whose engine a group is for.

Codes and messages as users met them: https://github.com/hashicorp/terraform/issues/11820,
https://github.com/hashicorp/terraform/issues/8018, https://github.com/ankane/pghero/issues/66 and
https://github.com/terraform-aws-modules/terraform-aws-rds/issues/173.
"""

import json
import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.database_engines import full_version, versions
from twin.world.stores.rds_instances import named_instance, where_of

REBOOT = "pending-reboot"
# A formula ({DBInstanceClassMemory/9531392}) is worked out by RDS.
NUMBER = re.compile(r"-?\d+")
# Engines whose versions are not listed, and families that are left to databases of old.
UNLISTED = re.compile(
    r"(?:oracle|custom-|docdb|neptune).*|(?:aurora-)?postgres(?:ql)?(?:9\.[3-6]|10)|mysql5\.[56]|aurora5\.6"
)
# The list of parameters is not whole: one that it lacks is refused only as a slip of one that it has, or as MySQL's.
# No two parameters of the list are as alike as this.
SLIP = 0.94
MYSQL = re.compile(r"(?:binlog|character_set|collation|innodb|query_cache)_.*")
SQLSERVER = re.compile(r"(\d+)\.\d+")


@refuses("rds", "CreateDBParameterGroup", "CreateDBClusterParameterGroup")
def family_of_a_new_group(asked: Asked) -> None:
    """A group is for a family of engine versions that RDS offers, and is not named as a default one."""
    name = str(asked.parameters.get("DBParameterGroupName") or asked.parameters.get("DBClusterParameterGroupName"))
    if name.startswith("default."):
        raise _invalid(f"The parameter DBParameterGroupName is not a valid identifier. {name} is reserved.")
    wanted = str(asked.parameters.get("DBParameterGroupFamily") or "")
    if wanted and wanted not in families() and not UNLISTED.fullmatch(wanted):
        raise _invalid(f"ParameterGroupFamily {wanted} is not a valid parameter group family")


@refuses("rds", "ModifyDBParameterGroup", "ModifyDBClusterParameterGroup", "ResetDBParameterGroup")
def changed_group(asked: Asked) -> None:
    """A default group stays as it is; another takes parameters of its family, in their range and their way."""
    given, state = asked.parameters, asked.state()
    name = str(given.get("DBParameterGroupName") or given.get("DBClusterParameterGroupName") or "")
    if name.startswith("default."):
        raise _invalid("Cannot modify a default parameter group.")
    groups = state.db_cluster_parameter_groups if "Cluster" in asked.call.operation else state.db_parameter_groups
    group, changed = groups.get(name), given.get("Parameters") or ()
    if len(changed) > parameters()["most_changed"]["value"]:
        raise _invalid(f"A maximum of {parameters()['most_changed']['value']} parameters can be modified at once.")
    if group is not None and re.fullmatch(r"postgres\d+", str(group.family)):
        for one in changed:
            _parameter(one)


@refuses("rds", "CreateDBInstance", "RestoreDBInstanceFromDBSnapshot", "CreateDBInstanceReadReplica")
def group_of_a_new_database(asked: Asked) -> None:
    """A database has a parameter group of its engine's family."""
    engine = asked.parameters.get("Engine")
    if engine:
        _fits(asked, str(engine), full_version(str(engine), asked.parameters.get("EngineVersion")))


@refuses("rds", "ModifyDBInstance")
def group_of_a_database(asked: Asked) -> None:
    """A database that changes keeps to groups of its family, that of its new version where it gets one."""
    database = named_instance(asked.parameters["DBInstanceIdentifier"], where_of(asked.call))
    if database is not None:
        _fits(asked, database.engine, asked.parameters.get("EngineVersion") or database.engine_version)


def family(engine: str, version: str) -> str:
    """Return the family of parameter groups to which a version of an engine belongs."""
    parts = version.split(".")
    if "postgres" in engine:
        return f"{engine}{parts[0]}"
    if engine in ("mysql", "mariadb", "aurora-mysql"):
        return f"{engine}{'.'.join(parts[:2])}"
    if (found := SQLSERVER.match(version)) is not None and engine.startswith("sqlserver"):
        return f"{engine}-{found[1]}.0"
    return f"{engine}-{'.'.join(parts[:2])}"


@cache
def families() -> frozenset[str]:
    """Return the families of the versions that RDS offers."""
    return frozenset(family(engine, version) for engine, known in versions().items() for version in known)


@cache
def parameters() -> dict[str, Any]:
    """Return what is known of PostgreSQL's parameters, from the data file beside this one."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "rds_parameters.json").read_text())
    return found


@cache
def _names(kind: str) -> frozenset[str]:
    return frozenset(" ".join(line for part in ("documented", "further") for line in parameters()[part][kind]).split())


def _parameter(changed: dict[str, Any]) -> None:
    name, method, value = (changed.get(key) for key in ("ParameterName", "ApplyMethod", "ParameterValue"))
    name = str(name or "").lower()
    _is_none(name)
    if name in _names("static") and method != REBOOT:
        raise Refusal("InvalidParameterCombination", "cannot use immediate apply method for static parameter")
    least, most = (parameters()["measured_ranges"]["values"] | parameters()["ranges"]["values"]).get(name, (None, None))
    if least is not None and value is not None and NUMBER.fullmatch(str(value)) and not least <= int(value) <= most:
        raise _invalid(f"Invalid parameter value: {value} for: {name} allowed values are: {least}-{most}")
    if name in " ".join(parameters()["booleans"]["values"]).split() and value not in (None, "0", "1"):
        raise _invalid(f"Invalid parameter value: {value} for: {name} allowed values are: 0,1")


def _is_none(name: str) -> None:
    known = _names("static") | _names("dynamic")
    if name in known or ("." in name and not name.startswith("rds.")):
        return
    if MYSQL.fullmatch(name):
        raise _invalid(f"Could not find parameter with name: {name}")
    if meant := get_close_matches(name, sorted(known), n=1, cutoff=SLIP):
        raise _invalid(f"Could not find parameter with name: {name} (the twin takes it for a slip of {meant[0]})")


def _fits(asked: Asked, engine: str, version: str | None) -> None:
    name = asked.parameters.get("DBParameterGroupName")
    group = asked.state().db_parameter_groups.get(name or "")
    if version is None or engine not in versions():
        return
    wanted = family(engine, version)
    held = str(name)[len("default.") :] if str(name).startswith("default.") else getattr(group, "family", None)
    if name and held is not None and held != wanted:
        raise Refusal(
            "InvalidParameterCombination",
            f"The parameter group {name} with DBParameterGroupFamily {held} can't be used for this instance. Please "
            f"use a parameter group with DBParameterGroupFamily {wanted}",
        )


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", message)
