"""RDS: what moto tells of every DB instance alike, told of each as it is."""

import json
from datetime import datetime, timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random
from moto.rds.models import DBInstance, EventSubscription, MasterUserSecret, RDSBackend

from twin.world.delays import delay
from twin.world.stores.additions import adds

UNREACHED = frozenset({"creating", "restore-error"})
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
made_by_moto = DBInstance.__init__
subscribed_by_moto = EventSubscription.__init__


@adds(DBInstance)
def __init__(instance: Any, *given: Any, **named: Any) -> None:
    """Give each DB instance a full version that RDS offers, and a resource id of its own."""
    from twin.world.refusals.database_engines import full_version

    if not named.get("db_cluster_identifier") and (
        version := full_version(named["engine"], named.get("engine_version"))
    ):
        named["engine_version"] = version
    made_by_moto(instance, *given, **named)
    instance.dbi_resource_id = new_resource_id()
    instance.secondary_availability_zone = None
    instance.pending_modified_values = {}
    instance.backups_since = None
    instance.backed_up_until = None
    instance.logs_until = None
    instance.role_changes = []


@adds(MasterUserSecret)
def _generate_secret_name(secret: Any) -> str:
    """Name the secret that RDS manages; moto draws the name from the machine's chance."""
    return f"rds!{secret.resource.resource_type}-{mock_random.uuid4()}"


@adds(MasterUserSecret)
def _generate_secret_string(secret: Any) -> str:
    """Return the master's name and a password that is drawn."""
    return json.dumps({"username": secret.resource.master_username, "password": mock_random.get_random_string(28)})


def new_resource_id() -> str:
    """Return the id that tells one DB instance from another of the same name."""
    return "db-" + "".join(mock_random.choice(ALPHABET) for _ in range(26))


def _latest(instance: Any) -> datetime | None:
    """Return the end of the last transaction log that RDS uploaded; none without automated backups."""
    since = instance.backups_since
    if not instance.backup_retention_period or since is None:
        return None
    until = instance.logs_until or utcnow()
    start, until = since.replace(tzinfo=None), until.replace(tzinfo=None)
    step = timedelta(seconds=delay("rds.log_upload").least)
    latest: datetime = start + step * ((until - start) // step)
    return latest


def _endpoint(instance: Any) -> dict[str, Any] | None:
    """Return the endpoint, which a DB instance that is being created has not yet."""
    return None if instance.status in UNREACHED else {"Address": instance.address, "Port": instance.port}


@adds(RDSBackend)
def add_event(backend: Any, event_type: str, resource: Any) -> None:
    """Leave the events to the behaviors, which tell them when they happen."""


replicated_by_moto = RDSBackend.create_db_instance_read_replica


@adds(RDSBackend)
def create_db_instance_read_replica(backend: Any, db_kwargs: dict[str, Any]) -> Any:
    """Make a replica in its own Region first: what else is told of it, its subnet group say, is looked up there."""
    return replicated_by_moto(backend, {"backend": backend, **db_kwargs})


@adds(DBInstance)
def save_automated_backup(instance: Any) -> None:
    """Leave the first backup to the behaviors: it follows the creation."""


def _subscribed(subscription: Any, *given: Any, **named: Any) -> None:
    """A subscription delivers unless the request says otherwise."""
    subscribed_by_moto(subscription, *given, **{"enabled": True, **named})


for _owner, _name, _held in (
    (DBInstance, "latest_restorable_time", property(_latest)),
    (DBInstance, "endpoint", property(_endpoint)),
    (EventSubscription, "__init__", _subscribed),
):
    setattr(_owner, _name, _held)
