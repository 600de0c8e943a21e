"""RDS: a cluster's status is what the behaviors set, where moto's changes when looked at; its version is offered."""

from collections.abc import Mapping
from typing import Any

from moto.rds.models import DBCluster

STANDARD = "aurora"
"""Aurora's own storage configuration: RDS does not tell it (API reference, DBCluster, StorageType)."""


def _status(cluster: Any) -> str:
    return str(cluster._status)


def _set_status(cluster: Any, status: str) -> None:
    cluster._status = status


made_by_moto = DBCluster.__init__
SCALING: Any = vars(DBCluster)["scaling_configuration_info"]


def _made(cluster: Any, *given: Any, **named: Any) -> None:
    # A restored cluster is made of another's attributes, as they are kept.
    for kept in ("_engine_version", "_storage_type"):
        named.setdefault(kept[1:], named.pop(kept, None))
    aurora = named["engine"].startswith("aurora")
    # moto knows no storage configuration of Aurora, and asks its own table of sizes for what is named.
    kind = named.pop("storage_type", None) if aurora else None
    made_by_moto(cluster, *given, **named)
    if aurora:
        cluster.storage_type = kind or STANDARD
    if not cluster.storage_encrypted:
        cluster.kms_key_id = None


def _version(cluster: Any) -> str:
    return str(cluster._engine_version)


def _set_version(cluster: Any, version: str) -> None:
    """A major version means its newest minor."""
    from twin.world.refusals.database_engines import full_version

    cluster._engine_version = full_version(cluster.engine, version) or version


def _storage_type(cluster: Any) -> str | None:
    held = cluster._storage_type
    return None if held == STANDARD else held


def _set_storage_type(cluster: Any, kind: str) -> None:
    cluster._storage_type = kind


def _scaling(cluster: Any) -> Any:
    """Return how a serverless cluster scales; the others tell nothing of it."""
    return SCALING.fget(cluster) if cluster.engine_mode == "serverless" else None


def _let_iam_in(cluster: Any, wanted: bool) -> None:
    """ModifyDBCluster turns IAM log-ins on and off; moto sets an attribute that nobody reads."""
    cluster.iam_auth = wanted


def _export_logs(cluster: Any, wanted: Mapping[str, list[str]]) -> None:
    """ModifyDBCluster says by a name of its own which logs go to CloudWatch; moto does not read it."""
    given = {name.replace("_", "").lower(): logs for name, logs in wanted.items()}
    stays = set(cluster.enabled_cloudwatch_logs_exports) - set(given.get("disablelogtypes") or ())
    cluster.enabled_cloudwatch_logs_exports = sorted(stays | set(given.get("enablelogtypes") or ()))


for _name, _held in (
    ("status", property(_status, _set_status)),
    ("__init__", _made),
    ("engine_version", property(_version, _set_version)),
    ("scaling_configuration_info", property(_scaling)),
    ("storage_type", property(_storage_type, _set_storage_type)),
    ("enable_iam_database_authentication", property(lambda cluster: cluster.iam_auth, _let_iam_in)),
    ("cloudwatch_logs_export_configuration", property(None, _export_logs)),
):
    setattr(DBCluster, _name, _held)
