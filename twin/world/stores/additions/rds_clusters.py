"""RDS: a cluster's status is what the behaviors set; moto's changes when somebody looks at it."""

from typing import Any

from moto.rds.models import DBCluster


def _status(cluster: Any) -> str:
    return str(cluster._status)


def _set_status(cluster: Any, status: str) -> None:
    cluster._status = status


for _name, _held in (("status", property(_status, _set_status)),):
    setattr(DBCluster, _name, _held)
