"""RDS: a cluster's status is what the behaviors set, where moto's changes when looked at; its version is offered."""

from typing import Any

from moto.rds.models import DBCluster


def _status(cluster: Any) -> str:
    return str(cluster._status)


def _set_status(cluster: Any, status: str) -> None:
    cluster._status = status


made_by_moto = DBCluster.__init__


def _made(cluster: Any, *given: Any, **named: Any) -> None:
    from twin.world.refusals.database_engines import full_version

    if version := full_version(named["engine"], named.get("engine_version")):
        named["engine_version"] = version
    made_by_moto(cluster, *given, **named)


for _name, _held in (("status", property(_status, _set_status)), ("__init__", _made)):
    setattr(DBCluster, _name, _held)
