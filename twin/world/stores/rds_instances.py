"""The databases of RDS in the store: DB instances and clusters, by ARN or by name, of every account and Region."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model

from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.stores.kms_keys import Where


def backend(where: Where) -> Any:
    """Return the store's RDS of an account and Region."""
    from twin.world.stores.moto_store import backends

    return backends("rds")[where.account][where.region]


def find_instance(arn: str) -> Any:
    """Return the DB instance of an ARN; None when there is none."""
    where, kind, name = parts(arn)
    return backend(where).databases.get(name) if kind == "db" and where.region else None


def find_cluster(arn: str) -> Any:
    """Return the DB cluster of an ARN; None when there is none."""
    where, kind, name = parts(arn)
    return backend(where).clusters.get(name) if kind == "cluster" and where.region else None


def find_snapshot(arn: str) -> Any:
    """Return the DB snapshot of an ARN; None when there is none."""
    where, kind, name = parts(arn)
    return backend(where).database_snapshots.get(name) if kind == "snapshot" and where.region else None


def named_instance(name: str, where: Where) -> Any:
    """Return the DB instance that a parameter names, by identifier or ARN; None when there is none."""
    return find_instance(name) if name.startswith("arn:") else backend(where).databases.get(name)


def instances() -> list[Any]:
    """Return every DB instance, by ARN."""
    return sorted((db for held in _backends() for db in held.databases.values()), key=lambda db: str(db.arn))


def clusters() -> list[Any]:
    """Return every DB cluster, by ARN."""
    return sorted((found for held in _backends() for found in held.clusters.values()), key=lambda found: str(found.arn))


def parts(arn: str) -> tuple[Where, str, str]:
    """Return where the thing of an ARN is, its kind (`db`) and its name."""
    pieces = arn.split(":", 6)
    if len(pieces) < 7:
        return Where("", ""), "", arn
    return Where(pieces[4], pieces[3]), pieces[5], pieces[6]


def where_is(held: Any) -> Where:
    """Return the account and Region of something of RDS."""
    return Where(held.account_id, held.region)


def where_of(call: Call) -> Where:
    """Return the account and Region in which a call acts."""
    return Where(call.account, call.region)


@contextmanager
def as_refused() -> Iterator[None]:
    """Refuse as the store does what it refuses of a behavior."""
    try:
        yield
    except ServiceException as error:
        code, status = _on_the_wire(str(error.code))
        raise AwsError(code, str(error.message), status) from error


@cache
def _on_the_wire(name: str) -> tuple[str, int]:
    model = get_service_model("rds")
    if name not in model.shape_names:
        return name, 400
    told = model.shape_for(name).metadata.get("error", {})
    return told.get("code", name), told.get("httpStatusCode", 400)


def subnet_group_of(database: Any) -> str | None:
    """Return the name of a DB instance's subnet group, which the store lets nobody read."""
    name: str | None = vars(database).get("_db_subnet_group_name")
    return name


def is_member(database: Any) -> bool:
    """Tell whether a DB instance belongs to a cluster."""
    return bool(database.db_cluster_identifier)


def _backends() -> Iterator[Any]:
    from twin.world.stores.moto_store import backends

    for account in list(backends("rds").values()):
        yield from list(account.values())
